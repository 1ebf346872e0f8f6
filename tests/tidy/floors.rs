//! Imports run down: the rules stand on floors, and no folder of the server leads back to itself.
//!
//! Only what is built for people counts. A unit test may play a day through every floor.

use super::imports::{Arrows, between_files, between_rooms, circles, pairs, room};
use super::source::{Files, files};
use super::{none, rust_files};

const RULES: &str = "crates/hall/src";
const SERVER: &str = "src";

/// The rooms of the rules, the lowest floor first. Rooms of one floor may see each other, but not in a circle.
const FLOORS: [&[&str]; 6] = [
    &["id", "text", "time"],
    &["plan"],
    &["state"],
    &["record"],
    &["rules"],
    &["apply", "decide", "view", "invariants"],
];

/// Files of the rules that may look up all the same.
const MAY_LOOK_UP: &[Exception] = &[];

/// Files of the rules that may stand in one circle: a whole with its parts.
const MAY_CIRCLE: &[Exception] = &[
    Exception {
        what: &[
            "plan/authorisation.rs",
            "plan/check.rs",
            "plan/hours.rs",
            "plan/mod.rs",
            "plan/slot.rs",
            "plan/zone.rs",
        ],
        reason: "a plan holds its hours, slots and zones, and each is read and checked in the light of the whole plan",
    },
    Exception {
        what: &[
            "state/closing.rs",
            "state/day.rs",
            "state/day_report.rs",
            "state/diary.rs",
            "state/hall.rs",
            "state/lease.rs",
            "state/window.rs",
        ],
        reason: "a hall holds its day, diary and windows, and the day's sums are counted over the hall",
    },
];

/// What is let through, and why. One that nothing needs any more is a breach too.
struct Exception {
    /// `from -> to`, or the files of a circle; paths below the crate's `src`.
    what: &'static [&'static str],
    reason: &'static str,
}

#[test]
fn imports_of_the_rules_run_down() {
    let files = rust_files();
    none("these imports run up", upward(&files, MAY_LOOK_UP));
    none("these rooms see each other", room_circles(&files, RULES));
}

#[test]
fn files_of_the_rules_stand_in_no_circle() {
    none(
        "these files name each other",
        file_circles(&rust_files(), MAY_CIRCLE),
    );
}

