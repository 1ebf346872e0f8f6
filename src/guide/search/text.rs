//! A question cut into the units that are compared: hanzi with their sound, syllables typed as letters, English words.

use super::pinyin::{self, Syllable};

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    Hanzi(char, Option<Syllable>),
    /// A syllable of pinyin.
    Spoken(Syllable),
    /// Letters or digits, in lower case.
    Word(String),
    /// Punctuation: no word goes across it.
    Break,
}

impl Unit {
    pub fn hanzi(&self) -> Option<char> {
        match self {
            Unit::Hanzi(hanzi, _) => Some(*hanzi),
            Unit::Spoken(_) | Unit::Word(_) | Unit::Break => None,
        }
    }

    pub fn sound(&self) -> Option<Syllable> {
        match self {
            Unit::Hanzi(_, sound) => *sound,
            Unit::Spoken(sound) => Some(*sound),
            Unit::Word(_) | Unit::Break => None,
        }
    }

    pub fn word(&self) -> Option<&str> {
        match self {
            Unit::Word(word) => Some(word),
            Unit::Hanzi(..) | Unit::Spoken(_) | Unit::Break => None,
        }
    }

    /// Another reading than the commonest.
    pub fn reads(&mut self, sound: Syllable) {
        if let Unit::Hanzi(_, reading) = self {
            *reading = Some(sound);
        }
    }
}

/// Cuts a text. Letters stay words; [`spoken`] reads them as pinyin.
pub fn units(text: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut word = String::new();
    for raw in text.chars() {
        let c = plain(raw);
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            units.push(Unit::Word(std::mem::take(&mut word)));
        }
        match c {
            '\u{3400}'..='\u{9fff}' => units.push(Unit::Hanzi(c, pinyin::of(c))),
            ' ' | '\'' | '’' | '-' => {}
            _ if units.last() != Some(&Unit::Break) => units.push(Unit::Break),
            _ => {}
        }
    }
    if !word.is_empty() {
        units.push(Unit::Word(word));
    }
    units
}

/// The same units, with each word that can be pinyin replaced by its syllables.
pub fn spoken(units: &[Unit]) -> Vec<Unit> {
    let cut = |unit: &Unit| match unit {
        Unit::Word(word) => match pinyin::cut(word) {
            Some(sounds) => sounds.into_iter().map(Unit::Spoken).collect(),
            None => vec![unit.clone()],
        },
        Unit::Hanzi(..) | Unit::Spoken(_) | Unit::Break => vec![unit.clone()],
    };
    units.iter().flat_map(cut).collect()
}

/// Full-width letters as plain ones, all in lower case.
fn plain(c: char) -> char {
    let half = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    half.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_scripts_and_punctuation() {
        let cut = units("驾照 C1,丢");
        assert_eq!(cut.len(), 5);
        assert_eq!(cut[2], Unit::Word("c1".into()));
        assert_eq!(cut[3], Unit::Break);
        assert_eq!(spoken(&units("diule")).len(), 2);
        assert_eq!(spoken(&units("jsz")), [Unit::Word("jsz".into())]);
    }
}
