//! An event is a promise: whatever was once written to a log is read for ever, and means the same.
//!
//! `golden/events/` has one file per event, written by hand when the event was first released and never edited since.
//! Each must decode, and nothing of it may be lost when it is written again; what later versions add beside it may be
//! there. Fields that came later are in `golden/additions/`: `ticket_called.json`, and
//! `ticket_called.counts_as.json` for what came later still. A new event does not compile here until it is listed, and
//! does not pass until it has its file.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use expect_test::expect_file;
use hall::id::{AppointmentId, CommandId, Fingerprint};
use hall::record::about::About;
use hall::{Actor, Answer, Event, Hall, Record, Time};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Lists every event with its tag: the match below has no other arm.
macro_rules! events {
    ($($variant:ident $tag:literal)*) => {
        const TAGS: &[&str] = &[$($tag),*];

        fn tag(event: &Event) -> &'static str {
            match event { $(Event::$variant { .. } => $tag,)* }
        }
    };
}

events! {
    PlanAdopted "plan_adopted"
    DayOpened "day_opened"
    TicketTaken "ticket_taken"
    TicketCalled "ticket_called"
    TicketRecalled "ticket_recalled"
    ServiceStarted "service_started"
    ServiceFinished "service_finished"
    TicketMissed "ticket_missed"
    TicketReturned "ticket_returned"
    TicketDeferred "ticket_deferred"
    TicketParked "ticket_parked"
    ServiceResumed "service_resumed"
    HolderResumed "holder_came_back"
    TicketTransferred "ticket_transferred"
    NextServiceAdded "next_service_added"
    ServiceChanged "service_changed"
    TicketReprinted "ticket_reprinted"
    TicketCancelled "ticket_cancelled"
    TicketHandedOn "ticket_handed_on"
    TicketUnserved "ticket_unserved"
    TicketRated "ticket_rated"
    VoucherGiven "voucher_given"
    WindowOpened "window_opened"
    WindowTakenOver "window_taken_over"
    WindowPaused "window_paused"
    WindowResumed "window_resumed"
    WindowClosed "window_closed"
    SignOffOverridden "sign_off_overridden"
    CommandUndone "command_undone"
    HallInterrupted "hall_interrupted"
    ServiceSuspended "service_suspended"
    SuspensionEnded "suspension_ended"
    CallingPaused "calling_paused"
    CallingResumed "calling_resumed"
    NoticesPosted "notices_posted"
    HelpedOnline "helped_online"
    DayClosed "day_closed"
    CitizenRedirected "citizen_redirected"
    OverrunForeseen "overrun_foreseen"
    OverrunOver "overrun_over"
    PlaceHeld "place_held"
    HoldEnded "hold_ended"
    AppointmentBooked "appointment_booked"
    AppointmentListed "appointment_listed"
    WaitListJoined "wait_list_joined"
    WaitListLeft "wait_list_left"
    PlaceOffered "place_offered"
    OfferConfirmed "offer_confirmed"
    AppointmentMoved "appointment_moved"
    AppointmentCancelled "appointment_cancelled"
    AppointmentCheckedIn "appointment_checked_in"
    PlaceGivenOnTheSpot "place_given_on_the_spot"
    NoShowRecorded "no_show_recorded"
    OfficerAssigned "officer_assigned"
    HomeVisitRecorded "visit_recorded"
    TicketLeaving "ticket_leaving"
    ArrivalDeclined "arrival_declined"
    TicketMoved "ticket_moved"
    TicketStayed "ticket_stayed"
    NumbersLeased "numbers_leased"
    NumbersSkipped "numbers_skipped"
    TailLost "tail_lost"
    ClockPutRight "clock_put_right"
    HelpAsked "help_asked"
    HelpAnswered "help_answered"
    ComplaintLeft "word_left"
    ComplaintAnswered "word_answered"
}

#[test]
fn every_event_ever_written_is_read_and_nothing_of_it_lost() {
    for expected in TAGS {
        is_kept(&folder().join(format!("{expected}.json")), expected);
    }
}

#[test]
fn every_field_added_since_is_kept_too() {
    for file in std::fs::read_dir(folder().with_file_name("additions")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (tag, _) = name.split_once('.').unwrap();
        is_kept(&path, tag);
    }
}

