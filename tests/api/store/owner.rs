//! One owner per hall and process, over a log that fails: whatever was acknowledged is in the log exactly once, what
//! was refused was refused by the newest state, and all owners of a log come to the same state.

use crate::support::faulty_log::{Fault, FaultyLog};
use crate::support::{PATIENCE, time, until};
use hall::decide::Decision;
use hall::id::{ActorId, CommandId, Fingerprint, ServiceId, TicketId, Token, WindowNumber};
use hall::plan::class::Class;
use hall::record::command::{Action, Command, TakeTicket};
use hall::state::ticket::Channel;
use hall::text::Language;
use hall::{Actor, Answer, Hall, Record, Rejection};
use hall_log::memory::MemoryLog;
use hall_log::{Commit, Log, SCHEMA, Snapshot, StreamId};
use paihao::clock::HallClock;
use paihao::runtime::{AskError, Figures, Owner, Reply, Request, records};
use paihao::samples::sample_plans;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

type Outcome = Result<Reply<Answer>, AskError<Rejection>>;

fn stream() -> StreamId {
    StreamId::parse("zhuzhou").unwrap()
}

/// An owner as one process has it, at half past nine on a Monday.
async fn owner(log: &Arc<FaultyLog>) -> Owner<Hall> {
    let clock = HallClock::demo(time("2026-11-23", "09:30:00"), 0.0);
    Owner::start(
        log.clone(),
        stream(),
        Arc::new(clock),
        Arc::new(Figures::default()),
    )
    .await
    .unwrap()
}

/// A store, and an owner that has opened the hall's day in it.
async fn hall_at_work(seed: u64) -> (Arc<MemoryLog>, Arc<FaultyLog>, Owner<Hall>) {
    let store = Arc::new(MemoryLog::new());
    let log = FaultyLog::over(&store, seed);
    let owner = owner(&log).await;
    let plan = Box::new(sample_plans().remove(0));
    let adopt = Action::AdoptPlan {
        plan,
        move_bookings: false,
        expected_revision: None,
    };
    owner
        .ask(request("plan", Actor::Timer, adopt))
        .await
        .unwrap();
    owner.carry_out_due().await;
    (store, log, owner)
}

fn request(id: &str, actor: Actor, action: Action) -> Request<Action> {
    Request {
        id: CommandId::parse(id).unwrap(),
        fingerprint: Fingerprint::parse("0").unwrap(),
        actor,
        action,
    }
}

fn kiosk() -> Actor {
    Actor::Kiosk(ActorId::parse("kiosk-1").unwrap())
}

fn officer(window: u16) -> Actor {
    Actor::Officer(ActorId::parse(format!("officer-{window}")).unwrap())
}

/// Somebody takes a number for traffic fines.
fn takes(id: &str) -> Request<Action> {
    request(id, kiosk(), take_ticket(id, "fine"))
}

fn take_ticket(id: &str, service: &str) -> Action {
    Action::TakeTicket(TakeTicket {
        insist: false,
        no_smartphone: false,
        service: ServiceId::parse(service).unwrap(),
        class: Class::Normal,
        token: Token::parse(format!("token-of-{id:-<30}")).unwrap(),
        channel: Channel::Kiosk,
        needs: Default::default(),
        party: 1,
        cases: 1,
        also: Vec::new(),
        language: Language::Zh,
        person: None,
        named: None,
        voucher: None,
        reason: None,
    })
}

fn number(outcome: &Outcome) -> String {
    match outcome {
        Ok(Reply {
            answer: Answer::Taken(ticket),
            ..
        }) => ticket.number.to_string(),
        other => panic!("no number: {other:?}"),
    }
}

/// Every record of the store, in order.
async fn history(store: &MemoryLog) -> Vec<Record<hall::Event>> {
    let commits = store.read(&stream(), 0, usize::MAX).await.unwrap();
    commits
        .iter()
        .flat_map(|commit| records::<Hall>(commit, &stream()).unwrap())
        .collect()
}

