//! Which file of a crate names which other: every `use` and every path that begins with `crate`, `self` or `super`.
//!
//! A re-export leads to the file that defines the name, and is no import of the file that passes it on. The root of a
//! crate lists everything, so it is left out.

use super::source::{Files, is_name, product_code};
use std::collections::{BTreeMap, BTreeSet};

/// A path such as `crate::plan::Plan`, in its parts.
type Names = Vec<String>;
/// Who names whom.
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The arrows between the files of the crate whose source stands in this folder.
pub fn between_files(files: &Files, src: &str) -> Arrows {
    let krate = Crate::of(product_code(files, src), src);
    let modules = krate.modules.iter();
    let arrows = modules.filter(|(module, _)| !module.is_empty());
    arrows
        .map(|(module, file)| (file.clone(), krate.named_by(module, file)))
        .collect()
}

/// The arrows between what stands right below `src`: folders, and files beside them.
pub fn between_rooms(files: &Arrows, src: &str) -> Arrows {
    let mut arrows = Arrows::new();
    for (from, to) in pairs(files) {
        let (from, to) = (room(from, src), room(to, src));
        if from != to {
            arrows.entry(from.into()).or_default().insert(to.into());
        }
    }
    arrows
}

pub fn pairs(arrows: &Arrows) -> impl Iterator<Item = (&String, &String)> {
    let pairs = arrows.iter();
    pairs.flat_map(|(from, all)| all.iter().map(move |to| (from, to)))
}

/// The folder right below `src` that holds a file, or the file's own name.
pub fn room<'a>(file: &'a str, src: &str) -> &'a str {
    let below = file
        .strip_prefix(src)
        .unwrap_or(file)
        .trim_start_matches('/');
    below
        .split('/')
        .next()
        .unwrap_or(below)
        .trim_end_matches(".rs")
}

/// All that reach each other, largest first: whoever can be reached and reaches back.
pub fn circles(arrows: &Arrows) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> = arrows
        .keys()
        .map(|start| (start, reached_from(start, arrows)))
        .collect();
    let mut circles = BTreeSet::new();
    for (start, ends) in &reached {
        let back = |end: &&&String| reached.get(*end).is_some_and(|ends| ends.contains(start));
        let circle: BTreeSet<String> = ends.iter().filter(back).map(|end| (*end).clone()).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    let mut circles: Vec<_> = circles.into_iter().collect();
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    circles
}

fn reached_from<'a>(start: &String, arrows: &'a Arrows) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&String> = arrows[start].iter().collect();
    while let Some(file) = next.pop() {
        if reached.insert(file) {
            next.extend(arrows.get(file).into_iter().flatten());
        }
    }
    reached
}

/// A crate's modules, and what each passes on.
struct Crate {
    code: Files,
    modules: BTreeMap<Names, String>,
    /// The module and the name in it, and what it stands for.
    exports: BTreeMap<(Names, String), Names>,
}

/// One name that a `use` brings in.
struct Use {
    path: Names,
    name: String,
    is_passed_on: bool,
}

impl Crate {
    fn of(code: Files, src: &str) -> Crate {
        let mut modules = BTreeMap::new();
        for path in code.keys() {
            let below = path
                .strip_prefix(src)
                .unwrap_or(path)
                .trim_end_matches(".rs");
            let mut names: Names = below.split('/').skip(1).map(str::to_string).collect();
            match names.last().map(String::as_str) {
                Some("main") if names.len() == 1 => continue,
                Some("lib") if names.len() == 1 => names.clear(),
                Some("mod") => drop(names.pop()),
                _ => {}
            }
            modules.insert(names, path.clone());
        }
        let mut krate = Crate {
            code,
            modules,
            exports: BTreeMap::new(),
        };
        krate.exports = krate.find_exports();
        krate
    }

    fn find_exports(&self) -> BTreeMap<(Names, String), Names> {
        let mut exports = BTreeMap::new();
        for (module, file) in &self.modules {
            for found in uses(&self.code[file])
                .0
                .into_iter()
                .filter(|found| found.is_passed_on)
            {
                if let Some(path) = self.absolute(&found.path, module) {
                    exports.insert((module.clone(), found.name), path);
                }
            }
        }
        exports
    }

