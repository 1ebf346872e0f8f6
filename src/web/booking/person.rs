//! KnownPerson comes and who books, as forms say it.

use crate::typed::{DocumentKind, IdDocument, Name, Phone};
use crate::web::http::Problem;
use crate::web::http::document::{KnownPerson, who};
use chrono::NaiveDate;
use hall::text::{Text, typed};
use serde::Deserialize;
use utoipa::ToSchema;

/// Longest address, in characters.
const WORDS_LONGEST: usize = 100;

/// KnownPerson comes. The document's number is kept as a keyed digest only, the rest sealed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonForm {
    pub name: String,
    pub phone: String,
    pub id_number: String,
    #[serde(default)]
    pub document: DocumentKind,
}

/// The same, read.
pub struct Person {
    pub name: Name,
    pub phone: Phone,
    pub who: KnownPerson,
}

impl PersonForm {
    /// Reads and checks what was typed; `pointer` names the form within the body.
    pub fn read(
        &self,
        secret: &[u8; 32],
        pointer: &str,
        today: NaiveDate,
    ) -> Result<Person, Problem> {
        let wrong = |field: &'static str| {
            move |words: Text| Problem::invalid(format!("{pointer}/{field}"), words.zh, words.en)
        };
        let name = Name::parse(&self.name).map_err(wrong("name"))?;
        let phone = Phone::parse(&self.phone).map_err(wrong("phone"))?;
        let document = IdDocument::parse(self.document, &self.id_number, today);
        let document = document.map_err(wrong("id_number"))?;
        let typed = (&*self.id_number, &*self.name);
        let who = who(secret, (self.document, &document), &name, typed);
        Ok(Person { name, phone, who })
    }
}

/// Words that have to be there, and not endless.
pub fn words(text: &str, pointer: &str) -> Result<String, Problem> {
    let text = typed::spelling(text);
    if (1..=WORDS_LONGEST).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(Problem::invalid(
        pointer,
        format!("请填写，最多{WORDS_LONGEST}字。"),
        format!("Fill this in, with at most {WORDS_LONGEST} characters."),
    ))
}
