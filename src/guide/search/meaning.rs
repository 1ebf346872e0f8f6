//! What a text is about: its slots, one for each idea and one for each piece that is no idea.
//!
//! A slot holds all features of one piece of the text, such as the hanzi and how they sound. Questions and phrases are
//! cut in the same way, so that the same words weigh the same on both sides.

use super::lexicon::{Care, Idea, Lexicon};
use super::pinyin::{self, Syllable};
use super::text::{Unit, spoken};
use crate::guide::catalogue::WordKind;

/// What two texts can have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    Idea(Idea),
    Pair(char, char),
    Sounds(Syllable, Syllable),
    /// A hanzi and how its neighbour sounds; whether the hanzi is the first of the two.
    Half(char, Syllable, bool),
    One(char),
    /// A digest of an English word's stem.
    Word(u64),
    /// Three first letters in a row.
    Initials([char; 3]),
}

/// One piece of a text: the features that it may be recognised by, and how sure each is.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    pub features: Vec<(Feature, f32)>,
    /// How much the piece says, without its rarity.
    pub weight: f32,
}

/// An idea says more than two hanzi in a row.
const OF_IDEA: f32 = 2.0;
const OF_PAIR: f32 = 1.0;
const OF_WORD: f32 = 1.5;
/// A single hanzi is in many words.
const OF_ONE: f32 = 0.8;
/// How sure it is that two hanzi mean two others that sound alike.
const SOUNDS_ALIKE: f32 = 0.6;
/// A filler counts less than a word, so that a word of the same length wins.
const FILLER: f32 = 0.7;

/// A text's slots, and whether a word of another office is among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meaning {
    pub slots: Vec<Slot>,
    pub elsewhere: Option<Idea>,
    /// What it names of this hall: an entry that has none of it answers another question.
    pub topics: Vec<Slot>,
    /// Words of other offices: beside a topic, they must be in an answer too.
    pub of_others: Vec<Slot>,
    /// Whose the things are that it names: what no entry has is another office's, or nobody's.
    pub subjects: Vec<Slot>,
}

/// Cuts units into fillers, ideas and the rest, so that as much as possible is recognised.
pub fn meaning(lexicon: &Lexicon, units: &[Unit], care: Care) -> Meaning {
    let mut meaning = Meaning::default();
    let mut rest: Vec<Unit> = Vec::new();
    let mut is_first = true;
    for piece in pieces(lexicon, units, care) {
        match piece {
            Piece::Rest(unit) => rest.push(unit.clone()),
            Piece::Form {
                ideas,
                quality,
                units,
            } => {
                let is_filler = lexicon.are_fillers(ideas);
                if is_first || !is_filler {
                    let known = if is_filler { &[] } else { units };
                    meaning.subjects.extend(subject(&rest, known));
                }
                is_first = false;
                meaning.take_rest(&mut rest);
                meaning.take_form(lexicon, ideas, quality);
            }
        }
    }
    meaning.take_rest(&mut rest);
    meaning
}

/// What stands before a known word, or begins a question, and is no known word itself: 电梯 before 年检, 教练 before
/// 态度不好. It says whose inspection that is. A word of Chinese ends in what it is, so the last two hanzi tell, or the last
/// with a known word of one hanzi behind it (路边停|车). One alone may be a verb or an adjective; figures are no words.
fn subject(rest: &[Unit], known: &[Unit]) -> Option<Slot> {
    const FIGURES: &str = "一二三四五六七八九十百千万两半第";
    let is_figure = |unit: &Unit| match unit {
        Unit::Hanzi(hanzi, _) => FIGURES.contains(*hanzi),
        Unit::Word(word) => word.bytes().all(|byte| byte.is_ascii_digit()),
        Unit::Spoken(_) | Unit::Break => false,
    };
    let run = rest.rsplit(|unit| *unit == Unit::Break).next()?;
    if run.iter().all(is_figure) {
        return None;
    }
    let pair = |a: &Unit, b: &Unit| Some(Feature::Pair(a.hanzi()?, b.hanzi()?));
    let across = match known {
        [of_one_hanzi] => run.last().and_then(|last| pair(last, of_one_hanzi)),
        _ => None,
    };
    let features = match run {
        [.., Unit::Word(letters)] => vec![word(letters)],
        [.., a, b] => pair(a, b).into_iter().chain(across).collect(),
        _ => Vec::new(),
    };
    let features: Vec<_> = features.into_iter().map(|feature| (feature, 1.0)).collect();
    (!features.is_empty()).then_some(Slot {
        features,
        weight: OF_PAIR,
    })
}

