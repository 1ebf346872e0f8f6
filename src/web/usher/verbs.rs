//! What an usher does for somebody, once for the JSON and for his page.

use crate::runtime::Reply;
use crate::web::http::app::surely;
use crate::web::http::caller::Usher;
use crate::web::http::{App, KeyedBody, Needed, OrNotFound, Problem};
use crate::web::numbers::alternatives::ask_for_number;
use crate::web::numbers::verbs::TakeForm;
use hall::id::{ServiceId, TicketId, TicketNumber};
use hall::plan::class::Class;
use hall::record::command::{Action, TakeTicket};
use hall::state::ticket::{Channel, Need};
use hall::{Answer, Hall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// `{action}` of `POST /halls/{hall}/usher/{action}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// `issue`: the name with it.
    pub name: Option<String>,
    #[serde(default)]
    pub needs: BTreeSet<Need>,
    /// `change`, `readmit`, `reprint`.
    #[schema(value_type = Option<String>)]
    pub number: Option<TicketNumber>,
}

/// Does it; a refused number says where else to go.
pub async fn act(
    usher: &Usher,
    action: UsherAction,
    KeyedBody { form, key }: KeyedBody<UsherForm>,
    app: &App,
) -> Result<Reply<Answer>, Problem> {
    let action = match action {
        UsherAction::Issue => issue(usher, form, app)?,
        UsherAction::Change => Action::ChangeService {
            ticket: numbered(usher, form.number).await?,
            service: form.service.needed("/service")?,
        },
        UsherAction::Readmit => Action::Return {
            ticket: numbered(usher, form.number).await?,
        },
        UsherAction::Reprint => Action::Reprint {
            ticket: numbered(usher, form.number).await?,
        },
        UsherAction::HelpedOnline => Action::RecordHelpedOnline {
            service: form.service.needed("/service")?,
        },
    };
    ask_for_number(usher, &key, action, &app.halls).await
}

fn issue(usher: &Usher, form: UsherForm, app: &App) -> Result<Action, Problem> {
    let taken = TakeForm {
        class: form.class,
        needs: form.needs,
        person: form.person,
        name: form.name,
        ..TakeForm::of(form.service.needed("/service")?)
    };
    let taken = taken.into_wanted(&usher.hall, Channel::Usher, app)?;
    Ok(Action::TakeTicket(TakeTicket {
        reason: Some(form.reason.needed("/reason")?),
        ..taken
    }))
}

/// Today's ticket with this number. Another instance may have given it out a moment ago.
async fn numbered(usher: &Usher, number: Option<TicketNumber>) -> Result<TicketId, Problem> {
    let number = number.needed("/number")?;
    let find = |hall: &Hall| {
        let ticket = hall.ticket_by_number(&number);
        let of_today = ticket.filter(|ticket| hall.is_of_the_day(ticket));
        of_today.map(|ticket| ticket.id)
    };
    let found = surely(&usher.hall, find).await?;
    found.or_not_found("该号码", "ticket")
}
