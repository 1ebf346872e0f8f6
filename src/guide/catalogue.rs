//! What one hall knows: matters with what to bring, and questions with their answers. Each names its source and the
//! date on which somebody checked it.
//!
//! People wrote everything in it. It is quoted unchanged, and nothing is generated from it.

use crate::written::{named, shown_as_text, stored_as_text};
use chrono::NaiveDate;
use hall::id::ServiceId;
use hall::text::Text;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use utoipa::ToSchema;

/// Most entries of one guide; the search is measured with twice as many articles as a large hall has.
pub const ENTRIES_MOST: usize = 5_000;
/// Most words: the search numbers them with 16 bits.
pub const WORDS_MOST: usize = 10_000;
/// Longest form of a word, in characters.
pub const FORM_LONGEST: usize = 40;
/// Longest answer, in characters of one language.
pub const TEXT_LONGEST: usize = 4_000;

/// All that a hall's guide holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Guide {
    pub matters: Vec<Matter>,
    pub articles: Vec<Article>,
    pub words: Vec<Word>,
}

/// The name of an entry: lowercase letters, digits and `-`, 1 to 60 characters; part of its address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct EntryId(String);

/// The text cannot name an entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be an id: use 1 to 60 lowercase letters, digits or `-`")]
pub struct InvalidEntryId(String);

/// Addresses below `/{hall}/guide/` that are something else.
const TAKEN: [&str; 1] = ["misses"];

impl EntryId {
    pub fn parse(id: &str) -> Result<EntryId, InvalidEntryId> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let fits = (1..=60).contains(&id.len()) && id.bytes().all(plain) && !TAKEN.contains(&id);
        fits.then(|| EntryId(id.to_owned()))
            .ok_or_else(|| InvalidEntryId(id.to_owned()))
    }
}

shown_as_text!(EntryId);
stored_as_text!(EntryId or InvalidEntryId);

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryId({})", self.0)
    }
}

/// Something that can be done at the hall: a card with what to bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    pub id: EntryId,
    /// For which of the plan's services one takes a number.
    pub service: ServiceId,
    pub title: Text,
    /// What people call it, in any language.
    #[serde(default)]
    pub keywords: Vec<String>,
    #[serde(default)]
    pub documents: Vec<Document>,
    #[serde(default)]
    pub steps: Vec<Text>,
    pub fee: Fee,
    /// At the window; the plan's figure for the service if not said.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// Whether the service's online route does this matter too.
    #[serde(default)]
    pub online: bool,
    #[serde(default)]
    pub note: Option<Text>,
    /// Two rules for one matter: the page asks which one applies.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// Shown on the guide's front page, in the order of the guide.
    #[serde(default)]
    pub frequent: bool,
    /// None where all that is known is the hall's plan.
    #[serde(default)]
    pub source: Option<Source>,
}

/// Something to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub name: Text,
    #[serde(default)]
    pub form: Form,
    /// Whose, or for whom only.
    #[serde(default)]
    pub who: Option<Text>,
}

/// In which form a document is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    #[default]
    Original,
    Copy,
    OriginalAndCopy,
    /// Filled in or made at the hall.
    OnSite,
}

/// What it costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// In yuan; not said where the province sets it.
    #[serde(
        default,
        with = "rust_decimal::serde::str_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, example = "10.00")]
    pub amount: Option<Decimal>,
    pub words: Text,
}

/// What differs when somebody else comes, or when another rule applies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    pub id: EntryId,
    /// On the button: ≤ 12 hanzi.
    pub title: Text,
    /// Instead of the matter's.
    pub documents: Vec<Document>,
    #[serde(default)]
    pub note: Option<Text>,
}

/// Where it was read, and when somebody last looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The authority's document, or an address.
    pub name: String,
    pub checked_on: NaiveDate,
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Article {
    pub id: EntryId,
    pub category: Text,
    pub subcategory: Text,
    #[serde(default)]
    pub service: Option<ServiceId>,
    pub question: Text,
    pub answer: Text,
    #[serde(default)]
    pub keywords: Vec<String>,
    pub source: Source,
}