    /// The files that one file names.
    fn named_by(&self, module: &Names, file: &str) -> BTreeSet<String> {
        let (uses, body) = uses(&self.code[file]);
        let imported = uses
            .into_iter()
            .filter(|found| !found.is_passed_on || has_word(&body, &found.name))
            .map(|found| found.path);
        let paths = imported.chain(paths_in(&body));
        let paths = paths.filter_map(|path| self.absolute(&path, module));
        let files = paths.filter_map(|path| self.file_of(&path, 0));
        let root = self.modules.get(&Names::new());
        let others =
            files.filter(|named| *named != file && Some(*named) != root.map(String::as_str));
        others.map(str::to_string).collect()
    }

    /// The path from the root of the crate; nothing if it leads to another crate.
    fn absolute(&self, path: &[String], module: &Names) -> Option<Names> {
        let mut here = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                here.clear();
                rest = &path[1..];
            }
            "self" | "super" => {
                while let Some(step) = rest
                    .first()
                    .filter(|step| ["self", "super"].contains(&step.as_str()))
                {
                    if step == "super" {
                        here.pop();
                    }
                    rest = &rest[1..];
                }
            }
            child => {
                let file = [here.as_slice(), &[child.to_string()]].concat();
                self.modules.get(&file)?;
            }
        }
        let rest = rest.iter().filter(|name| *name != "self").cloned();
        Some(here.into_iter().chain(rest).collect())
    }

    /// The file that defines what a path names, through a few re-exports.
    fn file_of(&self, path: &[String], hops: usize) -> Option<&str> {
        let is_module = |length: &usize| self.modules.contains_key(&path[..*length]);
        let length = (0..=path.len()).rev().find(is_module)?;
        let exported = path.get(length).and_then(|name| {
            let module = path[..length].to_vec();
            self.exports.get(&(module, name.clone()))
        });
        match exported {
            Some(target) if hops < 8 => {
                let target = [target, &path[length + 1..]].concat();
                self.file_of(&target, hops + 1)
            }
            _ => self.modules.get(&path[..length]).map(String::as_str),
        }
    }
}

/// What is used, and the code without the lines that say so.
fn uses(code: &str) -> (Vec<Use>, String) {
    let (mut found, mut body) = (Vec::new(), code.to_string());
    let mut from = 0;
    while let Some(start) = code[from..].find("use ").map(|at| at + from) {
        from = start + 4;
        let before = code[..start].trim_end();
        let is_first = start == 0 || !is_name(code.as_bytes()[start - 1]);
        let is_passed_on =
            before.ends_with("pub") || before.ends_with(')') && has_visibility(before);
        if !is_first
            || !(is_passed_on || before.is_empty() || before.ends_with([';', '{', '}', ']']))
        {
            continue;
        }
        let end = code[start..]
            .find(';')
            .map_or(code.len(), |end| start + end);
        body.replace_range(start..end, &" ".repeat(end - start));
        for (path, name) in tree(&code[from..end], &[]) {
            found.push(Use {
                path,
                name,
                is_passed_on,
            });
        }
        from = end;
    }
    (found, body)
}

/// Ends with `pub(…)`.
fn has_visibility(before: &str) -> bool {
    before
        .rfind('(')
        .is_some_and(|at| before[..at].ends_with("pub"))
}

/// The paths of `a::{b, c::d as e}`, each with the name it has here.
fn tree(text: &str, prefix: &[String]) -> Vec<(Names, String)> {
    let parts = split_at_commas(text);
    if parts.len() > 1 {
        return parts
            .into_iter()
            .flat_map(|part| tree(part, prefix))
            .collect();
    }
    let names = |path: &str| -> Names {
        let names = path
            .split("::")
            .map(str::trim)
            .filter(|name| !name.is_empty());
        prefix
            .iter()
            .cloned()
            .chain(names.map(str::to_string))
            .collect()
    };
    if let Some((head, rest)) = text.split_once('{') {
        let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
        return tree(inner, &names(head));
    }
    let (path, alias) = match text.split_once(" as ") {
        Some((path, alias)) => (names(path), Some(alias.trim().to_string())),
        None => (names(text), None),
    };
    let own = path.iter().rfind(|name| *name != "self").cloned();
    match alias.or(own) {
        Some(name) if !text.trim().is_empty() => vec![(path, name)],
        _ => Vec::new(),
    }
}

