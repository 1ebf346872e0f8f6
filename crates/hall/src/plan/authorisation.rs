//! What a hall may do: for which services of the network it is authorised, how, and from when until when; and which
//! halls are near.
//!
//! A hall gives numbers of a service on the days its authorisation holds. Who took a number is served whatever becomes
//! of the authorisation afterwards.

use crate::id::HallId;
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Leave to do one service at one hall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Authorisation {
    pub mode: Mode,
    /// The first day; from the beginning if not said.
    #[serde(
        default,
        deserialize_with = "day",
        skip_serializing_if = "Option::is_none"
    )]
    pub from: Option<NaiveDate>,
    /// The last day; without end if not said.
    #[serde(
        default,
        deserialize_with = "day",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<NaiveDate>,
    /// Does not hold for now, whatever its days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
}

/// How a hall does a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 当场: done while the citizen waits.
    OnTheSpot,
    /// 代理: papers are taken in here and done at the hall that decides.
    ByProxy,
    /// 网络: done online, with an officer's help.
    ByNetwork,
}

/// Another hall and the way there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Neighbour {
    pub hall: HallId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walking_minutes: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driving_minutes: Option<u32>,
}

/// A way longer than this is a slip of the pen.
const WAY_LONGEST_MINUTES: u32 = 600;

impl Authorisation {
    /// Whether the service may be done on this date.
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        !self.suspended
            && self.from.is_none_or(|from| from <= date)
            && self.until.is_none_or(|until| date <= until)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match (self.from, self.until) {
            (Some(from), Some(until)) if until < from => Err("ends before it begins"),
            _ => Ok(()),
        }
    }
}

impl Neighbour {
    /// The quicker of the two ways.
    pub fn minutes(&self) -> Option<u32> {
        self.walking_minutes
            .into_iter()
            .chain(self.driving_minutes)
            .min()
    }

    pub(crate) fn check(&self, own: &HallId) -> Result<(), &'static str> {
        let ways = self.walking_minutes.into_iter().chain(self.driving_minutes);
        if self.hall == *own {
            Err("is this hall itself")
        } else if self.minutes().is_none() {
            Err("needs walking_minutes or driving_minutes")
        } else if ways.into_iter().any(|way| way > WAY_LONGEST_MINUTES) {
            Err("is more than ten hours away")
        } else {
            Ok(())
        }
    }
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    crate::plan::hours::date(deserializer).map(Some)
}