/// How often a command is in the log.
async fn times_in_log(store: &MemoryLog, id: &str) -> usize {
    let history = history(store).await;
    history
        .iter()
        .filter(|record| record.key.as_str() == id)
        .count()
}

/// One step of a day that never happened.
fn any_action(chance: &mut fastrand::Rng, id: &str, tickets: u64) -> (Actor, Action) {
    let window = chance.u16(1..=4);
    let ticket = TicketId(chance.u64(1..=tickets.max(1)));
    let services = ["fine", "licence", "vehicle", "mark"];
    let of_window = |action: Action| (officer(window), action);
    let window = WindowNumber(window);
    match chance.u32(0..14) {
        0..=3 => (
            kiosk(),
            take_ticket(id, services[chance.usize(0..services.len())]),
        ),
        4 => (Actor::Citizen, Action::Cancel { ticket }),
        5 => (Actor::Citizen, Action::Defer { ticket }),
        6 => of_window(Action::OpenWindow {
            window,
            services: None,
            several_windows: false,
        }),
        7 | 8 => of_window(Action::CallNext { window }),
        9 => of_window(Action::Start { window }),
        10 => of_window(Action::Finish {
            window,
            finish: Default::default(),
        }),
        11 => of_window(Action::FinishAndCallNext {
            window,
            finish: Default::default(),
        }),
        12 => of_window(Action::CloseWindow { window }),
        _ => of_window(Action::Undo { window }),
    }
}

/// Two processes share a log that fails; one of them never hears of the other's appends. Asked one after the other,
/// both answer exactly what the log's own state says at that moment, be it yes or no.
#[tokio::test]
async fn whoever_is_asked_answers_by_the_newest_state() {
    let mut figures = BTreeMap::new();
    for seed in 0..12 {
        follows_a_witness(seed, &mut figures).await;
    }
    assert_eq!(figures.len(), 4, "these days tell too little: {figures:?}");
}

async fn follows_a_witness(seed: u64, figures: &mut BTreeMap<&str, u32>) {
    let (store, first_log, first) = hall_at_work(seed).await;
    let second_log = FaultyLog::deaf(&store, seed + 1_000);
    let second = owner(&second_log).await;
    let mut witness = Hall::default();
    let mut chance = fastrand::Rng::with_seed(seed);
    for log in [&first_log, &second_log] {
        log.fails(80);
    }
    for step in 0..150 {
        catch_up(&mut witness, &store).await;
        let id = format!("step-{step}");
        let (actor, action) = any_action(&mut chance, &id, witness.next_ticket());
        let owner = if chance.bool() { &first } else { &second };
        let expected = hall::decide(
            &witness,
            &Command {
                id: CommandId::parse(id.clone()).unwrap(),
                fingerprint: Fingerprint::parse("0").unwrap(),
                actor: actor.clone(),
                at: time("2026-11-23", "09:30:00"),
                action: action.clone(),
            },
        );
        let outcome = insists(owner, &request(&id, actor, action)).await;
        let place = format!("seed {seed}, step {step}");
        let times = times_in_log(&store, &id).await;
        let kind = match (outcome, expected) {
            (Ok(reply), Ok(Decision::Events(_))) => {
                assert_eq!(
                    (times, reply.version),
                    (1, witness.version() + 1),
                    "{place}"
                );
                "recorded"
            }
            (Ok(reply), Ok(Decision::Nothing(_))) => {
                assert_eq!((times, reply.version), (0, witness.version()), "{place}");
                "nothing to do"
            }
            (Err(AskError::Rejected(rejection)), Err(expected)) => {
                assert_eq!((times, rejection), (0, expected), "{place}");
                "refused"
            }
            (Err(AskError::Unavailable(_)), _) => {
                assert_eq!(times, 0, "{place}: told that nothing happened");
                "unavailable"
            }
            (outcome, expected) => panic!("{place}: {outcome:?} instead of {expected:?}"),
        };
        *figures.entry(kind).or_default() += 1;
    }
    for log in [&first_log, &second_log] {
        log.heals();
    }
    catch_up(&mut witness, &store).await;
    for owner in [&first, &second] {
        assert!(owner.catch_up().await);
        assert_eq!(owner.read(Hall::hash), witness.hash(), "seed {seed}");
        owner.stop().await;
    }
}

