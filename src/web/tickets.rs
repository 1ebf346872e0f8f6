//! Taking a number, and what its holder can do with it.

use super::app::App;
use super::ask::Asker;
use super::body::{Body, RequestKey};
use super::caller::{Holder, Relative, TakesNumbers};
use super::entity_tag::unless_known;
use super::person::pseudonym;
use super::problem::Problem;
use crate::access::fresh_token;
use crate::runtime::Owner;
use actix_web::http::header::IfNoneMatch;
use actix_web::{HttpResponse, web};
use hall::id::{ServiceId, TicketId, Token};
use hall::plan::class::Class;
use hall::record::answer::TakenTicket;
use hall::record::command::{Action, TakeTicket};
use hall::state::ticket::{Channel, Need};
use hall::text::Language;
use hall::view::{self, FamilyView, TicketView};
use hall::{Actor, Answer, Hall};
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
#[derive(Debug, Default, Deserialize, ToSchema)]
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

pub async fn take(
    caller: TakesNumbers,
    key: RequestKey,
    body: Body<TakeForm>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    if caller.actor == Actor::Citizen && !app.is_demo() {
        key.is_for_a_stranger()?;
    }
    let asker = Asker {
        hall: &caller.hall,
        actor: caller.actor.clone(),
        key: &key,
        fingerprint: &body.fingerprint,
    };
    let action = wanted_number(body.form, caller.channel, &app)?;
    let reply = asker.ask_for_number(action, &app.halls).await?;
    taken(reply.answer)
}

/// What taking a number asks of the rules.
pub fn wanted_number(form: TakeForm, channel: Channel, app: &App) -> Result<Action, Problem> {
    Ok(Action::TakeTicket(TakeTicket {
        person: form
            .person
            .as_deref()
            .map(|document| pseudonym(&app.secret, document, "/person"))
            .transpose()?,
        service: form.service,
        class: form.class,
        token: Token::parse(fresh_token()).expect("a fresh token is a token"),
        channel,
        needs: form.needs,
        party: form.party,
        cases: form.cases,
        also: form.also,
        language: form.language,
        voucher: form.voucher,
        reason: None,
        insist: form.insist,
        no_smartphone: form.no_smartphone,
    }))
}

/// 201 with the number, the first time and every time the request is repeated.
pub fn taken(answer: Answer) -> Result<HttpResponse, Problem> {
    let Answer::Taken(ticket) = answer else {
        return Err(Problem::not_found("该号码", "ticket"));
    };
    let page = format!("/t/{}", ticket.token);
    Ok(HttpResponse::Created().json(TicketAnswer { ticket, page }))
}

/// The ticket; 304 to whoever knows what it shows already.
pub async fn show(
    holder: Holder,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, Problem> {
    let view = ticket_view(&holder)?;
    Ok(unless_known(&view, view.now, &known))
}

/// The ticket as its holder's family may see it.
pub async fn show_to_family(
    relative: Relative,
    known: web::Header<IfNoneMatch>,
) -> Result<HttpResponse, Problem> {
    let view = family_view(&relative)?;
    Ok(unless_known(&view, view.now, &known))
}

pub async fn act(
    holder: Holder,
    key: RequestKey,
    body: Body<HolderForm>,
    path: web::Path<(String, HolderAction)>,
) -> Result<web::Json<TicketView>, Problem> {
    let (_, action) = path.into_inner();
    let action = wanted(&holder, action, body.form)?;
    let asker = Asker {
        hall: &holder.hall,
        actor: Actor::Citizen,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    asker.ask(action).await?;
    ticket_view(&holder).map(web::Json)
}

/// The command behind a holder's action.
pub fn wanted(holder: &Holder, action: HolderAction, form: HolderForm) -> Result<Action, Problem> {
    let ticket = holder.ticket;
    let missing = |pointer: &str| Problem::invalid(pointer, "缺少此项", "this field is required");
    Ok(match action {
        HolderAction::Cancel => Action::Cancel { ticket },
        HolderAction::Return => Action::Return { ticket },
        HolderAction::Defer => Action::Defer { ticket },
        HolderAction::Resume => Action::ResumeByHolder { ticket },
        HolderAction::Reprint => Action::Reprint { ticket },
        HolderAction::Change => Action::ChangeService {
            ticket,
            service: form.service.ok_or_else(|| missing("/service"))?,
        },
        HolderAction::Rating => Action::Rate {
            ticket,
            stars: form.stars.ok_or_else(|| missing("/stars"))?,
            reasons: form.reasons,
            text: form.text.filter(|text| !text.trim().is_empty()),
        },
        HolderAction::Report => Action::LeaveComplaint {
            ticket: Some(ticket),
            service: None,
            text: form.text.ok_or_else(|| missing("/text"))?,
        },
    })
}

/// The ticket as it stands now.
pub fn ticket_view(holder: &Holder) -> Result<TicketView, Problem> {
    view_of(&holder.hall, holder.ticket)
}

/// The same for whoever may only look.
pub fn family_view(relative: &Relative) -> Result<FamilyView, Problem> {
    view_of(&relative.hall, relative.ticket).map(FamilyView::from)
}

fn view_of(hall: &Owner<Hall>, ticket: TicketId) -> Result<TicketView, Problem> {
    let now = hall.now();
    let view = hall.read(|hall| Some(view::ticket(hall, hall.ticket(ticket)?, now)));
    view.ok_or_else(|| Problem::not_found("该号码", "ticket"))
}
