//! What a printer can print: its character set, and what stands for a character that it lacks.
//!
//! A printer takes the bytes of a character that it does not have for others: `¥` of four bytes comes out as two letters,
//! and everything behind it is shifted. So nothing leaves but what the set has. A sign that has another form there is set
//! in that (￥); a hanzi that the set lacks is the printers' own mark for one, the geta 〓; what is only there to join or
//! to style, as in emoji, is left away.
//!
//! The sets by their two bytes: GB/T 2312-1980; GBK as code page 936 has it; GB18030-2005, whose four bytes are printed
//! for hanzi only, because no printer draws the rest of Unicode.

use encoding_rs::GB18030;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A printer's character set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// 6,763 hanzi: the oldest printers.
    Gb2312,
    /// 21,003 hanzi.
    Gbk,
    /// Every hanzi.
    #[default]
    Gb18030,
}

/// For a hanzi that is not there.
const GETA: char = '〓';

/// Signs that have another form in all three sets, no wider than they are.
const FORMS: [(char, &str); 17] = [
    ('〇', "○"),
    ('¥', "￥"),
    ('£', "￡"),
    ('¢', "￠"),
    ('€', "欧"),
    ('©', "C"),
    ('®', "R"),
    ('•', "·"),
    ('‧', "·"),
    ('・', "·"),
    ('–', "-"),
    ('‐', "-"),
    ('−', "-"),
    ('‑', "-"),
    ('‚', ","),
    ('«', "《"),
    ('»', "》"),
];

/// First byte, second byte, from and to.
type Block = (u8, u8, u8, u8);

/// Of GB/T 2312: its rows of signs, as far as each is filled, then the hanzi.
const OF_GB2312: [Block; 17] = [
    (0xA1, 0xA1, 0xA1, 0xFE),
    (0xA2, 0xA2, 0xB1, 0xE2),
    (0xA2, 0xA2, 0xE5, 0xEE),
    (0xA2, 0xA2, 0xF1, 0xFC),
    (0xA3, 0xA3, 0xA1, 0xFE),
    (0xA4, 0xA4, 0xA1, 0xF3),
    (0xA5, 0xA5, 0xA1, 0xF6),
    (0xA6, 0xA6, 0xA1, 0xB8),
    (0xA6, 0xA6, 0xC1, 0xD8),
    (0xA7, 0xA7, 0xA1, 0xC1),
    (0xA7, 0xA7, 0xD1, 0xF1),
    (0xA8, 0xA8, 0xA1, 0xBA),
    (0xA8, 0xA8, 0xC5, 0xE9),
    (0xA9, 0xA9, 0xA4, 0xEF),
    (0xB0, 0xD6, 0xA1, 0xFE),
    (0xD7, 0xD7, 0xA1, 0xF9),
    (0xD8, 0xF7, 0xA1, 0xFE),
];
/// What GBK adds: hanzi, and some signs.
const GBK_ADDS: [Block; 11] = [
    (0x81, 0xA0, 0x40, 0xFE),
    (0xAA, 0xFD, 0x40, 0xA0),
    (0xFE, 0xFE, 0x40, 0x4F),
    (0xA2, 0xA2, 0xA1, 0xAA),
    (0xA6, 0xA6, 0xE0, 0xEB),
    (0xA6, 0xA6, 0xEE, 0xF2),
    (0xA6, 0xA6, 0xF4, 0xF5),
    (0xA8, 0xA8, 0x40, 0x95),
    (0xA8, 0xA8, 0xBB, 0xC0),
    (0xA9, 0xA9, 0x40, 0x88),
    (0xA9, 0xA9, 0x96, 0x96),
];
/// In the blocks above, but of GB18030 alone.
const NOT_OF_GBK: [[u8; 2]; 2] = [[0xA8, 0xBC], [0xA8, 0xBF]];

impl Charset {
    /// As the configuration says it.
    pub fn named(name: &str) -> Option<Charset> {
        match name {
            "gb2312" => Some(Charset::Gb2312),
            "gbk" => Some(Charset::Gbk),
            "gb18030" => Some(Charset::Gb18030),
            _ => None,
        }
    }

    /// A text as this printer's bytes, without anything that it would take for an order or lacks.
    pub fn encode(self, text: &str) -> Vec<u8> {
        let encoded = text
            .nfc()
            .flat_map(|c| self.of(c).unwrap_or_else(|| self.instead_of(c)));
        encoded.collect()
    }

    /// The character as it is, if the set has it.
    fn of(self, c: char) -> Option<Vec<u8>> {
        let mut buffer = [0; 4];
        let (encoded, _, _) = GB18030.encode(c.encode_utf8(&mut buffer));
        let has = match encoded.as_ref() {
            [byte] => (0x20..0x7F).contains(byte),
            [first, second] => self.has(*first, *second) && !is_private(c),
            _ => self == Charset::Gb18030 && is_hanzi(c),
        };
        has.then(|| encoded.into_owned())
    }

