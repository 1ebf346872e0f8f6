//! From a file's bytes to its text. The encodings are those that office programs in China write: UTF-8 with and without
//! a byte order mark, GB18030 (which reads GBK and GB2312 too), and UTF-16 in both orders.
//!
//! A text is taken only if every byte of it can be read. A UTF-8 text with some damaged bytes would often read as
//! GB18030 without an error, as nonsense; so what looks like UTF-8 is never read as anything else.

use std::fmt;

/// A text and what it was written in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Without a byte order mark.
    pub text: String,
    pub encoding: Encoding,
}

/// How a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Gb18030,
    Utf16Le,
    Utf16Be,
}

/// Why bytes are no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// Of the file.
    pub name: String,
    /// From 1: the first line that cannot be read.
    pub line: usize,
    pub cause: NoText,
}

/// What the bytes are instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoText {
    /// In none of the encodings.
    Unknown,
    /// Damaged in between.
    Broken(Encoding),
    /// A whole workbook, or another packed file.
    Workbook,
    /// Zero bytes: pictures, programs.
    Binary,
}

const UTF8_MARK: &[u8] = b"\xEF\xBB\xBF";
/// How .xlsx (and every other zip) and the older .xls begin.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];

/// The text of these bytes; an error names the file and the line.
pub fn decoded(bytes: &[u8], name: &str) -> Result<Decoded, Undecodable> {
    let text = read(bytes).and_then(|decoded| match decoded.text.find('\0') {
        Some(at) => Err((line_of(&decoded.text[..at]), NoText::Binary)),
        None => Ok(decoded),
    });
    text.map_err(|(line, cause)| Undecodable {
        name: name.into(),
        line,
        cause,
    })
}

fn read(bytes: &[u8]) -> Result<Decoded, (usize, NoText)> {
    if WORKBOOKS.iter().any(|begin| bytes.starts_with(begin)) {
        return Err((1, NoText::Workbook));
    }
    if let Some(marked) = bytes.strip_prefix(UTF8_MARK) {
        return strictly(marked, Encoding::Utf8);
    }
    match bytes {
        [0xFF, 0xFE, rest @ ..] => return strictly(rest, Encoding::Utf16Le),
        [0xFE, 0xFF, rest @ ..] => return strictly(rest, Encoding::Utf16Be),
        _ => {}
    }
    if bytes.contains(&0) {
        return strictly(bytes, order_of(bytes)).map_err(|(line, _)| (line, NoText::Binary));
    }
    let as_utf8 = strictly(bytes, Encoding::Utf8);
    let Err((line, _)) = as_utf8 else {
        return as_utf8;
    };
    if looks_like_utf8(bytes) {
        return as_utf8;
    }
    // the reading that got further is the more useful one to name
    strictly(bytes, Encoding::Gb18030).map_err(|(other, _)| (line.max(other), NoText::Unknown))
}

/// The text, if every byte can be read; otherwise the line of the first one that cannot.
fn strictly(bytes: &[u8], encoding: Encoding) -> Result<Decoded, (usize, NoText)> {
    let mut decoder = encoding.codec().new_decoder_without_bom_handling();
    let longest = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(longest.unwrap_or_default());
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    match result {
        encoding_rs::DecoderResult::InputEmpty => Ok(Decoded { text, encoding }),
        encoding_rs::DecoderResult::Malformed(..) | encoding_rs::DecoderResult::OutputFull => {
            Err((line_of(&text), NoText::Broken(encoding)))
        }
    }
}

/// Which of the two orders a UTF-16 text without a mark has: in the right one its commas, figures and line ends are there.
fn order_of(bytes: &[u8]) -> Encoding {
    let plain = |encoding: Encoding| {
        let read = strictly(bytes, encoding).map(|read| read.text);
        read.map_or(0, |text| text.bytes().filter(u8::is_ascii).count())
    };
    match plain(Encoding::Utf16Be) > plain(Encoding::Utf16Le) {
        true => Encoding::Utf16Be,
        false => Encoding::Utf16Le,
    }
}

/// Whether more of it is whole hanzi of UTF-8 than bytes that are none. In a GB18030 text it is the other way round.
fn looks_like_utf8(bytes: &[u8]) -> bool {
    let (mut hanzi, mut wrong) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        hanzi += chunk.valid().chars().filter(|c| c.len_utf8() > 2).count();
        wrong += chunk.invalid().len();
    }
    hanzi > 0 && hanzi >= wrong
}

/// The line that comes behind this text.
fn line_of(before: &str) -> usize {
    1 + before.matches('\n').count()
}

impl Encoding {
    /// As people know it.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Gb18030 => "GB18030 (GBK)",
            Encoding::Utf16Le => "UTF-16 LE",
            Encoding::Utf16Be => "UTF-16 BE",
        }
    }

    fn codec(self) -> &'static encoding_rs::Encoding {
        match self {
            Encoding::Utf8 => encoding_rs::UTF_8,
            Encoding::Gb18030 => encoding_rs::GB18030,
            Encoding::Utf16Le => encoding_rs::UTF_16LE,
            Encoding::Utf16Be => encoding_rs::UTF_16BE,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Undecodable {
    /// What is wrong and what to do, in Chinese.
    pub fn zh(&self) -> String {
        let save = "请用原来的程序打开，另存为 UTF-8（Excel 中选“CSV UTF-8”）";
        match self.cause {
            NoText::Unknown => {
                format!("文件编码无法识别，不是 UTF-8、GB18030（GBK）或 UTF-16；{save}。")
            }
            NoText::Broken(encoding) => {
                format!("文件像是 {encoding}，但有损坏的字节；{save}。")
            }
            NoText::Workbook => {
                "这是 Excel 工作簿，不是文本；请在 Excel 中另存为“CSV UTF-8”。".into()
            }
            NoText::Binary => format!("文件含有文本中不会出现的字节；{save}。"),
        }
    }

    /// The same in English.
    pub fn en(&self) -> String {
        let save =
            "open it in the program that wrote it and save it as UTF-8 (in Excel: \"CSV UTF-8\")";
        match self.cause {
            NoText::Unknown => format!("is neither UTF-8, GB18030 (GBK) nor UTF-16; {save}"),
            NoText::Broken(encoding) => format!("looks like {encoding} but is damaged; {save}"),
            NoText::Workbook => {
                "is an Excel workbook and not text; in Excel, save it as \"CSV UTF-8\"".into()
            }
            NoText::Binary => format!("has bytes that no text has; {save}"),
        }
    }
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Undecodable { name, line, .. } = self;
        write!(f, "{name}:{line}: {} / {}", self.zh(), self.en())
    }
}

