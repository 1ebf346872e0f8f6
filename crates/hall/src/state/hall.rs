//! The whole state of a hall: what its log folds into.
//!
//! Everything is in ordered collections, so that replay walks the same path every time and [`Hall::hash`] can prove it.

use crate::id::{
    AppointmentId, CommandId, ComplaintId, HallId, LeaseId, PersonId, ServiceId, TicketId,
    TicketNumber, Token, WindowNumber,
};
use crate::plan::Plan;
use crate::plan::class::Class;
use crate::plan::hours::Session;
use crate::plan::notice::Notice;
use crate::state::appointment::Appointment;
use crate::state::closing::ClosingRecord;
use crate::state::complaint::Complaint;
use crate::state::day::{Day, ServiceDay};
use crate::state::day_report::DayReport;
use crate::state::diary::Diary;
use crate::state::help::HelpCall;
use crate::state::lease::{Block, LENT_WAITED_FOR, Lease, TailLost};
use crate::state::queue::{Lane, Queue};
use crate::state::ticket::{OfAppointment, Ticket};
use crate::state::voucher::Voucher;
use crate::state::window::{Staffing, Window};
use crate::time::Time;
use chrono::{Duration, NaiveDate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};

/// A hall at one version of its log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Hall {
    state: Stored,
    /// Derived from the tickets.
    pub(crate) queue: Queue,
    /// Derived from the appointments.
    pub(crate) diary: Diary,
}

/// What is folded, hashed and kept in a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub version: u64,
    /// When the last record happened: the hall's time never steps back behind it.
    pub last_at: Option<Time>,
    pub plan: Option<Plan>,
    pub day: Option<Day>,
    pub windows: BTreeMap<WindowNumber, Window>,
    /// Today's tickets, and those of the days before that can still be rated or asked about.
    pub tickets: BTreeMap<TicketId, Ticket>,
    pub next_ticket: u64,
    pub vouchers: BTreeMap<Token, Voucher>,
    /// Those to come, and those of the last days that can still be asked about.
    #[serde(default)]
    pub appointments: BTreeMap<AppointmentId, Appointment>,
    #[serde(default)]
    pub next_appointment: u64,
    /// When a person did not come, as far back as the plan looks.
    #[serde(default)]
    pub no_shows: BTreeMap<PersonId, Vec<Time>>,
    pub suspensions: BTreeMap<ServiceId, Suspension>,
    /// What this log has lost, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<TailLost>,
    /// How often a manager put the clock right. What fell due in the wrong time can then fall due again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub clock_corrections: u32,
    /// The numbers of the last days that may be on paper, in case one of them begins again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers_of_days: BTreeMap<NaiveDate, Vec<Block>>,
    /// Blocks of the last days: a paper may still be reported.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lent_before: BTreeMap<LeaseId, Lease>,
    #[serde(default)]
    pub next_lease: u64,
    /// Calls for help of the day.
    #[serde(default)]
    pub help: Vec<HelpCall>,
    #[serde(default)]
    pub next_help: u64,
    /// What could not be done, in writing: to be answered.
    #[serde(default, rename = "words")]
    pub complaints: BTreeMap<ComplaintId, Complaint>,
    #[serde(default, rename = "next_word")]
    pub next_complaint: u64,
    /// Calling is paused in the whole hall.
    pub calling_paused: Option<String>,
    pub notices: Vec<Notice>,
    /// The newest calls, newest first, for the boards.
    pub calls: VecDeque<Call>,
    /// The versions of the commands of today and the day before: a repeated command is answered from its record.
    pub applied: BTreeMap<CommandId, Applied>,
    pub reports: BTreeMap<NaiveDate, DayReport>,
}

impl Stored {
    /// Days whose numbers are kept. A date begins again only after the clock was put right, and a wrong clock is soon
    /// noticed.
    const NUMBERS_KEPT: usize = 8;

    /// The day is over; its papers may still be reported, and so may those of blocks that were lent after `since`.
    pub(crate) fn keep_leases(&mut self, day: &Day, since: Time, at: Time) {
        let is_kept = |lease: &Lease| lease.at > since && !lease.is_nobodys();
        for (id, lease) in &day.leases {
            if day.goes_on.is_none() || !lease.goes_on(at) {
                self.lent_before.entry(*id).or_insert_with(|| lease.clone());
            }
        }
        self.lent_before.retain(|_, lease| is_kept(lease));
    }

