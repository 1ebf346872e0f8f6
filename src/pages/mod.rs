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
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use assets::{Asset, Assets};
pub use citizen::{
    AppointmentPage, BookDay, BookPage, BookPlaces, BookSlot, BookStep, Refused, ServiceOffer,
    TakePage, Typed,
};
pub use guide::{
    GuideAnswerPage, GuideCard, GuideDocument, GuideMissesPage, GuidePage, GuidePlace,
    GuidePrintPage, GuideVariant,
};
pub use page::{
    AccountsPage, ConsolePage, DemoHint, DeviceRow, Enrolled, ErrorPage, HallDevices, HallInList,
    HallPage, HallStatus, IndexPage, KioskPage, NetworkPage, OfficerRow, OtherHall, OverviewPage,
    Page, PrinterStatus, ServiceChoice, SetupPage, Shell, SignInPage, SignedIn, StatsPage,
    StatsRow, StatsTable, StatusPage, TicketPage, WebhookStatus,
};
pub use staff::{DayListPage, DayRow, UsherLine, UsherNumber, UsherPage};
pub use ticket::{FamilyPage, TicketStep, TicketStepPage, WordPage};
pub use words::Words;

use rust_embed::RustEmbed;
use std::sync::Arc;
use tera::{Context, Tera};

/// The templates and both catalogues. Read from disk in a debug build, part of the binary in a release.
#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// Why a page could not be made. The source names the template and the line.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    #[error("a template does not work")]
    Template(#[from] tera::Error),
    #[error("the catalogue {file} cannot be read: {reason}")]
    Catalogue { file: String, reason: String },
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
        tera.add_raw_templates(template_sources())?;
        Ok(Pages { tera })
    }

    /// The page as HTML, in the language of its shell.
    pub fn render<P: Page>(&self, page: &P) -> Result<String, PagesError> {
        let mut context = Context::from_serialize(page)?;
        context.insert("lang", &page.shell().language);
        Ok(self.tera.render(P::TEMPLATE, &context)?)
    }
}

fn template_sources() -> Vec<(String, String)> {
    let names = Templates::iter().filter(|name| name.ends_with(".html"));
    names
        .map(|name| (name.to_string(), source(&name)))
        .collect()
}

/// A file of `templates/` as text.
fn source(name: &str) -> String {
    let file = Templates::get(name).map(|file| file.data.into_owned());
    String::from_utf8_lossy(&file.unwrap_or_default()).into_owned()
}
