//! Numbers that a kiosk gives out while the server is away: lent beforehand, reported afterwards.

use crate::web::http::caller::Kiosk;
use crate::web::http::date;
use crate::web::http::{Asks, Created, KeyedBody, OrNotFound, Problem, RequestKey, describe};
use crate::web::numbers::verbs::{TicketAnswer, taken};
use actix_web::{HttpRequest, web};
use chrono::NaiveDate;
use hall::id::{LeaseId, Prefix, ServiceId, TicketNumber, Token};
use hall::plan::class::Class;
use hall::record::command::{Action, ReportTaken};
use hall::text::Language;
use hall::{Actor, Answer, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What a kiosk may give out by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeasesAnswer {
    /// The day they are good for.
    pub date: NaiveDate,
    pub leases: Vec<LeaseAnswer>,
}

/// One block of numbers of one series.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeaseAnswer {
    pub lease: LeaseId,
    pub prefix: Prefix,
    pub first: u32,
    pub last: u32,
    /// Lent by this very request: nobody else gives it out, and no other page of this kiosk.
    pub fresh: bool,
    /// Those that the hall knows to be on paper.
    pub taken: Vec<u32>,
}

/// What a kiosk wants.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseForm {
    /// The series of which it has too few left; those that the hall believes to run low if not said.
    pub low: Option<BTreeSet<Prefix>>,
}

/// A number that a kiosk gave out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportForm {
    pub lease: LeaseId,
    #[schema(value_type = String)]
    pub number: TicketNumber,
    /// Drawn by the kiosk, at least 128 bits; it is in the slip's code.
    pub token: Token,
    pub service: ServiceId,
    #[serde(default)]
    pub class: Class,
    #[serde(default)]
    pub language: Language,
    /// By the kiosk's clock.
    #[schema(value_type = String, format = DateTime)]
    #[serde(deserialize_with = "date::moment")]
    pub taken_at: Time,
    /// When the kiosk sent this, by the same clock: a clock that is wrong then costs nobody a place. Without it the time
    /// counts only where it fits what the server itself saw.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, deserialize_with = "date::moment_if_said")]
    pub sent_at: Option<Time>,
    /// `Idempotency-Key` of the `POST /halls/{hall}/tickets` whose answer never came, and in whose place this number was
    /// given out.
    pub instead_of: Option<String>,
}

/// A block that a kiosk gives back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnForm {
    pub lease: LeaseId,
}

describe!(lease: "Lends a kiosk numbers for while the server is away");
pub async fn lease(
    kiosk: Kiosk,
    KeyedBody { form, key }: KeyedBody<LeaseForm>,
) -> Result<Created<LeasesAnswer>, Problem> {
    let action = Action::LeaseNumbers { low: form.low };
    let reply = kiosk.asks(&key, action).await?;
    let fresh = match reply.answer {
        Answer::Leased(fresh) => fresh,
        _ => Vec::new(), // it had enough
    };
    leases(&kiosk, &fresh).map(Created)
}

describe!(report: "A number that a kiosk gave out meanwhile");
pub async fn report(
    kiosk: Kiosk,
    KeyedBody { form, key }: KeyedBody<ReportForm>,
    request: HttpRequest,
) -> Result<Created<TicketAnswer>, Problem> {
    let instead_of = form.instead_of.map(|earlier| {
        let path = request.path().trim_end_matches("/leases/tickets");
        let route = format!("POST {path}/tickets");
        RequestKey::on(&request, route, earlier).command_id(&kiosk.actor)
    });
    let action = Action::ReportTaken(Box::new(ReportTaken {
        lease: form.lease,
        number: form.number,
        token: form.token,
        service: form.service,
        class: form.class,
        language: form.language,
        taken_at: form.taken_at,
        sent_at: form.sent_at,
        instead_of,
    }));
    let reply = kiosk.asks(&key, action).await?;
    taken(reply.answer).map(Created)
}

describe!(give_back: "Gives back what was not given out");
pub async fn give_back(
    kiosk: Kiosk,
    asked: KeyedBody<ReturnForm>,
) -> Result<web::Json<LeasesAnswer>, Problem> {
    let lease = asked.form.lease;
    let action = Action::ReturnNumbers { lease };
    kiosk.asks(&asked.key, action).await?;
    leases(&kiosk, &[]).map(web::Json)
}

fn leases(kiosk: &Kiosk, fresh: &[LeaseId]) -> Result<LeasesAnswer, Problem> {
    let Actor::Kiosk(id) = &kiosk.actor else {
        return Err(Problem::not_found("该取号机", "kiosk"));
    };
    kiosk.hall.read(|hall| {
        let day = hall.day();
        let day = day.or_not_found("今天的号段", "block of numbers today")?;
        let leases = day.leases_of(id).map(|(lease, of)| LeaseAnswer {
            lease,
            fresh: fresh.contains(&lease),
            prefix: of.numbers.prefix.clone(),
            first: of.numbers.first,
            last: of.numbers.last,
            taken: of.taken.iter().copied().collect(),
        });
        Ok(LeasesAnswer {
            date: day.date,
            leases: leases.collect(),
        })
    })
}
