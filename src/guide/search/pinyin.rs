//! How hanzi sound: syllables without tones, which syllables people confuse, and letters cut into syllables.
//!
//! A syllable is a number: its place in one sorted table, which is made once from every hanzi that the crate `pinyin`
//! knows. The crate gives the commonest reading of a hanzi. For a word with another reading (重庆, 银行) the guide's own
//! words say it.

use pinyin::ToPinyin;
use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

/// A syllable without its tone.
pub type Syllable = u16;

/// All syllables, sorted, and what each becomes when `zh` and `z`, `ng` and `n`, `n` and `l` count as the same.
struct Syllables {
    names: Vec<String>,
    by_name: HashMap<String, Syllable>,
    folded: Vec<Syllable>,
}

/// The longest is `zhuang`.
const LETTERS_MOST: usize = 6;

fn table() -> &'static Syllables {
    static TABLE: OnceLock<Syllables> = OnceLock::new();
    TABLE.get_or_init(|| {
        let known: BTreeSet<String> = ('\u{4e00}'..='\u{9fa5}').filter_map(spelt).collect();
        let mut names = Vec::from_iter(known);
        // a folded name may be no syllable of the language, such as `cuan` from `chuang`
        let all = names.clone();
        for name in &all {
            let folded = fold_letters(name);
            if !names.contains(&folded) {
                names.push(folded);
            }
        }
        let mut by_name: HashMap<String, Syllable> = names.iter().cloned().zip(0..).collect();
        let folded = names.iter().map(|name| by_name[&fold_letters(name)]);
        let folded = folded.collect();
        by_name.retain(|name, _| all.contains(name));
        Syllables {
            names,
            by_name,
            folded,
        }
    })
}

fn spelt(hanzi: char) -> Option<String> {
    let plain = hanzi.to_pinyin()?.plain();
    // `ü` is typed as v; people type only plain letters
    let plain = plain.replace('ü', "v");
    let is_plain = plain.bytes().all(|byte| byte.is_ascii_lowercase());
    is_plain.then_some(plain)
}

fn fold_letters(name: &str) -> String {
    let mut folded = name.to_owned();
    for (long, short) in [("zh", "z"), ("ch", "c"), ("sh", "s")] {
        if let Some(rest) = folded.strip_prefix(long) {
            folded = format!("{short}{rest}");
        }
    }
    if let Some(rest) = folded.strip_prefix('n').filter(|rest| !rest.is_empty()) {
        folded = format!("l{rest}");
    }
    match folded.strip_suffix("ng") {
        Some(rest) if !rest.is_empty() => format!("{rest}n"),
        _ => folded,
    }
}

/// The commonest reading of a hanzi.
pub fn of(hanzi: char) -> Option<Syllable> {
    table().by_name.get(&spelt(hanzi)?).copied()
}

/// A syllable as it is typed.
pub fn parse(letters: &str) -> Option<Syllable> {
    table().by_name.get(letters).copied()
}

/// The same number for all syllables that people confuse.
pub fn fold(syllable: Syllable) -> Syllable {
    table().folded[usize::from(syllable)]
}

/// How it is typed.
pub fn letters(syllable: Syllable) -> &'static str {
    &table().names[usize::from(syllable)]
}

/// Its first letter.
pub fn initial(syllable: Syllable) -> char {
    let first = letters(syllable).chars().next();
    first.expect("a syllable has letters")
}

/// Letters cut into as few syllables as possible; none if they cannot be cut.
pub fn cut(text: &str) -> Option<Vec<Syllable>> {
    if !text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    // best[i]: the fewest syllables that make up the letters from i on
    let mut best: Vec<Option<(usize, usize, Syllable)>> = vec![None; text.len() + 1];
    best[text.len()] = Some((0, 0, 0));
    for from in (0..text.len()).rev() {
        for length in (1..=LETTERS_MOST.min(text.len() - from)).rev() {
            let (Some((rest, ..)), Some(syllable)) =
                (best[from + length], parse(&text[from..from + length]))
            else {
                continue;
            };
            if best[from].is_none_or(|(fewest, ..)| rest + 1 < fewest) {
                best[from] = Some((rest + 1, length, syllable));
            }
        }
    }
    let (mut at, mut syllables) = (0, Vec::new());
    while at < text.len() {
        let (_, length, syllable) = best[at]?;
        syllables.push(syllable);
        at += length;
    }
    Some(syllables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_as(text: &str) -> String {
        let cut = cut(text).unwrap_or_default();
        cut.into_iter().map(letters).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn letters_are_cut_into_syllables() {
        assert_eq!(cut_as("jiashizheng"), "jia shi zheng");
        assert_eq!(cut_as("nianjian"), "nian jian");
        assert_eq!(cut_as("weizhangchuli"), "wei zhang chu li");
        assert_eq!(cut("jsz"), None);
        assert_eq!(cut("jaishizheng"), None);
        assert_eq!(cut("驾"), None);
    }

    #[test]
    fn what_is_easily_mixed_up_sounds_the_same() {
        let same = |a: &str, b: &str| fold(parse(a).unwrap()) == fold(parse(b).unwrap());
        assert!(
            same("shi", "si")
                && same("zheng", "zen")
                && same("niu", "liu")
                && same("chuang", "chuan")
        );
        assert!(!same("shi", "chi") && !same("jia", "xia"));
    }

    #[test]
    fn hanzi_have_their_commonest_reading() {
        assert_eq!(letters(of('行').unwrap()), "xing");
        assert_eq!(letters(of('绿').unwrap()), "lv");
        assert_eq!(of('a'), None);
    }
}
