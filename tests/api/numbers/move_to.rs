//! A number here exchanged for one in another hall: two logs, whatever fails in between, and in the end exactly one
//! place.

use crate::redis_server::TestRedis;
use crate::support::faulty_log::{Fault, FaultyLog};
use crate::support::{Start, TestHall, send, time, until};
use hall::id::{CommandId, Fingerprint, HallId, TicketId, Token};
use hall::plan::class::Class;
use hall::record::command::{Action, TakeTicket};
use hall::state::ticket::{Channel, StageName};
use hall::text::Language;
use hall::{Actor, Answer, Hall, invariants};
use hall_log::memory::MemoryLog;
use paihao::clock::HallClock;
use paihao::halls::Halls;
use paihao::halls::moving::{MoveEnding, finish, keep_finishing};
use paihao::runtime::{Owner, Request};
use paihao::samples::sample_plans;
use reqwest::Method;
use serde_json::json;
use std::sync::Arc;

fn id(hall: &str) -> HallId {
    HallId::parse(hall).unwrap()
}

/// Both sample halls as one process has them, over a log that fails when it is told to.
struct Both {
    halls: Arc<Halls>,
    log: Arc<FaultyLog>,
}

impl Both {
    async fn on(store: &Arc<MemoryLog>, seed: u64) -> Both {
        let log = FaultyLog::over(store, seed);
        let clock = HallClock::demo(time("2026-11-23", "09:30:00"), 0.0);
        let halls = Halls::open(log.clone(), Arc::new(clock)).await.unwrap();
        for plan in sample_plans() {
            halls.open_with_plan(&plan).await.unwrap();
        }
        Both {
            halls: Arc::new(halls),
            log,
        }
    }

    fn hall(&self, hall: &str) -> Owner<Hall> {
        self.halls.get(&id(hall)).unwrap()
    }

    async fn asks(&self, hall: &str, key: &str, action: Action) -> Option<Answer> {
        let wish = Request {
            id: CommandId::parse(key).unwrap(),
            fingerprint: Fingerprint::parse("0").unwrap(),
            actor: Actor::Citizen,
            action,
        };
        self.hall(hall)
            .ask(wish)
            .await
            .ok()
            .map(|reply| reply.answer)
    }

    /// A number for traffic fines in Zhuzhou whose holder has set out for Lusong.
    async fn somebody_leaves(&self, n: u32) -> TicketId {
        let take = Action::TakeTicket(TakeTicket {
            service: "fine".parse().unwrap(),
            class: Class::Normal,
            token: token(&format!("here-{n}")),
            channel: Channel::Phone,
            needs: Default::default(),
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
        });
        let taken = self.asks("zhuzhou", &format!("take/{n}"), take).await;
        let Some(Answer::Taken(ticket)) = taken else {
            panic!("no number: {taken:?}")
        };
        let leave = Action::Leave {
            ticket: ticket.ticket,
            hall: id("lusong"),
            arrival: CommandId::parse(format!("arrival/{n}")).unwrap(),
            token: token(&format!("there-{n}")),
        };
        let left = self.asks("zhuzhou", &format!("leave/{n}"), leave).await;
        assert!(matches!(left, Some(Answer::Ticket(_))), "{left:?}");
        ticket.ticket
    }

    /// Whether somebody has a place here and there, and whether it is certain.
    fn places(&self, n: u32) -> (bool, bool, bool) {
        let stage = |hall: &str, key: String| {
            self.hall(hall).read(|hall| {
                let ticket = hall.ticket_by_token(&token(&key))?;
                Some((ticket.stage.name(), ticket.leaving.is_some()))
            })
        };
        let (here, leaving) = stage("zhuzhou", format!("here-{n}")).unwrap();
        let there = stage("lusong", format!("there-{n}"));
        let has_there = there.is_some_and(|(stage, _)| stage == StageName::Waiting);
        (here == StageName::Waiting, has_there, !leaving)
    }

    fn holds(&self) {
        for hall in ["zhuzhou", "lusong"] {
            self.hall(hall).read(invariants::check).unwrap();
        }
    }

    async fn everybody_is_sure(&self, people: u32) {
        until("every move is finished", async || {
            for hall in ["zhuzhou", "lusong"] {
                self.hall(hall).catch_up().await;
            }
            (0..people).all(|n| self.places(n).2)
        })
        .await;
    }
}

fn token(text: &str) -> Token {
    Token::parse(format!("{text:-<24}")).unwrap()
}

