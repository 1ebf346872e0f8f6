//! One word, one meaning: a crate has one type of a name. And a line of a template is read without scrolling.

use super::source::{Files, crates, files, is_name, product_code};
use super::{none, rust_files, texts};
use std::collections::BTreeMap;

/// A line of a template has at most so many characters.
const COLUMNS: usize = 120;

/// Names that a crate may use for several types, and why.
const MAY_SHARE: &[(&str, &str)] = &[(
    "Options",
    "what one command can be told, read with its module: `verify::Options`",
)];

#[test]
fn a_crate_has_one_type_of_a_name() {
    none(
        "these names are taken twice",
        shared_names(&rust_files(), MAY_SHARE),
    );
}

#[test]
fn a_template_is_read_without_scrolling() {
    none(
        "these lines are too long",
        long_lines(&texts().into_iter().collect()),
    );
}

/// Names of structs, enums, traits and aliases that several files or modules of a crate define.
fn shared_names(files: &Files, exceptions: &[(&str, &str)]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut needed = Vec::new();
    for src in crates(files) {
        let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (path, code) in product_code(files, &src) {
            for name in types(&code) {
                places.entry(name).or_default().push(path.clone());
            }
        }
        for (name, places) in places.into_iter().filter(|(_, places)| places.len() > 1) {
            match exceptions.iter().find(|(excepted, _)| *excepted == name) {
                Some((excepted, _)) => needed.push(*excepted),
                None => breaches.push(format!("{name}: {}", places.join(" "))),
            }
        }
    }
    let unneeded = exceptions.iter().filter(|(name, _)| !needed.contains(name));
    breaches.extend(unneeded.map(|(name, reason)| format!("{name} needs no exception ({reason})")));
    breaches
}

/// The types that code defines; those that belong to an `impl` or a trait stand deeper than the others' keyword.
fn types(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in code.lines() {
        let is_indented = line.starts_with(' ');
        let mut words = line
            .split(|c: char| !c.is_ascii() || !is_name(c as u8))
            .filter(|word| !word.is_empty());
        let mut word = words.next();
        while word.is_some_and(|word| ["pub", "crate", "super", "unsafe"].contains(&word)) {
            word = words.next();
        }
        let is_type = match word {
            Some("struct" | "enum" | "trait" | "union") => true,
            Some("type") => !is_indented,
            _ => false,
        };
        found.extend(words.next().filter(|_| is_type).map(str::to_string));
    }
    found
}

fn long_lines(files: &Files) -> Vec<String> {
    let templates = files
        .iter()
        .filter(|(path, _)| path.starts_with("templates/") && path.ends_with(".html"));
    let lines = templates.flat_map(|(path, text)| {
        (1..)
            .zip(text.lines())
            .map(move |(n, line)| (path, n, line))
    });
    let long = lines.filter(|(_, _, line)| line.chars().count() > COLUMNS);
    long.map(|(path, n, line)| format!("{path}:{n}: {} columns", line.chars().count()))
        .collect()
}

#[test]
fn a_name_that_is_taken_twice_is_found() {
    let mut sound = files(&[
        ("src/lib.rs", ""),
        (
            "src/a.rs",
            "pub struct Place; impl Model for Place { type Action = (); }\n    type Action = u8;",
        ),
        (
            "src/b.rs",
            "// struct Place;\nenum Seat {}\n#[cfg(test)]\nmod tests { struct Place; }",
        ),
        ("crates/hall/src/lib.rs", "pub enum Place {}"),
    ]);
    assert_eq!(shared_names(&sound, &[]), Vec::<String>::new());
    for text in [
        "pub(crate) enum Place { A }",
        "trait Place {}",
        "pub type Place = u8;",
        "fn f() {\n    struct Place(u8);\n}",
    ] {
        sound.insert("src/b.rs".into(), text.into());
        assert_eq!(
            shared_names(&sound, &[]),
            ["Place: src/a.rs src/b.rs"],
            "{text}"
        );
        assert_eq!(
            shared_names(&sound, &[("Place", "shown here")]),
            Vec::<String>::new()
        );
    }
    let unneeded = [("Place", "shown here"), ("Seat", "there is one")];
    assert_eq!(
        shared_names(&sound, &unneeded),
        ["Seat needs no exception (there is one)"]
    );
}

#[test]
fn a_long_line_is_found() {
    let line = |columns: usize| "排".repeat(columns);
    let templates = files(&[
        (
            "templates/a.html",
            &format!("{}\n{}\n", line(120), line(121)),
        ),
        ("templates/zh-CN.ftl", &line(121)),
        ("assets/a.html", &line(121)),
    ]);
    assert_eq!(long_lines(&templates), ["templates/a.html:2: 121 columns"]);
}
