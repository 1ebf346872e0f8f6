//! Source as the checks read it: files by their paths, code without comments, strings and tests.

use std::collections::{BTreeMap, BTreeSet};

/// Texts by their paths from the root of the repository.
pub type Files = BTreeMap<String, String>;

/// For tests that plant a breach.
pub fn files(texts: &[(&str, &str)]) -> Files {
    let owned = texts
        .iter()
        .map(|(path, text)| ((*path).into(), (*text).into()));
    owned.collect()
}

/// The folders that hold a crate's source.
pub fn crates(files: &Files) -> BTreeSet<String> {
    let roots = files.keys().filter_map(|path| path.strip_suffix("/lib.rs"));
    roots.map(str::to_string).collect()
}

/// What a crate is made of, without its tests: its files below `src`, each as [`code`] without test items.
pub fn product_code(files: &Files, src: &str) -> Files {
    let mut product = Files::new();
    let mut of_tests = BTreeSet::new();
    for (path, text) in files {
        if path.ends_with(".rs") && path.starts_with(&format!("{src}/")) {
            let (text, modules) = without_tests(code(text));
            of_tests.extend(
                modules
                    .iter()
                    .map(|module| format!("{}/{module}", children_of(path))),
            );
            product.insert(path.clone(), text);
        }
    }
    let is_test = |path: &str| {
        let mut tests = of_tests.iter();
        tests
            .any(|module| path == format!("{module}.rs") || path.starts_with(&format!("{module}/")))
    };
    product.retain(|path, _| !is_test(path));
    product
}

/// The folder in which the modules stand that a file declares.
fn children_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder,
        _ => path.trim_end_matches(".rs"),
    }
}

/// The text with blanks in place of comments, strings and characters.
pub fn code(text: &str) -> String {
    let (text, mut code, mut at) = (text.as_bytes(), text.as_bytes().to_vec(), 0);
    while at < text.len() {
        let end = end_of_words(text, at);
        blank(&mut code[at..end.unwrap_or(at)]);
        at = end.unwrap_or(at + 1);
    }
    String::from_utf8(code).expect("what is not ASCII stands in comments, strings and characters")
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

/// Where the comment, string or character ends that begins here, if one does.
fn end_of_words(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    let behind = |end: &[u8], from: usize| {
        let found = rest[from..]
            .windows(end.len())
            .position(|bytes| bytes == end);
        found.map_or(text.len(), |found| at + from + found + end.len())
    };
    let is_word = at > 0 && is_name(text[at - 1]);
    match rest {
        [b'/', b'/', ..] => Some(behind(b"\n", 0)),
        [b'/', b'*', ..] => Some(behind(b"*/", 2)),
        [b'r', b'"' | b'#', ..] if !is_word => {
            let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
            let is_string = rest.get(1 + hashes) == Some(&b'"');
            is_string.then(|| behind(&[b"\"", &rest[1..=hashes]].concat(), 2 + hashes))
        }
        [b'b', b'r', b'"', ..] if !is_word => Some(behind(b"\"", 3)),
        [b'"', ..] => {
            let mut end = 1;
            while end < rest.len() && rest[end] != b'"' {
                end += if rest[end] == b'\\' { 2 } else { 1 };
            }
            Some((at + end + 1).min(text.len()))
        }
        [b'\'', b'\\', _, ..] => Some(behind(b"'", 3)),
        [b'\'', first, ..] => {
            let length = first.leading_ones().max(1) as usize;
            (rest.get(1 + length) == Some(&b'\'')).then_some(at + length + 2)
        }
        _ => None,
    }
}

pub fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Code without what only tests are built with, and the modules that are only declared for tests.
fn without_tests(mut code: String) -> (String, Vec<String>) {
    let mut modules = Vec::new();
    while let Some(start) = code.find("#[cfg(test)]") {
        let end = end_of_item(&code, start);
        let item = &code[start..end];
        if let Some((_, name)) = item.trim_end_matches(';').rsplit_once("mod ")
            && item.ends_with(';')
        {
            modules.push(name.trim().to_string());
        }
        let lines = item.matches('\n').count();
        code.replace_range(start..end, &"\n".repeat(lines));
    }
    (code, modules)
}

/// Behind the body or the semicolon of the item that begins here with an attribute.
fn end_of_item(code: &str, start: usize) -> usize {
    let (mut depth, mut has_body) = (0_usize, false);
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' | b'(' | b'[' => {
                has_body |= byte == b'{' && depth == 0;
                depth += 1;
            }
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && has_body {
                    return at + 1;
                }
            }
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

#[test]
fn only_code_is_read() {
    let text = r##"
        // use crate::a;
        /* use crate::b; */
        let c = "use crate::c;\"";
        let d = r#"use crate::d "; "#;
        let (e, f) = ('"', '\'');
        fn of<'a>(text: &'a str) {}
        use crate::g;
    "##;
    let read = code(text);
    assert_eq!(read.len(), text.len());
    let words: Vec<&str> = read.split_whitespace().collect();
    let expected =
        "let c = ; let d = ; let (e, f) = ( , ); fn of<'a>(text: &'a str) {} use crate::g;";
    assert_eq!(words.join(" "), expected);
}

#[test]
fn tests_are_no_product() {
    let files = files(&[
        ("src/lib.rs", "mod a;\n#[cfg(test)]\nmod b;\nmod c;"),
        (
            "src/a.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests { use crate::c; }\nfn after() {}",
        ),
        ("src/a/tests.rs", "use crate::c;"),
        ("src/b.rs", "use crate::c;"),
        (
            "src/c.rs",
            "#[cfg(test)]\n#[expect(x)]\npub(crate) mod d;\nstruct C;",
        ),
        ("src/c/d/e.rs", "use crate::a;"),
    ]);
    let product = product_code(&files, "src");
    let paths: Vec<&String> = product.keys().collect();
    assert_eq!(
        paths,
        ["src/a.rs", "src/a/tests.rs", "src/c.rs", "src/lib.rs"]
    );
    assert!(!product["src/a.rs"].contains("crate::c") && product["src/a.rs"].contains("after"));
    assert!(product["src/c.rs"].contains("struct C"));
}
