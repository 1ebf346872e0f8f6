//! An event is a promise: whatever was once written to a log is read for ever, and means the same.
//!
//! `golden/events/` has one file per event, written by hand when the event was first released and never edited since.
//! Each must decode, and nothing of it may be lost when it is written again; what later versions add beside it may be
//! there. Fields that came later are in `golden/additions/`, one file per event that has some. A new event does not compile here until it is listed, and does not pass until it has its file.

use hall::Event;
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
        let tag = path.file_stem().unwrap().to_str().unwrap();
        is_kept(&path, tag);
    }
}

fn is_kept(path: &Path, expected: &str) {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{expected} has no golden file: {error}"));
    let golden: Value = serde_json::from_str(&text).expect("a golden file is JSON");
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