    /// Another day takes the place of this one.
    pub(crate) fn keep_numbers(&mut self, day: &Day) {
        self.numbers_of_days.insert(day.date, day.on_paper());
        while self.numbers_of_days.len() > Self::NUMBERS_KEPT {
            self.numbers_of_days.pop_first();
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Where an applied command's record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub version: u64,
    pub at: Time,
    /// The number that was given out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
}

/// A service that gives no more numbers for a while (停办).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspension {
    pub reason: String,
    pub until: Option<Time>,
    /// Older records do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
}

/// One announcement on the boards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub version: u64,
    pub ticket: TicketId,
    pub window: WindowNumber,
    pub times: u8,
    pub at: Time,
}

/// A date begins at most this long before its midnight: no plan may let people in earlier.
const BEGINS_BEFORE_MIDNIGHT: Duration = Duration::hours(4);

impl Hall {
    /// How many announcements are remembered: more than a board shows and more than 30 windows make in a minute.
    pub const CALLS_KEPT: usize = 60;
    /// How long day reports stay in the state; older ones are rebuilt from the log.
    pub const REPORTS_KEPT: usize = 400;

    /// A hall whose log is empty. Its first event adopts a plan.
    pub fn empty() -> Hall {
        Hall::default()
    }

    /// The plan in force.
    pub fn plan(&self) -> &Plan {
        self.state
            .plan
            .as_ref()
            .expect("a hall's first event adopts its plan, and nothing is asked of it before")
    }

    /// Whether the first event has happened.
    pub fn has_plan(&self) -> bool {
        self.state.plan.is_some()
    }

    /// The hall's id.
    pub fn id(&self) -> &HallId {
        &self.plan().hall
    }

    /// The open or last business day's sums for a date, if it was closed.
    pub fn closing(&self, date: NaiveDate) -> Option<&ClosingRecord> {
        self.state.reports.get(&date).map(|report| &report.closing)
    }

    /// The report of the last business day, once it is closed.
    pub(crate) fn closed_day(&self) -> Option<&DayReport> {
        let day = self.state.day.as_ref().filter(|day| day.closed.is_some())?;
        self.state.reports.get(&day.date)
    }

