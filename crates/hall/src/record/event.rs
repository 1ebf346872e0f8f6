//! What happened. An event is a promise: its tag and fields stay readable for ever, changes are additions only, and one
//! golden file per event keeps it so.
//!
//! Time and version are the record's, so an event holds only what is its own.

use crate::id::{
    ActorId, AppointmentCode, AppointmentId, CommandId, ComplaintId, HallId, HelpId, LeaseId,
    PersonId, ServiceId, TicketId, TicketNumber, Token, WindowNumber,
};
use crate::plan::Plan;
use crate::plan::class::Class;
use crate::plan::notice::Notice;
use crate::plan::slot::AppointmentKind;
use crate::plan::slot::Reservation;
use crate::record::about::About;
use crate::record::redirect::RedirectReason;
use crate::record::wait::{Wait, WaitUnknown};
use crate::state::appointment::Visitor;
use crate::state::closing::ClosingRecord;
use crate::state::help::HelpFrom;
use crate::state::lease::{Block, TailLost};
use crate::state::moving::CameFrom;
use crate::state::ticket::{Channel, Need, OfAppointment, StageName, Ticket, VisitOutcome};
use crate::state::voucher::VoucherReason;
use crate::text::{Language, Text};
use crate::time::Time;
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
        /// What the hall forgets with it; absent in records older than this field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forgets: Option<Forgets>,
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
        /// What it counts as in the row of prioritised calls; absent in records older than this field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counts_as: Option<CountsAs>,
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
        outcome: VisitOutcome,
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
    #[serde(rename = "holder_came_back")]
    HolderResumed {
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
        /// A returned or deferred ticket is callable once its new service has had this many calls today; absent for any
        /// other ticket, and in records older than this field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_calls: Option<u64>,
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
        /// Calling stands still until somebody is called again; older records did not note it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stands_still: bool,
    },
    ServiceSuspended {
        service: ServiceId,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
        /// Who booked for a time within it is excused; older records did not note the time.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        excuses: bool,
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
        /// The next day, which opens in the same record, goes on with these; windows stay staffed. Absent where a day
        /// ends for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        goes_on: Option<BTreeSet<TicketId>>,
    },
    /// Somebody who wanted a number was shown the other ways.
    CitizenRedirected {
        service: ServiceId,
        reason: RedirectReason,
        may_insist: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        opens_at: Option<Time>,
    },
    /// A ticket taken now would be called too long after closing: near closing comes early for this service.
    OverrunForeseen {
        service: ServiceId,
    },
    OverrunOver {
        service: ServiceId,
    },
    PlaceHeld {
        appointment: AppointmentId,
        token: Token,
        code: AppointmentCode,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<Token>,
        service: ServiceId,
        reservation: Reservation,
        until: Time,
    },
    /// A hold came to its end, or its client held another place.
    HoldEnded {
        appointment: AppointmentId,
    },
    /// A hold became a booking, or a place was booked at once.
    AppointmentBooked(AppointmentBooked),
    /// A new appointment without a place: it waits for one.
    AppointmentListed(AppointmentListed),
    /// It would rather have these places, and waits for them.
    WaitListJoined {
        appointment: AppointmentId,
        reservation: Reservation,
        /// When waiting makes no sense any more.
        until: Time,
        /// Since when it counts as waiting: an offer that had to be taken back costs nobody his turn. Absent in records
        /// older than this field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
    },
    /// The offer was not taken, it waited in vain, or it waits no longer.
    WaitListLeft {
        appointment: AppointmentId,
    },
    /// The places it waits for are kept for it until then.
    PlaceOffered {
        appointment: AppointmentId,
        until: Time,
    },
    /// It has the places it waited for.
    OfferConfirmed {
        appointment: AppointmentId,
    },
    AppointmentMoved {
        appointment: AppointmentId,
        reservation: Reservation,
        /// The hall moved it: the visitor has to be told.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_plan: bool,
    },
    AppointmentCancelled {
        appointment: AppointmentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The ticket is in the same record.
    AppointmentCheckedIn {
        appointment: AppointmentId,
        ticket: TicketId,
        late: bool,
    },
    /// A place that nobody booked was given to somebody who came without one; the ticket is in the same record.
    PlaceGivenOnTheSpot {
        appointment: AppointmentId,
        token: Token,
        code: AppointmentCode,
        service: ServiceId,
        reservation: Reservation,
        ticket: TicketId,
    },
    NoShowRecorded {
        appointment: AppointmentId,
        /// The hall itself was interrupted or did not open.
        excused: bool,
    },
    OfficerAssigned {
        appointment: AppointmentId,
        officer: ActorId,
    },
    /// An officer was at the visitor's, or has done it for him.
    #[serde(rename = "visit_recorded")]
    HomeVisitRecorded {
        appointment: AppointmentId,
        outcome: VisitOutcome,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Its holder wants a place in another hall: it keeps its own until that is sure, and nobody calls it.
    TicketLeaving {
        ticket: TicketId,
        hall: HallId,
        /// The command under which the other hall decides, once.
        arrival: CommandId,
        /// The key of the ticket there.
        token: Token,
    },
    /// Somebody wanted to come from another hall and gets no number here.
    ArrivalDeclined {
        from: CameFrom,
        why: Text,
    },
    /// The place here is given up: there is one in the other hall.
    TicketMoved {
        ticket: TicketId,
        hall: HallId,
        number: TicketNumber,
        token: Token,
    },
    /// The other hall has declined: it stands where it stood.
    TicketStayed {
        ticket: TicketId,
        why: Text,
    },
    /// A block of numbers is the kiosk's: nobody else gives them out.
    NumbersLeased {
        lease: LeaseId,
        kiosk: ActorId,
        numbers: Block,
    },
    /// What the kiosk had not given out: no paper of that day has these numbers.
    NumbersSkipped {
        lease: LeaseId,
        numbers: Vec<Block>,
    },
    /// The end of the log was acknowledged and is lost; the hall goes on behind it. Numbers that may stand on paper are
    /// skipped in the same record.
    TailLost(TailLost),
    /// The clock had been ahead: the hall's time goes back to `to`. What was recorded between is kept, and the numbers of
    /// a day that begins again are not given out twice.
    ClockPutRight {
        to: Time,
        /// The hall's date then.
        date: NaiveDate,
        /// Noted as not having come before it was time.
        booked_again: Vec<AppointmentId>,
        /// Blocks that were lent before this are forgotten. Older records forgot all with their day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leases: Option<Time>,
    },
    HelpAsked {
        help: HelpId,
        from: HelpFrom,
        urgent: bool,
    },
    HelpAnswered {
        help: HelpId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<WindowNumber>,
    },
    /// Somebody left in writing what could not be done.
    #[serde(rename = "word_left")]
    ComplaintLeft {
        #[serde(rename = "word")]
        complaint: ComplaintId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<TicketId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<ServiceId>,
        text: String,
        /// The working day by whose end it is answered.
        due: NaiveDate,
    },
    #[serde(rename = "word_answered")]
    ComplaintAnswered {
        #[serde(rename = "word")]
        complaint: ComplaintId,
        text: String,
    },
}

impl Event {
    /// What it touches: the one list of all events beside the fold itself. It has no default arm, so a new event does not
    /// compile until it is said here; who cares for a few events only (answers, notifications) defaults the rest.
    pub fn about(&self) -> About {
        match self {
            // one that stands for another command leaves that command's mark too
            Event::TicketTaken(taken) if taken.instead_of.is_some() => {
                About::ticket(taken.ticket).wide()
            }
            Event::TicketTaken(taken) => About::ticket(taken.ticket),
            Event::TicketCalled { ticket, window, .. }
            | Event::TicketRecalled { ticket, window, .. }
            | Event::ServiceStarted { ticket, window, .. }
            | Event::ServiceFinished { ticket, window, .. }
            | Event::TicketMissed { ticket, window }
            | Event::TicketParked { ticket, window, .. }
            | Event::ServiceResumed { ticket, window, .. }
            | Event::TicketTransferred { ticket, window, .. }
            | Event::NextServiceAdded { ticket, window, .. } => {
                About::ticket(*ticket).undoable_at(*window)
            }
            Event::TicketReturned { ticket, .. }
            | Event::TicketDeferred { ticket, .. }
            | Event::HolderResumed { ticket, .. }
            | Event::ServiceChanged { ticket, .. }
            | Event::TicketReprinted { ticket }
            | Event::TicketCancelled { ticket }
            | Event::TicketRated { ticket, .. }
            | Event::VoucherGiven { ticket, .. }
            | Event::TicketLeaving { ticket, .. }
            | Event::TicketMoved { ticket, .. }
            | Event::TicketStayed { ticket, .. } => About::ticket(*ticket),
            Event::TicketHandedOn { ticket, .. } | Event::TicketUnserved { ticket } => {
                About::ticket(*ticket).wide()
            }
            Event::ComplaintLeft { ticket, .. } => About {
                ticket: *ticket,
                ..About::WIDE
            },

            Event::AppointmentBooked(booked) => About::appointment(booked.appointment),
            Event::AppointmentListed(listed) => About::appointment(listed.appointment),
            Event::PlaceHeld { appointment, .. }
            | Event::HoldEnded { appointment }
            | Event::WaitListJoined { appointment, .. }
            | Event::WaitListLeft { appointment }
            | Event::PlaceOffered { appointment, .. }
            | Event::OfferConfirmed { appointment }
            | Event::AppointmentMoved { appointment, .. }
            | Event::AppointmentCancelled { appointment, .. }
            | Event::AppointmentCheckedIn { appointment, .. }
            | Event::PlaceGivenOnTheSpot { appointment, .. }
            | Event::OfficerAssigned { appointment, .. }
            | Event::HomeVisitRecorded { appointment, .. } => About::appointment(*appointment),
            Event::NoShowRecorded { appointment, .. } => About::appointment(*appointment).wide(),

            Event::WindowPaused { window, .. } | Event::WindowResumed { window } => {
                About::NARROW.undoable_at(*window)
            }
            Event::WindowOpened { .. }
            | Event::CitizenRedirected { .. }
            | Event::OverrunForeseen { .. }
            | Event::OverrunOver { .. }
            | Event::ArrivalDeclined { .. } => About::NARROW,
            Event::PlanAdopted { .. }
            | Event::DayOpened { .. }
            | Event::DayClosed { .. }
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
            | Event::NumbersLeased { .. }
            | Event::NumbersSkipped { .. }
            | Event::TailLost(_)
            | Event::ClockPutRight { .. }
            | Event::HelpAsked { .. }
            | Event::HelpAnswered { .. }
            | Event::ComplaintAnswered { .. } => About::WIDE,
        }
    }

    /// The window that did it, and what ticket that has now: what the officer is answered.
    pub(super) fn leaves_at_window(&self) -> Option<(WindowNumber, Option<LeftAtWindow<'_>>)> {
        let (window, left) = match self {
            Event::TicketCalled {
                ticket,
                window,
                service,
                ..
            }
            | Event::TicketRecalled {
                ticket,
                window,
                service,
            } => (window, Some((*ticket, service.as_ref(), StageName::Called))),
            Event::ServiceStarted {
                ticket,
                window,
                service,
                ..
            }
            | Event::ServiceResumed {
                ticket,
                window,
                service,
                ..
            } => (
                window,
                Some((*ticket, service.as_ref(), StageName::Serving)),
            ),
            Event::WindowTakenOver { window, ticket, .. }
            | Event::CommandUndone { window, ticket, .. } => {
                let left = ticket.as_ref();
                (
                    window,
                    left.map(|at| (at.ticket, Some(&at.service), at.stage)),
                )
            }
            Event::ServiceFinished { window, .. }
            | Event::TicketMissed { window, .. }
            | Event::TicketParked { window, .. }
            | Event::TicketTransferred { window, .. }
            | Event::NextServiceAdded { window, .. }
            | Event::WindowOpened { window, .. }
            | Event::WindowClosed { window }
            | Event::WindowPaused { window, .. }
            | Event::WindowResumed { window }
            | Event::SignOffOverridden { window, .. } => (window, None),
            _ => return None,
        };
        Some((*window, left))
    }

    /// The ticket that came into being with it.
    pub fn taken(&self) -> Option<TicketId> {
        match self {
            Event::TicketTaken(taken) => Some(taken.ticket),
            _ => None,
        }
    }
}

/// What a call counts as in the row of prioritised calls: only so many of them come one after the other while a normal
/// ticket of the same service waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountsAs {
    /// A prioritised ticket was called while a normal one waited.
    Overtaking,
    /// It was called from the line and overtook nobody: the row ends.
    InTurn,
    /// It goes first by right, or the window serves those with an appointment first: not counted.
    Apart,
}

