//! How the numbers of documents are made, and what is said where one is made otherwise.

use chrono::NaiveDate;
use hall::text::Text;

/// The weights of the check digit (GB 11643, ISO 7064 MOD 11-2), and the digit for each remainder.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_DIGITS: &[u8; 11] = b"10X98765432";
/// The first two digits of a division (GB/T 2260), and 81 to 83 for residents of Hong Kong, Macao and Taiwan. Divisions
/// below them come and go, and an old card keeps the old one.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
];

/// A resident's number, of 18 characters or of 15 as until 1999; also a residence permit of somebody from Hong Kong, Macao
/// or Taiwan.
pub fn resident(number: &str, today: NaiveDate) -> Result<(), Text> {
    not_a_mobile(number)?;
    let body = number.strip_suffix('X').unwrap_or(number);
    if !body.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Text::new(
            "居民身份证号码只有数字，最后一位可以是X；其他证件请先选择证件类型。",
            "A resident ID number has digits only, and perhaps an X at the end. For another document choose its kind first.",
        ));
    }
    let length = number.len();
    if !matches!((length, body.len()), (18, 17 | 18) | (15, 15)) {
        return Err(Text::new(
            format!("居民身份证号码应为18位，您填了{length}位。"),
            format!("A resident ID number has 18 characters; this one has {length}."),
        ));
    }
    let province: u8 = number[..2].parse().expect("two digits are a number");
    if !PROVINCES.contains(&province) {
        return Err(Text::new(
            "居民身份证号码开头的地区代码不对，请核对。",
            "No region has the first digits of this resident ID number. Check them.",
        ));
    }
    let number = long(number).unwrap_or_else(|| number.into());
    is_born(&number[6..14], today)?;
    has_check_digit(&number)
}

/// A passport, of any country: ICAO has nine characters, some countries more.
pub fn passport(number: &str) -> Result<(), Text> {
    not_a_mobile(number)?;
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let fits = (5..=12).contains(&number.len()) && digits >= 3;
    is_of_form(
        fits && is_letters_and_digits(number),
        "护照号码应为5至12位字母和数字，请核对。",
        "A passport number has 5 to 12 letters and digits. Check it.",
    )
}

/// The permits of residents of Hong Kong, Macao and Taiwan: 通行证 by their letter and digits, 居住证 as a resident's number.
pub fn permit(number: &str, today: NaiveDate) -> Result<(), Text> {
    not_a_mobile(number)?;
    if number.len() == 18 && ["81", "82", "83"].iter().any(|one| number.starts_with(one)) {
        return resident(number, today);
    }
    let digits = |text: &str, lengths: &[usize]| {
        lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let of_hong_kong = number.strip_prefix(['H', 'M']);
    let of_hong_kong = of_hong_kong.is_some_and(|rest| digits(rest, &[8, 10]));
    let issue = number.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let of_taiwan = digits(number, &[8, 10])
        || number.len() - issue.len() <= 2 && digits(issue, &[10])
        || number
            .strip_prefix('T')
            .is_some_and(|rest| digits(rest, &[8]));
    is_of_form(
        of_hong_kong || of_taiwan,
        "港澳居民通行证为H或M加8位或10位数字，台湾居民通行证为8位或10位数字，居住证为18位，请核对。",
        "A Hong Kong or Macao permit is H or M with 8 or 10 digits, a Taiwan permit 8 or 10 digits, a residence permit 18. Check it.",
    )
}

/// The foreigner's permanent-residence card: since 2023 like a resident's number that begins with 9, before that three
/// letters of a country and twelve digits.
pub fn permanent_residence(number: &str, today: NaiveDate) -> Result<(), Text> {
    not_a_mobile(number)?;
    let body = number.strip_suffix('X').unwrap_or(number);
    if number.len() == 18 && number.starts_with('9') && body.bytes().all(|b| b.is_ascii_digit()) {
        is_born(&number[6..14], today)?;
        return has_check_digit(number);
    }
    let is_old = number.is_ascii() && number.len() == 15 && {
        let (country, digits) = number.split_at(3);
        country.bytes().all(|b| b.is_ascii_uppercase())
            && digits.bytes().all(|b| b.is_ascii_digit())
    };
    is_of_form(
        is_old,
        "外国人永久居留身份证号码为9开头的18位，旧证为3个字母加12位数字，请核对。",
        "A permanent residence card has 18 characters beginning with 9, an older one 3 letters and 12 digits. Check it.",
    )
}

/// The papers of soldiers and the police have no form in common: a character of their branch, and digits.
pub fn military_or_police(number: &str) -> Result<(), Text> {
    not_a_mobile(number)?;
    let is_han = |c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c);
    let branch = number.chars().take_while(|c| is_han(*c)).count();
    let rest: String = number.chars().skip(branch).collect();
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let is_digits = digits.bytes().all(|b| b.is_ascii_digit());
    let letters = rest.len() - digits.len();
    let fits = match branch {
        0 => (6..=10).contains(&digits.len()),
        branch => branch <= 6 && (4..=12).contains(&digits.len()),
    };
    is_of_form(
        fits && is_digits && letters <= 2,
        "军官证、警官证等的号码请照证件填写，例如军字第2001988号。",
        "Give the number of a military or police paper as it stands there, such as 军字第2001988号.",
    )
}

/// The number of 18 characters that took the place of one of 15: the century, and a check digit.
pub fn long(number: &str) -> Option<String> {
    if number.len() != 15 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let body = format!("{}19{}", &number[..6], &number[6..]);
    let check = check_digit(&body);
    Some(format!("{body}{check}"))
}

/// The number of 15 digits that one of 18 had before, if its holder was born then.
pub fn short(number: &str) -> Option<String> {
    let is_resident = number.len() == 18 && number.is_ascii() && number[6..].starts_with("19");
    is_resident.then(|| format!("{}{}", &number[..6], &number[8..17]))
}

fn is_born(date: &str, today: NaiveDate) -> Result<(), Text> {
    match NaiveDate::parse_from_str(date, "%Y%m%d") {
        Ok(date) if date <= today && date.format("%Y").to_string().as_str() >= "1850" => Ok(()),
        _ => Err(Text::new(
            "证件号码里的出生日期不对，请核对。",
            "The date of birth in this number is no such date. Check it.",
        )),
    }
}

fn has_check_digit(number: &str) -> Result<(), Text> {
    is_of_form(
        number.ends_with(check_digit(&number[..17])),
        "证件号码最后一位与前面的数字不符，请逐位核对。",
        "The last character does not fit the others: something is mistyped. Check each one.",
    )
}

fn check_digit(body: &str) -> char {
    let digits = body.bytes().map(|b| u32::from(b - b'0'));
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    char::from(CHECK_DIGITS[(sum % 11) as usize])
}

/// Beside the field for the telephone, this is what is mixed up most.
fn not_a_mobile(number: &str) -> Result<(), Text> {
    let digits = number.as_bytes();
    let is_mobile = digits.len() == 11
        && digits.iter().all(u8::is_ascii_digit)
        && digits[0] == b'1'
        && digits[1] >= b'3';
    is_of_form(
        !is_mobile,
        "这是手机号码，这里请填写证件号码。",
        "That is a telephone number; give the document's number here.",
    )
}

fn is_letters_and_digits(number: &str) -> bool {
    number
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

fn is_of_form(fits: bool, zh: &str, en: &str) -> Result<(), Text> {
    match fits {
        true => Ok(()),
        false => Err(Text::new(zh, en)),
    }
}