/// What typed letters mean if they are neither English nor pinyin.
pub fn of_letters(lexicon: &Lexicon, letters: &str) -> Meaning {
    let mut meaning = Meaning::default();
    for ideas in lexicon.of_initials(letters) {
        meaning.take_form(lexicon, ideas, 0.9);
    }
    if meaning.is_empty() {
        meaning = half_initials(lexicon, letters);
    }
    if meaning.is_empty()
        && let Some(idea) = lexicon.corrected(letters)
    {
        meaning.take_form(lexicon, &[idea], 0.7);
    }
    if meaning.is_empty() {
        meaning.slots = initials(letters);
        meaning.subjects = meaning.slots.clone();
    }
    meaning
}

/// First letters before or after whole syllables: `xszdiule`.
fn half_initials(lexicon: &Lexicon, letters: &str) -> Meaning {
    let splits = (2..letters.len().saturating_sub(1)).rev();
    let halves = splits.flat_map(|at| {
        [
            (&letters[..at], &letters[at..]),
            (&letters[at..], &letters[..at]),
        ]
    });
    let known = halves.filter_map(|(short, long)| {
        let ideas = lexicon.of_initials(short);
        let spoken: Vec<Unit> = pinyin::cut(long)?.into_iter().map(Unit::Spoken).collect();
        let mut found = meaning(lexicon, &spoken, Care::Typed);
        (!ideas.is_empty() && found.slots.iter().all(Slot::is_idea)).then(|| {
            ideas
                .into_iter()
                .for_each(|ideas| found.take_form(lexicon, ideas, 0.9));
            found
        })
    });
    known.into_iter().next().unwrap_or_default()
}

/// Every three first letters in a row.
pub fn initials(letters: &str) -> Vec<Slot> {
    let letters: Vec<char> = letters.chars().collect();
    let slot = |three: &[char]| Slot {
        features: vec![(Feature::Initials([three[0], three[1], three[2]]), 0.8)],
        weight: OF_PAIR,
    };
    letters.windows(3).map(slot).collect()
}

/// Features of a phrase by which a question may find it, besides its slots.
pub fn also(units: &[Unit]) -> Vec<Feature> {
    let mut features = Vec::new();
    let sounds: Vec<Option<Syllable>> = units.iter().map(Unit::sound).collect();
    for pair in units.windows(2) {
        if let (Some(a), Some(b)) = (pair[0].hanzi(), pair[1].hanzi()) {
            features.push(Feature::Pair(a, b));
        }
        features.extend(halves(&pair[0], &pair[1]));
        if let (Some(a), Some(b)) = (pair[0].sound(), pair[1].sound()) {
            features.push(sound_pair(a, b));
        }
    }
    for three in sounds.windows(3) {
        if let [Some(a), Some(b), Some(c)] = three {
            features.push(Feature::Initials([*a, *b, *c].map(pinyin::initial)));
        }
    }
    features.extend(units.iter().filter_map(Unit::hanzi).map(Feature::One));
    features.extend(units.iter().filter_map(Unit::word).map(word));
    features
}

/// The best cut from one place on: how much is recognised, how long the first piece is, and which form it has.
type Best<'a> = (f32, usize, Option<(&'a [Idea], f32)>);

enum Piece<'a> {
    Form {
        ideas: &'a [Idea],
        quality: f32,
        units: &'a [Unit],
    },
    Rest(&'a Unit),
}

/// The cut that recognises the most; long forms win over short ones.
fn pieces<'a>(lexicon: &'a Lexicon, units: &'a [Unit], care: Care) -> Vec<Piece<'a>> {
    let mut best: Vec<Best<'a>> = vec![(0.0, 0, None); units.len() + 1];
    for from in (0..units.len()).rev() {
        best[from] = (best[from + 1].0, 1, None);
        for (found, ideas) in lexicon.at(&units[from..], care) {
            let of_kind = match lexicon.are_fillers(ideas) {
                true => FILLER,
                false => 1.0,
            };
            let worth = found.quality * (found.length as f32).powf(1.4) * of_kind;
            let sum = worth + best[from + found.length].0;
            if sum > best[from].0 {
                best[from] = (sum, found.length, Some((ideas, found.quality)));
            }
        }
    }
    let (mut at, mut pieces) = (0, Vec::new());
    while at < units.len() {
        let (_, length, form) = best[at];
        pieces.push(match form {
            Some((ideas, quality)) => Piece::Form {
                ideas,
                quality,
                units: &units[at..at + length],
            },
            None => Piece::Rest(&units[at]),
        });
        at += length;
    }
    pieces
}

impl Slot {
    fn is_idea(&self) -> bool {
        self.features
            .iter()
            .all(|(feature, _)| matches!(feature, Feature::Idea(_)))
    }
}

