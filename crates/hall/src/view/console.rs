//! The officer's console: the ticket at hand, who is next and why, who is parked or missed.

use super::opening::{issuing, numbers_from, offer_today};
use super::waiting_room::{
    Waiting, WindowState, class_label, documents, help, service_name, waiting, window_states,
};
use crate::id::{ActorId, HallId, ServiceId, TicketId, TicketNumber, WindowNumber};
use crate::plan::class::Class;
use crate::plan::hours::DayOffer;
use crate::rules::calling_again;
use crate::rules::calling_rule::{Candidate, Why, candidates};
use crate::rules::estimate;
use crate::rules::phase;
use crate::rules::promise::stranded_by_closing;
use crate::state::hall::Hall;
use crate::state::help::HelpView;
use crate::state::phase::Phase;
use crate::state::ticket::{Need, PassedOn, Stage, StageName, Ticket};
use crate::text::{Language, Text};
use crate::time::{DateTime, Time};
use crate::view::sentence::{Surface, sentence};
use chrono::Duration;
use serde::Serialize;
use utoipa::ToSchema;

/// How many candidates an officer sees.
const NEXT_SHOWN: usize = 5;
/// How much of the line a console keeps, for the paper it prints when it is cut off.
const LINE_KEPT: usize = 200;

/// One window's console.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConsoleView {
    pub hall: HallId,
    pub name: Text,
    pub phase: Phase,
    pub sentence: Text,
    pub now: DateTime,
    pub window: WindowNumber,
    pub label: Option<Text>,
    /// Who sits here; nobody when null.
    pub officer: Option<ActorId>,
    /// The services taken here now, or offered by the plan while nobody sits here.
    pub services: Vec<ServiceName>,
    /// Why it is on a break.
    pub paused: Option<String>,
    pub current: Option<ConsoleTicket>,
    pub next: Vec<NextView>,
    pub parked: Vec<ConsoleTicket>,
    pub missed: Vec<ConsoleTicket>,
    pub waiting: Vec<Waiting>,
    /// Since when the one in the hall has waited who waits longest.
    pub longest_waiting_since: Option<DateTime>,
    /// How many in the hall are not done, and when they will be if nobody comes any more.
    pub open_tickets: usize,
    pub done_by: Option<DateTime>,
    /// When numbers are next given out, while they are not.
    pub numbers_from: Option<DateTime>,
    /// When the session that runs closes, and with it the giving out of numbers.
    pub closes_at: Option<DateTime>,
    /// Nobody gets a number today without an appointment.
    pub appointments_only: bool,
    /// Why calling is paused in the whole hall.
    pub calling_paused: Option<String>,
    /// Everyone who waits for a service taken here, who came first at the top; 200 at most.
    pub line: Vec<InLine>,
    /// The number served or being served here that can be shown the way to its rating.
    #[schema(value_type = Option<String>)]
    pub to_rate: Option<TicketNumber>,
    /// Who has called for help, while nobody has come.
    pub help: Vec<HelpView>,
    /// Until when the last command can be taken back.
    pub undo_until: Option<DateTime>,
    /// Every service, for transfers.
    pub all_services: Vec<ServiceName>,
    /// The other staffed windows, for transfers.
    pub other_windows: Vec<WindowNumber>,
    /// Every other window of the hall, staffed or not.
    pub colleagues: Vec<Colleague>,
}

/// Another window, as a colleague may send somebody there.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Colleague {
    pub window: WindowNumber,
    pub label: Option<Text>,
    /// `closed`, `open` or `paused`.
    pub state: &'static str,
    /// Takes every service (一窗通办).
    pub everything: bool,
    /// Taken there now, or offered by the plan while nobody sits there.
    pub services: Vec<ServiceId>,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct InLine {
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub service: ServiceId,
    pub taken_at: DateTime,
}

/// Whom a sign-off at a window would leave behind; nobody when `left` is empty.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SignOffView {
    pub window: WindowNumber,
    pub left: Vec<LeftBehind>,
}

