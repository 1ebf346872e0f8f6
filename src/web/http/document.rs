//! Documents as digests under the store's secret: a hall may know that it is the same person, and not who. The secret is
//! in it so that nobody finds a number by trying them all.

use crate::web::http::keyed::keyed_digest;
use crate::web::http::problem::Problem;
use hall::id::PersonId;

/// A document's number: what the log knows of who took a number, and what a kiosk's reader gives.
pub fn pseudonym(secret: &[u8; 32], number: &str, pointer: &str) -> Result<PersonId, Problem> {
    let number = normalised(number, pointer)?;
    Ok(digest(secret, &["person", &number]))
}

/// A document's kind, number and name: two people with one number are two people.
pub fn pseudonym_by_name(
    secret: &[u8; 32],
    (kind, number, name): (&str, &str, &str),
    pointer: &str,
) -> Result<PersonId, Problem> {
    let number = normalised(number, pointer)?;
    Ok(digest(secret, &["person", kind, &number, name]))
}

fn normalised(number: &str, pointer: &str) -> Result<String, Problem> {
    let number = number.chars().filter(|c| !c.is_whitespace());
    let number: String = number.flat_map(char::to_uppercase).collect();
    if (4..=40).contains(&number.chars().count()) {
        return Ok(number);
    }
    let (zh, en) = ("证件号码有误", "not a document number");
    Err(Problem::invalid(pointer, zh, en))
}

fn digest(secret: &[u8; 32], parts: &[&str]) -> PersonId {
    let digest = keyed_digest(secret, &[parts.join("|").as_bytes()]);
    PersonId::parse(digest).expect("hex digits make a person id")
}
