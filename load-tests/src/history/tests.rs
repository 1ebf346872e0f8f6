//! The checker is checked: a right history passes, and each planted wrong is caught by its name.

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn took(id: &str, number: &str, at: u64) -> Operation {
    let (number, token) = (number.to_owned(), format!("token-of-{number}"));
    operation(id, Request::Take("fine"), at, Heard::Took { number, token })
}

fn window(id: &str, action: &'static str, ticket: Option<&str>, at: u64) -> Operation {
    let heard = Heard::AtWindow(ticket.map(str::to_owned));
    operation(id, Request::Window(1, action), at, heard)
}

fn operation(id: &str, request: Request, at: u64, heard: Heard) -> Operation {
    Operation {
        id: id.into(),
        request,
        begun: ms(at),
        ended: ms(at + 5),
        heard: vec![heard],
        unknown: 0,
        was_applied: None,
    }
}

fn taken(number: &str) -> Happening {
    let (number, token) = (number.to_owned(), format!("token-of-{number}"));
    Happening::Taken { number, token }
}

fn called(number: &str, window: u16) -> Happening {
    let number = number.to_owned();
    Happening::Called { number, window }
}

fn finished(number: &str, window: u16) -> Happening {
    let number = number.to_owned();
    Happening::Finished { number, window }
}

fn log(records: &[(&str, &[Happening])]) -> Vec<Entry> {
    let entry = |(version, (id, happened)): (u64, &(&str, &[Happening]))| Entry {
        version,
        id: (*id).into(),
        by_client: true,
        happened: happened.to_vec(),
    };
    (1..).zip(records).map(entry).collect()
}

/// Two numbers taken, both called and finished at window 1.
fn right() -> (Vec<Operation>, Vec<Entry>) {
    let operations = vec![
        took("a", "A001", 0),
        took("b", "A002", 10),
        window("c", "call-next", Some("A001"), 20),
        window("d", "finish-and-call-next", Some("A002"), 30),
        window("e", "finish", None, 40),
        window("f", "call-next", None, 50),
    ];
    let log = log(&[
        ("a", &[taken("A001")]),
        ("b", &[taken("A002")]),
        ("c", &[called("A001", 1)]),
        ("d", &[finished("A001", 1), called("A002", 1)]),
        ("e", &[finished("A002", 1)]),
    ]);
    (operations, log)
}

fn caught(operations: &[Operation], log: &[Entry]) -> Vec<&'static str> {
    check(operations, log).violations.into_keys().collect()
}

#[test]
fn a_right_history_passes() {
    let (operations, log) = right();
    assert_eq!(caught(&operations, &log), Vec::<&str>::new());
}

#[test]
fn a_lost_answer_is_caught() {
    let (operations, mut log) = right();
    log.pop();
    assert_eq!(caught(&operations, &log), ["acknowledged and lost"]);
}

#[test]
fn a_number_given_twice_is_caught() {
    let (mut operations, mut log) = right();
    operations[1] = took("b", "A001", 10);
    assert!(caught(&operations, &log).contains(&"duplicate number"));
    log[1].happened = vec![taken("A001")];
    operations[1] = took("b", "A002", 10);
    assert!(caught(&operations, &log).contains(&"duplicate number"));
}

#[test]
fn a_skipped_number_is_caught() {
    let (mut operations, mut log) = right();
    operations.truncate(2);
    log.truncate(2);
    operations[1] = took("b", "A003", 10);
    log[1].happened = vec![taken("A003")];
    assert_eq!(caught(&operations, &log), ["gap in a series"]);
}

#[test]
fn a_ticket_at_two_windows_is_caught() {
    let (operations, mut log) = right();
    log[3].happened = vec![called("A001", 2)];
    assert!(caught(&operations, &log).contains(&"called twice"));
}

#[test]
fn two_tickets_at_a_window_are_caught() {
    let (operations, mut log) = right();
    log[3].happened = vec![called("A002", 1)];
    assert!(caught(&operations, &log).contains(&"two tickets at a window"));
}

#[test]
fn a_call_of_somebody_who_was_served_is_caught() {
    let (operations, mut log) = right();
    log[3].happened = vec![finished("A001", 1), called("A001", 1)];
    assert!(caught(&operations, &log).contains(&"called twice"));
}

#[test]
fn a_command_that_took_effect_twice_is_caught() {
    let (operations, mut log) = right();
    let mut again = log[4].clone();
    (again.version, again.happened) = (6, vec![Happening::Aside]);
    log.push(again);
    assert_eq!(caught(&operations, &log), ["command applied twice"]);
}

#[test]
fn an_answer_that_is_not_the_record_is_caught() {
    let (mut operations, log) = right();
    operations[2] = window("c", "call-next", Some("A002"), 20);
    assert_eq!(caught(&operations, &log), ["answer is not the record"]);
}

#[test]
fn two_answers_to_one_key_are_caught() {
    let (mut operations, log) = right();
    let other = operations[1].heard[0].clone();
    operations[0].heard.push(other);
    assert!(caught(&operations, &log).contains(&"different answers"));
}

#[test]
fn a_refusal_that_took_effect_is_caught() {
    let (mut operations, log) = right();
    operations[4].heard = vec![Heard::Refused("wrong-stage".into())];
    assert_eq!(caught(&operations, &log), ["refused and applied"]);
}

#[test]
fn an_outcome_nobody_learnt_is_caught() {
    let (mut operations, log) = right();
    operations[5].heard.clear();
    assert_eq!(caught(&operations, &log), ["outcome never learnt"]);
}

#[test]
fn what_nobody_asked_for_is_caught() {
    let (mut operations, log) = right();
    operations.remove(4);
    assert_eq!(caught(&operations, &log), ["applied unasked"]);
}

#[test]
fn a_later_wish_that_went_before_is_caught() {
    let (mut operations, log) = right();
    (operations[1].begun, operations[1].ended) = (ms(60), ms(65));
    assert_eq!(caught(&operations, &log), ["order not kept"]);
}

#[test]
fn a_hole_in_the_log_is_caught() {
    let (operations, mut log) = right();
    log[4].version = 7;
    assert_eq!(caught(&operations, &log), ["hole in the log"]);
}
