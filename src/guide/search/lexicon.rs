//! The guide's words in every way in which people write them: hanzi, other hanzi that sound alike, pinyin, first
//! letters, English, or with a typing mistake.
//!
//! A word stands for an idea (驾照, 本本 and `jsz` are all the driving licence). Questions and answers are compared by
//! their ideas. Fillers (请问, 怎么办) mean nothing. Words of other offices (社保, 护照) mean that the question belongs there.

use super::pinyin::{self, Syllable};
use super::text::{Unit, units};
use crate::guide::catalogue::{Word, WordKind};
use std::collections::HashMap;

/// An idea: its place in the guide's words.
pub type Idea = u16;

/// Longest form that is searched, in units.
const UNITS_MOST: usize = 8;
/// At most one letter in so many may be wrong; with more mistakes it is another word.
const LETTERS_PER_SLIP: usize = 5;

/// How a form was recognised. The surer it is, the more it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub length: usize,
    pub quality: f32,
}

/// With how much care a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// The guide's own texts.
    Printed,
    /// A question.
    Typed,
}

/// The guide's words, by how they may be written.
#[derive(Debug, Default)]
pub struct Lexicon {
    kinds: Vec<WordKind>,
    by_hanzi: HashMap<String, Vec<Idea>>,
    by_sound: HashMap<Vec<Syllable>, Vec<Idea>>,
    by_folded: HashMap<Vec<Syllable>, Vec<Idea>>,
    by_initials: HashMap<String, Vec<Idea>>,
    by_english: HashMap<String, Vec<Idea>>,
    /// Forms of three or more hanzi with one of them left out.
    by_gap: HashMap<String, Vec<Idea>>,
    /// Forms as they are typed in pinyin, to correct typing mistakes.
    typed: Vec<(String, Idea)>,
    readings: HashMap<String, Vec<Syllable>>,
}

impl Lexicon {
    /// All words of a guide.
    pub fn new(words: &[Word]) -> Lexicon {
        let mut lexicon = Lexicon::default();
        let readings = words.iter().filter(|word| word.kind == WordKind::Reading);
        for word in readings {
            let sounds = word.forms.iter().filter_map(|sound| pinyin::parse(sound));
            lexicon.readings.insert(word.id.clone(), sounds.collect());
        }
        for (idea, word) in (0..).zip(words) {
            lexicon.kinds.push(word.kind);
            if word.kind != WordKind::Reading {
                word.forms.iter().for_each(|form| lexicon.learn(form, idea));
            }
        }
        let exact = lexicon.by_hanzi.clone();
        lexicon.by_gap.retain(|gap, _| !exact.contains_key(gap));
        lexicon
    }

    fn learn(&mut self, form: &str, idea: Idea) {
        if form.is_ascii() {
            add(&mut self.by_english, form.to_lowercase(), idea);
            return;
        }
        let hanzi: Vec<char> = form.chars().collect();
        add(&mut self.by_hanzi, form.to_owned(), idea);
        let sounds: Vec<Syllable> = self.units(form).iter().filter_map(Unit::sound).collect();
        if sounds.len() != hanzi.len() {
            return;
        }
        let initials: String = sounds.iter().map(|sound| pinyin::initial(*sound)).collect();
        if self.kinds[usize::from(idea)] != WordKind::Filler && initials.len() >= 2 {
            add(&mut self.by_initials, initials, idea);
            let typed: String = sounds.iter().map(|sound| pinyin::letters(*sound)).collect();
            self.typed.push((typed, idea));
        }
        add(&mut self.by_folded, folded(&sounds), idea);
        add(&mut self.by_sound, sounds, idea);
        if hanzi.len() >= 3 {
            // of three hanzi people leave out only the middle one by mistake: the first two or last two are a word
            // themselves
            let places = match hanzi.len() {
                3 => 1..2,
                length => 0..length,
            };
            places.for_each(|at| add(&mut self.by_gap, without(&hanzi, at), idea));
        }
    }

    /// A text unit by unit, with the readings that the guide's words give.
    pub fn units(&self, text: &str) -> Vec<Unit> {
        let mut units = units(text);
        for from in 0..units.len() {
            for length in (2..=4.min(units.len() - from)).rev() {
                let Some(word) = hanzi(&units[from..from + length]) else {
                    continue;
                };
                let sounds = self.readings.get(&word);
                if let Some(sounds) = sounds.filter(|sounds| sounds.len() == length) {
                    for (unit, sound) in units[from..].iter_mut().zip(sounds) {
                        unit.reads(*sound);
                    }
                    break;
                }
            }
        }
        units
    }

