//! What somebody wants of the hall: who, when, and everything random that the decision needs.

use crate::id::{
    ActorId, AppointmentCode, AppointmentId, CommandId, ComplaintId, Fingerprint, HallId, HelpId,
    LeaseId, PersonId, Prefix, ServiceId, TicketId, TicketNumber, Token, WindowNumber,
};
use crate::plan::Plan;
use crate::plan::class::Class;
use crate::plan::notice::Notice;
use crate::plan::slot::SlotId;
use crate::state::appointment::Visitor;
use crate::state::lease::TailLost;
use crate::state::moving::CameFrom;
use crate::state::ticket::{Channel, Need, VisitOutcome};
use crate::text::Language;
use crate::text::Text;
use crate::time::Time;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One wish, complete: deciding it is a function of the state and this.
#[derive(Clone, Debug, PartialEq)]
pub struct Command<A = Action> {
    pub id: CommandId,
    pub fingerprint: Fingerprint,
    pub actor: Actor,
    pub at: Time,
    pub action: A,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "role", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// The holder of a ticket, or somebody with a phone.
    Citizen,
    Kiosk(ActorId),
    Officer(ActorId),
    Usher(ActorId),
    Manager(ActorId),
    /// What falls due by itself.
    Timer,
}

impl Actor {
    /// How long the key of a request must be, in characters. All citizens are one principal, so only a key that nobody
    /// can guess keeps one's answers from another; 16 characters are what half a UUID has.
    pub fn shortest_key(&self) -> usize {
        match self {
            Actor::Citizen => 16,
            Actor::Kiosk(_)
            | Actor::Officer(_)
            | Actor::Usher(_)
            | Actor::Manager(_)
            | Actor::Timer => 1,
        }
    }
}

