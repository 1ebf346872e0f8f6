//! What the booking page's address and its last form say.

use crate::pages::TypedFields;
use crate::runtime::Owner;
use crate::typed::DocumentKind;
use crate::web::booking::person::PersonForm;
use crate::web::booking::verbs::BookForm;
use crate::web::http::Problem;
use crate::web::http::caller::id_of;
use crate::web::http::date;
use chrono::NaiveDate;
use hall::Hall;
use hall::id::{ServiceId, Token};
use hall::plan::slot::SlotId;
use hall::state::ticket::Need;
use hall::text::{Language, typed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far somebody has come.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BookQuery {
    pub service: Option<ServiceId>,
    #[serde(default, deserialize_with = "date::optional")]
    pub date: Option<NaiveDate>,
    pub slot: Option<SlotId>,
    pub hold: Option<Token>,
    /// Joins the waiting list of a full time.
    #[serde(default)]
    pub wait: bool,
}

/// The last step's form.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConfirmForm {
    #[serde(skip_serializing)]
    pub idempotency_key: String,
    pub service: ServiceId,
    pub slot: SlotId,
    /// Another time, chosen after the first one was gone.
    pub other_slot: Option<SlotId>,
    #[serde(default)]
    pub hold: String,
    #[serde(default)]
    pub wait: bool,
    pub name: String,
    pub phone: String,
    #[serde(default)]
    pub document: DocumentKind,
    pub id_number: String,
    #[serde(default)]
    pub cases: String,
    #[serde(default)]
    pub wheelchair: bool,
    #[serde(default)]
    pub sign_language: bool,
    #[serde(default)]
    pub written_language: bool,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub booker_name: String,
    #[serde(default)]
    pub booker_phone: String,
    #[serde(default)]
    pub booker_document: DocumentKind,
    #[serde(default)]
    pub booker_id_number: String,
}

impl BookQuery {
    /// Where this step is found again.
    pub fn address(&self, hall: &Owner<Hall>) -> String {
        let hall = id_of(hall);
        let pairs = [
            ("service", self.service.as_ref().map(ToString::to_string)),
            ("date", self.date.map(|date| date.to_string())),
            ("slot", self.slot.as_ref().map(ToString::to_string)),
            ("hold", self.hold.as_ref().map(ToString::to_string)),
            ("wait", self.wait.then(|| "true".to_string())),
        ];
        let pairs = pairs
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        format!("/{hall}/book?{}", pairs.collect::<Vec<_>>().join("&"))
    }
}

impl ConfirmForm {
    /// The step that it was sent from.
    pub fn query(&self) -> BookQuery {
        BookQuery {
            service: Some(self.service.clone()),
            slot: Some(self.slot.clone()),
            hold: Token::parse(self.hold.clone()).ok(),
            wait: self.wait,
            date: None,
        }
    }

    /// What the page shows again when it is refused.
    pub fn typed(&self) -> TypedFields {
        TypedFields {
            name: self.name.clone(),
            phone: self.phone.clone(),
            document: self.document.name().into(),
            cases: self.cases.clone(),
            wheelchair: self.wheelchair,
            sign_language: self.sign_language,
            written_language: self.written_language,
            address: self.address.clone(),
            booker_name: self.booker_name.clone(),
            booker_phone: self.booker_phone.clone(),
            booker_document: self.booker_document.name().into(),
        }
    }

    /// The same as a program would send it.
    pub fn booking(&self, hall: &Owner<Hall>, language: Language) -> Result<BookForm, Problem> {
        let booker = PersonForm {
            name: self.booker_name.clone(),
            phone: self.booker_phone.clone(),
            id_number: self.booker_id_number.clone(),
            document: self.booker_document,
        };
        let fields = [&booker.name, &booker.phone, &booker.id_number];
        let is_by_another = fields.iter().any(|field| !field.trim().is_empty());
        let needs_address = hall.read(|hall| hall.plan().needs_address(&self.slot));
        let has_address = needs_address || !self.address.trim().is_empty();
        Ok(BookForm {
            service: self.service.clone(),
            slot: self.slot.clone(),
            person: PersonForm {
                name: self.name.clone(),
                phone: self.phone.clone(),
                id_number: self.id_number.clone(),
                document: self.document,
            },
            hold: Token::parse(self.hold.clone()).ok(),
            places: 1,
            cases: cases(&self.cases)?,
            needs: self.needs(),
            language,
            booker: is_by_another.then_some(booker),
            address: has_address.then(|| self.address.clone()),
            wait_list: self.wait,
        })
    }

    fn needs(&self) -> BTreeSet<Need> {
        let needs = [
            (self.wheelchair, Need::Wheelchair),
            (self.sign_language, Need::SignLanguage),
            (self.written_language, Need::WrittenLanguage),
        ];
        let wanted = needs.into_iter().filter(|(wanted, _)| *wanted);
        wanted.map(|(_, need)| need).collect()
    }
}

fn cases(text: &str) -> Result<u16, Problem> {
    let text = typed::key(text);
    if text.is_empty() {
        return Ok(1);
    }
    let wrong = |_| {
        Problem::invalid(
            "/cases",
            "件数应为数字。",
            "The number of matters is a number.",
        )
    };
    text.parse().map_err(wrong)
}
