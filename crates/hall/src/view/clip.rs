//! A piece of sound that a hall records once, and of which every announcement is made.
//!
//! A clip has an id for packs and boards, words for whoever records it, and a normalised text for a speech engine. The
//! text is the guard against engines: the common ones read hanzi with an English voice and 012 as twelve, and say
//! neither in an error.

use crate::id::WindowNumber;
use crate::text::Language;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// A piece of sound: what a hall records once and every sentence is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clip {
    /// 请
    Please,
    /// 号,前来: one clip, so that the pause in it is the speaker's own.
    NumberComeTo,
    /// 号窗口
    Window,
    /// "Ticket"
    Ticket,
    /// "please go to counter"
    GoToCounter,
    /// The name of a Latin letter, A to Z.
    Letter(Language, char),
    /// 0 to 9; in Chinese 1 is 幺.
    Digit(Language, u8),
    /// 一, in a window's number.
    One,
    /// 1 to 9 for 十 to 九十, "ten" to "ninety".
    Tens(Language, u8),
    /// 11 to 19, "eleven" to "nineteen": English alone has words for them.
    Teen(u8),
}

const LETTERS: [&str; 26] = [
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S",
    "T", "U", "V", "W", "X", "Y", "Z",
];

/// Words, id and pinyin of each.
type Spoken = (&'static str, &'static str, &'static str);

const DIGITS: [Spoken; 10] = [
    ("零", "ling", "ling2"),
    ("幺", "yao", "yao1"),
    ("二", "er", "er4"),
    ("三", "san", "san1"),
    ("四", "si", "si4"),
    ("五", "wu", "wu3"),
    ("六", "liu", "liu4"),
    ("七", "qi", "qi1"),
    ("八", "ba", "ba1"),
    ("九", "jiu", "jiu3"),
];

const TENS: [Spoken; 9] = [
    ("十", "shi", "shi2"),
    ("二十", "ershi", "er4 shi2"),
    ("三十", "sanshi", "san1 shi2"),
    ("四十", "sishi", "si4 shi2"),
    ("五十", "wushi", "wu3 shi2"),
    ("六十", "liushi", "liu4 shi2"),
    ("七十", "qishi", "qi1 shi2"),
    ("八十", "bashi", "ba1 shi2"),
    ("九十", "jiushi", "jiu3 shi2"),
];

const ENGLISH_DIGITS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

const ENGLISH_TENS: [&str; 9] = [
    "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

const ENGLISH_TEENS: [&str; 9] = [
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

impl Clip {
    /// Every clip of both languages: what a hall that wants to be ready for any plan records.
    pub fn all() -> BTreeSet<Clip> {
        let both = [Language::Zh, Language::En].into_iter();
        let mut all: BTreeSet<Clip> = both
            .flat_map(|language| {
                let letters = ('A'..='Z').map(move |letter| Clip::Letter(language, letter));
                let digits = (0..=9).map(move |digit| Clip::Digit(language, digit));
                let tens = (1..=9).map(move |tens| Clip::Tens(language, tens));
                letters
                    .chain(digits)
                    .chain(tens)
                    .chain(Clip::around(language))
            })
            .collect();
        all.insert(Clip::One);
        all.extend((11..=19).map(Clip::Teen));
        all
    }

    /// The clips around number and window.
    pub fn around(language: Language) -> Vec<Clip> {
        match language {
            Language::Zh => vec![Clip::Please, Clip::NumberComeTo, Clip::Window],
            Language::En => vec![Clip::Ticket, Clip::GoToCounter],
        }
    }

    /// The clip with this id.
    pub fn parse(id: &str) -> Option<Clip> {
        Clip::all().into_iter().find(|clip| clip.id() == id)
    }

    /// Its name in a pack and in a board's view: `qing`, `a`, `ling`; English ones begin with `en-`.
    pub fn id(&self) -> String {
        match self {
            Clip::Please => "qing".into(),
            Clip::NumberComeTo => "hao-qianlai".into(),
            Clip::Window => "hao-chuangkou".into(),
            Clip::One => "yi".into(),
            Clip::Letter(Language::Zh, letter) => letter.to_ascii_lowercase().into(),
            Clip::Digit(Language::Zh, digit) => DIGITS[usize::from(*digit)].1.into(),
            Clip::Tens(Language::Zh, tens) => TENS[usize::from(*tens) - 1].1.into(),
            Clip::GoToCounter => "en-please-go-to-counter".into(),
            Clip::Ticket
            | Clip::Teen(_)
            | Clip::Letter(Language::En, _)
            | Clip::Digit(Language::En, _)
            | Clip::Tens(Language::En, _) => format!("en-{}", self.words().to_lowercase()),
        }
    }

    /// The language it is spoken in.
    pub fn language(&self) -> Language {
        match self {
            Clip::Please | Clip::NumberComeTo | Clip::Window | Clip::One => Language::Zh,
            Clip::Ticket | Clip::GoToCounter | Clip::Teen(_) => Language::En,
            Clip::Letter(language, _) | Clip::Digit(language, _) | Clip::Tens(language, _) => {
                *language
            }
        }
    }

    /// Whether it is one of the letters that a series of numbers begins with.
    pub fn is_letter_of(&self, prefix: &str) -> bool {
        matches!(self, Clip::Letter(_, letter) if prefix.contains(*letter))
    }

    /// Whether it is said of this window and, unlike a digit, of no number.
    pub fn is_said_of_window(&self, window: WindowNumber) -> bool {
        let words = [Language::Zh, Language::En].map(|language| window_words(window, language));
        let is_digit = matches!(self, Clip::Digit(..));
        !is_digit && words.concat().contains(self)
    }

    /// What the speaker says, as it is written.
    pub fn words(&self) -> &'static str {
        match self {
            Clip::Please => "请",
            Clip::NumberComeTo => "号,前来",
            Clip::Window => "号窗口",
            Clip::One => "一",
            Clip::Ticket => "Ticket",
            Clip::GoToCounter => "please go to counter",
            Clip::Letter(_, letter) => LETTERS[usize::from(*letter as u8 - b'A')],
            Clip::Digit(Language::Zh, digit) => DIGITS[usize::from(*digit)].0,
            Clip::Digit(Language::En, digit) => ENGLISH_DIGITS[usize::from(*digit)],
            Clip::Tens(Language::Zh, tens) => TENS[usize::from(*tens) - 1].0,
            Clip::Tens(Language::En, tens) => ENGLISH_TENS[usize::from(*tens) - 1],
            Clip::Teen(teen) => ENGLISH_TEENS[usize::from(*teen) - 11],
        }
    }

    /// What a speech engine is given: pinyin with tone numbers, or English words. Never a hanzi and never a digit that
    /// stands for a number, both of which engines read wrongly without saying so.
    pub fn normalised(&self) -> String {
        match self {
            Clip::Please => "qing3".into(),
            Clip::NumberComeTo => "hao4, qian2 lai2".into(),
            Clip::Window => "hao4 chuang1 kou3".into(),
            Clip::One => "yi1".into(),
            Clip::Digit(Language::Zh, digit) => DIGITS[usize::from(*digit)].2.into(),
            Clip::Tens(Language::Zh, tens) => TENS[usize::from(*tens) - 1].2.into(),
            Clip::Letter(..)
            | Clip::Ticket
            | Clip::GoToCounter
            | Clip::Teen(_)
            | Clip::Digit(Language::En, _)
            | Clip::Tens(Language::En, _) => self.words().into(),
        }
    }
}

impl fmt::Display for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id())
    }
}

