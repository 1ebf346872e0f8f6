//! Where each word stands on a paper, in dots: how lines are wrapped and cut.
//!
//! A thermal head has 8 dots a millimetre. A hanzi is 24 dots wide and high, a letter is 12 dots wide, both times their
//! scale. In GB18030 every character that is not ASCII is as wide as a hanzi. A slip is never longer than
//! [`SLIP_LONGEST`]; the typesetter leaves out what does not fit.

use qrcode::{EcLevel, QrCode};

/// Dots in a millimetre: 203 dots an inch.
pub const DOTS_PER_MM: u32 = 8;
/// 100 mm: such a paper falls out of the slot without curling, and fits into a pocket.
pub const SLIP_LONGEST: u32 = 100 * DOTS_PER_MM;
/// From the head to the blade or the tear-off edge: four empty lines.
pub const TAIL_LINES: u8 = 4;
/// Height of an ordinary line, with the space below it.
pub const LINE: u32 = 30;
/// The space below the letters of a line.
const LEADING: u32 = LINE - 24;
/// Blank modules around a QR code (ISO/IEC 18004).
const QUIET_ZONE: u32 = 4;
/// A code with its quiet zone: 31 mm, read at arm's length by any phone.
const CODE_LARGEST: u32 = 246;

/// How wide the paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    Mm58,
    Mm80,
}

/// One paper, top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub width: Width,
    pub lines: Vec<PaperLine>,
}

/// One line of a paper; every line is printed in the middle or at the left edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaperLine {
    Text {
        text: String,
        scale: Scale,
        centred: bool,
    },
    Code(Code),
}

/// How many times wider and higher than usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    pub wide: u8,
    pub high: u8,
}

/// A QR code that the printer draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub data: String,
    /// Dots of one module.
    pub module: u8,
    /// Modules of one side.
    side: u32,
}

impl Width {
    /// Of 58 or 80 mm paper.
    pub fn of_mm(mm: u16) -> Option<Width> {
        match mm {
            58 => Some(Width::Mm58),
            80 => Some(Width::Mm80),
            _ => None,
        }
    }

    /// How wide the head can print. This is less than the paper: 48 mm and 72 mm.
    pub fn dots(self) -> u32 {
        match self {
            Width::Mm58 => 384,
            Width::Mm80 => 576,
        }
    }
}

impl Scale {
    pub const PLAIN: Scale = Scale { wide: 1, high: 1 };
    pub const TALL: Scale = Scale { wide: 1, high: 2 };
    pub const DOUBLE: Scale = Scale { wide: 2, high: 2 };
    pub const FOURFOLD: Scale = Scale { wide: 4, high: 4 };

    /// From one line to the next, in dots.
    pub fn line(self) -> u32 {
        24 * u32::from(self.high) + LEADING
    }
}

impl Code {
    /// The largest code that is allowed; none if the data is too long for any code.
    pub fn largest(data: &str) -> Option<Code> {
        let side = QrCode::with_error_correction_level(data, EcLevel::M)
            .ok()?
            .width() as u32;
        let module = (CODE_LARGEST / (side + 2 * QUIET_ZONE)).clamp(3, 6) as u8;
        Some(Code {
            data: data.into(),
            module,
            side,
        })
    }

    /// One dot a module smaller; none if a phone could not read it any more: 3 dots are 0.375 mm.
    pub fn smaller(&self) -> Option<Code> {
        (self.module > 3).then(|| Code {
            module: self.module - 1,
            ..self.clone()
        })
    }

    /// Blank above and below, in dots.
    pub fn margin(&self) -> u32 {
        QUIET_ZONE * u32::from(self.module)
    }

    /// Height with its quiet zone, in dots.
    pub fn height(&self) -> u32 {
        self.side * u32::from(self.module) + 2 * self.margin()
    }
}

impl PaperLine {
    /// In the middle.
    pub fn centred(text: impl Into<String>, scale: Scale) -> PaperLine {
        PaperLine::Text {
            text: text.into(),
            scale,
            centred: true,
        }
    }

    /// At the left edge.
    pub fn left(text: impl Into<String>) -> PaperLine {
        PaperLine::Text {
            text: text.into(),
            scale: Scale::PLAIN,
            centred: false,
        }
    }

    /// In dots.
    pub fn height(&self) -> u32 {
        match self {
            PaperLine::Text { scale, .. } => scale.line(),
            PaperLine::Code(code) => code.height(),
        }
    }
}

impl Layout {
    /// How long the paper becomes, in dots, with what is fed before the cut.
    pub fn dots(&self) -> u32 {
        let lines: u32 = self.lines.iter().map(PaperLine::height).sum();
        lines + u32::from(TAIL_LINES) * LINE
    }

    /// The same in millimetres.
    pub fn millimetres(&self) -> f64 {
        f64::from(self.dots()) / f64::from(DOTS_PER_MM)
    }
}