    /// Another form of it, or the mark for what is not there.
    fn instead_of(self, c: char) -> Vec<u8> {
        let form = other_form(c);
        let form =
            form.and_then(|form| form.chars().map(|c| self.of(c)).collect::<Option<Vec<_>>>());
        match form {
            Some(form) => form.concat(),
            None if c.is_control() || c.is_whitespace() => vec![b' '], // a text gives no orders
            None if is_unseen(c) => Vec::new(),
            None => self.of(GETA).expect("every set has the geta"),
        }
    }

    fn has(self, first: u8, second: u8) -> bool {
        let within = |(from, to, least, most): &Block| {
            (*from..=*to).contains(&first) && (*least..=*most).contains(&second) && second != 0x7F
        };
        let is_old = OF_GB2312.iter().any(within);
        match self {
            Charset::Gb2312 => is_old,
            Charset::Gbk => {
                let is_added = GBK_ADDS.iter().any(within);
                is_old || is_added && !NOT_OF_GBK.contains(&[first, second])
            }
            Charset::Gb18030 => true,
        }
    }
}

/// How else a character may be written, in no more room: two letters or one sign.
fn other_form(c: char) -> Option<String> {
    if let Some((_, form)) = FORMS.iter().find(|(sign, _)| *sign == c) {
        return Some((*form).into());
    }
    let plain: String = c.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let fits = match plain.is_ascii() {
        true => (1..=2).contains(&plain.len()),
        false => plain.chars().count() == 1,
    };
    fits.then_some(plain)
}

/// What an institution may fill as it likes: a printer has anything there, or nothing.
fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}')
}

/// The ideographs of four bytes: extension A, and those beyond the first plane.
fn is_hanzi(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{9FA6}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// Joins or styles what is beside it, and is nothing by itself.
fn is_unseen(c: char) -> bool {
    is_combining_mark(c)
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Charset; 3] = [Charset::Gb2312, Charset::Gbk, Charset::Gb18030];

    fn printed(charset: Charset, text: &str) -> String {
        let bytes = charset.encode(text);
        let (text, _, wrong) = GB18030.decode(&bytes);
        assert!(!wrong, "{bytes:x?}");
        text.into_owned()
    }

    #[test]
    fn what_a_set_lacks_is_set_in_another_form() {
        for (text, gb2312, gbk, gb18030) in [
            ("工本费¥10", "工本费￥10", "工本费￥10", "工本费￥10"),
            ("50€", "50欧", "50欧", "50€"),
            ("𠮷林", "〓林", "〓林", "𠮷林"),
            ("㐂", "〓", "〓", "㐂"),
            ("喆堃", "〓〓", "喆堃", "喆堃"),
            ("镕", "〓", "镕", "镕"),
            ("José Müller", "José Müller", "José Müller", "José Müller"),
            ("Jose\u{301}", "José", "José", "José"),
            ("Łódź ñ", "〓ódz n", "〓ódz n", "〓ódz n"),
            ("好👍🏻!", "好〓!", "好〓!", "好〓!"),
            ("👨\u{200D}👩\u{200D}👧", "〓〓〓", "〓〓〓", "〓〓〓"),
            (
                "5㎡ 二〇二六 20µ",
                "5m2 二○二六 20μ",
                "5㎡ 二〇二六 20μ",
                "5㎡ 二〇二六 20μ",
            ),
            ("a\tb\u{1B}c\u{A0}d", "a b c d", "a b c d", "a b c d"),
            ("\u{E5E5}\u{E000}", "〓〓", "〓〓", "〓〓"),
            ("驾\u{200B}驶证", "驾驶证", "驾驶证", "驾驶证"),
            (
                "“过号”…—《》【】",
                "“过号”…—《》【】",
                "“过号”…—《》【】",
                "“过号”…—《》【】",
            ),
        ] {
            let of_all = ALL.map(|charset| printed(charset, text));
            assert_eq!(of_all, [gb2312, gbk, gb18030], "{text:?}");
        }
    }

    /// Every character that a name may have, in every set: nothing but bytes of the set, and no wider than measured.
    #[test]
    fn no_character_leads_to_bytes_outside_of_the_set() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            for charset in ALL {
                let bytes = charset.encode(&c.to_string());
                let mut rest = bytes.as_slice();
                while let Some(first) = rest.first() {
                    rest = match rest {
                        [0x20..=0x7E, rest @ ..] => rest,
                        [_, 0x30..=0x39, _, _, rest @ ..] if charset == Charset::Gb18030 => rest,
                        [_, second, rest @ ..] if charset.has(*first, *second) => rest,
                        _ => panic!("{c:?} in {charset:?}: {bytes:x?}"),
                    };
                }
                let widest = if c.is_ascii() { 1 } else { 4 };
                let dots: usize = bytes.len();
                assert!(dots <= widest, "{c:?} in {charset:?}: {bytes:x?}");
            }
        }
    }

    /// How many hanzi of Unicode each set has: the standards' own figures.
    #[test]
    fn each_set_has_as_many_hanzi_as_its_standard() {
        let hanzi = |charset: Charset| {
            let of_first_plane = '\u{4E00}'..='\u{9FA5}';
            of_first_plane.filter(|c| charset.of(*c).is_some()).count()
        };
        assert_eq!(ALL.map(hanzi), [6_763, 20_902, 20_902]);
    }
}