    /// The first of these ideas that is of this kind.
    pub fn find(&self, ideas: &[Idea], kind: WordKind) -> Option<Idea> {
        let mut ideas = ideas.iter().copied();
        ideas.find(|idea| self.kinds[usize::from(*idea)] == kind)
    }

    /// Whether these ideas say nothing.
    pub fn are_fillers(&self, ideas: &[Idea]) -> bool {
        let is_filler = |idea: &Idea| self.kinds[usize::from(*idea)] == WordKind::Filler;
        ideas.iter().all(is_filler)
    }

    /// The ideas that `units` begin with, for each form found. A printed text must match exactly; a typed one may differ.
    pub fn at(&self, units: &[Unit], care: Care) -> Vec<(Match, &[Idea])> {
        let longest = UNITS_MOST.min(units.len());
        let tried = (1..=longest).filter_map(|length| {
            let (quality, ideas) = match care {
                Care::Printed => self.to_the_letter(&units[..length])?,
                Care::Typed => self.whole(&units[..length])?,
            };
            Some((Match { length, quality }, ideas))
        });
        tried.collect()
    }

    fn to_the_letter(&self, units: &[Unit]) -> Option<(f32, &[Idea])> {
        match english(units) {
            Some(english) => found(&self.by_english, &english, 1.0),
            None => found(&self.by_hanzi, &hanzi(units)?, 1.0),
        }
    }

    fn whole(&self, units: &[Unit]) -> Option<(f32, &[Idea])> {
        if let Some(english) = english(units) {
            return found(&self.by_english, &english, 1.0);
        }
        let sounds: Vec<Syllable> = units.iter().filter_map(Unit::sound).collect();
        if sounds.len() != units.len() {
            return None;
        }
        let Some(word) = hanzi(units) else {
            // pinyin, or mixed with it
            let enough = |pair: (f32, _)| (sounds.len() >= 2).then_some(pair);
            return found(&self.by_sound, &sounds, 0.95)
                .or_else(|| found(&self.by_folded, &folded(&sounds), 0.8).and_then(enough));
        };
        found(&self.by_hanzi, &word, 1.0)
            .or_else(|| (sounds.len() >= 2).then(|| found(&self.by_sound, &sounds, 0.8))?)
            .or_else(|| {
                (sounds.len() >= 3).then(|| found(&self.by_folded, &folded(&sounds), 0.75))?
            })
            .or_else(|| self.with_a_slip(units))
    }

    /// One hanzi left out, two neighbours exchanged, or one hanzi of four or more replaced by another.
    fn with_a_slip(&self, units: &[Unit]) -> Option<(f32, &[Idea])> {
        let hanzi: Vec<char> = units.iter().filter_map(Unit::hanzi).collect();
        if hanzi.len() < 2 {
            return None;
        }
        let left_out = found(&self.by_gap, &String::from_iter(&hanzi), 0.7);
        let exchanged = |at| {
            let mut other = hanzi.clone();
            other.swap(at, at + 1);
            found(&self.by_hanzi, &String::from_iter(other), 0.75)
        };
        let replaced = |at| found(&self.by_gap, &without(&hanzi, at), 0.65);
        left_out
            .or_else(|| (hanzi.len() >= 3).then(|| (0..hanzi.len() - 1).find_map(exchanged))?)
            .or_else(|| (hanzi.len() >= 4).then(|| (0..hanzi.len()).find_map(replaced))?)
    }

    /// First letters cut into forms, the longest first: `jszdl` is 驾驶证 and 丢了.
    pub fn of_initials(&self, letters: &str) -> Vec<&[Idea]> {
        let (mut at, mut ideas) = (0, Vec::new());
        while at < letters.len() {
            let mut longest = (at + 2..=letters.len()).rev();
            let known = |end| Some((end, self.by_initials.get(&letters[at..end])?));
            match longest.find_map(known) {
                Some((end, found)) => {
                    ideas.push(found.as_slice());
                    at = end;
                }
                None if ideas.is_empty() || letters.len() - at > 1 => return Vec::new(),
                None => break,
            }
        }
        ideas
    }

