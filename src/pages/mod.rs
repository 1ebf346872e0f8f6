//! What people open in a browser: tera templates, two catalogues of words, and the context type of each page.
//!
//! A page is a plain struct with the views of the rules in it; handlers fill it and [`Pages::render`] makes HTML of it.
//! No rule and no query lives here. Templates have no inline script or style, so they pass under a strict
//! Content-Security-Policy; what a script needs stands in `data-` attributes.
//!
//! Invariant: a template, a key or a variable that is missing is an error, never an empty spot.

mod assets;
mod citizen;
mod filters;
mod guide;
mod page;
mod staff;
mod ticket;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use assets::{Asset, Assets};
pub use citizen::{AppointmentPage, BookPage, BookStep, Refused, TakePage, TypedFields};
pub use guide::{
    GuideAnswerPage, GuideCard, GuideMissesPage, GuidePage, GuidePlace, GuidePrintPage,
    GuideVariant,
};
pub use page::*;
pub use staff::{DayListPage, DayRow, UsherNumber, UsherPage};
pub use ticket::{FamilyPage, TicketStep, TicketStepPage, WordPage};

use crate::templates;
use crate::words::{self, Words, WordsError};
use std::sync::Arc;
use tera::{Context, Tera};

/// Why a page could not be made. The source names the template and the line.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    #[error("a template does not work")]
    Template(#[from] tera::Error),
    #[error(transparent)]
    Words(#[from] WordsError),
}

/// Everything needed to render any page; shared between the server's threads.
#[derive(Debug)]
pub struct Pages {
    tera: Tera,
}

impl Pages {
    /// Compiles the templates and reads the catalogues.
    pub fn load() -> Result<Pages, PagesError> {
        let words = Arc::new(Words::load()?);
        let mut tera = Tera::new();
        filters::register(&mut tera);
        words::register(&mut tera, words);
        tera.add_raw_templates(templates::pages())?;
        Ok(Pages { tera })
    }

    /// The page as HTML, in the language of its shell.
    pub fn render<P: Page>(&self, page: &P) -> Result<String, PagesError> {
        let mut context = Context::from_serialize(page)?;
        context.insert("lang", &page.shell().language);
        Ok(self.tera.render(P::TEMPLATE, &context)?)
    }
}
