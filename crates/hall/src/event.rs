//! What happened. An event is a promise: its tag and fields stay readable for ever, changes are additions only, and one
//! golden file per event keeps it so.
//!
//! Time and version are the record's, so an event holds only what is its own.

use crate::Time;
use crate::closing::ClosingRecord;
use crate::estimate::Wait;
use crate::hall::Notice;
use crate::id::{ActorId, PersonId, ServiceId, TicketId, TicketNumber, Token, WindowNumber};
use crate::plan::Plan;
use crate::text::Language;
use crate::ticket::{Channel, Class, Need, Outcome, StageName, Ticket};
use crate::voucher::VoucherReason;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One change of the hall.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    PlanAdopted {
        plan: Box<Plan>,
    },
    DayOpened {
        date: NaiveDate,
    },
    TicketTaken(TicketTaken),
    TicketCalled {
        ticket: TicketId,
        window: WindowNumber,
        /// Why it was called out of order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What it was for then: the answer says so however often it is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
    },
    TicketRecalled {
        ticket: TicketId,
        window: WindowNumber,
        /// What it was for then: the answer says so however often it is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
    },
    ServiceStarted {
        ticket: TicketId,
        window: WindowNumber,
        officer: ActorId,
        /// What it was for then: the answer says so however often it is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
    },
    ServiceFinished {
        ticket: TicketId,
        window: WindowNumber,
        outcome: Outcome,
        fees: Decimal,
        cases: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    TicketMissed {
        ticket: TicketId,
        /// The window that called or parked it.
        window: WindowNumber,
    },
    TicketReturned {
        ticket: TicketId,
        /// Callable once its service has had this many calls today.
        after_calls: u64,
    },
    TicketDeferred {
        ticket: TicketId,
        after_calls: u64,
    },
    TicketParked {
        ticket: TicketId,
        window: WindowNumber,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The officer goes on with a parked ticket.
    ServiceResumed {
        ticket: TicketId,
        window: WindowNumber,
        officer: ActorId,
        /// What it was for then: the answer says so however often it is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
    },
    /// The holder of a parked ticket is back: first at the window that parked it.
    HolderCameBack {
        ticket: TicketId,
        window: WindowNumber,
    },
    TicketTransferred {
        ticket: TicketId,
        window: WindowNumber,
        service: ServiceId,
        /// The one window that may call it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only_at: Option<WindowNumber>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    NextServiceAdded {
        ticket: TicketId,
        window: WindowNumber,
        service: ServiceId,
    },
    ServiceChanged {
        ticket: TicketId,
        service: ServiceId,
    },
    TicketReprinted {
        ticket: TicketId,
    },
    TicketCancelled {
        ticket: TicketId,
    },
    TicketHandedOn {
        ticket: TicketId,
        reason: String,
        /// The window whose officer had to let it go, because no other was left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<WindowNumber>,
    },
    /// The day ended with this ticket open.
    TicketUnserved {
        ticket: TicketId,
    },
    TicketRated {
        ticket: TicketId,
        stars: u8,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reasons: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    VoucherGiven {
        ticket: TicketId,
        service: ServiceId,
        reason: VoucherReason,
        valid_until: Time,
        /// The window whose officer had to give it instead of passing the citizen on, because no other was left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<WindowNumber>,
    },
    WindowOpened {
        window: WindowNumber,
        officer: ActorId,
        services: Vec<ServiceId>,
    },
    WindowTakenOver {
        window: WindowNumber,
        officer: ActorId,
        from: ActorId,
        services: Vec<ServiceId>,
        /// What the window had then; nothing also in records older than this field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<AtWindow>,
    },
    WindowPaused {
        window: WindowNumber,
        reason: String,
    },
    WindowResumed {
        window: WindowNumber,
    },
    WindowClosed {
        window: WindowNumber,
    },
    SignOffOverridden {
        window: WindowNumber,
        reason: String,
    },
    /// A window's last command was taken back: its tickets and itself stand as before that record.
    CommandUndone {
        window: WindowNumber,
        version: u64,
        /// What the window has again; nothing also in records older than this field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<AtWindow>,
    },
    HallInterrupted {
        reason: String,
    },
    ServiceSuspended {
        service: ServiceId,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
    SuspensionEnded {
        service: ServiceId,
    },
    CallingPaused {
        reason: String,
    },
    CallingResumed,
    NoticesPosted {
        notices: Vec<Notice>,
    },
    HelpedOnline {
        service: ServiceId,
    },
    DayClosed {
        date: NaiveDate,
        closing: ClosingRecord,
    },
}

/// A ticket at a window at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtWindow {
    pub ticket: TicketId,
    pub service: ServiceId,
    pub stage: StageName,
}

/// A number was given out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketTaken {
    pub ticket: TicketId,
    pub number: TicketNumber,
    pub token: Token,
    pub service: ServiceId,
    pub class: Class,
    pub channel: Channel,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<Need>,
    pub party: u16,
    pub cases: u16,
    pub language: Language,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The voucher it redeems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<Token>,
    /// Why an usher gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the citizen was told: how many are ahead.
    pub ahead: u32,
    /// What the citizen was told: how long it may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
}

impl AtWindow {
    /// The ticket as it stands.
    pub fn of(ticket: &Ticket) -> AtWindow {
        AtWindow {
            ticket: ticket.id,
            service: ticket.service.clone(),
            stage: ticket.stage.name(),
        }
    }
}

impl Event {
    /// The tickets it touches.
    pub fn ticket(&self) -> Option<TicketId> {
        match self {
            Event::TicketTaken(taken) => Some(taken.ticket),
            Event::TicketCalled { ticket, .. }
            | Event::TicketRecalled { ticket, .. }
            | Event::ServiceStarted { ticket, .. }
            | Event::ServiceFinished { ticket, .. }
            | Event::TicketMissed { ticket, .. }
            | Event::TicketReturned { ticket, .. }
            | Event::TicketDeferred { ticket, .. }
            | Event::TicketParked { ticket, .. }
            | Event::ServiceResumed { ticket, .. }
            | Event::HolderCameBack { ticket, .. }
            | Event::TicketTransferred { ticket, .. }
            | Event::NextServiceAdded { ticket, .. }
            | Event::ServiceChanged { ticket, .. }
            | Event::TicketReprinted { ticket }
            | Event::TicketCancelled { ticket }
            | Event::TicketHandedOn { ticket, .. }
            | Event::TicketUnserved { ticket }
            | Event::TicketRated { ticket, .. }
            | Event::VoucherGiven { ticket, .. } => Some(*ticket),
            Event::PlanAdopted { .. }
            | Event::DayOpened { .. }
            | Event::WindowOpened { .. }
            | Event::WindowTakenOver { .. }
            | Event::WindowPaused { .. }
            | Event::WindowResumed { .. }
            | Event::WindowClosed { .. }
            | Event::SignOffOverridden { .. }
            | Event::CommandUndone { .. }
            | Event::HallInterrupted { .. }
            | Event::ServiceSuspended { .. }
            | Event::SuspensionEnded { .. }
            | Event::CallingPaused { .. }
            | Event::CallingResumed
            | Event::NoticesPosted { .. }
            | Event::HelpedOnline { .. }
            | Event::DayClosed { .. } => None,
        }
    }

    /// The window whose last command this is, if an officer can take it back.
    pub fn undoable_at(&self) -> Option<WindowNumber> {
        match self {
            Event::TicketCalled { window, .. }
            | Event::TicketRecalled { window, .. }
            | Event::ServiceStarted { window, .. }
            | Event::ServiceFinished { window, .. }
            | Event::TicketMissed { window, .. }
            | Event::TicketParked { window, .. }
            | Event::ServiceResumed { window, .. }
            | Event::TicketTransferred { window, .. }
            | Event::NextServiceAdded { window, .. }
            | Event::WindowPaused { window, .. }
            | Event::WindowResumed { window } => Some(*window),
            Event::PlanAdopted { .. }
            | Event::DayOpened { .. }
            | Event::TicketTaken(_)
            | Event::TicketReturned { .. }
            | Event::TicketDeferred { .. }
            | Event::HolderCameBack { .. }
            | Event::ServiceChanged { .. }
            | Event::TicketReprinted { .. }
            | Event::TicketCancelled { .. }
            | Event::TicketHandedOn { .. }
            | Event::TicketUnserved { .. }
            | Event::TicketRated { .. }
            | Event::VoucherGiven { .. }
            | Event::WindowOpened { .. }
            | Event::WindowTakenOver { .. }
            | Event::WindowClosed { .. }
            | Event::SignOffOverridden { .. }
            | Event::CommandUndone { .. }
            | Event::HallInterrupted { .. }
            | Event::ServiceSuspended { .. }
            | Event::SuspensionEnded { .. }
            | Event::CallingPaused { .. }
            | Event::CallingResumed
            | Event::NoticesPosted { .. }
            | Event::HelpedOnline { .. }
            | Event::DayClosed { .. } => None,
        }
    }
}
