//! A telephone number: a mobile, a landline with its area code, or one abroad, in the one form that is kept and handed on
//! to other programs: `13800000001`, `0731-22881234`, `0731-22881234-801`, `+85291234567`.

use crate::written::hidden;
use hall::text::{Text, typed};

/// A number that can be rung.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

// a person's
hidden!(Phone);

/// What is between a number and its extension, as people write it, capitals only.
const EXTENSIONS: [&str; 8] = ["转分机", "分机号", "分机", "转", "EXT.", "EXT", "X", "#"];

impl Phone {
    /// Reads what was typed.
    pub fn parse(text: &str) -> Result<Phone, Text> {
        let text = &with_marked_extension(text);
        let key: String = typed::key(text)
            .chars()
            .filter(|c| !matches!(c, '(' | ')' | '.' | '/' | '·' | '•'))
            .collect();
        let (number, extension) = extension(&key);
        if number.is_empty() {
            return Err(Text::new("请填写电话号码。", "Give a telephone number."));
        }
        let (plus, digits) = match number.strip_prefix('+') {
            Some(digits) => (true, digits),
            None => (false, number),
        };
        let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(digits) || !extension.is_none_or(is_digits) {
            return Err(Text::new(
                "电话号码里只能有数字，分机号前写“转”。",
                "A telephone number has digits only; write “ext” before an extension.",
            ));
        }
        let number = match international(plus, digits) {
            International::Home(digits) => at_home(digits)?,
            International::Abroad(digits) => abroad(digits)?,
        };
        match extension {
            None => Ok(Phone(number)),
            Some(_) if !number.contains('-') => Err(Text::new(
                "手机号码没有分机号。",
                "A mobile number has no extension.",
            )),
            Some(digits) if (1..=6).contains(&digits.len()) => {
                Ok(Phone(format!("{number}-{digits}")))
            }
            Some(_) => Err(Text::new(
                "分机号应为1到6位数字。",
                "An extension has 1 to 6 digits.",
            )),
        }
    }