/// What people call something, or what their words are good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Word {
    pub kind: WordKind,
    /// Of an idea: its name. Of a reading: the hanzi.
    pub id: String,
    /// Everything that stands for it; of a reading: its syllables.
    pub forms: Vec<String>,
    /// Of a word of another office: where to go.
    #[serde(default)]
    pub says: Option<Text>,
}

named! {
    /// What a word is for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
    pub enum WordKind {
        /// All its forms mean the same here.
        Idea = "idea",
        /// An idea that says what a question is about: 驾驶证, 年检, 违章.
        Topic = "topic",
        /// Says nothing: 请问, 怎么办.
        Filler = "filler",
        /// Another office's: 社保, 护照.
        Elsewhere = "elsewhere",
        /// Hanzi that sound otherwise than alone: 重庆.
        Reading = "reading",
    }
}

/// What is wrong in a guide, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// `articles[3].service`
    pub field: String,
    pub reason: String,
}

impl Guide {
    /// Whether each id is there once, each service is in the plan, and each text is in both languages. Names every
    /// fault.
    pub fn check(&self, services: &BTreeSet<ServiceId>) -> Result<(), Vec<Wrong>> {
        let mut wrongs = Vec::new();
        let mut wrong = |field: String, reason: String| wrongs.push(Wrong { field, reason });
        if self.matters.len() + self.articles.len() > ENTRIES_MOST {
            let reason = format!("a guide has at most {ENTRIES_MOST} entries");
            wrong(String::new(), reason);
        }
        if self.words.len() > WORDS_MOST {
            let reason = format!("a guide has at most {WORDS_MOST} words");
            wrong("words".into(), reason);
        }
        for (n, word) in self.words.iter().enumerate() {
            let mut long = word.forms.iter();
            while let Some(form) = long.find(|form| form.chars().count() > FORM_LONGEST) {
                let reason = format!("{form:?} is longer than {FORM_LONGEST} characters");
                wrong(format!("words[{n}].forms"), reason);
            }
        }
        let mut seen = BTreeSet::new();
        for (n, matter) in self.matters.iter().enumerate() {
            let field = |name: &str| format!("matters[{n}].{name}");
            if !seen.insert(&matter.id) {
                wrong(field("id"), format!("{} is there twice", matter.id));
            }
            if !services.contains(&matter.service) {
                wrong(field("service"), no_service(&matter.service));
            }
            if matter.source.is_none() {
                wrong(field("source"), "say where it was read, and when".into());
            }
            check_text(&matter.title, field("title"), &mut wrong);
        }
        for (n, article) in self.articles.iter().enumerate() {
            let field = |name: &str| format!("articles[{n}].{name}");
            if !seen.insert(&article.id) {
                wrong(field("id"), format!("{} is there twice", article.id));
            }
            let service = article.service.as_ref();
            if let Some(service) = service.filter(|service| !services.contains(*service)) {
                wrong(field("service"), no_service(service));
            }
            for (name, text) in [
                ("question", &article.question),
                ("answer", &article.answer),
                ("category", &article.category),
            ] {
                check_text(text, field(name), &mut wrong);
            }
        }
        match wrongs.is_empty() {
            true => Ok(()),
            false => Err(wrongs),
        }
    }

    pub fn matter(&self, id: &EntryId) -> Option<&Matter> {
        self.matters.iter().find(|matter| matter.id == *id)
    }

    pub fn article(&self, id: &EntryId) -> Option<&Article> {
        self.articles.iter().find(|article| article.id == *id)
    }
}

fn no_service(service: &ServiceId) -> String {
    format!("the hall's plan has no service {service}")
}

fn check_text(text: &Text, field: String, wrong: &mut impl FnMut(String, String)) {
    for (language, text) in [("zh", &text.zh), ("en", &text.en)] {
        if text.trim().is_empty() {
            wrong(format!("{field}.{language}"), "is empty".into());
        } else if text.chars().count() > TEXT_LONGEST {
            let reason = format!("is longer than {TEXT_LONGEST} characters");
            wrong(format!("{field}.{language}"), reason);
        }
    }
}