/// What a hall forgets when a day opens: everything of its kind that ended at this moment or before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forgets {
    /// Vouchers whose time was over.
    pub vouchers: Time,
    /// Commands that took effect; those of this very moment are still known.
    pub commands: Time,
    /// Complaints that were answered.
    pub complaints: Time,
    /// Tickets that were done, unless their voucher is still good.
    pub tickets: Time,
    /// Appointments that were over.
    pub appointments: Time,
    /// When people did not come.
    pub no_shows: Time,
    /// The numbers of the day before are remembered, in case it begins again. Older records forgot them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_numbers: bool,
    /// Blocks of numbers that were lent before. Older records forgot all with their day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leases: Option<Time>,
}

/// A place was booked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppointmentBooked {
    pub appointment: AppointmentId,
    pub token: Token,
    pub code: AppointmentCode,
    pub service: ServiceId,
    pub kind: AppointmentKind,
    pub reservation: Reservation,
    pub visitor: Visitor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<ActorId>,
}

/// Somebody waits for a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppointmentListed {
    pub appointment: AppointmentId,
    pub token: Token,
    pub code: AppointmentCode,
    pub service: ServiceId,
    pub kind: AppointmentKind,
    pub visitor: Visitor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<ActorId>,
}

/// A ticket at a window at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtWindow {
    pub ticket: TicketId,
    pub service: ServiceId,
    pub stage: StageName,
}

