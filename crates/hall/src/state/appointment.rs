//! A booked place, from the hold while the form is filled to the ticket at check-in.
//!
//! `held → booked → checked in`; beside it the waiting list (`listed`, or a booking that wishes for another slot), and
//! the ends: cancelled, lapsed, no-show, visited. Like a ticket's stage, a standing carries what only it has.
//!
//! Who the visitor is arrives as a digest; name, telephone and address only sealed.

use crate::id::{
    ActorId, AppointmentCode, AppointmentId, PersonId, Sealed, ServiceId, TicketId, Token,
};
use crate::plan::slot::{AppointmentKind, Reservation};
use crate::state::ticket::{Need, VisitOutcome};
use crate::text::{Language, Text};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// One appointment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Appointment {
    pub id: AppointmentId,
    /// Its holder's key.
    pub token: Token,
    pub code: AppointmentCode,
    pub service: ServiceId,
    pub kind: AppointmentKind,
    /// The places it has; none while it only waits for one.
    pub reservation: Option<Reservation>,
    /// Who comes; nobody is known yet while a place is held, or was given on the spot.
    pub visitor: Option<Visitor>,
    pub standing: Standing,
    /// The slot it would rather have.
    pub wish: Option<WaitListEntry>,
    /// Who does it, where the rule names officers or somebody has to go out.
    pub officer: Option<ActorId>,
    /// Counts its changes, for calendars (RFC 5545, SEQUENCE).
    pub sequence: u32,
    pub made_at: Time,
    /// Version of the last record that touched it.
    pub changed: u64,
}

/// Who comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visitor {
    /// Document type, number and name, as one digest: two people with one number do not lock each other out.
    pub person: PersonId,
    /// The document's number alone: what a kiosk reads, and what a ticket knows of its holder.
    pub document: PersonId,
    /// Number and name alone: the same person whatever kind of document it is. Older records do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<PersonId>,
    /// The telephone number. Older records do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PersonId>,
    /// Who booked, if it was somebody else: a daughter for her parents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booker: Option<PersonId>,
    /// Name, telephone and address.
    pub contact: Sealed,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Need>,
    pub language: Language,
    /// How many matters.
    pub cases: u16,
}

/// Where an appointment is in its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// While the form is filled.
    Held {
        until: Time,
        /// Whose hold: a client has one.
        client: Option<Token>,
    },
    /// On the waiting list, without a place so far.
    Listed,
    Booked,
    CheckedIn {
        ticket: TicketId,
        /// After the time for it: served after the punctual ones.
        late: bool,
    },
    /// An officer was there, or has done it.
    Visited {
        at: Time,
        outcome: VisitOutcome,
    },
    Cancelled {
        at: Time,
    },
    /// A hold or a place on the waiting list came to nothing.
    Lapsed {
        at: Time,
    },
    NoShow {
        at: Time,
        /// The hall itself was interrupted or never opened: does not count against the visitor.
        excused: bool,
    },
}

/// A place on the waiting list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitListEntry {
    /// What it would become.
    pub reservation: Reservation,
    /// First come, first offered.
    pub since: Time,
    /// Its places are kept for it until it says yes or the time is over.
    pub offered: bool,
    /// When the offer, or without one the wish, comes to an end.
    pub until: Time,
}

/// Standings as other programs see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandingName {
    Held,
    Listed,
    Booked,
    CheckedIn,
    Visited,
    Cancelled,
    Lapsed,
    NoShow,
}

impl Standing {
    /// Its name alone.
    pub fn name(&self) -> StandingName {
        match self {
            Standing::Held { .. } => StandingName::Held,
            Standing::Listed => StandingName::Listed,
            Standing::Booked => StandingName::Booked,
            Standing::CheckedIn { .. } => StandingName::CheckedIn,
            Standing::Visited { .. } => StandingName::Visited,
            Standing::Cancelled { .. } => StandingName::Cancelled,
            Standing::Lapsed { .. } => StandingName::Lapsed,
            Standing::NoShow { .. } => StandingName::NoShow,
        }
    }

