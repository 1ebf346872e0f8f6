//! Names of things. Two kinds of name never share a type, and a value that exists is well formed: each has one
//! constructor, `parse`, and `serde` goes through it.

use crate::text::typed;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Why a text is not the name it should be; says what would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedId {
    pub(crate) what: &'static str,
    pub(crate) expected: &'static str,
}

impl fmt::Display for MalformedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let article = match self.what.starts_with(['a', 'e', 'i', 'o', 'u']) {
            true => "an",
            false => "a",
        };
        write!(f, "not {article} {}: expected {}", self.what, self.expected)
    }
}

impl std::error::Error for MalformedId {}

/// What a type has that is written as a text by `Display` and read by its `parse`; readers of the API see the text.
macro_rules! written_as_text {
    ($name:ident, $error:ty) => {
        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<$name, $error> {
                $name::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $error;
            fn from_str(text: &str) -> Result<$name, $error> {
                $name::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(written: $name) -> String {
                written.to_string()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                String::schema()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use written_as_text;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $valid:expr) => {
        text_id! { $(#[$doc])* $name, $what, $expected, $valid, as typed: str::to_string }
    };
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $valid:expr, as typed: $read:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl $name {
            /// Checks and keeps the text; what people type is read as they mean it.
            pub fn parse(text: impl Into<String>) -> Result<$name, MalformedId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                let read: fn(&str) -> String = $read;
                let name = if valid(&text) { text } else { read(&text) };
                if valid(&name) { Ok($name(name)) } else { Err(MalformedId { what: $what, expected: $expected }) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = MalformedId;
            fn try_from(text: String) -> Result<$name, MalformedId> {
                $name::parse(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<$name, MalformedId> {
                $name::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn is_slug(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
}

fn is_printable(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

text_id!(
    /// One hall of the network; also the name of its log.
    HallId, "hall id", "1 to 40 of a-z, 0-9 and -, not starting with -", is_slug
);
text_id!(
    /// What a citizen comes for.
    ServiceId, "service id", "1 to 40 of a-z, 0-9 and -, not starting with -", is_slug
);
text_id!(
    /// An account or a device that acts.
    ActorId, "name of an account or device", "1 to 64 visible ASCII characters", |text| is_printable(text, 64),
    as typed: typed::plain
);
text_id!(
    /// The unguessable key of a ticket's holder. Drawn outside, at least 128 bits.
    Token, "token", "22 to 64 of A-Z, a-z, 0-9, - and _",
    |text| (22..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
);
text_id!(
    /// Names one command: derived from who sent it, the route and its idempotency key, or by a timer from what is due.
    CommandId, "command id", "1 to 100 visible ASCII characters", |text| is_printable(text, 100)
);
text_id!(
    /// A digest of a command's body: the same key with another fingerprint is a mistake of the caller.
    Fingerprint, "fingerprint", "1 to 64 of 0-9 and a-f",
    |text| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
);
text_id!(
    /// A person as the log knows one: a keyed digest, never the document's number.
    PersonId, "person id", "16 to 64 of 0-9 and a-f",
    |text| (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
);
text_id!(
    /// One appointment rule of a plan.
    RuleId, "appointment rule id", "1 to 40 of a-z, 0-9 and -, not starting with -", is_slug
);
text_id!(
    /// A part of the waiting room, as in its boards' address.
    ZoneId, "zone id", "1 to 4 of A-Z and 0-9",
    |text| (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
);
text_id!(
    /// What a visitor types at the kiosk: six digits, unique among the appointments the hall keeps.
    AppointmentCode, "appointment code", "six digits",
    |text| text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()),
    as typed: typed::key
);
text_id!(
    /// Words about a person, sealed outside: the rules and the log never see them in clear.
    Sealed, "sealed text", "1 to 4000 of A-Z, a-z, 0-9, -, _, . and :",
    |text| (1..=4_000).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
);
text_id!(
    /// The letters a series of numbers begins with.
    Prefix, "ticket prefix", "1 to 3 of A-Z",
    |text| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
);

/// A counter's number, as on the sign above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
pub struct WindowNumber(pub u16);

/// Read as a number or as its text: a key of a JSON object is always text, and an event is read through a buffer that
/// does not turn it back into a number.
impl<'de> Deserialize<'de> for WindowNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WindowNumber, D::Error> {
        deserializer.deserialize_any(WindowNumberVisitor)
    }
}

struct WindowNumberVisitor;

impl Visitor<'_> for WindowNumberVisitor {
    type Value = WindowNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a window number from 0 to 65535")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<WindowNumber, E> {
        let out_of_range = |_| E::invalid_value(de::Unexpected::Unsigned(number), &self);
        u16::try_from(number)
            .map(WindowNumber)
            .map_err(out_of_range)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<WindowNumber, E> {
        let out_of_range = |_| E::invalid_value(de::Unexpected::Signed(number), &self);
        u16::try_from(number)
            .map(WindowNumber)
            .map_err(out_of_range)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<WindowNumber, E> {
        let malformed = |_| E::invalid_value(de::Unexpected::Str(text), &self);
        text.parse().map(WindowNumber).map_err(malformed)
    }
}

impl fmt::Display for WindowNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A ticket's key within its hall, in order of issue. Never printed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
pub struct TicketId(pub u64);

/// An appointment's key within its hall, in order of booking. Never printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct AppointmentId(pub u64);

/// A block of numbers lent to a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct LeaseId(pub u64);

/// A call for help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct HelpId(pub u64);

/// What somebody left in writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = WordId)]
pub struct ComplaintId(pub u64);

/// A ticket's printed face: `A012`. One series per day and prefix; never a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TicketNumber {
    prefix: Prefix,
    ordinal: u32,
}

written_as_text!(TicketNumber, MalformedId);

impl TicketNumber {
    /// The last number of a series in one day; the face has room for four digits.
    pub const LAST: u32 = 9_999;

    /// The number with this place in its series, counted from 1.
    pub fn new(prefix: Prefix, ordinal: u32) -> TicketNumber {
        assert!(
            (1..=Self::LAST).contains(&ordinal),
            "the rules refuse a number beyond the series"
        );
        TicketNumber { prefix, ordinal }
    }

    /// Reads a printed face as people type it: leading zeros are optional (`A12` is `A012`), and `Ａ０１２`, `a-012` and
    /// `A012号` are the same.
    pub fn parse(text: &str) -> Result<TicketNumber, MalformedId> {
        let malformed = || MalformedId {
            what: "ticket number",
            expected: "letters and digits such as A012",
        };
        let typed = typed::key(text);
        let text = typed.strip_prefix('第').unwrap_or(&typed);
        let text = text.strip_suffix('号').unwrap_or(text);
        let digits = text.find(|c: char| c.is_ascii_digit());
        let (prefix, ordinal) = text.split_at(digits.ok_or_else(malformed)?);
        let prefix = Prefix::parse(prefix).map_err(|_| malformed())?;
        let ordinal = ordinal.parse().map_err(|_| malformed())?;
        let exists = (1..=Self::LAST).contains(&ordinal);
        exists
            .then_some(TicketNumber { prefix, ordinal })
            .ok_or_else(malformed)
    }

    /// The series it belongs to.
    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// Its place in the series, from 1.
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.prefix, self.ordinal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_three_digits_and_four_from_a_thousand_on() {
        let face = |ordinal| TicketNumber::new(Prefix::parse("A").unwrap(), ordinal).to_string();
        assert_eq!([face(7), face(999), face(1_000)], ["A007", "A999", "A1000"]);
    }

    #[test]
    fn a_number_is_read_as_people_type_it() {
        for typed in [
            "a12",
            "Ａ０１２",
            "A 012",
            "A-012",
            "A–12",
            " A012\r\n",
            "A012号",
            "第A012号",
            "]Q3A012",
            "\u{FEFF}A\u{200B}12",
            "Ａ\u{3000}１２",
        ] {
            let read = TicketNumber::parse(typed).map(|number| number.to_string());
            assert_eq!(read.as_deref(), Ok("A012"), "{typed:?}");
        }
        for wrong in [
            "", "12", "A", "A0", "A10000", "号12", "A1B", "A+12", "A1,2", "А12",
        ] {
            assert!(TicketNumber::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_window_number_is_read_as_number_key_and_text() {
        let keys: std::collections::BTreeMap<WindowNumber, u8> =
            serde_json::from_str(r#"{"7": 1}"#).unwrap();
        assert_eq!(keys.get(&WindowNumber(7)), Some(&1));
        let read = |json| serde_json::from_str::<WindowNumber>(json);
        assert_eq!(read("7").unwrap(), WindowNumber(7));
        assert_eq!(read(r#""7""#).unwrap(), WindowNumber(7));
        for wrong in ["-1", "65536", r#""x""#, "1.5", "null"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_people_type_is_read_as_they_mean_it() {
        let code = |typed: &str| AppointmentCode::parse(typed).map(String::from);
        for typed in [
            "123456",
            "１２３４５６",
            "123 456",
            "123-456\r",
            "]Q3123456",
        ] {
            assert_eq!(code(typed).as_deref(), Ok("123456"), "{typed:?}");
        }
        assert!(code("12345").is_err() && code("12345六").is_err());
        let account = |typed: &str| ActorId::parse(typed).map(String::from);
        assert_eq!(account("１００１ ").as_deref(), Ok("1001"));
        assert_eq!(account("]d2-is-a-name").as_deref(), Ok("]d2-is-a-name"));
        assert!(account("a b").is_err() && account(" ").is_err());
    }

    #[test]
    fn ids_refuse_what_a_url_or_a_log_could_stumble_over() {
        for wrong in ["", "-a", "A", "a b", "a/b", "汉", &"a".repeat(41)] {
            assert!(HallId::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Token::parse("short").is_err());
    }
}
