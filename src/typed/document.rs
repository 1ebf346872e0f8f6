//! A person's document: its kind, and its number in one form.
//!
//! Residents' numbers are checked to the last digit, others by their form; what is wrong is said in words, because a
//! mistyped number would stand in nobody's way until its holder is at the door. The number itself never leaves the request:
//! the log knows it as a keyed digest.

use super::document_forms as forms;
use crate::written::{hidden, named};
use chrono::NaiveDate;
use hall::text::{Text, typed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

named! {
    /// What kind of document it is.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
    pub enum DocumentKind {
        /// 居民身份证
        #[default]
        ResidentId = "resident_id",
        /// 护照
        Passport = "passport",
        /// 港澳台居民证件
        HongKongMacaoTaiwan = "hong_kong_macao_taiwan",
        /// 外国人永久居留身份证
        PermanentResidence = "permanent_residence",
        /// 军官证、警官证等
        MilitaryOrPolice = "military_or_police",
    }
}

/// A number that a document can have.
#[derive(Clone, PartialEq, Eq)]
pub struct IdDocument {
    number: String,
}

// a person's
hidden!(IdDocument);

impl IdDocument {
    /// Reads the number of a document of this kind; nobody is born after `today`.
    pub fn parse(kind: DocumentKind, text: &str, today: NaiveDate) -> Result<IdDocument, Text> {
        let number = fold(text);
        if number.is_empty() {
            return Err(Text::new("请填写证件号码。", "Give the document's number."));
        }
        match kind {
            DocumentKind::ResidentId => forms::resident(&number, today)?,
            DocumentKind::Passport => forms::passport(&number)?,
            DocumentKind::HongKongMacaoTaiwan => forms::permit(&number, today)?,
            DocumentKind::PermanentResidence => forms::permanent_residence(&number, today)?,
            DocumentKind::MilitaryOrPolice => forms::military_or_police(&number)?,
        }
        Ok(IdDocument {
            number: forms::long(&number).unwrap_or(number),
        })
    }

    /// Reads a number whose kind nobody says, as on a kiosk: a resident's where it looks like one, any other's else.
    pub fn parse_any(text: &str, today: NaiveDate) -> Result<IdDocument, Text> {
        let as_resident = IdDocument::parse(DocumentKind::ResidentId, text, today);
        let others = &DocumentKind::ALL[1..];
        let as_other = || {
            let read = |kind: &DocumentKind| IdDocument::parse(*kind, text, today).ok();
            others.iter().find_map(read)
        };
        as_resident.or_else(|wrong| match as_other() {
            Some(document) => Ok(document),
            None if looks_like_a_residents(&fold(text)) => Err(wrong),
            None => Err(Text::new(
                "证件号码不对，请对照证件核对。",
                "That is no document's number. Check it against the document.",
            )),
        })
    }

    /// In its one form; a resident's old number of 15 digits as the one of 18 that took its place.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The other numbers under which older records may know the same document.
    pub fn older_numbers(&self) -> Option<String> {
        forms::short(&self.number)
    }
}

/// A number as its forms are written: capitals and digits, the check letter an `X` whatever cross was typed, and without
/// the brackets and signs that people put between; of a military paper without the words that are the same on each.
pub fn fold(text: &str) -> String {
    let key = typed::key(text);
    let letters = key.chars().filter_map(|c| match c {
        '×' | '✕' | '✖' | '⨯' | '⨉' | '☓' | '╳' | '*' | 'Х' | 'Χ' => Some('X'),
        '(' | ')' | '[' | ']' | '<' | '>' | '.' | '/' | '字' | '第' | '号' | '〔' | '〕' => {
            None
        }
        c => Some(c),
    });
    letters.collect()
}

fn looks_like_a_residents(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    number.len() >= 13 && digits + 1 >= number.len()
}

#[cfg(test)]
mod tests {
    use super::DocumentKind::*;
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    fn read(kind: DocumentKind, text: &str) -> Result<String, String> {
        let document = IdDocument::parse(kind, text, today());
        document
            .map(|document| document.number)
            .map_err(|wrong| wrong.zh)
    }

    #[test]
    fn a_number_is_read_as_people_and_scanners_write_it() {
        for (kind, number, typed) in [
            (
                ResidentId,
                "11010519491231002X",
                &[
                    "11010519491231002X",
                    "11010519491231002x",
                    "１１０１０５１９４９１２３１００２Ｘ",
                    "110105-19491231-002X",
                    "110105 1949 1231 002X",
                    "11010519491231002×",
                    "11010519491231002Ⅹ",
                    "11010519491231002х",
                    "11010519491231002Χ",
                    "11010519491231002✕",
                    "\u{200B}11010519491231002X",
                    "\u{FEFF}11010519491231002X\r\n",
                    "]Q311010519491231002X",
                    "110105491231002", // as it was until 1999
                ][..],
            ),
            (ResidentId, "810000199408230021", &["810000199408230021"]),
            (
                Passport,
                "E12345678",
                &["E12345678", "e1234 5678", "Ｅ１２３４５６７８"],
            ),
            (Passport, "EA1234567", &["EA1234567"]),
            (
                HongKongMacaoTaiwan,
                "H12345678",
                &["H12345678", "h 1234 5678"],
            ),
            (HongKongMacaoTaiwan, "M1234567801", &["M1234567801"]),
            (
                HongKongMacaoTaiwan,
                "12345678",
                &["12345678", "１２３４５６７８"],
            ),
            (
                HongKongMacaoTaiwan,
                "0123456789B",
                &["0123456789(B)", "0123456789（Ｂ）"],
            ),
            (
                HongKongMacaoTaiwan,
                "830000199201300022",
                &["830000199201300022"],
            ),
            (
                PermanentResidence,
                "CAN110078041501",
                &["CAN110078041501", "can 1100 7804 1501"],
            ),
            (
                PermanentResidence,
                "911124198108030024",
                &["911124198108030024"],
            ),
            (
                MilitaryOrPolice,
                "军2001988",
                &["军字第2001988号", "军 2001988", "军字第２００１９８８号"],
            ),
            (MilitaryOrPolice, "士P011816", &["士字第P011816号"]),
            (MilitaryOrPolice, "012345", &["012345"]),
        ] {
            for typed in typed {
                assert_eq!(read(kind, typed).as_deref(), Ok(number), "{typed:?}");
            }
        }
    }

    #[test]
    fn what_no_document_has_is_refused_with_what_is_wrong() {
        for (kind, typed, words) in [
            (ResidentId, "", "请填写证件号码"),
            (ResidentId, "\u{200B}", "请填写证件号码"),
            (ResidentId, "ABCD", "只有数字"),
            (ResidentId, "1101051949123100", "您填了16位"),
            (ResidentId, "13800000001", "手机号码"),
            (ResidentId, "110105194912310021", "最后一位"),
            (ResidentId, "110105194902300020", "出生日期"),
            (ResidentId, "110105202712310022", "出生日期"),
            (ResidentId, "990105194912310023", "地区"),
            (ResidentId, "1101051949X231002X", "只有数字"),
            (ResidentId, "军字第2001988号", "只有数字"),
            (Passport, "11010519491231002X", "护照"),
            (Passport, "13800000001", "手机号码"),
            (Passport, "护照", "护照"),
            (HongKongMacaoTaiwan, "X12345678", "通行证"),
            (HongKongMacaoTaiwan, "1234567", "通行证"),
            (PermanentResidence, "11010519491231002X", "永久居留"),
            (PermanentResidence, "911124198108030025", "最后一位"),
            (MilitaryOrPolice, "军", "军官证"),
            (MilitaryOrPolice, "13800000001", "手机号码"),
        ] {
            let refused = read(kind, typed).unwrap_err();
            assert!(refused.contains(words), "{typed:?}: {refused}");
            assert!(refused.ends_with('。') && !refused.contains(','));
        }
    }

    #[test]
    fn a_kiosk_reads_a_number_of_any_kind() {
        let read = |text: &str| {
            let document = IdDocument::parse_any(text, today());
            document.map(|document| document.number).map_err(|no| no.zh)
        };
        for number in [
            "11010519491231002X",
            "E12345678",
            "H12345678",
            "CAN110078041501",
        ] {
            assert_eq!(read(number).as_deref(), Ok(number));
        }
        assert!(read("110105194912310021").unwrap_err().contains("最后一位"));
        assert!(read("1").unwrap_err().contains("证件号码不对"));
    }

    /// One digit mistyped, or two neighbours changed about, is what the check digit is for.
    #[test]
    fn a_residents_mistyped_number_is_found() {
        let number = "11010519491231002X";
        for place in 0..17 {
            for digit in '0'..='9' {
                let mut typed: Vec<char> = number.chars().collect();
                if std::mem::replace(&mut typed[place], digit) != digit {
                    let typed: String = typed.into_iter().collect();
                    assert!(read(ResidentId, &typed).is_err(), "{typed}");
                }
            }
        }
    }

    #[test]
    fn the_old_number_is_known_too() {
        let document = IdDocument::parse(ResidentId, "11010519491231002X", today()).unwrap();
        assert_eq!(document.older_numbers().as_deref(), Some("110105491231002"));
        let passport = IdDocument::parse(Passport, "E12345678", today()).unwrap();
        assert_eq!(passport.older_numbers(), None);
    }
}
