//! Who is sent when, and when the mark moves: with made-up notifications and a made-up clock.

use super::*;
use crate::notify::notification::{HallData, NotificationData, NotificationKind};
use hall::id::TicketId;
use hall::text::Text;

const LONGEST: Duration = Duration::from_secs(60);

fn about(ticket: u64, version: u64) -> Notification {
    let hall = HallData {
        id: "zhuzhou".parse().unwrap(),
        name: Text::new("", ""),
    };
    Notification {
        id: format!("v{version}-{ticket}"),
        kind: NotificationKind::TicketTaken,
        subject: Subject::Ticket(TicketId(ticket)),
        time: "2026-11-23T09:00:00+08:00".parse().unwrap(),
        version,
        data: NotificationData::of(hall),
    }
}

fn mark(version: u64) -> Mark {
    Mark {
        version,
        ..Mark::default()
    }
}

/// An queue with one notification at each version, about these tickets.
fn queue(tickets: &[u64]) -> DeliveryQueue {
    let mut queue = DeliveryQueue::new(mark(0), PAUSE_FIRST);
    for (version, ticket) in (1..).zip(tickets) {
        queue.take_in(vec![about(*ticket, version)], &mark(version));
    }
    queue
}

fn unwell() -> DeliveryOutcome {
    DeliveryOutcome::Unwell {
        why: "500".into(),
        rest: None,
    }
}

fn settle(
    queue: &mut DeliveryQueue,
    ticket: u64,
    outcome: &DeliveryOutcome,
    now: Instant,
) -> Settled {
    queue.settle(&Subject::Ticket(TicketId(ticket)), outcome, now, 0.0)
}

fn sent(queue: &mut DeliveryQueue, now: Instant) -> Vec<String> {
    std::iter::from_fn(|| queue.next(now))
        .map(|notification| notification.id.clone())
        .collect()
}

#[test]
fn of_a_ticket_the_next_waits_and_the_mark_follows_the_oldest() {
    let now = Instant::now();
    let mut queue = queue(&[1, 2, 1]);
    assert_eq!(sent(&mut queue, now), ["v1-1", "v2-2"]);
    assert_eq!(
        settle(&mut queue, 2, &DeliveryOutcome::Accepted, now),
        Settled::Accepted
    );
    assert_eq!(queue.mark().version, 0, "the first is not settled");
    settle(&mut queue, 1, &DeliveryOutcome::Accepted, now);
    assert_eq!(queue.mark().version, 2);
    assert_eq!(sent(&mut queue, now), ["v3-1"]);
    queue.take_in(Vec::new(), &mark(4));
    settle(&mut queue, 1, &DeliveryOutcome::Accepted, now);
    assert_eq!((queue.mark().version, queue.waiting()), (4, 0));
}

#[test]
fn what_fails_holds_up_only_its_own_ticket() {
    let now = Instant::now();
    let mut queue = queue(&[1, 2, 1, 2]);
    assert_eq!(sent(&mut queue, now), ["v1-1", "v2-2"]);
    settle(&mut queue, 1, &unwell(), now);
    settle(&mut queue, 2, &DeliveryOutcome::Accepted, now);
    assert_eq!(sent(&mut queue, now), ["v4-2"]);
    let later = queue.wake_at().unwrap();
    assert!(later > now);
    assert_eq!(
        sent(&mut queue, later),
        ["v1-1"],
        "again, and not the one behind it"
    );
}

/// Nothing arrives for days: one request at a time, and nothing is given up.
#[test]
fn a_receiver_that_is_down_costs_no_notification() {
    let mut now = Instant::now();
    let mut queue = queue(&[1, 2, 3, 4]);
    let mut attempts = 0;
    let begun = now;
    while attempts < 3_000 {
        let sent = sent(&mut queue, now);
        assert!(attempts < 4 || sent.len() <= 1, "one at a time");
        for id in sent {
            let ticket = id.rsplit('-').next().unwrap().parse().unwrap();
            assert_eq!(settle(&mut queue, ticket, &unwell(), now), Settled::Later);
            attempts += 1;
        }
        now = queue.wake_at().unwrap().max(now);
    }
    assert!(queue.is_down());
    assert!(now - begun > LONGEST * 1_000, "they are seconds apart");
    let up = sent(&mut queue, now);
    assert_eq!(up.len(), 1);
    let ticket = up[0].rsplit('-').next().unwrap().parse().unwrap();
    settle(&mut queue, ticket, &DeliveryOutcome::Accepted, now);
    assert_eq!(sent(&mut queue, now).len(), 3, "all others at once");
}

#[test]
fn one_that_is_never_taken_dies_when_others_are() {
    let mut now = Instant::now();
    let mut queue = queue(&[1]);
    let mut attempts = 0;
    for version in 2.. {
        queue.take_in(vec![about(version, version)], &mark(version));
        for id in sent(&mut queue, now) {
            let ticket: u64 = id.rsplit('-').next().unwrap().parse().unwrap();
            if ticket > 1 {
                settle(&mut queue, ticket, &DeliveryOutcome::Accepted, now);
                continue;
            }
            attempts += 1;
            if let Settled::Dead(dead) = settle(&mut queue, 1, &unwell(), now) {
                assert_eq!(dead.id, "v1-1");
                assert!((ATTEMPTS..ATTEMPTS + 3).contains(&attempts), "{attempts}");
                assert_eq!(queue.mark().version, 0, "it is not kept yet");
                queue.bury(&dead.subject);
                assert_eq!(queue.mark().version, version);
                return;
            }
        }
        now += LONGEST;
    }
}

#[test]
fn a_refusal_in_so_many_words_counts_by_itself() {
    let mut now = Instant::now();
    let mut queue = queue(&[1, 1]);
    let refused = DeliveryOutcome::Refused("answered 422".into());
    for attempt in 1..=ATTEMPTS {
        assert_eq!(sent(&mut queue, now), ["v1-1"], "attempt {attempt}");
        let settled = settle(&mut queue, 1, &refused, now);
        assert_eq!(matches!(settled, Settled::Dead(_)), attempt == ATTEMPTS);
        now += LONGEST;
    }
    // no room among the dead letters: it stays in line
    assert_eq!(sent(&mut queue, now), ["v1-1"]);
    assert!(matches!(
        settle(&mut queue, 1, &refused, now),
        Settled::Dead(_)
    ));
    queue.bury(&Subject::Ticket(TicketId(1)));
    assert_eq!(sent(&mut queue, now), ["v2-1"]);
}

#[test]
fn a_receiver_is_left_alone_when_it_asks_for_it() {
    let now = Instant::now();
    let mut queue = queue(&[1, 2]);
    let rest = Some(Duration::from_secs(120));
    let why = "answered 429".into();
    assert_eq!(queue.next(now).unwrap().id, "v1-1");
    settle(&mut queue, 1, &DeliveryOutcome::Unwell { why, rest }, now);
    assert!(sent(&mut queue, now + Duration::from_secs(119)).is_empty());
    assert_eq!(sent(&mut queue, now + Duration::from_secs(120)).len(), 2);
}

#[test]
fn the_window_is_bounded() {
    let mut queue = DeliveryQueue::new(mark(0), PAUSE_FIRST);
    let mut version = 0;
    while queue.has_room() {
        version += 1;
        queue.take_in(vec![about(version, version)], &mark(version));
    }
    assert_eq!((version, queue.waiting()), (WINDOW as u64, WINDOW));
    let now = Instant::now();
    assert_eq!(sent(&mut queue, now).len(), AT_ONCE);
}