#[test]
fn folders_of_the_server_stand_in_no_circle() {
    none(
        "these folders lead back to themselves",
        room_circles(&rust_files(), SERVER),
    );
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Imports from a lower floor to a higher one, and rooms that stand on none.
fn upward(files: &Files, exceptions: &[Exception]) -> Vec<String> {
    let arrows = between_files(files, RULES);
    let of_floor = |file: &str| floor(room(file, RULES));
    let lost = arrows.keys().filter(|file| of_floor(file).is_none());
    let mut breaches: Vec<String> = lost.map(|file| format!("{file} is on no floor")).collect();
    let up = pairs(&arrows).filter(|(from, to)| of_floor(from) < of_floor(to));
    let up: Vec<[&str; 2]> = up.map(|(from, to)| [below(from), below(to)]).collect();
    let is_excepted =
        |arrow: &[&str; 2]| exceptions.iter().any(|exception| exception.what == arrow);
    let found = up.iter().filter(|arrow| !is_excepted(arrow));
    breaches.extend(found.map(|[from, to]| format!("{from} -> {to}")));
    breaches.extend(unneeded(exceptions, |what| {
        up.iter().any(|arrow| what == arrow)
    }));
    breaches
}

/// Circles of files that are not within one exception.
fn file_circles(files: &Files, exceptions: &[Exception]) -> Vec<String> {
    let circles = circles(&between_files(files, RULES));
    let circles: Vec<Vec<&str>> = circles
        .iter()
        .map(|circle| circle.iter().map(|file| below(file)).collect())
        .collect();
    let is_excepted = |circle: &&Vec<&str>| {
        let mut exceptions = exceptions.iter();
        exceptions.any(|exception| circle.iter().all(|file| exception.what.contains(file)))
    };
    let found = circles.iter().filter(|circle| !is_excepted(circle));
    let mut breaches: Vec<String> = found.map(|circle| circle.join(" ")).collect();
    breaches.extend(unneeded(exceptions, |what| {
        circles.iter().any(|circle| {
            circle.len() == what.len() && circle.iter().all(|file| what.contains(file))
        })
    }));
    breaches
}

fn room_circles(files: &Files, src: &str) -> Vec<String> {
    let arrows = between_files(files, src);
    let rooms = between_rooms(&arrows, src);
    let circles = circles(&rooms);
    let described = circles.iter().map(|circle| {
        let is_inside = |room: &String| circle.contains(room);
        let inside = pairs(&rooms).filter(|(from, to)| is_inside(from) && is_inside(to));
        let examples: Vec<String> = inside
            .map(|(from, to)| example(&arrows, src, from, to))
            .collect();
        let names: Vec<&str> = circle.iter().map(String::as_str).collect();
        format!("{} ({})", names.join(" "), examples.join(", "))
    });
    described.collect()
}

/// One import from a room to another.
fn example(arrows: &Arrows, src: &str, from: &str, to: &str) -> String {
    let mut arrows =
        pairs(arrows).filter(|(file, named)| room(file, src) == from && room(named, src) == to);
    arrows
        .next()
        .map(|(file, named)| format!("{file} -> {named}"))
        .unwrap_or_default()
}

fn below(file: &str) -> &str {
    file.strip_prefix(RULES)
        .unwrap_or(file)
        .trim_start_matches('/')
}

fn unneeded(exceptions: &[Exception], is_needed: impl Fn(&[&str]) -> bool) -> Vec<String> {
    let unneeded = exceptions
        .iter()
        .filter(|exception| !is_needed(exception.what));
    let named = unneeded.map(|exception| {
        format!(
            "{:?} need no exception ({})",
            exception.what, exception.reason
        )
    });
    named.collect()
}

/// Rules without a breach, and one more file.
fn house(path: &str, text: &str) -> Files {
    let mut house = files(&[
        (
            "crates/hall/src/lib.rs",
            "pub mod id; pub mod plan; pub mod rules; pub mod apply; pub use rules::phase::Phase;",
        ),
        ("crates/hall/src/id.rs", "pub struct HallId;"),
        (
            "crates/hall/src/plan/mod.rs",
            "pub mod slot; use crate::id::HallId; pub use slot::Slot;",
        ),
        ("crates/hall/src/plan/slot.rs", "use crate::id::HallId;"),
        ("crates/hall/src/rules/mod.rs", "pub mod phase;"),
        (
            "crates/hall/src/rules/phase.rs",
            "use crate::plan::Slot;\n#[cfg(test)] mod tests { use crate::apply; }",
        ),
        ("crates/hall/src/apply/mod.rs", "use crate::Phase;"),
        ("crates/hall/src/decide/mod.rs", "use crate::apply;"),
    ]);
    house.insert(path.into(), text.into());
    house
}

#[test]
fn an_import_that_runs_up_is_found() {
    let sound = house("crates/hall/src/text.rs", "");
    assert_eq!(upward(&sound, &[]), Vec::<String>::new());
    for text in [
        "use crate::rules::phase::Phase;",
        "use crate::{id::HallId, rules::phase};",
        "use super::super::rules::phase;",
        "use crate::Phase;",
        "fn f() -> bool { crate::rules::phase::is_open() }",
    ] {
        let breach = house("crates/hall/src/plan/slot.rs", text);
        assert_eq!(
            upward(&breach, &[]),
            ["plan/slot.rs -> rules/phase.rs"],
            "{text}"
        );
    }
    let lost = house("crates/hall/src/utils.rs", "");
    assert_eq!(
        upward(&lost, &[]),
        ["crates/hall/src/utils.rs is on no floor"]
    );
}

#[test]
fn an_exception_lets_one_import_through_while_it_is_needed() {
    let exceptions = [Exception {
        what: &["plan/slot.rs", "rules/phase.rs"],
        reason: "shown here",
    }];
    let breach = house("crates/hall/src/plan/slot.rs", "use crate::rules::phase;");
    assert_eq!(upward(&breach, &exceptions), Vec::<String>::new());
    let sound = house("crates/hall/src/text.rs", "");
    assert_eq!(upward(&sound, &exceptions).len(), 1);
}

#[test]
fn a_circle_of_files_is_found() {
    let circle = house("crates/hall/src/plan/slot.rs", "use super::Plan;");
    assert_eq!(
        file_circles(&circle, &[]),
        Vec::<String>::new(),
        "a name that is passed on is no import"
    );
    let circle = house(
        "crates/hall/src/plan/mod.rs",
        "pub mod slot; pub use slot::Slot; pub struct Plan { slots: Vec<Slot> }",
    );
    let mut circle = circle;
    circle.insert(
        "crates/hall/src/plan/slot.rs".into(),
        "fn f(_: &super::Plan) {}".into(),
    );
    assert_eq!(file_circles(&circle, &[]), ["plan/mod.rs plan/slot.rs"]);
    let named = [Exception {
        what: &["plan/mod.rs", "plan/slot.rs"],
        reason: "shown here",
    }];
    assert_eq!(file_circles(&circle, &named), Vec::<String>::new());
    let larger = [Exception {
        what: &["plan/mod.rs", "plan/slot.rs", "plan/hours.rs"],
        reason: "hours have left it",
    }];
    assert_eq!(file_circles(&circle, &larger).len(), 1);
}

#[test]
fn a_circle_of_rooms_is_found() {
    let sound = house("crates/hall/src/text.rs", "");
    assert_eq!(room_circles(&sound, RULES), Vec::<String>::new());
    let circle = house(
        "crates/hall/src/apply/mod.rs",
        "fn f() { crate::decide::g() }",
    );
    let found = room_circles(&circle, RULES);
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("apply decide (")
            && found[0].contains("apply/mod.rs -> crates/hall/src/decide/mod.rs")
    );

    let mut server = files(&[
        (
            "src/lib.rs",
            "pub mod log; pub mod runtime; pub mod web; use web::serve;",
        ),
        ("src/log/mod.rs", ""),
        ("src/runtime/mod.rs", "mod owner; use crate::log;"),
        ("src/runtime/owner.rs", "#[cfg(test)] use crate::web;"),
        ("src/web/mod.rs", "use crate::runtime;"),
    ]);
    assert_eq!(room_circles(&server, SERVER), Vec::<String>::new());
    server.insert("src/log/redis.rs".into(), "use crate::web::problem;".into());
    let found = room_circles(&server, SERVER);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("log runtime web ("), "{found:?}");
}