#[tokio::test]
async fn a_move_is_finished_once_however_often_it_is_tried() {
    let store = Arc::new(MemoryLog::new());
    let both = Both::on(&store, 1).await;
    let ticket = both.somebody_leaves(0).await;
    assert_eq!(both.places(0), (true, false, false));
    let mut endings = Vec::new();
    for _ in 0..3 {
        endings.push(
            finish(&both.halls, &both.hall("zhuzhou"), ticket)
                .await
                .unwrap(),
        );
    }
    assert!(matches!(endings[0], MoveEnding::Moved(_)), "{endings:?}");
    assert!(
        endings.iter().all(|ending| *ending == endings[0]),
        "{endings:?}"
    );
    assert_eq!(both.places(0), (false, true, true));
    assert_eq!(both.hall("lusong").read(|hall| hall.tickets().len()), 1);
    both.holds();
}

/// The process dies after each step, with and without the write; another one finds the ticket and finishes.
#[tokio::test]
async fn whoever_starts_next_finishes_what_was_left_in_the_middle() {
    let steps = [
        vec![Fault::Refused],
        vec![Fault::Lost; 200],
        vec![Fault::Unanswered],
    ];
    for (n, faults) in (0..).zip(steps) {
        for asked_there in [false, true] {
            let store = Arc::new(MemoryLog::new());
            let first = Both::on(&store, n).await;
            let ticket = first.somebody_leaves(0).await;
            let here = first.hall("zhuzhou");
            if asked_there {
                // there it is decided, and the word of it does not come back
                let lost = finish_there(&first, ticket).await;
                assert!(matches!(lost, Some(Answer::Taken(_))), "{lost:?}");
            }
            first.log.next.lock().unwrap().extend(faults.clone());
            let dying = {
                let (halls, here) = (first.halls.clone(), here.clone());
                tokio::spawn(async move { finish(&halls, &here, ticket).await })
            };
            until("the fault has happened", async || {
                first.log.next.lock().unwrap().len() < faults.len()
            })
            .await;
            dying.abort();
            let second = Both::on(&store, n).await;
            let driver = tokio::spawn(keep_finishing(second.halls.clone()));
            second.everybody_is_sure(1).await;
            driver.abort();
            assert_eq!(
                second.places(0),
                (false, true, true),
                "{faults:?}, {asked_there}"
            );
            assert_eq!(second.hall("lusong").read(|hall| hall.tickets().len()), 1);
            second.holds();
        }
    }
}

/// The second step alone, as a process makes it that dies before the third.
async fn finish_there(both: &Both, ticket: TicketId) -> Option<Answer> {
    let arrival = both.hall("zhuzhou").read(|hall| {
        let ticket = hall.ticket(ticket).unwrap();
        paihao::halls::moving::arrival(hall, ticket).unwrap()
    });
    both.asks("lusong", arrival.0.as_str(), arrival.1).await
}

/// Two processes, a store that fails by chance, the other hall that stops giving numbers in the middle: everybody ends
/// with one place.
#[tokio::test]
async fn nobody_loses_both_places_and_nobody_keeps_both() {
    const PEOPLE: u32 = 40;
    let store = Arc::new(MemoryLog::new());
    let (one, two) = (Both::on(&store, 7).await, Both::on(&store, 8).await);
    let here = two.hall("zhuzhou");
    let drivers = [&one, &two].map(|both| tokio::spawn(keep_finishing(both.halls.clone())));
    // half of them leave before the service is suspended there, the others afterwards
    for half in [0..PEOPLE / 2, PEOPLE / 2..PEOPLE] {
        one.log.heals();
        let mut tickets = Vec::new();
        for n in half {
            tickets.push(one.somebody_leaves(n).await);
        }
        here.catch_up().await;
        one.log.fails(150);
        two.log.fails(150);
        for ticket in tickets {
            finish(&two.halls, &here, ticket).await.ok();
            finish(&one.halls, &one.hall("zhuzhou"), ticket).await.ok();
        }
        let suspend = Action::Suspend {
            service: "fine".parse().unwrap(),
            reason: "设备".into(),
            until: None,
        };
        until("the service is suspended there", async || {
            two.asks("lusong", "suspend", suspend.clone())
                .await
                .is_some()
        })
        .await;
    }
    one.log.heals();
    two.log.heals();
    one.everybody_is_sure(PEOPLE).await;
    two.everybody_is_sure(PEOPLE).await;
    for driver in drivers {
        driver.abort();
    }
    let mut moved = 0;
    for both in [&one, &two] {
        moved = 0;
        for n in 0..PEOPLE {
            let (has_here, has_there, _) = both.places(n);
            assert!(
                has_here != has_there,
                "{n}: here {has_here}, there {has_there}"
            );
            moved += u32::from(has_there);
        }
        both.holds();
        assert_eq!(
            both.hall("lusong").read(|hall| hall.tickets().len()),
            moved as usize
        );
    }
    assert!((1..=PEOPLE / 2).contains(&moved), "{moved} moved");
}

