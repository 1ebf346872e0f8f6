//! What is done with numbers, once for the JSON and for the pages: taking one, and what its holder does with it.

use crate::runtime::Owner;
use crate::typed::{IdDocument, Name};
use crate::web::http::caller::{Holder, Relative, TakesNumbers, today};
use crate::web::http::document::{named, shown};
use crate::web::http::keyed::draw_token;
use crate::web::http::{App, Asks, KeyedBody, Needed, Problem};
use crate::web::numbers::alternatives::ask_for_number;
use chrono::NaiveDate;
use hall::id::{PersonId, ServiceId, TicketId, Token};
use hall::plan::class::Class;
use hall::record::answer::TakenTicket;
use hall::record::command::{Action, TakeTicket};
use hall::state::ticket::{Channel, Need};
use hall::text::{Language, Text};
use hall::view::{self, FamilyView, TicketView};
use hall::{Answer, Hall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What a citizen says at the kiosk.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeForm {
    pub service: ServiceId,
    #[serde(default)]
    pub class: Class,
    /// Wants a number although it could be done online.
    #[serde(default)]
    pub insist: bool,
    /// 「没有智能手机」: is never led to the app.
    #[serde(default)]
    pub no_smartphone: bool,
    #[serde(default)]
    pub needs: BTreeSet<Need>,
    #[serde(default = "one")]
    pub party: u16,
    #[serde(default = "one")]
    pub cases: u16,
    /// What else is wanted in the same visit.
    #[serde(default)]
    pub also: Vec<ServiceId>,
    #[serde(default)]
    pub language: Language,
    /// Document number; kept as a keyed digest only.
    #[serde(default)]
    pub person: Option<String>,
    /// The name with it: two people may have one number.
    #[serde(default)]
    pub name: Option<String>,
    /// Token of a ticket that left a voucher.
    #[serde(default)]
    pub voucher: Option<Token>,
}

fn one() -> u16 {
    1
}

/// A number that was given out.
#[derive(Debug, Serialize, ToSchema)]
pub struct TicketAnswer {
    #[serde(flatten)]
    pub ticket: TakenTicket,
    /// Where its holder follows it.
    pub page: String,
}

/// `{action}` of `POST /tickets/{token}/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HolderAction {
    Cancel,
    Return,
    Defer,
    Resume,
    Change,
    Rating,
    Reprint,
    Report,
}

/// What some of those actions need.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolderForm {
    /// `change`: the right service.
    pub service: Option<ServiceId>,
    /// `rating`: 1 to 5.
    pub stars: Option<u8>,
    #[serde(default)]
    pub reasons: Vec<String>,
    /// `rating`, `report`.
    pub text: Option<String>,
}

impl TakeForm {
    /// One person with one matter.
    pub fn of(service: ServiceId) -> TakeForm {
        TakeForm {
            service,
            class: Class::Normal,
            insist: false,
            no_smartphone: false,
            needs: BTreeSet::new(),
            party: one(),
            cases: one(),
            also: Vec::new(),
            language: Language::Zh,
            person: None,
            name: None,
            voucher: None,
        }
    }

    /// What it asks of the rules.
    pub fn into_wanted(
        self,
        hall: &Owner<Hall>,
        channel: Channel,
        app: &App,
    ) -> Result<TakeTicket, Problem> {
        let (person, named) = self.identified(today(hall), app)?;
        Ok(TakeTicket {
            person,
            named,
            class: self.class,
            needs: self.needs,
            party: self.party,
            cases: self.cases,
            also: self.also,
            language: self.language,
            voucher: self.voucher,
            insist: self.insist,
            no_smartphone: self.no_smartphone,
            ..TakeTicket::new(self.service, draw_token(), channel)
        })
    }

    /// The number of the document that was shown, and the same with a name.
    fn identified(
        &self,
        today: NaiveDate,
        app: &App,
    ) -> Result<(Option<PersonId>, Option<PersonId>), Problem> {
        let is_said = |text: &&str| !text.trim().is_empty();
        let Some(number) = self.person.as_deref().filter(is_said) else {
            return Ok((None, None));
        };
        let wrong = |words: Text| Problem::invalid("/person", words.zh, words.en);
        let document = IdDocument::parse_any(number, today).map_err(wrong)?;
        let wrong = |words: Text| Problem::invalid("/name", words.zh, words.en);
        let name = self.name.as_deref().filter(is_said).map(Name::parse);
        let name = name.transpose().map_err(wrong)?;
        let secret = &app.secret;
        let named = name.map(|name| named(secret, &document, &name));
        Ok((Some(shown(secret, &document, number).document), named))
    }
}

/// Takes a number.
pub async fn take(
    caller: &TakesNumbers,
    KeyedBody { form, key }: KeyedBody<TakeForm>,
    app: &App,
) -> Result<TicketAnswer, Problem> {
    key.check_for(&caller.actor, app)?;
    let action = Action::TakeTicket(form.into_wanted(&caller.hall, caller.channel, app)?);
    let reply = ask_for_number(caller, &key, action, &app.halls).await?;
    taken(reply.answer)
}

/// The number, the first time and every time the request is repeated.
pub fn taken(answer: Answer) -> Result<TicketAnswer, Problem> {
    let Answer::Taken(ticket) = answer else {
        return Err(not_found());
    };
    let page = format!("/t/{}", ticket.token);
    Ok(TicketAnswer { ticket, page })
}

/// What the holder of a number does with it.
pub async fn act(
    holder: &Holder,
    action: HolderAction,
    KeyedBody { form, key }: KeyedBody<HolderForm>,
) -> Result<(), Problem> {
    let ticket = holder.ticket;
    let action = match action {
        HolderAction::Cancel => Action::Cancel { ticket },
        HolderAction::Return => Action::Return { ticket },
        HolderAction::Defer => Action::Defer { ticket },
        HolderAction::Resume => Action::ResumeByHolder { ticket },
        HolderAction::Reprint => Action::Reprint { ticket },
        HolderAction::Change => Action::ChangeService {
            ticket,
            service: form.service.needed("/service")?,
        },
        HolderAction::Rating => Action::Rate {
            ticket,
            stars: form.stars.needed("/stars")?,
            reasons: form.reasons,
            text: form.text.filter(|text| !text.trim().is_empty()),
        },
        HolderAction::Report => Action::LeaveComplaint {
            ticket: Some(ticket),
            service: None,
            text: form.text.needed("/text")?,
        },
    };
    holder.asks(&key, action).await.map(drop)
}

/// The ticket as it stands now.
pub fn ticket_view(holder: &Holder) -> Result<TicketView, Problem> {
    view_of(&holder.hall, holder.ticket)
}

/// The same for somebody who may only look.
pub fn family_view(relative: &Relative) -> Result<FamilyView, Problem> {
    view_of(&relative.hall, relative.ticket).map(FamilyView::from)
}

fn view_of(hall: &Owner<Hall>, ticket: TicketId) -> Result<TicketView, Problem> {
    let now = hall.now();
    let view = hall.read(|hall| Some(view::ticket(hall, hall.ticket(ticket)?, now)));
    view.ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::not_found("该号码", "ticket")
}