impl std::error::Error for Undecodable {}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "编号,名称\r\nA001,驾驶证“换证”\r\n9:00－12:00,𠮷田・北京 é\r\n";

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    fn gb18030(text: &str) -> Vec<u8> {
        let (bytes, _, lossy) = encoding_rs::GB18030.encode(text);
        assert!(!lossy, "GB18030 has every character");
        bytes.into_owned()
    }

    /// Each way in which a program may save this text.
    fn written(text: &str) -> Vec<(Encoding, Vec<u8>)> {
        let mark = |mark: &[u8], bytes: Vec<u8>| [mark, bytes.as_slice()].concat();
        let little = || utf16(text, u16::to_le_bytes);
        let big = || utf16(text, u16::to_be_bytes);
        vec![
            (Encoding::Utf8, text.into()),
            (Encoding::Utf8, mark(UTF8_MARK, text.into())),
            (Encoding::Gb18030, gb18030(text)),
            (Encoding::Utf16Le, mark(b"\xFF\xFE", little())),
            (Encoding::Utf16Be, mark(b"\xFE\xFF", big())),
            (Encoding::Utf16Le, little()),
            (Encoding::Utf16Be, big()),
        ]
    }

    #[test]
    fn what_office_programs_write_is_one_text() {
        for (encoding, bytes) in written(TEXT) {
            let read = decoded(&bytes, "a.csv").unwrap();
            assert_eq!((read.text.as_str(), read.encoding), (TEXT, encoding));
        }
        assert_eq!(decoded(b"", "a").unwrap().text, "");
        assert_eq!(decoded(UTF8_MARK, "a").unwrap().text, "");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line_and_what_to_do() {
        let damaged = |at: usize, byte: u8| {
            let mut bytes = TEXT.repeat(3).into_bytes();
            bytes[at] = byte;
            bytes
        };
        let cases: [(&[u8], usize, NoText); 8] = [
            (b"a,b\n1,\xFF\n", 2, NoText::Unknown),
            (b"a,b\n\xD6\xD0,\x81\n", 2, NoText::Unknown),
            (&damaged(6, 0xFF), 1, NoText::Broken(Encoding::Utf8)),
            (&damaged(40, 0xFF), 2, NoText::Broken(Encoding::Utf8)),
            (b"PK\x03\x04rest", 1, NoText::Workbook),
            (b"\xD0\xCF\x11\xE0rest", 1, NoText::Workbook),
            (b"a\0\0\0\n\0\0\xD8,\0", 1, NoText::Binary),
            (
                b"\xFF\xFEa\0\n\0\0\xD8,\0",
                2,
                NoText::Broken(Encoding::Utf16Le),
            ),
        ];
        for (bytes, line, cause) in cases {
            let error = decoded(bytes, "x.csv").unwrap_err();
            assert_eq!((error.line, error.cause), (line, cause), "{error}");
            assert!(error.to_string().starts_with(&format!("x.csv:{line}: ")));
            assert!(error.zh().ends_with('。') && error.zh().contains("UTF-8"));
        }
        // a truncated file too: a hanzi that is cut in two
        let cut = &TEXT.as_bytes()[..4];
        assert!(decoded(cut, "x").is_err());
    }

    #[test]
    fn whatever_the_bytes_are_nothing_panics_and_what_is_read_is_whole() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let length = random.usize(0..60);
            let mut bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
            if random.bool() {
                bytes = random.choice(written(TEXT)).unwrap().1;
                let at = random.usize(..bytes.len());
                match random.u8(..3) {
                    0 => bytes[at] = random.u8(..),
                    1 => bytes.truncate(at),
                    _ => bytes.insert(at, random.u8(..)),
                }
            }
            if let Ok(read) = decoded(&bytes, "x") {
                assert!(!read.text.contains(['\0', '\u{FFFD}']), "{bytes:?}");
            }
        }
    }

    /// What people write in any of the encodings comes back: hanzi of every plane that GB18030 names by two or four bytes.
    #[test]
    fn any_text_of_hanzi_comes_back() {
        let mut random = fastrand::Rng::with_seed(2);
        for _ in 0..2_000 {
            let some = |random: &mut fastrand::Rng| match random.u8(..8) {
                0 => ',',
                1 => '\n',
                2 => random.alphanumeric(),
                3 => '\u{20000}',
                _ => char::from_u32(random.u32(0x4E00..0x9FA6)).unwrap(),
            };
            let text: String = (0..random.usize(4..80))
                .map(|_| some(&mut random))
                .collect();
            let text = format!("编号,名称\n{text}");
            for (_, bytes) in written(&text) {
                let read = decoded(&bytes, "x").unwrap();
                assert_eq!(read.text, text);
            }
        }
    }
}
