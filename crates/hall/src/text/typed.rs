//! What people typed, scanned or pasted, in one form: the door before anything is parsed, digested or compared.
//!
//! A hall's people type on glass, with input methods that write `Ａ００３`, and paste from chats and sheets; scanners add
//! the name of a symbology in front and a line's end behind. Each of the forms here reads all of these as what is meant.
//! What is plain already stays as it is, byte for byte: digests and names that were stored before still fit.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Words in one line: compatible forms made plain (NFKC), nothing invisible, every dash a `-`, every digit one of `0` to
/// `9`, one space between words. For searching and comparing, not for showing: a name has its own spelling.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in unified(text) {
        match c {
            ' ' if plain.is_empty() || plain.ends_with(' ') => {}
            c => plain.push(c),
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// A number, code or key: plain, without spaces and dashes, in capitals, and without the symbology that a scanner names
/// in front (AIM identifiers such as `]Q3`).
pub fn key(text: &str) -> String {
    let written = unified(text).filter(|c| !matches!(c, ' ' | '-'));
    let key: String = written.flat_map(char::to_uppercase).collect();
    match symbology(&key) {
        Some(length) => key[length..].into(),
        None => key,
    }
}

/// A name as it is compared: plain, in small letters, without spaces, dashes and the dots between the parts of a name, of
/// which each input method has another. Nor with digits: no document has one in a name, and whoever adds a 2 to his own is
/// not two people.
pub fn folded_name(text: &str) -> String {
    let letters = unified(text).filter(|c| !is_between_names(*c));
    // once more composed: what stood between a letter and its mark is gone
    letters.flat_map(char::to_lowercase).nfc().collect()
}

/// Words as people spell them: nothing invisible, one space between words. Letters stay the ones that were typed.
pub fn spelling(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let words = visible.split(is_space).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Something in it orders a screen or a printer about: control characters inside, and marks that turn the direction of
/// what follows. Line ends and tabs around it are a scanner's.
pub fn commands_a_screen(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let within = text.trim_matches(|c: char| is_space(c) || is_invisible(c) && !c.is_control());
    within.contains(char::is_control) || text.contains(turns)
}

/// The characters of every form: what is invisible goes before and after compatible characters are made plain, so that
/// nothing hides between a letter and its mark.
fn unified(text: &str) -> impl Iterator<Item = char> + '_ {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    visible.nfkc().filter(|c| !is_invisible(*c)).map(|c| {
        if is_space(c) {
            ' '
        } else if is_dash(c) {
            '-'
        } else {
            digit(c).unwrap_or(c)
        }
    })
}

/// Every white space, and two characters that are drawn as nothing but count as letters or symbols.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2800}')
}

/// What is not drawn: format characters (bidi marks, joiners, byte order marks), controls that are no space, and whatever
/// else Unicode says to ignore where it is not known.
fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control() && !c.is_whitespace();
    }
    let category = c.general_category();
    let is_control = category == GeneralCategory::Control && !c.is_whitespace();
    is_control || category == GeneralCategory::Format || is_ignorable(c)
}

/// The default ignorable characters of Unicode that are neither format characters nor controls.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{034F}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{2065}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Every dash, hyphen and minus, and what input methods write in place of one.
fn is_dash(c: char) -> bool {
    c.general_category() == GeneralCategory::DashPunctuation
        || matches!(
            c,
            '\u{02D7}' // modifier letter minus
                | '\u{2043}' // hyphen bullet
                | '\u{2053}' // swung dash
                | '\u{207B}' | '\u{208B}' | '\u{2212}' // minus, raised and lowered
                | '\u{2500}' | '\u{2501}' // lines of boxes
                | '\u{2796}' // heavy minus
                | '\u{30FC}' // the long vowel of Japanese, beside the dash on a keyboard
        )
}

/// What stands beside the letters of a name: the dots between its parts, for which people type the full stop too.
fn is_between_names(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '0'
            ..='9'
            | '\u{B7}' // ·
            | '\u{2022}' // •
            | '\u{2024}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{25CF}' | '\u{25E6}'
            | '\u{2E31}' | '\u{2E33}'
            | '\u{3002}' // 。
            | '\u{30FB}' // ・
            | '\u{A78F}'
            | '.'
    )
}

/// A decimal digit of any script: Unicode keeps ten of a kind together, the nought first.
fn digit(c: char) -> Option<char> {
    if c.is_ascii() || c.general_category() != GeneralCategory::DecimalNumber {
        return None;
    }
    let is_digit = |code: &u32| {
        let c = char::from_u32(*code);
        c.is_some_and(|c| c.general_category() == GeneralCategory::DecimalNumber)
    };
    let before = (0..u32::from(c)).rev().take_while(is_digit).count();
    char::from_digit(u32::try_from(before % 10).ok()?, 10)
}