    /// The ticket it became at check-in.
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Standing::CheckedIn { ticket, .. } => Some(*ticket),
            _ => None,
        }
    }
}

impl Visitor {
    /// Who it is among those who have the same number.
    pub fn who(&self) -> &PersonId {
        self.named.as_ref().unwrap_or(&self.person)
    }

    /// Whether another booking is the same person's, of those with one number.
    pub fn is_same_person(&self, other: &Visitor) -> bool {
        self.person == other.person || (self.named.is_some() && self.named == other.named)
    }
}

impl StandingName {
    /// Whether it counts towards what one person may have open.
    pub fn is_open(self) -> bool {
        match self {
            StandingName::Listed | StandingName::Booked => true,
            StandingName::Held
            | StandingName::CheckedIn
            | StandingName::Visited
            | StandingName::Cancelled
            | StandingName::Lapsed
            | StandingName::NoShow => false,
        }
    }

    /// For people.
    pub fn label(self) -> Text {
        match self {
            StandingName::Held => Text::new("已占位,待填写", "Place held"),
            StandingName::Listed => Text::new("候补中", "On the waiting list"),
            StandingName::Booked => Text::new("已预约", "Booked"),
            StandingName::CheckedIn => Text::new("已签到", "Checked in"),
            StandingName::Visited => Text::new("已办理", "Done"),
            StandingName::Cancelled => Text::new("已取消", "Cancelled"),
            StandingName::Lapsed => Text::new("已失效", "Lapsed"),
            StandingName::NoShow => Text::new("未到", "Not come"),
        }
    }
}

impl Appointment {
    /// When it has to be looked at again: a hold or an offer ends, nobody has checked in.
    pub fn due_at(&self) -> Option<Time> {
        let wish = self.wish.as_ref().map(|wish| wish.until);
        match &self.standing {
            Standing::Held { until, .. } => Some(*until),
            Standing::Listed => wish,
            Standing::Booked => {
                let missed = self.reservation.as_ref().map(|r| r.check_in_until);
                [wish, missed].into_iter().flatten().min()
            }
            Standing::CheckedIn { .. }
            | Standing::Visited { .. }
            | Standing::Cancelled { .. }
            | Standing::Lapsed { .. }
            | Standing::NoShow { .. } => None,
        }
    }

    /// Whether a hold, an offer or a wish is over: what the timers end.
    pub fn has_expired(&self, now: Time) -> bool {
        let until = match &self.standing {
            Standing::Held { until, .. } => Some(*until),
            _ => self.wish.as_ref().map(|wish| wish.until),
        };
        until.is_some_and(|until| until <= now)
    }

    /// The places it takes away from others: those it has and those that are offered to it, each with the time until
    /// which it has them if that is limited.
    pub fn claims(&self) -> impl Iterator<Item = (&Reservation, Option<Time>)> {
        let until = match &self.standing {
            Standing::Held { until, .. } => Some(Some(*until)),
            Standing::Booked
            | Standing::CheckedIn { .. }
            | Standing::Visited { .. }
            | Standing::NoShow { .. } => Some(None),
            Standing::Listed | Standing::Cancelled { .. } | Standing::Lapsed { .. } => None,
        };
        let has = self.reservation.as_ref().zip(until);
        let wish = self.wish.as_ref().filter(|wish| wish.offered);
        let offered = wish.map(|wish| (&wish.reservation, Some(wish.until)));
        has.into_iter().chain(offered)
    }

    /// When it takes place, or would: its own time, else the one it waits for.
    pub fn starts_at(&self) -> Option<Time> {
        let wished = self.wish.as_ref().map(|wish| &wish.reservation);
        self.reservation.as_ref().or(wished).map(|r| r.starts_at)
    }

    /// Whether it still waits for its visitor.
    pub fn is_booked(&self) -> bool {
        matches!(self.standing, Standing::Booked)
    }
}
