//! Paper over HTTP: a kiosk asks for it when it has its number, and hears whether it came out. Nothing here can delay or
//! undo a ticket: a slip shows the ticket as it stands, and waits in the printer's own queue.

use crate::printing::paper::{Checklist, Paper, Slip, Unprintable};
use crate::printing::queue::SlipLine;
use crate::printing::status::Condition;
use crate::printing::{PrinterLine, Station};
use crate::site::is_this_machine;
use crate::web::http::app::surely;
use crate::web::http::caller::{ChecksIn, Holder, app, id_of};
use crate::web::http::site::site;
use crate::web::http::{
    Accepted, App, KeyedBody, OrNotFound, Problem, ProblemKind, RequestKey, describe,
};
use actix_web::{HttpRequest, web};
use hall::id::{ActorId, HallId, TicketId, TicketNumber, Token};
use hall::plan::zone::ZoneView;
use hall::state::ticket::{StageName, Ticket};
use hall::text::Text;
use hall::view;
use hall::{Actor, Hall};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

/// Which ticket, and how.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipForm {
    pub token: Option<Token>,
    /// For an usher, who has not got the token.
    #[schema(value_type = Option<String>)]
    pub number: Option<TicketNumber>,
    /// In large letters.
    #[serde(default)]
    pub large: bool,
    /// For an usher: the kiosk at whose printer it comes out; the hall's first if not said.
    pub kiosk: Option<ActorId>,
}

/// How a hall's printers are, to a kiosk its own.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrinterAnswer)]
pub struct HallPrinters {
    pub printer: PrinterState,
    /// The last slips, oldest first.
    pub slips: Vec<SlipLine>,
    /// Where the page itself has to send its paper, because the printer hangs at the kiosk's machine.
    pub agent: Option<String>,
    /// Each printer; for staff.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub printers: Vec<PrinterLine>,
}

/// A printer's condition, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrinterState {
    None,
    #[serde(untagged)]
    Is(Condition),
}

describe!(print_slip: "Prints a ticket on the kiosk's printer");
/// Puts a ticket in line for the printer of the kiosk that asks.
pub async fn print_slip(
    caller: ChecksIn,
    KeyedBody { form, key }: KeyedBody<SlipForm>,
    app: web::Data<App>,
    request: HttpRequest,
) -> Result<Accepted<SlipLine>, Problem> {
    let ticket = ticket_of(&caller, &form).await?;
    let station = station_of(&caller, form.kiosk.as_ref(), &app)?;
    let now = caller.hall.now();
    let slip = caller.hall.read(|hall| {
        let ticket = hall.ticket(ticket)?;
        Some((is_printed(ticket), slip(hall, ticket, now, &request)))
    });
    let (is_printed, slip) = slip.or_not_found("该号码", "ticket")?;
    if !is_printed {
        return Err(ProblemKind::WrongStage.because(
            "该号码已办结,不再打印。",
            "This number's visit is over; it is not printed any more.",
        ));
    }
    let paper = Paper::Ticket(Slip {
        large: form.large,
        ..slip
    });
    put(&caller, &key, &station, paper)
}

describe!(print_checklist: "Prints what to bring");
/// Puts a list of what to bring in line.
pub async fn print_checklist(
    caller: ChecksIn,
    asked: KeyedBody<Checklist>,
    app: web::Data<App>,
) -> Result<Accepted<SlipLine>, Problem> {
    let station = station_of(&caller, None, &app)?;
    let paper = Paper::Checklist(asked.form).checked()?;
    put(&caller, &asked.key, &station, paper)
}

describe!(printer: "How the printer is, and what became of the last slips");
/// How the printers are and what became of the last slips.
pub async fn printer(caller: ChecksIn, app: web::Data<App>) -> web::Json<HallPrinters> {
    let hall = id_of(&caller.hall);
    web::Json(match &caller.actor {
        Actor::Kiosk(kiosk) => of_kiosk(&app, &hall, kiosk),
        Actor::Officer(_) | Actor::Usher(_) | Actor::Manager(_) | Actor::Citizen | Actor::Timer => {
            of_hall(&app, &hall)
        }
    })
}

describe!(show: "A ticket as paper, for the agent at the kiosk's own machine");
/// What a page with an agent sends to it, ready to print.
pub async fn show(holder: Holder, request: HttpRequest) -> Result<web::Json<Paper>, Problem> {
    let now = holder.hall.now();
    let slip = holder
        .hall
        .read(|hall| Some(slip(hall, hall.ticket(holder.ticket)?, now, &request)));
    let slip = slip.or_not_found("该号码", "ticket")?;
    Ok(web::Json(Paper::Ticket(slip)))
}

/// Each printer of a hall, for staff.
pub fn printer_lines(app: &App, hall: &HallId) -> Vec<PrinterLine> {
    let stations = app.printers.of_hall(hall);
    stations.iter().map(Station::line).collect()
}