/// Those of one service.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LeftBehind {
    pub service: ServiceId,
    pub service_name: Text,
    #[schema(value_type = Vec<String>)]
    pub numbers: Vec<TicketNumber>,
    /// Windows that nobody sits at, or that are on a break, where they could be served.
    pub could_go_to: Vec<WindowNumber>,
}

/// A service by id and name.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ServiceName {
    pub id: ServiceId,
    pub name: Text,
}

/// A ticket as an officer needs it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConsoleTicket {
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub service: ServiceId,
    pub service_name: Text,
    pub class: Class,
    pub class_label: Option<Text>,
    pub needs: Vec<Need>,
    pub party: u16,
    pub cases: u16,
    /// What else is wanted in the same visit.
    pub also: Vec<ServiceName>,
    pub language: Language,
    pub stage: StageName,
    pub taken_at: DateTime,
    /// When it was called, started, parked or missed.
    pub since: DateTime,
    /// How often it was announced.
    pub times: u8,
    /// From when it may be recalled.
    pub recall_from: Option<DateTime>,
    /// From when it may be set as missed.
    pub miss_from: Option<DateTime>,
    /// How long this service usually takes, in seconds.
    pub usual_seconds: u32,
    pub documents: Vec<Text>,
    pub note: Option<String>,
    /// The window that passed it on, and what it wrote.
    pub passed_on: Option<PassedOn>,
}

/// Who would be called.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NextView {
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub service: ServiceId,
    pub service_name: Text,
    pub class: Class,
    pub class_label: Option<Text>,
    pub taken_at: DateTime,
    pub why: Why,
    /// Another window passed it on.
    pub passed_on_from: Option<WindowNumber>,
}

/// The calling rule's own figures for one candidate.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CandidateView {
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub service: ServiceId,
    pub class: Class,
    /// Whole seconds.
    pub waited: i64,
    /// Seconds of waiting × rate of the class.
    pub score: i64,
    pub why: Why,
}

/// The console of a window at this moment; `None` when the plan has no such window.
pub fn console(hall: &Hall, number: WindowNumber, now: Time) -> Option<ConsoleView> {
    let window = hall.windows().get(&number)?;
    let plan = hall.plan();
    let services = plan.services.iter();
    let staffing = window.staffing.as_ref();
    let undo_for = Duration::seconds(plan.policy.undo_seconds.into());
    let undo = window.undo.as_ref();
    let undo = undo.filter(|undo| undo.version == window.changed);
    let pause = staffing.and_then(|staffing| staffing.pause.as_ref());
    let taken = taken_at(hall, number).into_iter();
    let next = candidates(hall, number, now, NEXT_SHOWN);
    let is_here =
        |ticket: &&Ticket| matches!(ticket.stage, Stage::Parked { window, .. } if window == number);
    let view_of = |ticket| console_ticket(hall, ticket);
    let others = hall.staffed().map(|(window, _)| window.number);
    let states = window_states(hall).into_iter();
    let states = states.filter(|state| state.window != number);
    Some(ConsoleView {
        hall: hall.id().clone(),
        name: plan.name.clone(),
        phase: phase::of_hall(hall, now),
        sentence: sentence(hall, now, Surface::Board),
        now: plan.local(now),
        window: number,
        label: plan.window(number).and_then(|window| window.label.clone()),
        officer: staffing.map(|staffing| staffing.officer.clone()),
        services: taken.map(|id| named(hall, id)).collect(),
        paused: pause.map(|pause| pause.reason.clone()),
        current: window.current().and_then(|id| hall.ticket(id)).map(view_of),
        next: next.iter().map(|next| next_view(hall, next)).collect(),
        parked: hall.parked().filter(is_here).map(view_of).collect(),
        missed: missed_here(hall, number),
        waiting: waiting(hall, now),
        longest_waiting_since: hall.longest_waiting().map(|at| plan.local(at)),
        open_tickets: hall.open_tickets().count(),
        done_by: estimate::done_by(hall, now).map(|at| plan.local(at)),
        numbers_from: numbers_from_at(hall, number, now).map(|at| plan.local(at)),
        closes_at: closes_at(hall, now),
        appointments_only: offer_today(hall, now) == DayOffer::BookedOnly,
        calling_paused: hall.calling_paused().map(str::to_owned),
        line: line(hall, number),
        to_rate: to_rate(hall, number).map(|ticket| ticket.number.clone()),
        help: help(hall, now),
        undo_until: undo
            .map(|undo| plan.local(undo.at + undo_for))
            .filter(|until| now <= *until),
        all_services: services.map(|service| named(hall, &service.id)).collect(),
        other_windows: others.filter(|other| *other != number).collect(),
        colleagues: states.map(|state| colleague(hall, state)).collect(),
    })
}

