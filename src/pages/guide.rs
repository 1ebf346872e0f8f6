//! The contexts of the guide's pages: a question with what was found, one answer, its checklist, and what was missed.

use super::page::{Page, Shell, page};
use crate::guide::catalogue::Document;
use crate::guide::floor_map::FloorMap;
use crate::guide::found::Found;
use crate::guide::miss::Missed;
use chrono::NaiveDate;
use hall::id::{HallId, WindowNumber};
use hall::text::Text;
use hall::view::ServiceView;
use serde::Serialize;

/// `/{hall}/guide`.
#[derive(Clone, Debug, Serialize)]
pub struct GuidePage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub hotline: Option<String>,
    /// Behind every link of a kiosk, and nothing elsewhere.
    pub kiosk: bool,
    pub question: String,
    pub results: Vec<Found>,
    pub nearest: Vec<Found>,
    pub elsewhere: Option<Text>,
    pub frequent: Vec<Found>,
}
page!(GuidePage, "guide.html");

/// `/{hall}/guide/{id}`: a card with what to bring, or an answer.
#[derive(Clone, Debug, Serialize)]
pub struct GuideAnswerPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub hotline: Option<String>,
    pub kiosk: bool,
    /// Larger letters on paper.
    pub large: bool,
    pub id: String,
    /// This page as a phone finds it.
    pub address: String,
    pub title: Text,
    /// Of an article.
    pub answer: Option<Text>,
    /// Of a matter.
    pub card: Option<GuideCard>,
    /// The service in this hall now, if it is one of it.
    pub place: Option<GuidePlace>,
    pub source: Option<String>,
    pub checked_on: Option<NaiveDate>,
}
page!(GuideAnswerPage, "guide-answer.html");

/// What a matter takes.
#[derive(Clone, Debug, Serialize)]
pub struct GuideCard {
    pub variants: Vec<GuideVariant>,
    /// The chosen one's id; none while it is not known which rule applies.
    pub chosen: Option<String>,
    pub documents: Vec<Document>,
    pub steps: Vec<Text>,
    /// In yuan.
    pub amount: Option<String>,
    pub fee: Text,
    pub minutes: u32,
    pub notes: Vec<Text>,
    /// The same rows as plain lines, for a printer.
    pub lines: Vec<Text>,
}

/// A rule to choose.
#[derive(Clone, Debug, Serialize)]
pub struct GuideVariant {
    pub id: String,
    pub title: Text,
    pub chosen: bool,
}

/// Where a service is done in this hall, and how it is there now.
#[derive(Clone, Debug, Serialize)]
pub struct GuidePlace {
    /// With its online route only where that does the matter too.
    #[serde(flatten)]
    pub service: ServiceView,
    pub windows: Vec<WindowNumber>,
    pub map: Option<FloorMap>,
}

/// `/{hall}/guide/{id}/print`: a sheet of paper.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct GuidePrintPage(pub GuideAnswerPage);

impl Page for GuidePrintPage {
    const TEMPLATE: &'static str = "guide-print.html";
    fn shell(&self) -> &Shell {
        &self.0.shell
    }
}

/// `/{hall}/guide/misses`: what was asked in vain.
#[derive(Clone, Debug, Serialize)]
pub struct GuideMissesPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub misses: Vec<Missed>,
    pub matters: usize,
    pub articles: usize,
    pub revision: u64,
    pub idempotency_key: String,
}
page!(GuideMissesPage, "guide-misses.html");