fn split_at_commas(text: &str) -> Vec<&str> {
    let (mut depth, mut parts, mut start) = (0, Vec::new(), 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// All paths with `::` in code that says no `use`; names of visibility are none.
fn paths_in(body: &str) -> Vec<Names> {
    let bytes = body.as_bytes();
    let (mut paths, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let is_start = is_name(bytes[at]) && (at == 0 || !is_name(bytes[at - 1]));
        let end = if is_start {
            end_of_path(bytes, at)
        } else {
            at + 1
        };
        let path = &body[at..end];
        let before = body[..at].trim_end();
        let is_rest = before.ends_with("::") || before.ends_with("pub(in");
        if is_start && path.contains("::") && !is_rest {
            paths.push(
                path.split("::")
                    .map(|name| name.trim().to_string())
                    .collect(),
            );
        }
        at = end;
    }
    paths
}

fn end_of_path(bytes: &[u8], start: usize) -> usize {
    let name_end = |from: usize| {
        from + bytes[from..]
            .iter()
            .take_while(|byte| is_name(**byte))
            .count()
    };
    let mut end = name_end(start);
    loop {
        let skip_blank = |from: usize| {
            from + bytes[from..]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count()
        };
        let colons = skip_blank(end);
        if !bytes[colons..].starts_with(b"::") {
            return end;
        }
        let next = skip_blank(colons + 2);
        let next_end = name_end(next);
        if next_end == next {
            return end;
        }
        end = next_end;
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    text.match_indices(word).any(|(at, _)| {
        let ends = at + word.len();
        (at == 0 || !is_name(bytes[at - 1])) && bytes.get(ends).is_none_or(|byte| !is_name(*byte))
    })
}

#[cfg(test)]
mod tests {
    use super::super::source::files;
    use super::*;

    fn named(from: &str, text: &str) -> Vec<String> {
        let files = files(&[
            ("src/lib.rs", "pub mod a; pub mod b; pub use a::One;"),
            (
                "src/a/mod.rs",
                "mod one; mod two; pub use one::One; pub use two::{Two, Three as Drei}; fn f(_: Two) {}",
            ),
            ("src/a/one.rs", ""),
            ("src/a/two.rs", ""),
            ("src/b.rs", ""),
            (from, text),
        ]);
        let mut arrows = between_files(&files, "src");
        let named = arrows.remove(from).unwrap();
        named
            .into_iter()
            .map(|file| file.trim_start_matches("src/").to_string())
            .collect()
    }

    #[test]
    fn every_way_to_name_a_file_is_found() {
        for text in [
            "use crate::a::one::Thing;",
            "use crate::{a::{one::{self, Thing}}};",
            "pub(crate) use super::a::one as first; fn f() { first::go() }",
            "fn f() { crate::a::one::go() }",
            "fn f(_: &crate :: a :: one :: Thing) {}",
            "use crate::One;",
            "use crate::a::One;",
            "fn f() { super::a::One::new() }",
        ] {
            assert_eq!(named("src/b.rs", text), ["a/one.rs"], "{text}");
        }
        assert_eq!(
            named("src/b.rs", "use crate::a::{Two, Drei};"),
            ["a/two.rs"]
        );
        assert_eq!(
            named("src/a/one.rs", "use super::two::x; fn f() { self::y() }"),
            ["a/two.rs"]
        );
        assert_eq!(named("src/a/one.rs", "use super::super::b;"), ["b.rs"]);
        // what it only passes on is no import
        assert_eq!(
            named("src/a/mod.rs", "mod one; pub use one::One;"),
            Vec::<String>::new()
        );
        assert_eq!(
            named("src/a/mod.rs", "mod one; pub use one::One; fn f(_: One) {}"),
            ["a/one.rs"]
        );
        assert_eq!(
            named("src/a/mod.rs", "mod one; fn f() { one::go() }"),
            ["a/one.rs"]
        );
        for text in [
            "use std::a::one;",
            "pub(in crate::a) fn f() {}",
            "fn f() -> impl Fn() + use<A> { hall::b::c() }",
        ] {
            assert_eq!(named("src/b.rs", text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn circles_are_found_whole() {
        let to = |files: &[&str]| files.iter().map(|file| (*file).to_string()).collect();
        let arrows: Arrows = [
            ("a", to(&["b"])),
            ("b", to(&["c", "d"])),
            ("c", to(&["a"])),
            ("d", to(&["e"])),
            ("e", to(&["d"])),
            ("f", to(&["a"])),
        ]
        .map(|(from, to)| (from.to_string(), to))
        .into();
        assert_eq!(circles(&arrows), [to(&["a", "b", "c"]), to(&["d", "e"])]);
    }
}