/// A ticket that a window has, what it is there for, and its stage. Its service may have changed since, so the event
/// says it; records older than that do not.
type LeftAtWindow<'a> = (TicketId, Option<&'a ServiceId>, StageName);

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
    /// The document's number with its holder's name, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named: Option<PersonId>,
    /// The voucher it redeems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<Token>,
    /// Why an usher gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The appointment it came of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<OfAppointment>,
    /// Was led to other ways first, or would have been, and wanted a number here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insisted: bool,
    /// What the citizen was told: how many are ahead.
    pub ahead: u32,
    /// What the citizen was told: how long it may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
    /// Or why he was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_unknown: Option<WaitUnknown>,
    /// The place in another hall that was given up for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_from: Option<CameFrom>,
    /// What else is wanted in the same visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ServiceId>,
    /// The block it is of, if a kiosk gave it out while the server was away;
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<LeaseId>,
    /// and when that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Time>,
    /// The kiosk that printed it, if the server itself gave it the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kiosk: Option<ActorId>,
    /// Its day was over when the kiosk told of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reported_late: bool,
    /// The command that it answers too, should that one still arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<CommandId>,
}

impl TicketTaken {
    /// The plainest: one person with one matter, in Chinese. What else is so goes into the fields.
    pub fn new(
        ticket: TicketId,
        number: TicketNumber,
        token: Token,
        service: ServiceId,
        channel: Channel,
    ) -> TicketTaken {
        TicketTaken {
            ticket,
            number,
            token,
            service,
            class: Class::Normal,
            channel,
            needs: BTreeSet::new(),
            party: 1,
            cases: 1,
            also: Vec::new(),
            language: Language::Zh,
            person: None,
            named: None,
            voucher: None,
            reason: None,
            appointment: None,
            insisted: false,
            ahead: 0,
            wait: None,
            wait_unknown: None,
            came_from: None,
            lease: None,
            taken_at: None,
            kiosk: None,
            reported_late: false,
            instead_of: None,
        }
    }
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