impl Serialize for Clip {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A window's number as people say it; from 100 on sign by sign, as it stands on the door.
pub(super) fn window_words(window: WindowNumber, language: Language) -> Vec<Clip> {
    let digit = |digit: u16| match (language, digit) {
        (Language::Zh, 1) => Clip::One,
        _ => Clip::Digit(language, digit as u8),
    };
    let (tens, ones) = (window.0 / 10, window.0 % 10);
    match (language, window.0) {
        (_, 100..) => {
            let signs = window.0.to_string();
            let digits = signs.bytes().map(|sign| sign - b'0');
            digits.map(|sign| Clip::Digit(language, sign)).collect()
        }
        (_, ..=9) => vec![digit(ones)],
        (Language::En, 11..=19) => vec![Clip::Teen(window.0 as u8)],
        _ if ones == 0 => vec![Clip::Tens(language, tens as u8)],
        _ => vec![Clip::Tens(language, tens as u8), digit(ones)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clip_has_an_id_of_its_own_and_is_found_by_it() {
        let all = Clip::all();
        let ids: BTreeSet<String> = all.iter().map(Clip::id).collect();
        assert_eq!(ids.len(), all.len());
        for clip in all {
            assert_eq!(Clip::parse(&clip.id()), Some(clip));
        }
        assert_eq!(Clip::parse("none"), None);
    }

    #[test]
    fn nothing_that_an_engine_reads_holds_a_hanzi_or_a_bare_number() {
        for clip in Clip::all() {
            let text = clip.normalised();
            assert!(text.is_ascii(), "{text}");
            let syllables = text.split([' ', ',']).filter(|word| !word.is_empty());
            for syllable in syllables {
                assert!(
                    syllable.starts_with(|sign: char| sign.is_ascii_alphabetic()),
                    "{text}"
                );
            }
        }
    }
}