    /// A ticket by key.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.state.tickets.get(&id)
    }

    /// A ticket that an event or a window names.
    pub(crate) fn known_ticket(&self, id: TicketId) -> &Ticket {
        let ticket = self.state.tickets.get(&id);
        ticket.expect("a window's ticket is kept as long as the window has it")
    }

    /// The holder's ticket.
    pub fn ticket_by_token(&self, token: &Token) -> Option<&Ticket> {
        self.ticket(self.queue.by_token(token)?)
    }

    /// The newest ticket with this face.
    pub fn ticket_by_number(&self, number: &TicketNumber) -> Option<&Ticket> {
        self.ticket(self.queue.by_number(number)?)
    }

    /// The open tickets for a service that may be those of the person with this number: all but those that are known by
    /// another name.
    pub fn open_tickets_of<'a>(
        &'a self,
        person: &'a PersonId,
        named: Option<&'a PersonId>,
        service: &'a ServiceId,
    ) -> impl Iterator<Item = &'a Ticket> {
        let theirs = self.queue.open_of_person(person);
        let theirs = theirs.map(|id| self.known_ticket(id));
        theirs.filter(move |ticket| {
            let is_another = named
                .zip(ticket.named.as_ref())
                .is_some_and(|(one, other)| one != other);
            ticket.service == *service && !is_another
        })
    }

    /// Whether a ticket was issued on the day that is open, or was the last one open, or came into it with the night.
    /// Those of earlier days are kept to be rated and asked about, and nothing else happens to them.
    pub fn is_of_the_day(&self, ticket: &Ticket) -> bool {
        self.day().is_some_and(|day| day.has(ticket))
    }

    /// Whether a ticket was issued on the day that is open now.
    pub fn is_of_the_open_day(&self, ticket: &Ticket) -> bool {
        let is_open = self.day().is_some_and(|day| day.closed.is_none());
        is_open && self.is_of_the_day(ticket)
    }

    /// Every window of the plan, staffed or not, in order of number.
    pub fn windows_in_order(&self) -> impl Iterator<Item = &Window> {
        self.state.windows.values()
    }

    /// The windows where an officer sits now.
    pub fn staffed(&self) -> impl Iterator<Item = (&Window, &Staffing)> {
        let windows = self.state.windows.values();
        windows.filter_map(|window| Some((window, window.staffing.as_ref()?)))
    }

    /// Who sits at a window now.
    pub fn staffing(&self, window: WindowNumber) -> Option<&Staffing> {
        self.state.windows.get(&window)?.staffing.as_ref()
    }

    /// Today's figures of a service.
    pub fn service_day(&self, service: &ServiceId) -> Option<&ServiceDay> {
        self.day()?.services.get(service)
    }

    /// How many of a service wait.
    pub fn waiting(&self, service: &ServiceId) -> u32 {
        self.queue.waiting(service)
    }

    /// The waiting tickets of a service, lane by lane.
    pub fn waiting_for<'a>(&'a self, service: &'a ServiceId) -> impl Iterator<Item = &'a Ticket> {
        let lanes = Lane::ALL.into_iter();
        let lanes = lanes.flat_map(move |lane| self.queue.lane(service, lane));
        let first = self.queue.first().map(|id| self.known_ticket(id));
        let first = first.filter(move |ticket| ticket.service == *service);
        first.chain(lanes.map(|id| self.known_ticket(id)))
    }

    /// How many of a service's line stand before a ticket with an appointment: those of earlier slots, and before one that
    /// came late everyone.
    pub(crate) fn ahead_of_appointment(
        &self,
        service: &ServiceId,
        appointment: &OfAppointment,
        ticket: TicketId,
    ) -> u32 {
        if appointment.late {
            let others = self.waiting_for(service).filter(|other| other.id != ticket);
            return others.count() as u32;
        }
        let lane = self.queue.lane(service, Lane::Of(Class::Appointment));
        let earlier = lane.map(|id| self.known_ticket(id).seniority());
        let before = earlier.filter(|other| *other < (appointment.starts_at, ticket));
        before.count() as u32
    }

    /// The tickets of a service that were missed today and are not back, the last miss first.
    pub fn missed(&self, service: &ServiceId) -> impl Iterator<Item = &Ticket> {
        let missed = self.queue.missed(service);
        missed
            .map(|(_, id)| self.known_ticket(id))
            .take_while(|ticket| self.is_of_the_day(ticket))
    }

    /// The parked tickets, in order of issue.
    pub fn parked(&self) -> impl Iterator<Item = &Ticket> {
        self.queue.parked().map(|id| self.known_ticket(id))
    }

    /// The tickets that are on their way to another hall.
    pub fn leaving(&self) -> impl Iterator<Item = &Ticket> {
        self.queue.leaving().map(|id| self.known_ticket(id))
    }

    /// Since when the one has waited who waits longest, in the whole hall.
    pub fn longest_waiting(&self) -> Option<Time> {
        let heads = self.queue.heads().map(|id| self.known_ticket(id));
        heads.map(|ticket| ticket.taken_at).min()
    }

    /// The tickets in waiting, called, serving or parked, in order of issue.
    pub fn open_tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.queue.open().map(|id| self.known_ticket(id))
    }

    /// Whether any ticket is in waiting, called, serving or parked.
    pub fn is_anyone_open(&self) -> bool {
        self.queue.open().next().is_some()
    }

    /// Whether anyone who took a number (for a service, or for any) is not done: in waiting, called, serving or
    /// parked, or missed so recently that the citizen may only be in the washroom.
    pub fn is_anyone_unresolved(&self, service: Option<&ServiceId>, now: Time) -> bool {
        match service {
            Some(service) => {
                let last_miss = self.last_miss(service);
                self.queue.open_of(service) > 0
                    || last_miss.is_some_and(|at| now < at + self.grace())
            }
            None => {
                let mut services = self.plan().services.iter();
                self.is_anyone_open()
                    || services.any(|service| self.is_anyone_unresolved(Some(&service.id), now))
            }
        }
    }

    /// When the last ticket of a service was missed at a window that has not come back today.
    pub fn last_miss(&self, service: &ServiceId) -> Option<Time> {
        let mut missed = self.missed(service);
        missed.find_map(|ticket| ticket.stage.missed_call_at())
    }

    /// Whether a missed citizen may still only be in the washroom.
    pub fn is_in_grace(&self, ticket: &Ticket, now: Time) -> bool {
        let missed_at = ticket.stage.missed_call_at();
        missed_at.is_some_and(|at| now < at + self.grace()) && self.is_of_the_day(ticket)
    }

    /// How long a missed ticket keeps the day open.
    pub fn grace(&self) -> Duration {
        Duration::minutes(self.plan().policy.missed_grace_minutes.into())
    }

    /// The date that business belongs to now: the open day's until it closes, else the calendar's.
    pub fn business_date(&self, now: Time) -> NaiveDate {
        match self.day() {
            Some(day) if day.closed.is_none() => day.date,
            _ => self.working_date(now),
        }
    }

    /// The date whose business this is by the clock: a session of the day before that still runs comes first, and a day
    /// that begins before midnight begins then.
    pub fn working_date(&self, at: Time) -> NaiveDate {
        let plan = self.plan();
        let date = plan.working_date(at);
        let is_over = plan.span(date).is_none_or(|span| span.closes <= at);
        let next = plan.date(at).succ_opt().filter(|_| is_over);
        let next = next.filter(|next| self.begins(*next).is_some_and(|begins| begins <= at));
        next.unwrap_or(date)
    }

    /// When a date's business begins: with its first number, or with the first who booked and may check in. Nothing on a
    /// day off.
    pub fn begins(&self, date: NaiveDate) -> Option<Time> {
        let plan = self.plan();
        let span = plan.span(date)?;
        let early_open = span.opens - plan.early_open();
        let early = Duration::minutes(plan.policy.check_in_early_minutes.into());
        let first = self.expected(span.opens, span.closes).next();
        let check_in = first.and_then(|first| first.starts_at());
        Some(check_in.map_or(early_open, |at| early_open.min(at - early)))
    }

    /// The date that begins while this day is still open, once it has begun: around the clock, its first numbers are
    /// given out before the day is over.
    pub fn next_begun(&self, now: Time) -> Option<NaiveDate> {
        let day = self.day().filter(|day| day.closed.is_none())?;
        let next = day.date.succ_opt()?;
        let soon = self.plan().date(now + BEGINS_BEFORE_MIDNIGHT);
        if soon < next {
            return None;
        }
        self.begins(next)
            .filter(|begins| *begins <= now)
            .map(|_| next)
    }

    /// Until when the day waits for papers that kiosks may have given out of numbers that they were lent.
    pub fn lent_out_until(&self) -> Option<Time> {
        let day = self.day().filter(|day| day.closed.is_none())?;
        let span = self.plan().span(day.date)?;
        let is_out = day.leases.values().any(Lease::is_out);
        is_out.then(|| span.closes + LENT_WAITED_FOR)
    }

    /// The sessions of a service that count now: those of the day that is under way, and of the next one once that has
    /// begun.
    pub fn sessions(&self, service: &ServiceId, now: Time) -> Vec<Session> {
        let dates = [Some(self.business_date(now)), self.next_begun(now)];
        let dates = dates.into_iter().flatten();
        dates
            .flat_map(|date| self.plan().sessions(date, service))
            .collect()
    }

    /// Whether a ticket of this service taken now would be called too long after closing.
    pub fn overruns(&self, service: &ServiceId) -> bool {
        let day = self.service_day(service);
        day.is_some_and(|day| day.overrun_since.is_some())
    }

    /// The hall's time for a command: never behind what has happened.
    pub fn time(&self, at: Time) -> Time {
        self.last_at().map_or(at, |last_at| at.max(last_at))
    }

    /// SHA-256 over the canonical JSON of the state, in hex: equal on every path that leads to the same hall.
    pub fn hash(&self) -> String {
        let bytes =
            serde_json::to_vec(&self.state).expect("the state has string and integer keys only");
        let digest = Sha256::digest(bytes);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The state, for `apply` alone; tickets go through [`Hall::change_ticket`] and [`Hall::put_ticket`].
    pub(crate) fn state_mut(&mut self) -> &mut Stored {
        &mut self.state
    }

    /// Changes one ticket and keeps the index true.
    pub(crate) fn change_ticket(
        &mut self,
        id: TicketId,
        version: u64,
        change: impl FnOnce(&mut Ticket),
    ) {
        let ticket = self.state.tickets.get_mut(&id);
        let ticket = ticket.expect("an event names a ticket that was taken");
        self.queue.remove(ticket);
        change(ticket);
        ticket.changed = version;
        self.queue.add(ticket);
    }

    /// Puts a ticket in, new or as it stood before.
    pub(crate) fn put_ticket(&mut self, ticket: Ticket) {
        if let Some(before) = self.state.tickets.get(&ticket.id) {
            self.queue.remove(before);
        }
        self.queue.add(&ticket);
        self.state.tickets.insert(ticket.id, ticket);
    }

    /// Takes out a ticket as if it had never been there.
    pub(crate) fn remove_ticket(&mut self, id: TicketId) {
        if let Some(ticket) = self.state.tickets.remove(&id) {
            self.queue.remove(&ticket);
        }
    }

    /// Puts an appointment in, new or as it stood before.
    pub(crate) fn put_appointment(&mut self, appointment: Appointment) {
        if let Some(before) = self.state.appointments.get(&appointment.id) {
            self.diary.remove(before);
        }
        self.diary.add(&appointment);
        self.state.appointments.insert(appointment.id, appointment);
    }

    /// Takes out an appointment as if it had never been made.
    pub(crate) fn remove_appointment(&mut self, id: AppointmentId) {
        if let Some(appointment) = self.state.appointments.remove(&id) {
            self.diary.remove(&appointment);
        }
    }

    /// Forgets the appointments that `keep` does not want.
    pub(crate) fn retain_appointments(&mut self, keep: impl Fn(&Appointment) -> bool) {
        let diary = &mut self.diary;
        self.state.appointments.retain(|_, appointment| {
            let kept = keep(appointment);
            if !kept {
                diary.remove(appointment);
            }
            kept
        });
    }

    /// Forgets the tickets that `keep` does not want.
    pub(crate) fn retain_tickets(&mut self, keep: impl Fn(&Ticket) -> bool) {
        let queue = &mut self.queue;
        self.state.tickets.retain(|_, ticket| {
            let kept = keep(ticket);
            if !kept {
                queue.remove(ticket);
            }
            kept
        });
    }
}