impl Meaning {
    fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.elsewhere.is_none()
    }

    fn add(&mut self, more: Meaning) {
        self.slots.extend(more.slots);
        self.elsewhere = self.elsewhere.or(more.elsewhere);
        self.topics.extend(more.topics);
        self.of_others.extend(more.of_others);
        self.subjects.extend(more.subjects);
    }

    fn take_form(&mut self, lexicon: &Lexicon, ideas: &[Idea], quality: f32) {
        if lexicon.are_fillers(ideas) {
            return;
        }
        let elsewhere = lexicon.find(ideas, WordKind::Elsewhere);
        self.elsewhere = self.elsewhere.or(elsewhere);
        let features = ideas.iter().map(|idea| (Feature::Idea(*idea), quality));
        let slot = Slot {
            features: features.collect(),
            weight: OF_IDEA,
        };
        if !self.slots.contains(&slot) {
            if elsewhere.is_some() {
                self.of_others.push(slot.clone());
            }
            if lexicon.find(ideas, WordKind::Topic).is_some() {
                self.topics.push(slot.clone());
            }
            self.slots.push(slot);
        }
    }

    /// What is no known word: by twos, or alone.
    fn take_rest(&mut self, rest: &mut Vec<Unit>) {
        for run in rest.split(|unit| *unit == Unit::Break) {
            let slot = |feature, weight| Slot {
                features: vec![(feature, 1.0)],
                weight,
            };
            let words = run.iter().filter_map(Unit::word);
            self.slots
                .extend(words.map(|letters| slot(word(letters), OF_WORD)));
            let spoken: Vec<&Unit> = run.iter().filter(|unit| unit.sound().is_some()).collect();
            if let [one] = spoken.as_slice() {
                let one = one.hanzi().map(Feature::One);
                self.slots.extend(one.map(|one| slot(one, OF_ONE)));
            }
            let pairs = spoken.windows(2);
            self.slots
                .extend(pairs.map(|pair| pair_slot(pair[0], pair[1])));
        }
        rest.clear();
    }
}

fn pair_slot(a: &Unit, b: &Unit) -> Slot {
    let mut features = Vec::new();
    if let (Some(a), Some(b)) = (a.hanzi(), b.hanzi()) {
        features.push((Feature::Pair(a, b), 1.0));
    }
    match (a.sound(), b.sound()) {
        (Some(a), Some(b)) if features.is_empty() => features.push((sound_pair(a, b), 0.8)),
        _ => features.extend(halves(a, b).map(|half| (half, SOUNDS_ALIKE))),
    }
    Slot {
        features,
        weight: OF_PAIR,
    }
}

/// Of two hanzi an input method mistakes one: 违张 is 违章, but 邮寄 is not 有几.
fn halves(a: &Unit, b: &Unit) -> impl Iterator<Item = Feature> {
    let half = |hanzi: &Unit, other: &Unit, is_first| {
        let sound = pinyin::fold(other.sound()?);
        Some(Feature::Half(hanzi.hanzi()?, sound, is_first))
    };
    [half(a, b, true), half(b, a, false)].into_iter().flatten()
}

fn sound_pair(a: Syllable, b: Syllable) -> Feature {
    Feature::Sounds(pinyin::fold(a), pinyin::fold(b))
}

/// English words are compared without their commonest endings.
fn word(word: &str) -> Feature {
    let stem = ["ing", "ed", "es", "s"].iter().find_map(|ending| {
        let stem = word.strip_suffix(ending)?;
        (stem.len() >= 3).then_some(stem)
    });
    let bytes = stem.unwrap_or(word).bytes();
    // FNV-1a: the same in every process, and two words of a guide do not meet in 64 bits
    Feature::Word(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }))
}

/// The ways in which a question may be meant, each to be tried.
pub fn readings(lexicon: &Lexicon, question: &str) -> Vec<Meaning> {
    let written = lexicon.units(question);
    let mut readings = vec![meaning(lexicon, &written, Care::Typed)];
    if written.iter().all(|unit| unit.word().is_none()) {
        return readings;
    }
    let sounds = spoken(&written);
    let mut mixed = meaning(lexicon, &sounds, Care::Typed);
    let letters = sounds.iter().filter_map(Unit::word);
    let letters: Vec<&str> = letters.filter(|word| word.len() >= 2).collect();
    if sounds != written {
        readings.push(mixed.clone());
    }
    if !letters.is_empty() {
        let known = |unit: &Unit| unit.word().map_or(unit.clone(), |_| Unit::Break);
        let known: Vec<Unit> = sounds.iter().map(known).collect();
        mixed = meaning(lexicon, &known, Care::Typed);
        for letters in letters {
            mixed.add(of_letters(lexicon, letters));
        }
        readings.push(mixed);
    }
    let all: Option<String> = written.iter().map(Unit::word).collect();
    if let Some(all) = all.filter(|all| all.len() >= 3) {
        // all letters at once: cut wrongly by spaces, or none of it a syllable
        readings.push(of_letters(lexicon, &all));
    }
    readings
}