fn named(hall: &Hall, service: &ServiceId) -> ServiceName {
    ServiceName {
        id: service.clone(),
        name: service_name(hall, service),
    }
}

/// The ticket whose citizen can be shown the way to its rating at this window: the one being served, else the one that
/// was finished here last.
pub fn to_rate(hall: &Hall, number: WindowNumber) -> Option<&Ticket> {
    let staffing = hall.staffing(number)?;
    let served = |id: &TicketId| hall.ticket(*id);
    let current = staffing.current.as_ref().and_then(served);
    let last = staffing.last_finished.as_ref().and_then(served);
    let current = current.filter(|ticket| matches!(ticket.stage, Stage::Serving { .. }));
    let unrated = |ticket: &&Ticket| ticket.rating.is_none();
    current.or(last).filter(unrated)
}

/// Whom the window's sign-off would leave behind, service by service.
pub fn sign_off(hall: &Hall, number: WindowNumber, now: Time) -> Option<SignOffView> {
    hall.windows().get(&number)?;
    let stranded = stranded_by_closing(hall, number, now);
    let mut left: Vec<LeftBehind> = Vec::new();
    for ticket in stranded.into_iter().filter_map(|id| hall.ticket(id)) {
        match left.iter_mut().find(|left| left.service == ticket.service) {
            Some(left) => left.numbers.push(ticket.number.clone()),
            None => left.push(LeftBehind {
                service: ticket.service.clone(),
                service_name: service_name(hall, &ticket.service),
                numbers: vec![ticket.number.clone()],
                could_go_to: could_go_to(hall, number, &ticket.service),
            }),
        }
    }
    Some(SignOffView {
        window: number,
        left,
    })
}

fn could_go_to(hall: &Hall, from: WindowNumber, service: &ServiceId) -> Vec<WindowNumber> {
    let others = window_states(hall).into_iter();
    let others = others.filter(|state| state.window != from && state.state != "open");
    let colleagues = others.map(|state| colleague(hall, state));
    let could = colleagues.filter(|other| other.services.contains(service));
    could.map(|colleague| colleague.window).collect()
}

fn colleague(hall: &Hall, state: WindowState) -> Colleague {
    let plan = hall.plan().window(state.window);
    Colleague {
        window: state.window,
        label: state.label,
        state: state.state,
        everything: plan.is_some_and(|window| window.everything),
        services: taken_at(hall, state.window).into_iter().cloned().collect(),
    }
}

/// In order of coming: when the calling rule is out of reach, that is the fair order.
fn line(hall: &Hall, number: WindowNumber) -> Vec<InLine> {
    let staffing = hall.staffing(number).into_iter();
    let services = staffing.flat_map(|staffing| &staffing.services);
    let waiting = services.flat_map(|service| hall.waiting_for(service));
    let mut line: Vec<&Ticket> = waiting.collect();
    line.sort_by_key(|ticket| ticket.id);
    line.into_iter()
        .take(LINE_KEPT)
        .map(|ticket| InLine {
            number: ticket.number.clone(),
            service: ticket.service.clone(),
            taken_at: hall.plan().local(ticket.taken_at),
        })
        .collect()
}

fn closes_at(hall: &Hall, now: Time) -> Option<Time> {
    let services = hall.plan().services.iter();
    let running = services.flat_map(|service| issuing(hall, &service.id, now));
    let last = running.map(|session| session.closes).max();
    last.map(|at| hall.plan().local(at))
}