/// Readers of what is stored, each by its name: as a copy, or borrowed.
macro_rules! stored {
    ($($(#[$doc:meta])* $name:ident: $kind:ty;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> $kind { self.state.$name })*
    };
    (& $($(#[$doc:meta])* $name:ident: $kind:ty;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> &$kind { &self.state.$name })*
    };
}

/// What is stored, by name. Only `apply` changes it.
impl Hall {
    stored! {
        /// How many records have been applied.
        version: u64;
        /// How often the clock was put right.
        clock_corrections: u32;
        /// When the last record happened.
        last_at: Option<Time>;
        /// The key of the next ticket.
        next_ticket: u64;
        /// The key of the next appointment.
        next_appointment: u64;
        /// The key of the next lease.
        next_lease: u64;
        /// The key of the next call for help.
        next_help: u64;
        /// The key of the next complaint.
        next_complaint: u64;
    }

    stored! { &
        /// Every window of the plan, staffed or not.
        windows: BTreeMap<WindowNumber, Window>;
        /// The tickets that are still known: today's, and those of the days before that can be rated or asked about.
        tickets: BTreeMap<TicketId, Ticket>;
        /// The vouchers, by their ticket's token.
        vouchers: BTreeMap<Token, Voucher>;
        /// The appointments to come, and those of the last days.
        appointments: BTreeMap<AppointmentId, Appointment>;
        /// When a person did not come.
        no_shows: BTreeMap<PersonId, Vec<Time>>;
        /// The services that give no numbers for a while.
        suspensions: BTreeMap<ServiceId, Suspension>;
        /// What this log has lost, oldest first.
        lost: Vec<TailLost>;
        /// The numbers that may be on paper, of the last days.
        numbers_of_days: BTreeMap<NaiveDate, Vec<Block>>;
        /// Blocks that were lent on the last days.
        lent_before: BTreeMap<LeaseId, Lease>;
        /// The day's calls for help.
        help: [HelpCall];
        /// What could not be done, in writing.
        complaints: BTreeMap<ComplaintId, Complaint>;
        /// Words for the waiting room.
        notices: [Notice];
        /// The newest calls, newest first.
        calls: VecDeque<Call>;
        /// The commands of today and the day before, with the versions of their records.
        applied: BTreeMap<CommandId, Applied>;
        /// The reports of the days that are closed.
        reports: BTreeMap<NaiveDate, DayReport>;
    }

    /// The business day that is open, or the last one.
    pub fn day(&self) -> Option<&Day> {
        self.state.day.as_ref()
    }

    /// Why calling is paused in the whole hall, if it is.
    pub fn calling_paused(&self) -> Option<&str> {
        self.state.calling_paused.as_deref()
    }
}

impl From<Stored> for Hall {
    fn from(state: Stored) -> Hall {
        let queue = Queue::of(state.tickets.values());
        let diary = Diary::of(state.appointments.values());
        Hall {
            state,
            queue,
            diary,
        }
    }
}

impl From<Hall> for Stored {
    fn from(hall: Hall) -> Stored {
        hall.state
    }
}