/// What `Event::about` and `Answer::of` make of each event: the answer names only those it cares for.
#[test]
fn each_event_says_what_it_is_about() {
    let mut table = Vec::new();
    for tag in TAGS {
        let event: Event = serde_json::from_value(golden(tag)).unwrap();
        let About {
            ticket,
            appointment,
            undoable_at,
            is_narrow,
        } = event.about();
        let touches = [
            ticket.map(|ticket| format!("ticket {}", ticket.0)),
            appointment.map(|appointment| format!("appointment {}", appointment.0)),
            undoable_at.map(|window| format!("undo at {window}")),
            (!is_narrow).then(|| "wide".into()),
        ];
        let touches: Vec<String> = touches.into_iter().flatten().collect();
        let line = format!("{tag:24} {:32} {}", touches.join(", "), answered(event));
        table.push(line.trim_end().to_string());
    }
    expect_file!["golden/events.txt"].assert_eq(&(table.join("\n") + "\n"));
}

/// The fold names the events that change an appointment; one that it forgot would leave the appointment as it is.
#[test]
fn each_event_of_an_appointment_changes_it() {
    const ID: AppointmentId = AppointmentId(7);
    let of_it = |tag: &str| {
        let mut event = golden(tag);
        event["appointment"] = ID.0.into();
        serde_json::from_value::<Event>(event).unwrap()
    };
    let after = |before: &Hall, tag: &str| {
        let mut hall = before.clone();
        hall::apply(&mut hall, &record(before.version() + 1, of_it(tag)));
        hall
    };
    let stands = |hall: &Hall| {
        let mut appointment = serde_json::to_value(hall.appointment(ID)).unwrap();
        appointment["changed"].take();
        appointment
    };
    let held = after(&Hall::empty(), "place_held");
    let booked = after(&Hall::empty(), "appointment_booked");
    let waiting = after(&booked, "wait_list_joined");
    let offered = after(&waiting, "place_offered");
    for tag in TAGS {
        let event = serde_json::from_value::<Event>(golden(tag)).unwrap();
        if event.about().appointment.is_some() {
            let changes = |before: &Hall| stands(&after(before, tag)) != stands(before);
            assert!(
                [&held, &waiting, &offered].into_iter().any(changes),
                "{tag}"
            );
        }
    }
}

/// The kind of answer to a record of this event alone.
fn answered(event: Event) -> String {
    let answer = format!("{:?}", Answer::of(&Hall::empty(), &record(1, event)));
    let kind = answer.split(|c: char| !c.is_alphanumeric()).next();
    kind.unwrap().to_lowercase().replace("done", "")
}

fn record(version: u64, event: Event) -> Record<Event> {
    Record {
        version,
        at: Time::parse_from_rfc3339("2026-08-03T09:00:00+08:00").unwrap(),
        actor: Actor::Timer,
        key: CommandId::parse(format!("test/{version}")).unwrap(),
        fingerprint: Fingerprint::parse("f").unwrap(),
        events: vec![event],
    }
}

fn golden(tag: &str) -> Value {
    read(&folder().join(format!("{tag}.json")), tag)
}

fn read(path: &Path, expected: &str) -> Value {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{expected} has no golden file: {error}"));
    serde_json::from_str(&text).expect("a golden file is JSON")
}

fn is_kept(path: &Path, expected: &str) {
    let golden = read(path, expected);
    let event: Event = serde_json::from_value(golden.clone())
        .unwrap_or_else(|error| panic!("{expected} is not read any more: {error}"));
    assert_eq!(tag(&event), expected);
    let written = serde_json::to_value(&event).expect("an event is written as it is read");
    let lost = first_lost(&golden, &written, expected.to_string());
    assert_eq!(lost, None, "written again as {written}");
}

#[test]
fn every_golden_file_is_an_event() {
    let files = std::fs::read_dir(folder()).unwrap();
    let names: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected: BTreeSet<String> = TAGS.iter().map(|tag| format!("{tag}.json")).collect();
    assert_eq!(names, expected);
}

/// The place of the first value that `written` lacks or has otherwise.
fn first_lost(golden: &Value, written: &Value, path: String) -> Option<String> {
    match (golden, written) {
        (Value::Object(golden), Value::Object(written)) => {
            golden.iter().find_map(|(key, value)| {
                first_lost(
                    value,
                    written.get(key).unwrap_or(&Value::Null),
                    format!("{path}.{key}"),
                )
            })
        }
        (Value::Array(golden), Value::Array(written)) if golden.len() == written.len() => {
            let pairs = golden.iter().zip(written).enumerate();
            pairs.into_iter().find_map(|(index, (golden, written))| {
                first_lost(golden, written, format!("{path}[{index}]"))
            })
        }
        (golden, written) => (golden != written).then_some(path),
    }
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events"))
}
