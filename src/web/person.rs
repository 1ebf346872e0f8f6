//! Who a person is, as far as the hall may know: digests of documents, never the documents.

use super::problem::Problem;
use hall::id::PersonId;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use utoipa::ToSchema;

/// Longest name and address, in characters.
const WORDS_LONGEST: usize = 100;

/// Who comes. The document's number is kept as a keyed digest only, the rest sealed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonForm {
    pub name: String,
    pub phone: String,
    pub id_number: String,
    #[serde(default)]
    pub document: DocumentKind,
}

/// What kind of document it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 居民身份证
    #[default]
    ResidentId,
    /// 护照
    Passport,
    /// 港澳台居民证件
    HongKongMacaoTaiwan,
    /// 外国人永久居留身份证
    PermanentResidence,
}

impl DocumentKind {
    fn name(self) -> &'static str {
        match self {
            DocumentKind::ResidentId => "resident-id",
            DocumentKind::Passport => "passport",
            DocumentKind::HongKongMacaoTaiwan => "hong-kong-macao-taiwan",
            DocumentKind::PermanentResidence => "permanent-residence",
        }
    }
}

impl PersonForm {
    /// Whether the person can be called by name and telephoned.
    pub fn check(&self, pointer: &str) -> Result<(), Problem> {
        words(&self.name, &format!("{pointer}/name"))?;
        let digits = self.phone.chars().filter(char::is_ascii_digit).count();
        let is_phone = |c: char| c.is_ascii_digit() || "+- ()".contains(c);
        if !(7..=20).contains(&digits) || !self.phone.trim().chars().all(is_phone) {
            return Err(Problem::invalid(
                format!("{pointer}/phone"),
                "请填写能联系到您的电话号码。",
                "Give a telephone number of 7 to 20 digits.",
            ));
        }
        Ok(())
    }

    /// Document type, number and name: two people with one number are two people.
    pub fn digest(&self, secret: &[u8; 32], pointer: &str) -> Result<PersonId, Problem> {
        let number = normalised(&self.id_number, pointer)?;
        let name = self.name.trim();
        Ok(keyed(
            secret,
            &["person", self.document.name(), &number, name],
        ))
    }
}

/// Words that have to be there, and not endless.
pub fn words(text: &str, pointer: &str) -> Result<String, Problem> {
    let text = text.trim();
    if (1..=WORDS_LONGEST).contains(&text.chars().count()) {
        return Ok(text.into());
    }
    Err(Problem::invalid(
        pointer,
        format!("请填写,最多{WORDS_LONGEST}字。"),
        format!("Fill this in, with at most {WORDS_LONGEST} characters."),
    ))
}

/// A document's number as a digest under the store's secret, so that a list of all document numbers is no key: what the log knows of who took a number, and what a kiosk's reader gives.
pub fn pseudonym(secret: &[u8; 32], document: &str, pointer: &str) -> Result<PersonId, Problem> {
    let number = normalised(document, pointer)?;
    Ok(keyed(secret, &["person", &number]))
}

fn normalised(document: &str, pointer: &str) -> Result<String, Problem> {
    let number: String = document
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect();
    if (4..=40).contains(&number.chars().count()) {
        return Ok(number);
    }
    Err(Problem::invalid(
        pointer,
        "证件号码有误",
        "not a document number",
    ))
}

fn keyed(secret: &[u8; 32], parts: &[&str]) -> PersonId {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(parts.join("|").as_bytes());
    let digest = mac.finalize().into_bytes();
    let hex: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    PersonId::parse(hex).expect("hex digits make a person id")
}