/// Everything that can be wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    // the day
    OpenDay {
        date: NaiveDate,
    },
    MissParked {
        ticket: TicketId,
    },
    CloseDay {
        date: NaiveDate,
    },
    SettleDay {
        date: NaiveDate,
    },
    EndSuspension {
        service: ServiceId,
    },
    /// Holds, offers and wishes whose time is over.
    ExpirePlaces,
    RecordNoShow {
        appointment: AppointmentId,
    },
    /// The forecast says that near closing has come early, or that this is over.
    SetOverrun {
        service: ServiceId,
        overruns: bool,
    },

    // taking a number
    TakeTicket(TakeTicket),

    /// Numbers for while the server is away.
    LeaseNumbers {
        /// The series of which the kiosk itself has too few left; those that the hall believes to run low if not said.
        low: Option<BTreeSet<Prefix>>,
    },
    /// A number that a kiosk gave out while the server was away.
    ReportTaken(Box<ReportTaken>),
    /// The store has lost what it had acknowledged.
    RecordLoss(TailLost),
    /// The clock was ahead and shows the true time now: the hall goes back to it.
    PutClockRight,
    /// A kiosk gives back what it has not given out.
    ReturnNumbers {
        lease: LeaseId,
    },

    // a place at another time
    HoldPlace(HoldPlace),
    Book(Book),
    CancelAppointment {
        appointment: AppointmentId,
        reason: Option<String>,
    },
    MoveAppointment {
        appointment: AppointmentId,
        slot: SlotId,
    },
    JoinWaitList {
        appointment: AppointmentId,
        slot: SlotId,
    },
    LeaveWaitList {
        appointment: AppointmentId,
    },
    ConfirmOffer {
        appointment: AppointmentId,
    },
    CheckIn(CheckIn),
    AssignOfficer {
        appointment: AppointmentId,
        officer: ActorId,
    },
    RecordHomeVisit {
        appointment: AppointmentId,
        outcome: VisitOutcome,
        note: Option<String>,
    },

    // the holder of a ticket; ushers and kiosks may act for one
    Cancel {
        ticket: TicketId,
    },
    Return {
        ticket: TicketId,
    },
    Defer {
        ticket: TicketId,
    },
    ResumeByHolder {
        ticket: TicketId,
    },
    ChangeService {
        ticket: TicketId,
        service: ServiceId,
    },
    Reprint {
        ticket: TicketId,
    },
    Rate {
        ticket: TicketId,
        stars: u8,
        reasons: Vec<String>,
        text: Option<String>,
    },

    // help, and what could not be done
    AskForHelp {
        /// Nothing for a kiosk, which says by itself who it is.
        window: Option<WindowNumber>,
        urgent: bool,
    },
    AnswerHelp {
        help: HelpId,
        window: Option<WindowNumber>,
    },
    LeaveComplaint {
        ticket: Option<TicketId>,
        service: Option<ServiceId>,
        text: String,
    },
    AnswerComplaint {
        complaint: ComplaintId,
        text: String,
    },

    // a window
    OpenWindow {
        window: WindowNumber,
        services: Option<Vec<ServiceId>>,
        several_windows: bool,
    },
    CallNext {
        window: WindowNumber,
    },
    Call {
        window: WindowNumber,
        number: TicketNumber,
        reason: Option<String>,
    },
    Recall {
        window: WindowNumber,
    },
    Start {
        window: WindowNumber,
    },
    Finish {
        window: WindowNumber,
        finish: Finish,
    },
    FinishAndCallNext {
        window: WindowNumber,
        finish: Finish,
    },
    Miss {
        window: WindowNumber,
    },
    Park {
        window: WindowNumber,
        note: Option<String>,
    },
    Resume {
        window: WindowNumber,
        number: TicketNumber,
    },
    Transfer {
        window: WindowNumber,
        to: TransferTo,
        note: Option<String>,
    },
    NextService {
        window: WindowNumber,
        service: ServiceId,
    },
    /// Somebody stands there without a number.
    ServeDirectly {
        window: WindowNumber,
        service: ServiceId,
        token: Token,
        language: Language,
    },
    Undo {
        window: WindowNumber,
    },
    PauseWindow {
        window: WindowNumber,
        reason: String,
    },
    ResumeWindow {
        window: WindowNumber,
    },
    CloseWindow {
        window: WindowNumber,
    },

    // the manager
    AdoptPlan {
        plan: Box<Plan>,
        expected_revision: Option<u64>,
        /// Bookings that have no place in it are moved to the nearest free one instead of standing in its way.
        move_bookings: bool,
    },
    HandOn {
        number: TicketNumber,
        reason: String,
    },
    OverrideSignOff {
        window: WindowNumber,
        reason: String,
        hand_on: Vec<TicketNumber>,
    },
    Interrupt {
        reason: String,
    },
    Suspend {
        service: ServiceId,
        reason: String,
        until: Option<Time>,
    },
    PauseCalling {
        reason: String,
    },
    ResumeCalling,
    PostNotices {
        notices: Vec<Notice>,
    },
    RecordHelpedOnline {
        service: ServiceId,
    },

    // between two halls
    Leave {
        ticket: TicketId,
        hall: HallId,
        arrival: CommandId,
        token: Token,
    },
    Arrive(Box<Arrival>),
    EndMove {
        ticket: TicketId,
        arrival: CommandId,
        end: MoveEnd,
    },
}

/// What a citizen says at the kiosk.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeTicket {
    pub service: ServiceId,
    pub class: Class,
    pub token: Token,
    pub channel: Channel,
    pub needs: BTreeSet<Need>,
    pub party: u16,
    pub cases: u16,
    /// What else is wanted in the same visit (一窗通办).
    pub also: Vec<ServiceId>,
    pub language: Language,
    /// The number of a document.
    pub person: Option<PersonId>,
    /// That number with a name.
    pub named: Option<PersonId>,
    /// A voucher to redeem.
    pub voucher: Option<Token>,
    /// Why an usher gives it.
    pub reason: Option<String>,
    /// Was shown the other ways and wants a number here.
    pub insist: bool,
    /// 「没有智能手机」: cannot be led to the app, and is never asked why.
    pub no_smartphone: bool,
}