    /// In its one form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The form that is kept marks an extension with a second dash, `0731-22881234-801`, and people write it so too. Dashes go
/// where a number is read, so this one becomes a word before.
fn with_marked_extension(text: &str) -> String {
    let text = typed::plain(text);
    let parts: Vec<&str> = text.split('-').map(str::trim).collect();
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    match parts[..] {
        [area, number, extension]
            if area.starts_with('0')
                && digits(area, 3..=4)
                && digits(number, 7..=8)
                && digits(extension, 1..=6) =>
        {
            format!("{area}{number}转{extension}")
        }
        _ => text,
    }
}

/// The number, and the extension behind it if there is one. Full stops are gone already.
fn extension(key: &str) -> (&str, Option<&str>) {
    let split = EXTENSIONS.iter().find_map(|word| key.split_once(word));
    split.map_or((key, None), |(number, extension)| (number, Some(extension)))
}

enum International<'a> {
    Home(&'a str),
    Abroad(&'a str),
}

/// `+` and `00` lead to a country, and 86 is here; a mobile is also written with 86 alone.
fn international(plus: bool, digits: &str) -> International<'_> {
    let country = match plus {
        true => Some(digits),
        false => digits.strip_prefix("00"),
    };
    match country {
        Some(country) => match country.strip_prefix("86") {
            Some(home) => International::Home(home),
            None => International::Abroad(country),
        },
        None => match digits.strip_prefix("86") {
            Some(mobile) if is_mobile(mobile) => International::Home(mobile),
            _ => International::Home(digits),
        },
    }
}

fn is_mobile(digits: &str) -> bool {
    let second = digits.as_bytes().get(1);
    digits.len() == 11
        && digits.starts_with('1')
        && second.is_some_and(|b| (b'3'..=b'9').contains(b))
}

fn at_home(digits: &str) -> Result<String, Text> {
    if is_mobile(digits) {
        return Ok(digits.into());
    }
    if digits.starts_with('1') && !digits.starts_with("10") && digits.len() > 6 {
        return Err(match digits.len() {
            11 => Text::new(
                "手机号码开头应为13到19，请核对。",
                "A mobile number begins with 13 to 19. Check it.",
            ),
            length => Text::new(
                format!("手机号码应为11位，您填了{length}位。"),
                format!("A mobile number has 11 digits; this one has {length}."),
            ),
        });
    }
    landline(digits)
}

/// The area code is 010, 02x or 0xyz; what follows has 7 or 8 digits, in the large cities 8. Written after +86 the code has
/// lost its nought.
fn landline(digits: &str) -> Result<String, Text> {
    let digits = match digits.strip_prefix('0') {
        Some(digits) => digits,
        None if digits.len() >= 10 => digits,
        None => {
            return Err(Text::new(
                "固定电话请加区号，例如0731-22881234；手机号码为11位。",
                "Give a landline with its area code, such as 0731-22881234; a mobile number has 11 digits.",
            ));
        }
    };
    let large = digits.starts_with("10") || digits.starts_with('2');
    let (area, number) = digits.split_at(if large { 2 } else { 3 }.min(digits.len()));
    let fits = match large {
        true => number.len() == 8,
        false => matches!(number.len(), 7 | 8) && !area.starts_with('0') && !area.starts_with('1'),
    };
    if fits && !number.starts_with(['0', '1']) {
        return Ok(format!("0{area}-{number}"));
    }
    Err(Text::new(
        "电话号码位数不对：区号3到4位，号码7到8位，例如0731-22881234。",
        "That is no telephone number: an area code of 3 or 4 digits and 7 or 8 digits, such as 0731-22881234.",
    ))
}

/// Other countries' numbers are theirs to check; the longest have 15 digits (ITU-T E.164).
fn abroad(digits: &str) -> Result<String, Text> {
    if (7..=15).contains(&digits.len()) && !digits.starts_with('0') {
        return Ok(format!("+{digits}"));
    }
    Err(Text::new(
        "境外电话请写国家或地区代码和号码，例如+852 9123 4567。",
        "Write a number abroad with its country code, such as +852 9123 4567.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (form, typed) in [
            (
                "13800000001",
                &[
                    "13800000001",
                    "138　0000　0001",
                    "138\u{a0}0000\u{a0}0001",
                    "138–0000–0001",
                    "138-0000-0001",
                    "+86 138 0000 0001",
                    "＋８６ 13800000001",
                    "008613800000001",
                    "8613800000001",
                    "(+86)138.0000.0001",
                    "\u{202A}13800000001\u{202C}\r\n",
                    "１３８０００００００１",
                ][..],
            ),
            (
                "0731-22881234",
                &[
                    "0731-22881234",
                    "(0731)22881234",
                    "（０７３１）2288 1234",
                    "+86 731 22881234",
                    "0731ー22881234",
                ],
            ),
            (
                "0731-22881234-801",
                &[
                    "0731-22881234转801",
                    "073122881234转801",
                    "0731-22881234 ext. 801",
                    "0731-22881234#801",
                    "0731-22881234 分机801",
                    "0731-22881234 x801",
                    "0731-22881234-801",
                    "0731 - 22881234 － 801",
                ],
            ),
            (
                "010-66001234",
                &["010 6600 1234", "01066001234", "+86 10 6600 1234"],
            ),
            ("0571-8123456", &["0571 8123456"]),
            ("0571-8123456-1", &["0571-8123456-1", "0571-8123456转1"]),
            ("010-66001234", &["010-6600-1234"]),
            ("+85291234567", &["+852 9123 4567", "00852-91234567"]),
            ("+12125550123", &["+1 (212) 555-0123"]),
        ] {
            for typed in typed {
                let read = Phone::parse(typed);
                let read = read.as_ref().map(Phone::as_str);
                assert_eq!(read, Ok(form), "{typed:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_rung_is_refused_with_what_is_wrong() {
        for (typed, words) in [
            ("", "请填写电话号码"),
            ("12", "电话请加区号"),
            ("138000000", "您填了9位"),
            ("1380000001", "您填了10位"),
            ("１３８００００００１", "您填了10位"),
            ("+86 138000001", "您填了9位"),
            ("138000000011", "您填了12位"),
            ("12000000000", "13到19"),
            ("22881234", "请加区号"),
            ("0731-2288", "位数不对"),
            ("0731-02881234", "位数不对"),
            ("call me maybe 1234567", "只能有数字"),
            ("1380000000O", "只能有数字"),
            ("13800000001转2", "没有分机号"),
            ("0731-22881234转", "分机号应为"),
            ("+852", "境外电话"),
            ("0", "位数不对"),
            ("+", "境外电话"),
            ("00", "境外电话"),
        ] {
            let refused = Phone::parse(typed).map(|_| ()).unwrap_err();
            assert!(refused.zh.contains(words), "{typed:?}: {}", refused.zh);
        }
    }
}
