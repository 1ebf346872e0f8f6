//! A citizen's place and its life: `waiting → called → serving → served`, with the side roads beside it.
//!
//! A stage carries what only it has. A ticket leaves the queue only by being served, cancelled by its holder, missed
//! and not back, or handed on with a reason.

use crate::id::{
    ActorId, AppointmentId, ComplaintId, PersonId, ServiceId, TicketId, TicketNumber, Token,
    WindowNumber,
};
use crate::plan::class::Class;
use crate::state::moving::{CameFrom, Leaving, Moved};
use crate::text::{Language, Text};
use crate::time::Time;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// One citizen's place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub number: TicketNumber,
    pub token: Token,
    /// What it waits for now; changes by transfer, next service and change.
    pub service: ServiceId,
    pub class: Class,
    pub needs: BTreeSet<Need>,
    /// How many people come to the window together.
    pub party: u16,
    /// How many matters they bring.
    pub cases: u16,
    /// What else is wanted in the same visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ServiceId>,
    pub language: Language,
    /// The number of a document.
    pub person: Option<PersonId>,
    /// That number with a name: two people may have one number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<PersonId>,
    /// The appointment it came of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<OfAppointment>,
    /// Where it came from: kiosk, phone, usher.
    pub channel: Channel,
    /// How many it was told were before it.
    #[serde(default)]
    pub ahead_when_taken: u32,
    /// Seniority: kept through transfers, returns and next services.
    pub taken_at: Time,
    pub stage: Stage,
    pub returns: u8,
    /// The wrong service can be corrected once.
    pub service_changed: bool,
    pub reprints: u16,
    /// Every time it was served, in order.
    pub visits: Vec<Visit>,
    pub rating: Option<Rating>,
    /// What its holder left in writing.
    #[serde(default, rename = "word", skip_serializing_if = "Option::is_none")]
    pub complaint: Option<ComplaintId>,
    /// On its way to another hall: keeps its place, and nobody calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaving: Option<Leaving>,
    /// Cancelled for this place in another hall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<Moved>,
    /// The place in another hall that was given up for this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_from: Option<CameFrom>,
    /// A kiosk had given it out while the server was away, and told so when the day was over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reported_late: bool,
    /// The window that passed it on last, and what that one wrote for the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_on: Option<PassedOn>,
    /// Version of the last record that touched it.
    pub changed: u64,
}

impl Ticket {
    /// Something of it happened later than that.
    pub fn is_ahead_of(&self, time: Time) -> bool {
        let mut pulled_back = self.clone();
        pulled_back.pull_back(time);
        pulled_back != *self
    }

    /// Nothing of it happened later than that. What its visits took stays as it was recorded.
    pub(crate) fn pull_back(&mut self, to: Time) {
        self.taken_at = self.taken_at.min(to);
        let moments = self.stage.moments().into_iter();
        moments.for_each(|time| *time = to.min(*time));
    }
}

/// A transfer, as the officer who goes on with it needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PassedOn {
    pub from: WindowNumber,
    pub note: Option<String>,
}

/// What a ticket has from its appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfAppointment {
    pub id: AppointmentId,
    pub starts_at: Time,
    /// Checked in after the time for it.
    pub late: bool,
}

/// Where a ticket is in its life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// In line since `since`: after taking, a return, a transfer.
    Waiting {
        since: Time,
        place: PlaceInLine,
    },
    /// `times` announcements, the first at `called_at`; `waited_since` is when this wait began.
    Called {
        window: WindowNumber,
        called_at: Time,
        announced_at: Time,
        times: u8,
        waited_since: Time,
    },
    Serving {
        window: WindowNumber,
        officer: ActorId,
        called_at: Time,
        since: Time,
        /// None when a parked ticket was gone on with: nobody waited for a call.
        waited_since: Option<Time>,
    },
    /// Gone to copy a document; this visit began at `since`.
    Parked {
        window: WindowNumber,
        since: Time,
        note: Option<String>,
    },
    /// Called and not come; may return until the day ends.
    Missed {
        window: WindowNumber,
        at: Time,
        /// Went for a document and did not come back in time: had half an hour already, so no further grace.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        was_parked: bool,
    },
    Served {
        at: Time,
    },
    Cancelled {
        at: Time,
    },
    HandedOn {
        at: Time,
        reason: String,
    },
    /// The day was settled while it was open: a broken promise.
    Unserved {
        at: Time,
    },
}

/// Where in line a waiting ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceInLine {
    /// By its seniority.
    InLine,
    /// By its seniority once its service has had this many calls, or when nobody else is callable.
    AfterCalls(u64),
    /// Transferred to one window: no other calls it.
    OnlyAt(WindowNumber),
    /// Its holder is back with the paper: first at the window that parked it.
    FirstAt(WindowNumber),
    /// A voucher: first at any window that can serve it.
    First,
}

/// Stage names as other programs see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    Waiting,
    Called,
    Serving,
    Parked,
    Missed,
    Served,
    Cancelled,
    HandedOn,
    Unserved,
}

/// What the officer sees before the citizen arrives, and the usher before one is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    Wheelchair,
    SignLanguage,
    WrittenLanguage,
    English,
}

/// Where a number was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    Kiosk,
    Phone,
    Usher,
    /// Came to a window without a number.
    Window,
}