impl TakeTicket {
    /// The plainest request: one person with one matter, in Chinese. What else is said goes into the fields.
    pub fn new(service: ServiceId, token: Token, channel: Channel) -> TakeTicket {
        TakeTicket {
            service,
            token,
            channel,
            class: Class::Normal,
            needs: BTreeSet::new(),
            party: 1,
            cases: 1,
            also: Vec::new(),
            language: Language::Zh,
            person: None,
            named: None,
            voucher: None,
            reason: None,
            insist: false,
            no_smartphone: false,
        }
    }
}

/// A number on paper, given out by a kiosk that could not reach the server.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportTaken {
    pub lease: LeaseId,
    pub number: TicketNumber,
    /// Drawn by the kiosk, and in the slip's code.
    pub token: Token,
    pub service: ServiceId,
    pub class: Class,
    pub language: Language,
    /// By the kiosk's clock, which may be wrong.
    pub taken_at: Time,
    /// When the kiosk sent this, by the same clock: what lies between the two is right although the clock is not.
    pub sent_at: Option<Time>,
    /// The command whose outcome the kiosk never learnt, and in whose place it gave this number.
    pub instead_of: Option<CommandId>,
}

/// Keeps a place for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldPlace {
    pub token: Token,
    /// Who holds: a client's next hold ends the one before. Nobody's in particular if not said.
    pub client: Option<Token>,
    pub service: ServiceId,
    pub slot: SlotId,
    pub places: u16,
}

/// Books a place, or joins the waiting list for one.
#[derive(Clone, Debug, PartialEq)]
pub struct Book {
    /// The new appointment's; a hold keeps its own.
    pub token: Token,
    /// The hold that becomes the booking, while it lasts.
    pub hold: Option<Token>,
    pub service: ServiceId,
    pub slot: SlotId,
    pub places: u16,
    pub visitor: Visitor,
    /// What older records may call the same person.
    pub known_as: BTreeSet<PersonId>,
    /// Waits for a place if there is none.
    pub or_wait: bool,
    /// Whether an address is among what is sealed: where an officer is to come.
    pub says_where: bool,
}

/// Makes an appointment a ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckIn {
    pub by: CheckInBy,
    /// The ticket's, should it become one.
    pub token: Token,
    pub channel: Channel,
}

/// How a visitor says which appointment it is.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckInBy {
    Code(AppointmentCode),
    /// The QR code of the appointment's page.
    Token(Token),
    /// A document, and the name if it was said.
    Document(ShownDocument),
}

/// A document that is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownDocument {
    /// Its number, in each form that records may have.
    pub numbers: Vec<PersonId>,
    /// Its holder's name with the number, in each form that records may have; none if nobody said it.
    pub names: BTreeSet<PersonId>,
}

impl ShownDocument {
    /// A number alone.
    pub fn number(number: PersonId) -> ShownDocument {
        ShownDocument {
            numbers: vec![number],
            names: BTreeSet::new(),
        }
    }
}

/// How a visit ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finish {
    pub outcome: VisitOutcome,
    pub fees: Decimal,
    /// How many matters were done; the ticket's own number of cases if not said.
    pub cases: Option<u16>,
    pub note: Option<String>,
    /// Whose visit is meant: with two consoles at one window, or after a lost connection, it may be another's by now.
    /// Whoever is at the window if not said.
    pub number: Option<TicketNumber>,
}

/// Where a ticket is passed on to; at least one is named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransferTo {
    /// Another service; the ticket's own if not said.
    pub service: Option<ServiceId>,
    /// One staffed window; any that takes the service if not said.
    pub window: Option<WindowNumber>,
}

/// The wish of a ticket that leaves another hall.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    pub wish: TakeTicket,
    pub from: CameFrom,
    /// When it left there.
    pub since: Time,
}

/// What the other hall has decided.
#[derive(Clone, Debug, PartialEq)]
pub enum MoveEnd {
    Moved { number: TicketNumber, token: Token },
    Stayed { why: Text },
}
