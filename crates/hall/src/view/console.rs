//! The officer's console: the ticket at hand, who is next and why, who is parked or missed.

use super::{Waiting, class_label, help, service_name, waiting};
use crate::Time;
use crate::calling_rule::{Candidate, Why, candidates};
use crate::hall::Hall;
use crate::help::HelpView;
use crate::id::{ActorId, HallId, ServiceId, TicketNumber, WindowNumber};
use crate::phase::Phase;
use crate::sentence::{Surface, sentence};
use crate::text::{Language, Text};
use crate::ticket::{Class, Need, Stage, StageName, Ticket};
use chrono::Duration;
use serde::Serialize;
use utoipa::ToSchema;

/// How many candidates an officer sees.
const NEXT_SHOWN: usize = 5;

/// One window's console.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConsoleView {
    pub hall: HallId,
    pub name: Text,
    pub phase: Phase,
    pub sentence: Text,
    #[schema(value_type = String, format = DateTime)]
    pub now: Time,
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
    #[schema(value_type = Option<String>, format = DateTime)]
    pub longest_waiting_since: Option<Time>,
    /// How many in the hall are not done, and when they will be if nobody comes any more.
    pub open_tickets: usize,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_by: Option<Time>,
    /// When numbers are next given out, while they are not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub numbers_from: Option<Time>,
    /// Who has called for help, while nobody has come.
    pub help: Vec<HelpView>,
    /// Until when the last command can be taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undo_until: Option<Time>,
    /// Every service, for transfers.
    pub all_services: Vec<ServiceName>,
    /// The other staffed windows, for transfers.
    pub other_windows: Vec<WindowNumber>,
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
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Time,
    /// When it was called, started, parked or missed.
    #[schema(value_type = String, format = DateTime)]
    pub since: Time,
    /// How often it was announced.
    pub times: u8,
    /// From when it may be recalled.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recall_from: Option<Time>,
    /// From when it may be set as missed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub miss_from: Option<Time>,
    /// How long this service usually takes, in seconds.
    pub usual_seconds: u32,
    pub documents: Vec<Text>,
    pub note: Option<String>,
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
    #[schema(value_type = String, format = DateTime)]
    pub taken_at: Time,
    pub why: Why,
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
    let window = hall.windows.get(&number)?;
    let plan = hall.plan();
    let staffing = window.staffing.as_ref();
    let offered =
        plan.services
            .iter()
            .map(|service| &service.id)
            .filter(|service| match staffing {
                Some(staffing) => staffing.takes(service),
                None => plan
                    .window(number)
                    .is_some_and(|window| window.offers(service)),
            });
    let named = |service: &ServiceId| ServiceName {
        id: service.clone(),
        name: service_name(hall, service),
    };
    let undo_for = Duration::seconds(plan.policy.undo_seconds.into());
    let undo = window
        .undo
        .as_ref()
        .filter(|undo| undo.version == window.changed);
    Some(ConsoleView {
        hall: hall.id().clone(),
        name: plan.name.clone(),
        phase: hall.phase(now),
        sentence: sentence(hall, now, Surface::Board),
        now: plan.local(now),
        window: number,
        label: plan.window(number).and_then(|window| window.label.clone()),
        officer: staffing.map(|staffing| staffing.officer.clone()),
        services: offered.map(named).collect(),
        paused: staffing
            .and_then(|staffing| staffing.pause.as_ref())
            .map(|pause| pause.reason.clone()),
        current: window
            .current()
            .and_then(|id| hall.ticket(id))
            .map(|ticket| console_ticket(hall, ticket)),
        next: candidates(hall, number, now, NEXT_SHOWN)
            .iter()
            .map(|candidate| next_view(hall, candidate))
            .collect(),
        parked: hall
            .parked()
            .filter(
                |ticket| matches!(ticket.stage, Stage::Parked { window, .. } if window == number),
            )
            .map(|ticket| console_ticket(hall, ticket))
            .collect(),
        missed: missed_here(hall, number),
        waiting: waiting(hall),
        longest_waiting_since: hall.longest_waiting().map(|at| plan.local(at)),
        open_tickets: hall.open_tickets().count(),
        done_by: hall.done_by(now).map(|at| plan.local(at)),
        numbers_from: numbers_from(hall, now).map(|at| plan.local(at)),
        help: help(hall, now),
        undo_until: undo
            .map(|undo| plan.local(undo.at + undo_for))
            .filter(|until| now <= *until),
        all_services: plan
            .services
            .iter()
            .map(|service| named(&service.id))
            .collect(),
        other_windows: hall
            .staffed()
            .map(|(window, _)| window.number)
            .filter(|other| *other != number)
            .collect(),
    })
}

fn numbers_from(hall: &Hall, now: Time) -> Option<Time> {
    if hall.phase(now).issues() {
        return None;
    }
    let services = hall.plan().services.iter();
    services
        .filter_map(|service| hall.next_issuing(&service.id, now))
        .min()
}

/// The first five candidates with what decided their order.
pub fn explain(hall: &Hall, number: WindowNumber, now: Time) -> Vec<CandidateView> {
    let candidates = candidates(hall, number, now, NEXT_SHOWN);
    candidates
        .iter()
        .filter_map(|candidate| {
            let ticket = hall.ticket(candidate.ticket)?;
            Some(CandidateView {
                number: ticket.number.clone(),
                service: ticket.service.clone(),
                class: candidate.class,
                waited: candidate.waited.num_seconds(),
                score: candidate.score / 1_000,
                why: candidate.why,
            })
        })
        .collect()
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
    }
}

fn missed_here(hall: &Hall, number: WindowNumber) -> Vec<ConsoleTicket> {
    let missed = hall
        .plan()
        .services
        .iter()
        .flat_map(|service| hall.missed(&service.id));
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
    let policy = &plan.policy;
    let (since, times, recall_from, miss_from) = match &ticket.stage {
        Stage::Called {
            called_at,
            announced_at,
            times,
            ..
        } => {
            let walking =
                i64::from(policy.walking_seconds) * if ticket.walks_slowly() { 2 } else { 1 };
            let recalled_enough = times.saturating_sub(1) >= policy.recalls_before_missed;
            let miss_from = if recalled_enough {
                *announced_at
            } else {
                *called_at + Duration::seconds(walking)
            };
            let recall_from = *announced_at + Duration::seconds(policy.recall_pause_seconds.into());
            (*called_at, *times, Some(recall_from), Some(miss_from))
        }
        Stage::Serving { since, .. }
        | Stage::Waiting { since, .. }
        | Stage::Parked { since, .. } => (*since, 0, None, None),
        ended => (ended.ended_at().unwrap_or(ticket.taken_at), 0, None, None),
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
        also: ticket
            .also
            .iter()
            .map(|service| ServiceName {
                id: service.clone(),
                name: service_name(hall, service),
            })
            .collect(),
        language: ticket.language,
        stage: ticket.stage.name(),
        taken_at: plan.local(ticket.taken_at),
        since: plan.local(since),
        times,
        recall_from: recall_from.map(|at| plan.local(at)),
        miss_from: miss_from.map(|at| plan.local(at)),
        usual_seconds: hall.typical_seconds(&ticket.service),
        documents: plan
            .service(&ticket.service)
            .map(|service| service.documents.clone())
            .unwrap_or_default(),
        note,
    }
}
