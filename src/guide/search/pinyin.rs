//! How hanzi sound: toneless syllables, the ones that southern ears and hurried fingers mix up, and letters cut into them.
//!
//! A syllable is its place in one sorted table, made once from every hanzi that the crate `pinyin` knows. The crate gives
//! a hanzi its commonest reading; where a word reads another one (重庆, 银行), the guide's own words say so.

use pinyin::ToPinyin;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A syllable without its tone.
pub type Syllable = u16;

/// All there are, sorted, and what each becomes when `zh` and `z`, `ng` and `n`, `n` and `l` are taken for one another.
struct Table {
    names: Vec<String>,
    by_name: HashMap<String, Syllable>,
    folded: Vec<Syllable>,
}

/// The longest is `zhuang`.
const LETTERS_MOST: usize = 6;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let known = ('\u{4e00}'..='\u{9fa5}').filter_map(spelt);
        let mut names: Vec<String> = known
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        // a folded name need not be a syllable of the language, such as `cuan` of `chuang`
        let all = names.clone();
        for name in &all {
            let folded = fold_letters(name);
            if !names.contains(&folded) {
                names.push(folded);
            }
        }
        let by_name: HashMap<String, Syllable> = (0..)
            .zip(&names)
            .map(|(id, name)| (name.clone(), id))
            .collect();
        let folded = names
            .iter()
            .map(|name| by_name[&fold_letters(name)])
            .collect();
        let by_name = by_name
            .into_iter()
            .filter(|(name, _)| all.contains(name))
            .collect();
        Table {
            names,
            by_name,
            folded,
        }
    })
}

fn spelt(hanzi: char) -> Option<String> {
    let plain = hanzi.to_pinyin()?.plain();
    // `ü` is typed as v, and only plain letters are typed at all
    let plain = plain.replace('ü', "v");
    plain
        .bytes()
        .all(|byte| byte.is_ascii_lowercase())
        .then_some(plain)
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

/// The same for all that are easily mixed up.
pub fn fold(syllable: Syllable) -> Syllable {
    table().folded[usize::from(syllable)]
}

/// How it is typed.
pub fn letters(syllable: Syllable) -> &'static str {
    &table().names[usize::from(syllable)]
}

/// Its first letter.
pub fn initial(syllable: Syllable) -> char {
    letters(syllable)
        .chars()
        .next()
        .expect("a syllable has letters")
}

/// Letters cut into the fewest syllables, if they can be.
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