/// How wide a text is at the plain scale, in dots.
pub fn width(text: &str) -> u32 {
    text.chars().map(character_width).sum()
}

fn character_width(c: char) -> u32 {
    if c.is_ascii() { 12 } else { 24 }
}

/// A text in at most `most` lines of at most `dots` dots. A text that is cut off ends in an ellipsis.
///
/// A line breaks at a space or between hanzi, but never before a closing mark. Only a word that is longer than a line
/// is broken inside.
pub fn wrapped(text: &str, dots: u32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if width(&line) + width(piece.trim_end()) <= dots {
            line.push_str(piece);
            continue;
        }
        // it begins a line of its own
        if !line.is_empty() {
            lines.push(line.trim_end().to_string());
            line = String::new();
        }
        for c in piece.chars() {
            if line.is_empty() && c == ' ' {
                continue;
            }
            if width(&line) + character_width(c) > dots {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.trim_end().is_empty() {
        lines.push(line.trim_end().to_string());
    }
    cut(lines, dots, most)
}

/// Items in lines, with a comma after each but the last. An item is broken only if it is longer than a line.
pub fn packed(items: &[String], comma: &str, dots: u32) -> Vec<String> {
    let space = &comma[comma.trim_end().len()..];
    let mut lines: Vec<String> = Vec::new();
    for (place, item) in (1..).zip(items) {
        let comma = if place < items.len() { comma } else { "" };
        let item = format!("{item}{}", comma.trim_end());
        let fits = |line: &String| width(line) + width(space) + width(&item) <= dots;
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) => *line = format!("{line}{space}{item}"),
            None => lines.extend(wrapped(&item, dots, usize::MAX)),
        }
    }
    lines
}

/// The pieces that must stay together: a word with its space, or a hanzi with the closing marks after it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, c) in text.char_indices() {
        if previous.is_some_and(|previous| may_break(previous, c)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        previous = Some(c);
    }
    pieces.push(&text[start..]);
    pieces
}

fn may_break(before: char, after: char) -> bool {
    let closes = |c: char| ",.;:!?)%,。、;:!?)」』》·…".contains(c);
    let opens = |c: char| "((「『《".contains(c);
    let in_word = before.is_ascii_graphic() && after.is_ascii_graphic();
    !(in_word || closes(after) || opens(before) || after == ' ')
}

fn cut(mut lines: Vec<String>, dots: u32, most: usize) -> Vec<String> {
    if lines.len() <= most {
        return lines;
    }
    lines.truncate(most);
    if let Some(last) = lines.last_mut() {
        while width(last) + character_width('…') > dots && last.pop().is_some() {}
        last.push('…');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_no_line_begins_with_a_closing_mark() {
        assert_eq!(
            wrapped("Household register", 12 * 12, 9),
            ["Household", "register"]
        );
        assert_eq!(
            wrapped("身份证、户口本", 24 * 3, 9),
            ["身份", "证、户", "口本"]
        );
        assert_eq!(wrapped("身份证(原件)", 24 * 4, 9), ["身份证", "(原件)"]);
        assert_eq!(wrapped("ABCDEFGH", 12 * 3, 9), ["ABC", "DEF", "GH"]);
        assert_eq!(wrapped("一二三四五六", 24 * 2, 2), ["一二", "三…"]);
        assert_eq!(wrapped("", 100, 2), Vec::<String>::new());
    }

    /// A space was once lost where an item went on on the next line.
    #[test]
    fn items_stay_together_and_keep_their_spaces() {
        let items = ["Identity card", "Medical certificate", "Photo"].map(String::from);
        assert_eq!(
            packed(&items, ", ", 12 * 14),
            ["Identity card,", "Medical", "certificate,", "Photo"]
        );
        assert_eq!(
            packed(&items, ", ", 12 * 20),
            ["Identity card,", "Medical certificate,", "Photo"]
        );
        assert_eq!(
            packed(&items, ", ", 12 * 19),
            ["Identity card,", "Medical", "certificate, Photo"]
        );
        let items = ["身份证", "户口本", "发票"].map(String::from);
        assert_eq!(packed(&items, "、", 24 * 8), ["身份证、户口本、", "发票"]);
    }

    #[test]
    fn a_code_is_as_large_as_it_may_be() {
        let token = "A".repeat(43);
        for host in ["http://10.0.0.1", "https://queue.example.gov.cn:8443"] {
            let code = Code::largest(&format!("{host}/t/{token}")).unwrap();
            assert!((4..=6).contains(&code.module), "{code:?}");
            assert!(code.height() <= CODE_LARGEST, "{code:?}");
        }
        // the measure that the sizes were chosen by
        let short = Code::largest("https://hall.example/t/Ab12Cd34").unwrap();
        assert_eq!((short.module, short.height()), (6, 222));
    }
}
