//! The usher: walks up to people, helps on the phone, gives a number to whoever stands in line.

use super::app::{App, confirmed};
use super::ask::Asker;
use super::body::{Body, RequestKey};
use super::caller::Usher;
use super::person::pseudonym;
use super::problem::Problem;
use super::tickets::taken;
use crate::access::fresh_token;
use actix_web::{HttpResponse, web};
use hall::id::{ServiceId, TicketId, TicketNumber, Token};
use hall::plan::class::Class;
use hall::record::command::{Action, TakeTicket};
use hall::state::ticket::{Channel, Need};
use hall::text::Language;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// `{action}` of `POST /halls/{hall}/usher/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsherAction {
    Issue,
    Change,
    Readmit,
    Reprint,
    HelpedOnline,
}

/// What those actions need.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsherForm {
    /// `issue`, `change`, `helped-online`.
    pub service: Option<ServiceId>,
    /// `issue`: why he gives it.
    pub reason: Option<String>,
    #[serde(default)]
    pub class: Class,
    /// `issue`: document number; kept as a keyed digest only.
    pub person: Option<String>,
    #[serde(default)]
    pub needs: BTreeSet<Need>,
    /// `change`, `readmit`, `reprint`.
    #[schema(value_type = Option<String>)]
    pub number: Option<TicketNumber>,
}

pub async fn act(
    usher: Usher,
    key: RequestKey,
    body: Body<UsherForm>,
    path: web::Path<(String, UsherAction)>,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let (_, action) = path.into_inner();
    let wanted = wanted(&usher, action, body.form, &app).await?;
    let asker = Asker {
        hall: &usher.hall,
        actor: usher.actor,
        key: &key,
        fingerprint: &body.fingerprint,
    };
    let reply = asker.ask_for_number(wanted, &app.halls).await?;
    match action {
        UsherAction::Issue => taken(reply.answer),
        UsherAction::Change
        | UsherAction::Readmit
        | UsherAction::Reprint
        | UsherAction::HelpedOnline => {
            Ok(HttpResponse::Ok()
                .json(serde_json::json!({ "done": true, "version": reply.version })))
        }
    }
}

/// What an action of the usher's asks of the rules.
pub async fn wanted(
    usher: &Usher,
    action: UsherAction,
    form: UsherForm,
    app: &App,
) -> Result<Action, Problem> {
    let missing = |pointer: &str| Problem::invalid(pointer, "缺少此项", "this field is required");
    let service = || form.service.clone().ok_or_else(|| missing("/service"));
    let ticket = async || {
        let number = form.number.as_ref().ok_or_else(|| missing("/number"))?;
        ticket_numbered(usher, number).await
    };
    Ok(match action {
        UsherAction::Issue => Action::TakeTicket(TakeTicket {
            service: service()?,
            class: form.class,
            token: Token::parse(fresh_token()).expect("a fresh token is a token"),
            channel: Channel::Usher,
            needs: form.needs.clone(),
            party: 1,
            cases: 1,
            also: Vec::new(),
            language: Language::Zh,
            person: form
                .person
                .as_deref()
                .map(|document| pseudonym(&app.secret, document, "/person"))
                .transpose()?,
            voucher: None,
            reason: Some(form.reason.clone().ok_or_else(|| missing("/reason"))?),
            insist: false,
            no_smartphone: false,
        }),
        UsherAction::Change => Action::ChangeService {
            ticket: ticket().await?,
            service: service()?,
        },
        UsherAction::Readmit => Action::Return {
            ticket: ticket().await?,
        },
        UsherAction::Reprint => Action::Reprint {
            ticket: ticket().await?,
        },
        UsherAction::HelpedOnline => Action::RecordHelpedOnline {
            service: service()?,
        },
    })
}

/// Today's ticket with this number. Another instance may have given it out a moment ago.
async fn ticket_numbered(usher: &Usher, number: &TicketNumber) -> Result<TicketId, Problem> {
    let find = || {
        usher.hall.read(|hall| {
            let ticket = hall.ticket_by_number(number);
            let todays = ticket.filter(|ticket| hall.is_of_the_day(ticket));
            todays.map(|ticket| ticket.id)
        })
    };
    if let Some(ticket) = find() {
        return Ok(ticket);
    }
    confirmed(usher.hall.catch_up().await)?;
    find().ok_or_else(|| Problem::not_found("该号码", "ticket"))
}