/// One matter done at one window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    pub service: ServiceId,
    pub window: WindowNumber,
    pub officer: ActorId,
    /// When the wait that led to it began; none after a parked ticket was gone on with.
    pub waited_since: Option<Time>,
    pub called_at: Time,
    pub started_at: Time,
    pub finished_at: Time,
    pub ending: VisitEnding,
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitEnding {
    Finished {
        outcome: VisitOutcome,
        fees: Decimal,
        note: Option<String>,
    },
    /// Parked, transferred or handed on.
    Interrupted,
}

/// What came of it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = Outcome)]
pub enum VisitOutcome {
    /// 办结
    #[default]
    Done,
    /// 指导网办
    DoneOnline,
    /// 材料不齐: gives a voucher.
    DocumentsMissing,
    /// 转办他处
    Referred,
}

/// The holder's word on the service; five stars are 非常满意.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rating {
    pub at: Time,
    pub stars: u8,
    pub reasons: Vec<String>,
    pub text: Option<String>,
}

impl PlaceInLine {
    /// Whether it goes before everyone who stands in line.
    pub fn is_first(self) -> bool {
        match self {
            PlaceInLine::First | PlaceInLine::FirstAt(_) => true,
            PlaceInLine::InLine | PlaceInLine::AfterCalls(_) | PlaceInLine::OnlyAt(_) => false,
        }
    }
}

impl Stage {
    /// Every time in it.
    fn moments(&mut self) -> Vec<&mut Time> {
        match self {
            Stage::Waiting { since, .. } | Stage::Parked { since, .. } => vec![since],
            Stage::Called {
                called_at,
                announced_at,
                waited_since,
                ..
            } => vec![called_at, announced_at, waited_since],
            Stage::Serving {
                called_at,
                since,
                waited_since,
                ..
            } => [called_at, since].into_iter().chain(waited_since).collect(),
            Stage::Missed { at, .. }
            | Stage::Served { at }
            | Stage::Cancelled { at }
            | Stage::HandedOn { at, .. }
            | Stage::Unserved { at } => vec![at],
        }
    }

    /// Its name alone.
    pub fn name(&self) -> StageName {
        match self {
            Stage::Waiting { .. } => StageName::Waiting,
            Stage::Called { .. } => StageName::Called,
            Stage::Serving { .. } => StageName::Serving,
            Stage::Parked { .. } => StageName::Parked,
            Stage::Missed { .. } => StageName::Missed,
            Stage::Served { .. } => StageName::Served,
            Stage::Cancelled { .. } => StageName::Cancelled,
            Stage::HandedOn { .. } => StageName::HandedOn,
            Stage::Unserved { .. } => StageName::Unserved,
        }
    }

    /// When its life ended, if it has.
    pub fn ended_at(&self) -> Option<Time> {
        match self {
            Stage::Served { at }
            | Stage::Cancelled { at }
            | Stage::HandedOn { at, .. }
            | Stage::Unserved { at }
            | Stage::Missed { at, .. } => Some(*at),
            Stage::Waiting { .. }
            | Stage::Called { .. }
            | Stage::Serving { .. }
            | Stage::Parked { .. } => None,
        }
    }

    /// When its citizen was called and did not come, if that is how it stands.
    pub fn missed_call_at(&self) -> Option<Time> {
        match self {
            Stage::Missed {
                at,
                was_parked: false,
                ..
            } => Some(*at),
            _ => None,
        }
    }

    /// Where it stands in line, if it waits.
    pub fn place(&self) -> Option<PlaceInLine> {
        match self {
            Stage::Waiting { place, .. } => Some(*place),
            _ => None,
        }
    }

    /// The window that has the ticket right now.
    pub fn window(&self) -> Option<WindowNumber> {
        match self {
            Stage::Called { window, .. } | Stage::Serving { window, .. } => Some(*window),
            _ => None,
        }
    }
}

impl StageName {
    /// Whether the ticket still counts on the hall. A missed one may come back, see `promise`.
    pub fn is_open(self) -> bool {
        match self {
            StageName::Waiting | StageName::Called | StageName::Serving | StageName::Parked => true,
            StageName::Missed
            | StageName::Served
            | StageName::Cancelled
            | StageName::HandedOn
            | StageName::Unserved => false,
        }
    }

    /// For people.
    pub fn label(self) -> Text {
        match self {
            StageName::Waiting => Text::new("等候中", "Waiting"),
            StageName::Called => Text::new("正在叫号", "Called"),
            StageName::Serving => Text::new("办理中", "Being served"),
            StageName::Parked => Text::new("待补材料", "Fetching a document"),
            StageName::Missed => Text::new("已过号", "Missed"),
            StageName::Served => Text::new("已办结", "Served"),
            StageName::Cancelled => Text::new("已取消", "Cancelled"),
            StageName::HandedOn => Text::new("已转交", "Handed on"),
            StageName::Unserved => Text::new("未办理", "Not served"),
        }
    }
}

impl Ticket {
    /// Its place in its lane: by when it was taken, and with an appointment by when its slot starts.
    pub fn seniority(&self) -> (Time, TicketId) {
        let punctual = self.appointment.filter(|appointment| !appointment.late);
        let since = punctual.map_or(self.taken_at, |appointment| appointment.starts_at);
        (since, self.id)
    }

    /// Whether walking to the window may take twice as long.
    pub fn walks_slowly(&self) -> bool {
        self.class.is_courtesy() || self.needs.contains(&Need::Wheelchair)
    }
}