/// Asks again as long as the outcome is unknown.
async fn insists(owner: &Owner<Hall>, request: &Request<Action>) -> Outcome {
    let mut outcome = owner.ask(request.clone()).await;
    let mut is_sure = true;
    loop {
        is_sure &= !matches!(outcome, Err(AskError::OutcomeUnknown));
        match outcome {
            Err(AskError::OutcomeUnknown) => {}
            Err(AskError::Unavailable(_)) if !is_sure => {}
            known => return known,
        }
        outcome = owner.ask(request.clone()).await;
    }
}

/// Folds what the store has and the witness has not.
async fn catch_up(witness: &mut Hall, store: &MemoryLog) {
    let version = witness.version();
    for record in history(store)
        .await
        .iter()
        .filter(|record| record.version > version)
    {
        hall::apply(witness, record);
        hall::invariants::check(witness).unwrap();
    }
}

/// Many at once ask both processes, and repeat what they got no answer to: each acknowledged command is in the log
/// once, each refused one not at all.
#[tokio::test]
async fn an_acknowledged_command_is_in_the_log_exactly_once() {
    for seed in 0..6 {
        many_at_once(seed).await;
    }
}

async fn many_at_once(seed: u64) {
    let (store, first_log, first) = hall_at_work(seed).await;
    let second_log = FaultyLog::over(&store, seed + 1_000);
    let second = owner(&second_log).await;
    for log in [&first_log, &second_log] {
        log.fails(60);
    }
    let clients = (0..10).map(|client| {
        let owner = if client % 2 == 0 {
            first.clone()
        } else {
            second.clone()
        };
        async move {
            let mut chance = fastrand::Rng::with_seed(seed * 100 + client);
            let mut told = Vec::new();
            for step in 0..25 {
                let id = format!("client-{client}-{step}");
                let (actor, action) = any_action(&mut chance, &id, 40);
                let request = request(&id, actor, action);
                told.push((id, persists(&owner, &request).await));
            }
            told
        }
    });
    let told: Vec<_> = futures_util::future::join_all(clients).await.concat();
    for log in [&first_log, &second_log] {
        log.heals();
    }
    assert!(first.catch_up().await && second.catch_up().await);
    assert_eq!(
        first.read(Hall::hash),
        second.read(Hall::hash),
        "seed {seed}"
    );

    let mut in_log = BTreeMap::<String, Vec<u64>>::new();
    for record in history(&store).await {
        in_log
            .entry(record.key.to_string())
            .or_default()
            .push(record.version);
    }
    for (id, told) in told {
        let versions = in_log.remove(&id).unwrap_or_default();
        match told {
            Told::Recorded(version) => assert_eq!(versions, [version], "seed {seed}: {id}"),
            Told::NothingHappened => assert_eq!(versions, [0; 0], "seed {seed}: {id}"),
        }
    }
    first.stop().await;
    second.stop().await;
}

/// What a client knows in the end.
#[derive(Clone, Debug)]
enum Told {
    Recorded(u64),
    NothingHappened,
}