#[tokio::test]
async fn a_holder_goes_where_it_is_sooner_and_the_old_number_leads_to_the_new_one() {
    let hall = TestHall::start_at("09:30:00").await;
    let kiosk = hall.kiosk().await;
    for _ in 0..5 {
        kiosk.gives("fine").await;
    }
    let token = kiosk.gives("fine").await;
    let holder = hall.holder();
    hall.opens_in("lusong", 1).await;
    let elsewhere = holder
        .0
        .gets(&format!("/tickets/{token}/elsewhere"))
        .await
        .given(200);
    assert_eq!(elsewhere["halls"][0]["hall"], "lusong", "{elsewhere}");
    let page = send(holder.0.request(Method::GET, &format!("/t/{token}")))
        .await
        .text();
    assert!(page.contains(&format!("/t/{token}/move-to")), "{page}");

    let (key, body) = (crate::support::fresh_key(), json!({ "hall": "lusong" }));
    let path = format!("/tickets/{token}/move-to");
    let moved = holder.0.posts_as(&key, &path, &body).await.given(200);
    assert_eq!(moved["number"], "A001");
    assert_eq!(
        holder.0.posts_as(&key, &path, &body).await.given(200),
        moved,
        "sent again"
    );
    let new = moved["token"].as_str().unwrap();
    assert_eq!(moved["page"], format!("/t/{new}"));
    let old = holder.sees(&token).await;
    assert_eq!(
        (&old["stage"], &old["moved_to"]["token"]),
        (&json!("cancelled"), &moved["token"])
    );
    let there = holder.sees(new).await;
    assert_eq!(
        (&there["hall"], &there["stage"]),
        (&json!("lusong"), &json!("waiting"))
    );
    assert_eq!(there["came_from"]["hall"], "zhuzhou");
    let page = send(holder.0.request(Method::GET, &format!("/t/{token}")))
        .await
        .text();
    assert!(page.contains(&format!("href=\"/t/{new}\"")), "{page}");
    holder
        .does(&token, "move-to", body)
        .await
        .refused("wrong-stage");
}

#[tokio::test]
async fn who_is_declined_there_keeps_his_number_here() {
    let hall = TestHall::start_at("09:30:00").await;
    let token = hall.kiosk().await.gives("vehicle").await; // which Lusong does not do
    let holder = hall.holder();
    let declined = holder
        .does(&token, "move-to", json!({ "hall": "lusong" }))
        .await;
    let declined = declined.refused("not-open");
    assert!(
        declined["detail"].as_str().unwrap().contains("keep"),
        "{declined}"
    );
    assert_eq!(holder.stage(&token).await, "waiting");
    holder
        .does(&token, "move-to", json!({ "hall": "atlantis" }))
        .await
        .refused("not-found");
    holder
        .does(&token, "move-to", json!({ "hall": "zhuzhou" }))
        .await
        .refused("validation");
    holder.cancels(&token).await.given(200);
}

#[tokio::test]
async fn a_move_asked_of_one_process_is_known_to_the_other() {
    let redis = TestRedis::start();
    let start = || Start {
        store: Some(redis.url()),
        clock: "09:30:00",
        ..Start::default()
    };
    let (here, there) = (
        TestHall::start_as(start()).await,
        TestHall::start_as(start()).await,
    );
    let token = here.kiosk().await.gives("fine").await;
    // sent to both at once with one key: one move
    let (key, body) = (crate::support::fresh_key(), json!({ "hall": "lusong" }));
    let path = format!("/tickets/{token}/move-to");
    let holders = [here.holder().0, there.holder().0];
    let both = holders
        .iter()
        .map(|holder| holder.posts_as(&key, &path, &body));
    let replies = futures_util::future::join_all(both).await;
    let moved = replies[0].given(200);
    assert_eq!(replies[1].given(200), moved);
    let new = moved["token"].as_str().unwrap();
    assert_eq!(there.holder().sees(new).await["number"], "A001");
    until("both have the same state", async || {
        ["zhuzhou", "lusong"]
            .iter()
            .all(|hall| here.state(hall) == there.state(hall))
    })
    .await;
}