fn of_kiosk(app: &App, hall: &HallId, kiosk: &ActorId) -> HallPrinters {
    let station = app.printers.of_kiosk(hall, Some(kiosk));
    let queue = station.as_ref().map(|station| &station.queue);
    let condition = queue.map(|queue| queue.condition().for_citizens());
    HallPrinters {
        printer: condition.map_or(PrinterState::None, PrinterState::Is),
        slips: queue.map_or(Vec::new(), |queue| queue.slips()),
        agent: app.printers.agent_of(hall, Some(kiosk)),
        printers: Vec::new(),
    }
}

fn of_hall(app: &App, hall: &HallId) -> HallPrinters {
    let printers = printer_lines(app, hall);
    let worst = printers.iter().map(|line| line.printer).max();
    let stations = app.printers.of_hall(hall).into_iter();
    HallPrinters {
        printer: worst.map_or(PrinterState::None, PrinterState::Is),
        slips: stations.flat_map(|one| one.queue.slips()).collect(),
        agent: None,
        printers,
    }
}

fn put(
    caller: &ChecksIn,
    key: &RequestKey,
    station: &Station,
    paper: Paper,
) -> Result<Accepted<SlipLine>, Problem> {
    let id = key.command_id(&caller.actor).to_string();
    let line = station.queue.put(id, paper);
    line.map(Accepted).map_err(|_| Problem::key_reused())
}

/// The ticket of today that is meant.
async fn ticket_of(caller: &ChecksIn, form: &SlipForm) -> Result<TicketId, Problem> {
    if form.token.is_none() && form.number.is_none() {
        let en = "this field is required; an usher may say /number instead";
        return Err(Problem::invalid("/token", "缺少此项", en));
    }
    let find = |hall: &Hall| {
        let ticket = match (&form.token, &form.number) {
            (Some(token), _) => hall.ticket_by_token(token),
            (None, Some(number)) => hall.ticket_by_number(number),
            (None, None) => None,
        };
        let todays = ticket.filter(|ticket| hall.is_of_the_day(ticket));
        todays.map(|ticket| ticket.id)
    };
    let found = surely(&caller.hall, find).await?;
    found.or_not_found("该号码", "ticket")
}

/// The printer of the kiosk that asks or is named.
fn station_of(caller: &ChecksIn, named: Option<&ActorId>, app: &App) -> Result<Station, Problem> {
    let hall = id_of(&caller.hall);
    let printers = &app.printers;
    let kiosk = match &caller.actor {
        Actor::Kiosk(kiosk) => Some(kiosk),
        _ => named,
    };
    let found = match (printers.of_kiosk(&hall, kiosk), kiosk) {
        (None, None) => printers.of_hall(&hall).into_iter().next(),
        (found, _) => found,
    };
    found.ok_or_else(|| match printers.agent_of(&hall, kiosk) {
        Some(agent) => ProblemKind::NotFound.because(
            format!("该取号机的打印机接在本机上,请把小票发给 {agent}。"),
            format!("This kiosk's printer hangs at its own machine; send the paper to {agent}."),
        ),
        None => ProblemKind::NotFound.because(
            "没有给该取号机配置打印机。",
            "No printer is configured for this kiosk; see [[printers]] in docs/printing.md.",
        ),
    })
}

/// The ticket as it is printed now.
fn slip(hall: &Hall, ticket: &Ticket, now: hall::Time, request: &HttpRequest) -> Slip {
    let view = view::ticket(hall, ticket, now);
    Slip {
        zone: view.zone.map(place_to_wait),
        hall: view.hall_name,
        number: view.number,
        service: view.service_name,
        ahead: view.ahead,
        wait: view.wait,
        wait_unknown: view.wait_unknown,
        at: view.taken_at,
        documents: view.documents,
        url: page_for_phones(request, &ticket.token),
        quiet: None, // the hall does not know its quiet times yet
        language: ticket.language,
        reserve: view.reserve,
        reprint: ticket.reprints > 0,
        large: false,
    }
}

/// Where to sit down: 二楼 B区.
fn place_to_wait(zone: ZoneView) -> Text {
    let ZoneView { name, floor, .. } = zone;
    match floor {
        Some(floor) => Text::new(
            format!("{} {}", floor.zh, name.zh),
            format!("{}, {}", name.en, floor.en),
        ),
        None => name,
    }
}

/// The ticket's page, unless the address is one that only this machine can open; a demo shows the code all the same.
fn page_for_phones(request: &HttpRequest, token: &Token) -> Option<String> {
    let origin = site(request).origin();
    let is_here = is_this_machine(&Url::parse(&origin).ok()?.host()?);
    let is_demo = app(request).is_demo();
    (is_demo || !is_here).then(|| format!("{origin}/t/{token}"))
}

/// A missed ticket may come back, so it is printed like one that is open.
fn is_printed(ticket: &Ticket) -> bool {
    let stage = ticket.stage.name();
    stage.is_open() || stage == StageName::Missed
}

impl From<Unprintable> for Problem {
    fn from(unprintable: Unprintable) -> Problem {
        let reason = unprintable.reason;
        Problem::invalid(
            unprintable.pointer,
            format!("不能打印:{reason}"),
            format!("This cannot be printed: {reason}"),
        )
    }
}