    /// The idea whose pinyin is nearest to these letters, if one is near enough.
    pub fn corrected(&self, letters: &str) -> Option<Idea> {
        let slips_most = (letters.len() / LETTERS_PER_SLIP).min(2);
        let is_near = |typed: &str| typed.len().abs_diff(letters.len()) <= slips_most;
        let near = self.typed.iter().filter(|(typed, _)| is_near(typed));
        let letters = letters.as_bytes();
        let counted = near.map(|(typed, idea)| (slips(letters, typed.as_bytes()), *idea));
        let (slips, idea) = counted.min_by_key(|(slips, _)| *slips)?;
        (slips_most > 0 && slips <= slips_most).then_some(idea)
    }
}

fn add<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Vec<Idea>>, key: K, idea: Idea) {
    let ideas = map.entry(key).or_default();
    if !ideas.contains(&idea) {
        ideas.push(idea);
    }
}

/// A form with one of its hanzi left out.
fn without(hanzi: &[char], at: usize) -> String {
    hanzi[..at].iter().chain(&hanzi[at + 1..]).collect()
}

fn found<'a, K, Q>(
    map: &'a HashMap<K, Vec<Idea>>,
    key: &Q,
    quality: f32,
) -> Option<(f32, &'a [Idea])>
where
    K: std::hash::Hash + Eq + std::borrow::Borrow<Q>,
    Q: std::hash::Hash + Eq + ?Sized,
{
    Some((quality, map.get(key)?.as_slice()))
}

fn folded(sounds: &[Syllable]) -> Vec<Syllable> {
    sounds.iter().map(|sound| pinyin::fold(*sound)).collect()
}

fn hanzi(units: &[Unit]) -> Option<String> {
    units.iter().map(Unit::hanzi).collect()
}

fn english(units: &[Unit]) -> Option<String> {
    let words: Option<Vec<&str>> = units.iter().map(Unit::word).collect();
    words.map(|words| words.join(" "))
}

/// How many letters are wrong, missing, extra or exchanged with a neighbour (optimal string alignment distance).
fn slips(a: &[u8], b: &[u8]) -> usize {
    let first = |i: usize| (0..=b.len()).map(move |j| if i == 0 { j } else { i });
    let mut rows: Vec<Vec<usize>> = (0..=a.len()).map(|i| first(i).collect()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let wrong = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + wrong);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let word = |kind, id: &str, forms: &[&str]| Word {
            kind,
            id: id.into(),
            forms: forms.iter().map(|form| (*form).into()).collect(),
            says: None,
        };
        Lexicon::new(&[
            word(
                WordKind::Idea,
                "licence",
                &["驾驶证", "驾照", "driving licence"],
            ),
            word(WordKind::Idea, "lost", &["丢了", "遗失"]),
            word(WordKind::Filler, "filler", &["怎么办"]),
            word(WordKind::Reading, "银行", &["yin", "hang"]),
            word(WordKind::Idea, "bank", &["银行卡"]),
        ])
    }

    fn first(text: &str) -> Option<(usize, Idea)> {
        let lexicon = lexicon();
        let written = lexicon.units(text);
        let readings = [crate::guide::search::text::spoken(&written), written];
        readings.iter().find_map(|units| {
            let found = lexicon.at(units, Care::Typed).into_iter().last()?;
            Some((found.0.length, found.1[0]))
        })
    }

    #[test]
    fn a_word_is_known_however_it_is_written() {
        for text in [
            "驾驶证",
            "驾驶正",
            "驾史证",
            "jiashizheng",
            "jia shi zheng",
            "jiasizen",
            "驾证驶",
            "Driving Licence",
        ] {
            assert_eq!(first(text).map(|(_, idea)| idea), Some(0), "{text}");
        }
        assert_eq!(first("驾证"), Some((2, 0)));
        assert_eq!(first("房产证"), None);
        assert_eq!(first("yinhangka"), Some((3, 4)));
    }

    #[test]
    fn first_letters_and_slips_lead_to_words() {
        let lexicon = lexicon();
        assert_eq!(lexicon.of_initials("jszdl"), [&[0][..], &[1][..]]);
        assert!(lexicon.of_initials("xyz").is_empty());
        assert_eq!(lexicon.corrected("jaishizheng"), Some(0));
        assert_eq!(lexicon.corrected("jiashzheng"), Some(0));
        assert_eq!(lexicon.corrected("abcdefghijk"), None);
    }
}