/// How long the identifier of a symbology in front is: `]`, a letter, a modifier (ISO/IEC 15424).
fn symbology(key: &str) -> Option<usize> {
    let [b']', letter, modifier, ..] = key.as_bytes() else {
        return None;
    };
    (letter.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric()).then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_character() -> impl Iterator<Item = char> {
        (0..=u32::from(char::MAX)).filter_map(char::from_u32)
    }

    #[test]
    fn every_white_space_is_a_space() {
        let spaces: Vec<char> = every_character().filter(|c| c.is_whitespace()).collect();
        assert!(spaces.len() >= 25, "{spaces:?}");
        for space in spaces.into_iter().chain(['\u{2800}']) {
            let typed = format!("{space}a{space}{space}1{space}");
            assert_eq!(plain(&typed), "a 1", "{space:?}");
            assert_eq!(key(&typed), "A1", "{space:?}");
            assert_eq!(spelling(&typed), "a 1", "{space:?}");
            assert_eq!(folded_name(&typed), "a", "{space:?}");
        }
    }

    #[test]
    fn every_dash_is_a_dash() {
        let is_pd =
            |c: &char| unicode_properties::GeneralCategory::DashPunctuation == c.general_category();
        let dashes: Vec<char> = every_character().filter(is_pd).collect();
        assert!(dashes.len() >= 25, "{dashes:?}");
        let others = "\u{2212}\u{207B}\u{208B}\u{2043}\u{2053}\u{02D7}\u{2500}\u{30FC}\u{FF70}";
        for dash in dashes.into_iter().chain(others.chars()) {
            let typed = format!("a{dash}1");
            assert_eq!(plain(&typed), "a-1", "{dash:?}");
            assert_eq!(key(&typed), "A1", "{dash:?}");
        }
    }

    #[test]
    fn every_digit_is_a_digit() {
        let is_nd = |c: &char| c.general_category() == GeneralCategory::DecimalNumber;
        let digits: Vec<char> = every_character().filter(is_nd).collect();
        assert!(digits.len() >= 680 && digits.len().is_multiple_of(10));
        for (place, ten) in digits.chunks(10).enumerate() {
            let typed: String = ten.iter().collect();
            assert_eq!(key(&typed), "0123456789", "{place} {ten:?}");
        }
    }

    /// Letters, digits and signs of fonts and keyboards that are another form of a plain one.
    #[test]
    fn every_form_of_a_letter_is_the_letter() {
        for code in 0x21..=0x7E_u8 {
            let ascii = char::from(code);
            let wide = char::from_u32(u32::from(code) + 0xFEE0).unwrap();
            assert_eq!(plain(&wide.to_string()), ascii.to_string());
        }
        for form in ["Ａ", "𝐀", "𝔸", "Ⓐ", "ａ"] {
            assert_eq!(key(form), "A", "{form}");
        }
        assert_eq!(key("Ⅻ③²"), "XII32");
    }

    #[test]
    fn nothing_invisible_stays() {
        let hidden = every_character().filter(|c| is_invisible(*c));
        let mut count = 0;
        for c in hidden {
            let typed = format!("{c}a{c}1{c}");
            assert_eq!(plain(&typed), "a1", "{c:?}");
            assert_eq!(key(&typed), "A1", "{c:?}");
            assert_eq!(spelling(&typed), "a1", "{c:?}");
            count += 1;
        }
        assert!(count > 4_000, "{count}"); // controls, format characters, a plane of tags
        for c in "\u{200B}\u{200C}\u{200D}\u{2060}\u{FEFF}\u{200E}\u{200F}\u{202E}\u{2066}\u{AD}\u{61C}\0\u{7F}".chars() {
            assert!(is_invisible(c), "{c:?}");
        }
    }

    /// Digests and names made of plain text before this was there have to fit for ever.
    #[test]
    fn what_is_plain_stays_as_it_is() {
        for text in ["A003", "430204199001011234", "11010519491231002X", "012345"] {
            assert_eq!(key(text), text);
        }
        for text in ["陈小明", "欧阳娜娜", "𠮷野家", "demo-officer", "Müller"] {
            assert_eq!(plain(text), text);
            assert_eq!(spelling(text), text);
        }
        assert_eq!(folded_name("陈小明"), "陈小明");
    }

    #[test]
    fn folding_twice_is_folding_once() {
        for c in every_character() {
            let text = c.to_string();
            for fold in [plain, folded_name, spelling] {
                assert_eq!(fold(&fold(&text)), fold(&text), "{c:?}");
            }
        }
    }

    #[test]
    fn what_a_scanner_adds_is_left_away() {
        for scanned in [
            "]Q3A003\r\n",
            "\tA003\r",
            "]C1A003",
            "\u{FEFF}A003\n",
            "]d2 A003",
        ] {
            assert_eq!(key(scanned), "A003", "{scanned:?}");
        }
        assert_eq!(key("]"), "]");
    }

    #[test]
    fn one_name_in_many_spellings_is_one_name() {
        let dotted = "艾力·买买提";
        for spelling in [
            "艾力•买买提",
            "艾力・买买提",
            "艾力.买买提",
            "艾力．买买提",
            "艾力･买买提",
            "艾力 买买提",
            "艾力‧买买提\u{200B}",
        ] {
            assert_eq!(folded_name(spelling), folded_name(dotted), "{spelling}");
        }
        assert_eq!(folded_name("John  SMITH"), folded_name("ｊｏｈｎ smith"));
        assert_eq!(folded_name("张三2"), folded_name("张三"));
        assert_eq!(folded_name("n \u{301}"), folded_name("Ń"));
        assert_ne!(folded_name("张三"), folded_name("张山"));
    }

    #[test]
    fn what_orders_a_screen_about_is_found() {
        for text in ["王\0五", "王\r\n五", "\u{202e}abc", "王\t五", "a\u{2066}b"] {
            assert!(commands_a_screen(text), "{text:?}");
        }
        for text in [
            "王五\r\n",
            "\t王五",
            "王 五",
            "\u{FEFF}王五\u{200B}",
            "王\u{200B}五",
            "",
        ] {
            assert!(!commands_a_screen(text), "{text:?}");
        }
    }
}
