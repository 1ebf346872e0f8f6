//! An entry of the guide as a line of a list: what it is called, and the beginning of what it says.

use super::catalogue::{Article, EntryId, Form, Guide, Matter};
use chrono::NaiveDate;
use hall::id::ServiceId;
use hall::text::Text;
use serde::Serialize;
use utoipa::ToSchema;

/// Longest excerpts, in characters: two lines on a phone.
const EXCERPT_ZH: usize = 60;
const EXCERPT_EN: usize = 140;

/// An entry that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Found {
    pub id: EntryId,
    pub kind: FoundKind,
    pub title: Text,
    pub service: Option<ServiceId>,
    pub excerpt: Text,
    /// Of an article.
    pub category: Option<Text>,
    /// Where it was read; none of what the hall's plan says.
    pub source: Option<String>,
    pub checked_on: Option<NaiveDate>,
}

/// A card with what to bring, or an answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FoundKind {
    Service,
    Article,
}

/// An entry as a line of a list.
pub fn found(guide: &Guide, id: &EntryId) -> Option<Found> {
    let matter = guide.matter(id).map(of_matter);
    matter.or_else(|| guide.article(id).map(of_article))
}

/// A matter as a line of a list.
pub fn of_matter(matter: &Matter) -> Found {
    let names = |language: fn(&Text) -> &String, between: &str| {
        let documents = matter.documents.iter();
        let documents = documents.filter(|document| document.form != Form::OnSite);
        let names = documents.map(|document| language(&document.name).as_str());
        names.collect::<Vec<_>>().join(between)
    };
    let excerpt = match matter.documents.is_empty() {
        true => matter.steps.first().unwrap_or(&matter.fee.words).clone(),
        false => {
            let (zh, en) = (names(|text| &text.zh, "、"), names(|text| &text.en, ", "));
            Text::new(format!("带{zh}"), format!("Bring: {en}"))
        }
    };
    Found {
        id: matter.id.clone(),
        kind: FoundKind::Service,
        title: matter.title.clone(),
        service: Some(matter.service.clone()),
        excerpt: shortened(&excerpt),
        category: None,
        source: matter.source.as_ref().map(|source| source.name.clone()),
        checked_on: matter.source.as_ref().map(|source| source.checked_on),
    }
}

fn of_article(article: &Article) -> Found {
    Found {
        id: article.id.clone(),
        kind: FoundKind::Article,
        title: article.question.clone(),
        service: article.service.clone(),
        excerpt: shortened(&article.answer),
        category: Some(article.category.clone()),
        source: Some(article.source.name.clone()),
        checked_on: Some(article.source.checked_on),
    }
}

fn shortened(text: &Text) -> Text {
    let short = |text: &str, most: usize| match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text.to_owned(),
    };
    Text::new(short(&text.zh, EXCERPT_ZH), short(&text.en, EXCERPT_EN))
}
