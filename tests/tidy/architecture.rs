//! What is printed in bold is true: every invariant of ARCHITECTURE.md names a test that would fail.

use super::source::{Files, files};
use super::{none, texts};

#[test]
fn every_invariant_names_its_test() {
    none(
        "these sentences are not tested",
        untested(&texts().into_iter().collect()),
    );
}

/// The bold sentences below `## Invariants` that name no test which there is.
///
/// A test is named in backquotes: `tests/api/owner.rs::its_name`, `owner.rs::its_name`, or the path of a file of tests.
fn untested(files: &Files) -> Vec<String> {
    let page = files.get("ARCHITECTURE.md").map_or("", String::as_str);
    let chapter = page
        .split("\n## ")
        .find(|chapter| chapter.starts_with("Invariants"));
    let Some(chapter) = chapter else {
        return vec!["there is no chapter \"Invariants\"".into()];
    };
    let mut breaches = Vec::new();
    let points: Vec<&str> = chapter.split("\n- ").skip(1).collect();
    if points.is_empty() {
        breaches.push("there is no invariant".into());
    }
    for point in points {
        let bold = point.split("**").nth(1).unwrap_or(point).trim();
        let quoted: Vec<&str> = point.split('`').skip(1).step_by(2).collect();
        let missing = quoted
            .iter()
            .filter(|name| name.contains("::") && names_a_file(name) && !is_test(files, name));
        breaches.extend(missing.map(|name| format!("{bold} There is no {name}")));
        if !quoted.iter().any(|name| is_test(files, name)) {
            breaches.push(format!("{bold} It names no test"));
        }
    }
    breaches
}

fn names_a_file(name: &str) -> bool {
    [".rs::", ".js::", ".mjs::"]
        .iter()
        .any(|kind| name.contains(kind))
}

/// Whether there is a test of this name, or a file of tests at this path.
fn is_test(files: &Files, name: &str) -> bool {
    let (place, function) = match name.split_once("::") {
        Some((place, function)) => (place, Some(function)),
        None => (name, None),
    };
    let is_there = |path: &str| path == place || path.ends_with(&format!("/{place}"));
    let mut found = files.iter().filter(|(path, _)| is_there(path));
    found.any(|(path, text)| match function {
        Some(function) if path.ends_with(".rs") => text.contains(&format!("fn {function}(")),
        Some(title) => {
            text.contains(&format!("\"{title}\"")) || text.contains(&format!("'{title}'"))
        }
        None => place.contains('/') && holds_tests(path, text),
    })
}

fn holds_tests(path: &str, text: &str) -> bool {
    let marks = ["#[test]", "#[tokio::test", "```compile_fail"];
    path.contains(".test.") || marks.iter().any(|mark| text.contains(mark))
}

#[test]
fn an_invariant_without_a_test_is_found() {
    let of = |invariants: &str| {
        let page = format!(
            "# Architecture\n\n## Invariants\n\n{invariants}\n\n## Decisions\n\n- **Another.**\n"
        );
        untested(&files(&[
            ("ARCHITECTURE.md", &page),
            (
                "tests/api/owner.rs",
                "#[tokio::test]\nasync fn nothing_is_lost() {}",
            ),
            ("src/web/routes.rs", "fn nothing_is_lost() {}"),
            (
                "tests/browser/board.test.mjs",
                "test(\"a call is heard\", () => {})",
            ),
        ]))
    };
    let sound = "- **Nothing is lost.** So says\n  `owner.rs::nothing_is_lost`.\n- **All is heard.** `board.test.mjs::a call is heard`\n\
                 - **Whole.** `tests/api/owner.rs`, but not `Cargo.toml`";
    assert_eq!(of(sound), Vec::<String>::new());
    assert_eq!(
        of("- **Nothing is lost.** Believe it."),
        ["Nothing is lost. It names no test"]
    );
    assert_eq!(
        of("- **Nothing is lost.** `src/web/routes.rs`"),
        ["Nothing is lost. It names no test"]
    );
    let gone =
        of("- **Nothing is lost.** `tests/api/owner.rs::nothing_was_lost`, `tests/api/owner.rs`");
    assert_eq!(
        gone,
        ["Nothing is lost. There is no tests/api/owner.rs::nothing_was_lost"]
    );
    assert_eq!(of("Nothing."), ["there is no invariant"]);
}