/// Of the services of this window: one may be open over lunch while another is not.
fn numbers_from_at(hall: &Hall, number: WindowNumber, now: Time) -> Option<Time> {
    let taken = taken_at(hall, number);
    let issues = |service: &&ServiceId| phase::of_service(hall, service, now).issues();
    if taken.iter().any(issues) {
        return None;
    }
    numbers_from(hall, taken, now)
}

/// The services taken at a window now, or offered by the plan while nobody sits there.
fn taken_at(hall: &Hall, number: WindowNumber) -> Vec<&ServiceId> {
    let plan = hall.plan().window(number);
    let staffing = hall.staffing(number);
    let services = hall.plan().services.iter().map(|service| &service.id);
    let takes = |service: &&ServiceId| match staffing {
        Some(staffing) => staffing.takes(service),
        None => plan.is_some_and(|window| window.offers(service)),
    };
    services.filter(takes).collect()
}

/// The first five candidates with what decided their order.
pub fn explain(hall: &Hall, number: WindowNumber, now: Time) -> Vec<CandidateView> {
    let figures = |candidate: &Candidate| {
        let ticket = hall.known_ticket(candidate.ticket);
        CandidateView {
            number: ticket.number.clone(),
            service: ticket.service.clone(),
            class: candidate.class,
            waited: candidate.waited.num_seconds(),
            score: candidate.score / 1_000,
            why: candidate.why,
        }
    };
    let candidates = candidates(hall, number, now, NEXT_SHOWN);
    candidates.iter().map(figures).collect()
}

fn next_view(hall: &Hall, candidate: &Candidate) -> NextView {
    let ticket = hall.known_ticket(candidate.ticket);
    NextView {
        number: ticket.number.clone(),
        service: ticket.service.clone(),
        service_name: service_name(hall, &ticket.service),
        class: ticket.class,
        class_label: class_label(ticket.class),
        taken_at: hall.plan().local(ticket.taken_at),
        why: candidate.why,
        passed_on_from: ticket.passed_on.as_ref().map(|passed_on| passed_on.from),
    }
}

fn missed_here(hall: &Hall, number: WindowNumber) -> Vec<ConsoleTicket> {
    let services = hall.plan().services.iter();
    let missed = services.flat_map(|service| hall.missed(&service.id));
    let mut here: Vec<&Ticket> = missed
        .filter(|ticket| matches!(ticket.stage, Stage::Missed { window, .. } if window == number))
        .collect();
    here.sort_by_key(|ticket| std::cmp::Reverse(ticket.stage.ended_at()));
    here.into_iter()
        .take(NEXT_SHOWN)
        .map(|ticket| console_ticket(hall, ticket))
        .collect()
}

fn console_ticket(hall: &Hall, ticket: &Ticket) -> ConsoleTicket {
    let plan = hall.plan();
    let (since, times) = match &ticket.stage {
        Stage::Called {
            called_at, times, ..
        } => (*called_at, *times),
        Stage::Serving { since, .. }
        | Stage::Waiting { since, .. }
        | Stage::Parked { since, .. } => (*since, 0),
        ended => (ended.ended_at().unwrap_or(ticket.taken_at), 0),
    };
    let note = match &ticket.stage {
        Stage::Parked { note, .. } => note.clone(),
        _ => None,
    };
    ConsoleTicket {
        number: ticket.number.clone(),
        service: ticket.service.clone(),
        service_name: service_name(hall, &ticket.service),
        class: ticket.class,
        class_label: class_label(ticket.class),
        needs: ticket.needs.iter().copied().collect(),
        party: ticket.party,
        cases: ticket.cases,
        also: ticket.also.iter().map(|id| named(hall, id)).collect(),
        language: ticket.language,
        stage: ticket.stage.name(),
        taken_at: plan.local(ticket.taken_at),
        since: plan.local(since),
        times,
        recall_from: calling_again::recall_from(hall, ticket).map(|at| plan.local(at)),
        miss_from: calling_again::miss_from(hall, ticket).map(|at| plan.local(at)),
        usual_seconds: estimate::typical_seconds(hall, &ticket.service),
        documents: documents(hall, &ticket.service),
        note,
        passed_on: ticket.passed_on.clone(),
    }
}
