//! Keeps the repository itself in order: what a reader relies on and no compiler checks.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod architecture; // what it prints in bold is tested
mod floors; // imports run down, and in no circle
mod imports; // who names whom
mod names; // one word, one meaning
mod source; // files without comments and tests

use source::Files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders of ours that hold no source.
const NOT_OURS: [&str; 6] = [
    "target",
    ".git",
    "data",
    "node_modules",
    "screenshots",
    "shared",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder of the repository, by its path from the root.
fn files_below(folder: &str) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !NOT_OURS.contains(&name.as_str()) {
                folders.push(path);
            } else if path.is_file() {
                let from_root = path.strip_prefix(root()).unwrap();
                files.insert(from_root.display().to_string(), path);
            }
        }
    }
    files
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .is_some_and(|extension| extensions.contains(&extension.to_str().unwrap_or("")))
}

/// Every file of text that people write.
fn texts() -> Vec<(String, String)> {
    let kinds = [
        "rs", "js", "css", "html", "ftl", "toml", "md", "json", "sh", "yml", "yaml", "py",
    ];
    files_below("")
        .into_iter()
        .filter(|(_, path)| has_extension(path, &kinds))
        .map(|(name, path)| (name, std::fs::read_to_string(path).unwrap()))
        .collect()
}

fn rust_files() -> Files {
    let texts = texts().into_iter();
    texts.filter(|(name, _)| name.ends_with(".rs")).collect()
}

#[track_caller]
fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_module_says_why_it_exists() {
    let files = rust_files();
    assert!(files.len() > 100, "the repository was not found");
    let silent = files
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "));
    none(
        "these begin without a module comment",
        silent.map(|(name, _)| name).collect(),
    );
}

#[test]
fn nothing_is_left_to_do_in_the_source() {
    let markers = [
        ["to", "do!("].concat(),
        ["unimpl", "emented!("].concat(),
        ["FIX", "ME"].concat(),
        ["TO", "DO"].concat(),
        ["XX", "X"].concat(),
        ["db", "g!("].concat(),
        ["work in ", "progress"].concat(),
    ];
    let mut found = Vec::new();
    for (name, text) in texts() {
        for (line, content) in (1..).zip(text.lines()) {
            if markers
                .iter()
                .any(|marker| content.contains(marker.as_str()))
            {
                found.push(format!("{name}:{line}: {}", content.trim()));
            }
        }
    }
    none("these lines are not finished", found);
}

#[test]
fn no_path_of_somebodys_machine_is_in_it() {
    let places = [
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["C:", "\\\\"],
        ["/tmp", "/wt"],
    ];
    let mut found = Vec::new();
    for (name, text) in texts() {
        for (line, content) in (1..).zip(text.lines()) {
            if places.iter().any(|place| content.contains(&place.concat())) {
                found.push(format!("{name}:{line}: {}", content.trim()));
            }
        }
    }
    none("these lines name a path of one machine", found);
}

#[test]
fn every_test_runs() {
    let attribute = ["#[ig", "nore"].concat();
    let files = rust_files().into_iter();
    let found = files.filter(|(_, text)| text.contains(&attribute));
    none(
        "these files skip a test in silence",
        found.map(|(name, _)| name).collect(),
    );
}

#[test]
fn every_template_is_used() {
    let all = texts();
    let mut unused = Vec::new();
    for template in files_below("templates")
        .keys()
        .filter(|name| name.ends_with(".html"))
    {
        let name = template.rsplit('/').next().unwrap();
        let quoted = [
            format!("\"{name}\""),
            format!("'{name}'"),
            format!("templates/{name}"),
        ];
        let is_used = all.iter().any(|(file, text)| {
            file != template
                && !file.starts_with("tests/")
                && quoted.iter().any(|quoted| text.contains(quoted))
        });
        if !is_used {
            unused.push(template.clone());
        }
    }
    none("nobody uses these templates", unused);
}

#[test]
fn every_asset_is_used() {
    let all = texts();
    let mut unused = Vec::new();
    for asset in files_below("assets").keys() {
        let name = asset.rsplit('/').next().unwrap();
        let is_used = all.iter().any(|(file, text)| {
            file != asset && !file.starts_with("tests/") && text.contains(name)
        });
        if !is_used {
            unused.push(asset.clone());
        }
    }
    none("nobody uses these assets", unused);
}

#[test]
fn both_languages_say_the_same_things() {
    let keys = |file: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(root().join("templates").join(file)).unwrap();
        let messages = text.lines().filter_map(|line| line.split_once(" ="));
        let messages = messages
            .filter(|(key, _)| key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-'));
        messages.map(|(key, _)| key.to_string()).collect()
    };
    let (zh, en) = (keys("zh-CN.ftl"), keys("en.ftl"));
    assert!(zh.len() > 100, "the catalogue was not read");
    none(
        "only in one catalogue",
        zh.symmetric_difference(&en).cloned().collect(),
    );
}

/// What was released must be readable for ever: a file of every event is kept and decoded by tests.
#[test]
fn every_event_has_a_golden_file() {
    let kept: BTreeSet<String> = files_below("")
        .into_keys()
        .filter(|name| name.contains("tests/golden/events/"))
        .filter_map(|name| Some(name.rsplit('/').next()?.strip_suffix(".json")?.to_string()))
        .collect();
    let mut missing = Vec::new();
    for (file, name) in [
        ("crates/hall/src/record/event.rs", "Event"),
        ("src/access/event.rs", "Event"),
        ("src/guide/guides.rs", "GuidesEvent"),
    ] {
        for tag in tags(file, name) {
            let is_kept = kept
                .iter()
                .any(|kept| *kept == tag || kept.starts_with(&format!("{tag}-")));
            if !is_kept {
                missing.push(format!("{file}: {tag}.json"));
            }
        }
    }
    none("these events have no golden file", missing);
}

/// The tags under which the variants of an enum are stored, read from its source.
fn tags(file: &str, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let start = text.find(&format!("pub enum {name} {{")).unwrap();
    let body = &text[start..];
    let body = &body[..body.find("\n}").unwrap()];
    let mut renamed = None;
    let mut tags = Vec::new();
    let lines = body.lines().skip(1);
    for line in lines.filter_map(|line| line.strip_prefix("    ")) {
        if let Some(tag) = line.strip_prefix("#[serde(rename = \"") {
            renamed = tag.split('"').next().map(str::to_string);
        } else if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            let variant = line.chars().take_while(char::is_ascii_alphanumeric);
            let variant: String = variant.collect();
            tags.push(renamed.take().unwrap_or_else(|| snake_case(&variant)));
        }
    }
    assert!(tags.len() > 2, "{file} was not understood: {tags:?}");
    tags
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