/// Asks until there is an answer that is not *unknown*; after an unknown one *unavailable* says nothing either.
async fn persists(owner: &Owner<Hall>, request: &Request<Action>) -> Told {
    let mut is_sure = true;
    loop {
        match owner.ask(request.clone()).await {
            Ok(reply) => {
                let is_empty = matches!(&reply.answer, Answer::Window(answer) if answer.ticket.is_none())
                    && matches!(
                        request.action,
                        Action::CallNext { .. } | Action::FinishAndCallNext { .. }
                    );
                // an empty call leaves no record; a finish that called nobody does
                if is_empty && !owner_has(owner, request, reply.version) {
                    return Told::NothingHappened;
                }
                return Told::Recorded(reply.version);
            }
            Err(AskError::Rejected(_)) => return Told::NothingHappened,
            Err(AskError::Unavailable(_)) if is_sure => return Told::NothingHappened,
            Err(AskError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(AskError::OutcomeUnknown | AskError::StoreTrouble(_)) => is_sure = false,
            Err(error @ (AskError::KeyReused | AskError::ClockHeld)) => panic!("{error}"),
        }
    }
}

fn owner_has(owner: &Owner<Hall>, request: &Request<Action>, version: u64) -> bool {
    owner.read(|hall| {
        hall.applied()
            .get(&request.id)
            .map(|applied| applied.version)
    }) == Some(version)
}

/// Whichever call of the store fails, and however: the first, the second, until a morning needs no more calls. Two and
/// three in a row are the call, and how the owner finds out what became of it.
#[tokio::test]
async fn whichever_call_of_the_store_fails_each_command_takes_effect_once() {
    for fault in [Fault::Refused, Fault::Lost, Fault::Unanswered] {
        for times in 1..=3 {
            let mut calls = 0;
            while some_calls_fail(calls, times, fault).await {
                calls += 1;
            }
            assert!(calls > 6, "a morning of {calls} calls tells too little");
        }
    }
}

/// Whether there were such calls.
async fn some_calls_fail(calls: u32, times: u32, fault: Fault) -> bool {
    let (store, log, first) = hall_at_work(1).await;
    log.fails_after(calls, times, fault);
    let place = format!("{fault:?} {times} times behind {calls} calls");
    for request in morning() {
        let in_log = match persists(&first, &request).await {
            Told::Recorded(_) => 1,
            Told::NothingHappened => 0,
        };
        let id = request.id.as_str();
        assert_eq!(times_in_log(&store, id).await, in_log, "{place}: {id}");
    }
    first.stop().await; // which keeps a snapshot
    let was_there = !log.is_to_fail();
    log.heals();
    let second = owner(&log).await;
    for request in morning() {
        let (id, again) = (request.id.as_str(), insists(&second, &request).await);
        let times = times_in_log(&store, id).await;
        match again {
            // too late for it: the next one was carried out meanwhile
            Err(AskError::Rejected(Rejection::NoTicket { .. })) => assert_eq!(times, 0, "{id}"),
            again => assert!(again.is_ok() && times == 1, "{place}: {id}: {again:?}"),
        }
    }
    let mut witness = Hall::default();
    catch_up(&mut witness, &store).await;
    assert_eq!(second.read(Hall::hash), witness.hash(), "{place}");
    second.stop().await;
    was_there
}

/// Commands of which each leaves a record.
fn morning() -> Vec<Request<Action>> {
    let window = WindowNumber(1);
    let of_window = |id: &str, action: Action| request(id, officer(1), action);
    let opens = Action::OpenWindow {
        window,
        services: None,
        several_windows: false,
    };
    let finish = Action::Finish {
        window,
        finish: Default::default(),
    };
    vec![
        takes("first"),
        of_window("opens", opens),
        takes("second"),
        of_window("calls", Action::CallNext { window }),
        takes("third"),
        of_window("starts", Action::Start { window }),
        of_window("finishes", finish),
        takes("fourth"),
    ]
}

/// Another server of this hall is newer already. What this one does not know it neither applies nor passes over.
#[tokio::test]
async fn an_event_that_this_version_does_not_know_stops_the_hall_by_name() {
    let (store, log, owner) = hall_at_work(1).await;
    owner.ask(takes("before")).await.unwrap();
    let (head, state) = (store.head(&stream()).await.unwrap(), owner.read(Hall::hash));
    let mut record = serde_json::to_value(history(&store).await.last().unwrap()).unwrap();
    record["version"] = (head.version + 1).into();
    record["key"] = "newer".into();
    record["events"][0]["event"] = "citizen_beamed_up".into();
    let records = serde_json::value::to_raw_value(&[record]).unwrap();
    let commit = Commit::seal(&head, head.version + 1, SCHEMA, records);
    store.append(&stream(), &head, &commit).await.unwrap();

    let refused = owner.ask(takes("after")).await.unwrap_err().to_string();
    let started = Owner::<Hall>::start(
        log.clone(),
        stream(),
        Arc::new(HallClock::demo(time("2026-11-23", "09:30:00"), 0.0)),
        Arc::new(Figures::default()),
    );
    let not_started = started.await.unwrap_err().to_string();
    for said in [refused, owner.stopped().unwrap(), not_started] {
        let version = format!("version {}", head.version + 1);
        let names = said.contains("citizen_beamed_up") && said.contains(&version);
        assert!(names, "{said}");
    }
    assert_eq!(owner.read(Hall::hash), state);
    let end = store.head(&stream()).await.unwrap();
    assert_eq!(end, commit.head(), "nothing is written behind it");
    owner.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_found_in_the_log() {
    let (store, log, owner) = hall_at_work(1).await;
    log.next.lock().unwrap().push_back(Fault::Unanswered);
    let outcome = owner.ask(takes("slow")).await;
    assert_eq!(number(&outcome), "A001");
    assert_eq!(times_in_log(&store, "slow").await, 1);

    log.next.lock().unwrap().push_back(Fault::Lost);
    assert_eq!(number(&owner.ask(takes("lost")).await), "A002");
    assert_eq!(times_in_log(&store, "lost").await, 1);
}

#[tokio::test]
async fn a_refusing_store_gives_no_number() {
    let (store, log, owner) = hall_at_work(1).await;
    log.next.lock().unwrap().push_back(Fault::Refused);
    let outcome = owner.ask(takes("refused")).await;
    assert!(
        matches!(outcome, Err(AskError::Unavailable(_))),
        "{outcome:?}"
    );
    assert_eq!(times_in_log(&store, "refused").await, 0);
    assert_eq!(number(&owner.ask(takes("refused")).await), "A001");
}

/// The write went through, its answer was lost, and then the store went away: whoever asked must not hear that nothing
/// has happened.
#[tokio::test]
async fn an_unknown_outcome_is_called_unknown_and_remembered_later() {
    let (store, log, owner) = hall_at_work(1).await;
    log.next.lock().unwrap().push_back(Fault::Unanswered);
    log.unreadable.store(true, Ordering::SeqCst);
    let outcome = owner.ask(takes("lost")).await;
    assert!(
        matches!(outcome, Err(AskError::OutcomeUnknown)),
        "{outcome:?}"
    );
    assert_eq!(times_in_log(&store, "lost").await, 1);

    log.heals();
    let again = owner.ask(takes("lost")).await;
    assert_eq!(number(&again), "A001");
    assert!(again.unwrap().remembered);
    assert_eq!(times_in_log(&store, "lost").await, 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_gets_his_number_when_he_asks_again() {
    let (store, log, owner) = hall_at_work(1).await;
    log.flows.send_replace(false);
    let hangs_up = tokio::spawn({
        let owner = owner.clone();
        async move { owner.ask(takes("impatient")).await }
    });
    until("the write is under way", async || {
        log.waiting.load(Ordering::SeqCst) == 1
    })
    .await;
    hangs_up.abort();
    assert!(hangs_up.await.unwrap_err().is_cancelled());
    log.flows.send_replace(true);

    let again = owner.ask(takes("impatient")).await;
    assert_eq!(number(&again), "A001");
    assert!(again.unwrap().remembered);
    assert_eq!(times_in_log(&store, "impatient").await, 1);
}

#[tokio::test]
async fn too_many_at_once_are_told_so_and_the_others_are_served() {
    let (_, log, owner) = hall_at_work(1).await;
    log.flows.send_replace(false);
    let all: Vec<_> = (0..6_000)
        .map(|i| {
            let owner = owner.clone();
            tokio::spawn(async move { owner.ask(takes(&format!("crowd-{i}"))).await })
        })
        .collect();
    until("somebody is sent away", async || {
        all.iter().any(|task| task.is_finished())
    })
    .await;
    log.flows.send_replace(true);
    let outcomes = tokio::time::timeout(PATIENCE * 2, futures_util::future::join_all(all));
    let (mut served, mut sent_away) = (0, 0);
    for outcome in outcomes.await.unwrap() {
        match outcome.unwrap() {
            Ok(_) => served += 1,
            Err(AskError::Unavailable(reason)) => {
                assert_eq!(reason, "too many commands wait");
                sent_away += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(
        served >= 4_096 && sent_away > 0,
        "{served} served, {sent_away} sent away"
    );
}

#[tokio::test]
async fn another_history_stops_the_hall_instead_of_growing_on_it() {
    let (store, log, owner) = hall_at_work(1).await;
    owner.ask(takes("before")).await.unwrap();
    let other = Arc::new(MemoryLog::new());
    other.open(&stream()).await.unwrap();
    log.becomes(other.clone());

    let outcome = owner.ask(takes("after")).await;
    let Err(AskError::Unavailable(reason)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        reason.contains("the log is not the one this instance has read"),
        "{reason}"
    );
    assert_eq!(owner.stopped(), Some(reason));
    assert_eq!(times_in_log(&other, "after").await, 0);
    // what everyone may see goes on being seen, and a repaired store needs a restart
    assert_eq!(
        owner.read(|hall| hall.waiting(&ServiceId::parse("fine").unwrap())),
        1
    );
    log.becomes(store);
    assert!(matches!(
        owner.ask(takes("later")).await,
        Err(AskError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_log_that_went_back_stops_the_hall() {
    let (store, log, owner) = hall_at_work(1).await;
    let older = Arc::new(MemoryLog::new());
    let head = older.open(&stream()).await.unwrap();
    drop((store, head));
    log.becomes(older);
    assert!(!owner.catch_up().await);
    assert!(owner.stopped().is_some());
}

#[tokio::test]
async fn a_restart_from_a_snapshot_comes_to_the_same_state_as_one_from_the_log() {
    let (store, log, first) = hall_at_work(7).await;
    let mut chance = fastrand::Rng::with_seed(7);
    for step in 0..200 {
        let id = format!("step-{step}");
        let (actor, action) = any_action(&mut chance, &id, 60);
        first.ask(request(&id, actor, action)).await.ok();
    }
    first.stop().await;
    let hash = first.read(Hall::hash);
    let snapshot = store.load_snapshot(&stream()).await.unwrap().unwrap();
    assert_eq!(snapshot.head, store.head(&stream()).await.unwrap());

    let from_snapshot = owner(&log).await;
    assert_eq!(from_snapshot.read(Hall::hash), hash);
    log.without_snapshots.store(true, Ordering::SeqCst);
    let from_log = owner(&log).await;
    assert_eq!(from_log.read(Hall::hash), hash);
    log.without_snapshots.store(false, Ordering::SeqCst);

    // a snapshot of another form, or of something else, is as good as none
    for (schema, state) in [(99, snapshot.state.clone()), (snapshot.schema, "{}".into())] {
        let strange = Snapshot {
            schema,
            state,
            ..snapshot.clone()
        };
        store.save_snapshot(&stream(), &strange).await.unwrap();
        assert_eq!(owner(&log).await.read(Hall::hash), hash);
    }
}
