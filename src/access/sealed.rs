//! What is known of a person who booked, sealed before it reaches the rules or the log.
//!
//! Each hall has its own key, derived from the store's secret. The hall's id is authenticated too, so that sealed words
//! of one hall cannot be shown as another's. The form is `1.` and base64url of nonce and ciphertext: the digit names
//! the algorithm, for the day when a hall has to use another.

use crate::access::sealing::{NONCE_BYTES, Sealing, mac};
use crate::written::hidden;
use hall::id::{HallId, Sealed};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The algorithm of everything sealed so far.
const ALGORITHM: &str = "1.";

/// How to reach the person who booked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    pub phone: String,
    /// Where an officer goes to, for a home visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Who booked, if it was somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booker: Option<Booker>,
}

/// Somebody who books for another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booker {
    pub name: String,
    pub phone: String,
}

hidden!(Contact, Booker);

/// Seals and opens for one hall.
pub struct Seal {
    sealing: Sealing,
    hall: HallId,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({}, …)", self.hall)
    }
}

impl Seal {
    /// The seal of a hall, from the store's secret.
    pub fn of(secret: &[u8; 32], hall: &HallId) -> Seal {
        let id = hall.as_str().as_bytes();
        Seal {
            sealing: Sealing::new(mac(secret, &[b"contact|", id]), id),
            hall: hall.clone(),
        }
    }

    /// Seals; the same words look different every time.
    pub fn seal(&self, contact: &Contact) -> Sealed {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).expect("the system has random numbers");
        let words = serde_json::to_vec(contact).expect("a contact is words");
        let text = self.sealing.seal(nonce, &words);
        Sealed::parse(format!("{ALGORITHM}{text}")).expect("base64url is a sealed text")
    }

    /// Opens what was sealed here; nothing if the key was another or has been destroyed.
    pub fn open(&self, sealed: &Sealed) -> Option<Contact> {
        let text = sealed.as_str().strip_prefix(ALGORITHM)?;
        serde_json::from_slice(&self.sealing.open(text)?).ok()
    }
}

impl Contact {
    /// The telephone number as a list shows it: `138****1234`.
    pub fn masked_phone(&self) -> String {
        let digits: Vec<char> = self.phone.chars().collect();
        match digits.len() {
            11.. => {
                let (head, tail) = (&digits[..3], &digits[digits.len() - 4..]);
                format!("{}****{}", String::from_iter(head), String::from_iter(tail))
            }
            // a landline without its area code: three digits more would leave one to guess
            5.. => format!("****{}", String::from_iter(&digits[digits.len() - 2..])),
            _ => "****".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact {
            name: "王小明".into(),
            phone: "13800001234".into(),
            address: None,
            booker: None,
        }
    }

    #[test]
    fn only_the_hall_that_sealed_it_opens_it() {
        let hall = |id: &str| HallId::parse(id).unwrap();
        let seal = Seal::of(&[7; 32], &hall("zhuzhou"));
        let sealed = seal.seal(&contact());
        assert_eq!(seal.open(&sealed), Some(contact()));
        assert_ne!(seal.seal(&contact()), sealed, "a nonce is used once");
        assert!(!sealed.as_str().contains("138"));
        assert_eq!(Seal::of(&[7; 32], &hall("lusong")).open(&sealed), None);
        assert_eq!(Seal::of(&[8; 32], &hall("zhuzhou")).open(&sealed), None);
    }

    #[test]
    fn a_list_shows_half_a_telephone_number() {
        assert_eq!(contact().masked_phone(), "138****1234");
        let landline = Contact {
            phone: "28681234".into(),
            ..contact()
        };
        assert_eq!(landline.masked_phone(), "****34");
    }
}
