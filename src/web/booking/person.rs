//! Who comes and who books, as forms say it.

use crate::web::http::Problem;
use crate::web::http::document::pseudonym_by_name;
use crate::written::named;
use hall::id::PersonId;
use serde::{Deserialize, Serialize};
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

    /// The document's digest; `pointer` names its number.
    pub fn digest(&self, secret: &[u8; 32], pointer: &str) -> Result<PersonId, Problem> {
        let kind = self.document.name().replace('_', "-"); // as the digests in every log have it
        let document = (&*kind, &*self.id_number, self.name.trim());
        pseudonym_by_name(secret, document, pointer)
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
