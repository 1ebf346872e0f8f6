//! The whole URL table.

use super::table::{Answers, Arguments, Row};
use super::{
    access, appointments, days, demo, devices, guide, halls, health, help, leases, managing,
    moving, page, slips, sockets, tickets, usher, voice, webhooks, windows,
};
use crate::devices::BoardReport;
use crate::guide::Guide;
use crate::printing::outbox::SlipLine;
use crate::printing::paper::{Checklist, Paper};
use actix_web::http::Method;
use actix_web::web::ServiceConfig;
use hall::Plan;
use hall::record::answer::{HeldPlace, WindowAnswer};
use hall::state::complaint::ComplaintView;
use hall::state::help::HelpView;
use hall::view::{AppointmentView, BoardView, ConsoleView, FamilyView, SignOffView, TicketView};

/// Every route, in the order in which they are tried.
pub fn table() -> Vec<Row> {
    let mut rows = api();
    rows.extend(api_of_kiosks());
    rows.extend(api_of_help());
    rows.extend(api_of_paper());
    rows.extend(api_of_staff());
    rows.extend(api_of_access());
    rows.extend(api_of_devices());
    rows.extend(api_of_guide());
    rows.extend(others());
    rows.extend(pages());
    rows
}

/// Registers every route.
pub fn configure(config: &mut ServiceConfig) {
    for row in table() {
        config.route(&row.path, row.route);
    }
}

fn api() -> Vec<Row> {
    vec![
        get(
            "/halls",
            halls::list,
            "All halls with their phase and waits",
        )
        .answers::<halls::HallList>(200),
        get(
            "/halls/{hall}",
            halls::one,
            "One hall, and the others of the network",
        )
        .answers::<halls::HallAnswer>(200),
        get("/halls/{hall}/board", halls::board, "The board; with ETag").answers::<BoardView>(200),
        post("/halls/{hall}/tickets", tickets::take, "Takes a number")
            .takes::<tickets::TakeForm>()
            .answers::<tickets::TicketAnswer>(201)
            .keyed(),
        get(
            "/halls/{hall}/slots",
            appointments::slots,
            "The times a service can be booked",
        )
        .asks(&[("service", true), ("from", false), ("to", false)])
        .answers::<appointments::SlotsAnswer>(200),
        post(
            "/halls/{hall}/holds",
            appointments::hold,
            "Keeps a place while the form is filled",
        )
        .takes::<appointments::HoldForm>()
        .answers::<HeldPlace>(201)
        .keyed(),
        post(
            "/halls/{hall}/appointments",
            appointments::book,
            "Books a place, or joins the waiting list",
        )
        .takes::<appointments::BookForm>()
        .answers::<appointments::BookingAnswer>(201)
        .keyed(),
        get(
            "/appointments/{token}",
            appointments::show,
            "An appointment as its holder sees it",
        )
        .answers::<AppointmentView>(200),
        post(
            "/appointments/{token}/{action}",
            appointments::act,
            "cancel, move, wait-list, leave-wait-list or confirm",
        )
        .takes::<appointments::BookingForm>()
        .answers::<AppointmentView>(200)
        .keyed(),
        post(
            "/halls/{hall}/check-ins",
            appointments::check_in,
            "Makes an appointment a ticket, once",
        )
        .takes::<appointments::CheckInForm>()
        .answers::<tickets::TicketAnswer>(201)
        .keyed(),
        get(
            "/tickets/{token}",
            tickets::show,
            "A ticket: stage, window, ahead, wait; with ETag",
        )
        .answers::<TicketView>(200),
        get(
            "/family/{link}",
            tickets::show_to_family,
            "A ticket for those who may only look; with ETag",
        )
        .answers::<FamilyView>(200),
        get(
            "/tickets/{token}/elsewhere",
            moving::elsewhere,
            "The halls where a ticket would be served sooner",
        )
        .answers::<moving::Elsewhere>(200),
        post(
            "/tickets/{token}/move-to",
            moving::move_to,
            "Exchanges a number for one in another hall",
        )
        .takes::<moving::MoveForm>()
        .answers::<moving::MovedTicket>(200)
        .keyed(),
        post(
            "/tickets/{token}/{action}",
            tickets::act,
            "cancel, return, defer, resume, change, rating, report or reprint",
        )
        .takes::<tickets::HolderForm>()
        .answers::<TicketView>(200)
        .keyed(),
    ]
}

fn api_of_kiosks() -> Vec<Row> {
    vec![
        post(
            "/halls/{hall}/leases",
            leases::lease,
            "Lends a kiosk numbers for while the server is away",
        )
        .takes::<leases::LeaseForm>()
        .answers::<leases::LeasesAnswer>(201)
        .keyed(),
        post(
            "/halls/{hall}/leases/tickets",
            leases::report,
            "A number that a kiosk gave out meanwhile",
        )
        .takes::<leases::ReportForm>()
        .answers::<tickets::TicketAnswer>(201)
        .keyed(),
        post(
            "/halls/{hall}/leases/return",
            leases::give_back,
            "Gives back what was not given out",
        )
        .takes::<leases::ReturnForm>()
        .answers::<leases::LeasesAnswer>(200)
        .keyed(),
    ]
}

fn api_of_help() -> Vec<Row> {
    vec![
        post("/halls/{hall}/help", help::ask, "Calls for a colleague")
            .takes::<help::HelpForm>()
            .answers::<HelpView>(201)
            .keyed(),
        post(
            "/halls/{hall}/help/{id}/answer",
            help::answer,
            "Somebody is on the way",
        )
        .takes::<help::HelpAnswerForm>()
        .answers::<HelpView>(200)
        .keyed(),
        post(
            "/halls/{hall}/words",
            help::leave_word,
            "Leaves in writing what could not be done",
        )
        .takes::<help::WordForm>()
        .answers::<ComplaintView>(201)
        .keyed(),
        post(
            "/halls/{hall}/words/{id}/answer",
            help::answer_word,
            "Answers it, once",
        )
        .takes::<help::WordAnswerForm>()
        .answers::<ComplaintView>(200)
        .keyed(),
    ]
}

fn api_of_paper() -> Vec<Row> {
    vec![
        post(
            "/halls/{hall}/slips",
            slips::print_slip,
            "Prints a ticket on the kiosk's printer",
        )
        .takes::<slips::SlipForm>()
        .answers::<SlipLine>(202)
        .keyed(),
        post(
            "/halls/{hall}/checklists",
            slips::print_checklist,
            "Prints what to bring",
        )
        .takes::<Checklist>()
        .answers::<SlipLine>(202)
        .keyed(),
        get(
            "/halls/{hall}/printer",
            slips::printer,
            "How the printer is, and what became of the last slips",
        )
        .answers::<slips::PrinterAnswer>(200),
        get(
            "/tickets/{token}/slip",
            slips::show,
            "A ticket as paper, for the agent at the kiosk's own machine",
        )
        .answers::<Paper>(200),
    ]
}

fn api_of_staff() -> Vec<Row> {
    vec![
        get("/halls/{hall}/windows/{n}", windows::show, "The window's console").answers::<ConsoleView>(200),
        get("/halls/{hall}/windows/{n}/next", windows::next, "Who is next, and why").answers::<windows::NextAnswer>(200),
        get("/halls/{hall}/windows/{n}/sign-off", windows::sign_off, "Whom a sign-off would leave behind")
            .answers::<SignOffView>(200),
        post(
            "/halls/{hall}/windows/{n}/{action}",
            windows::act,
            "open, call-next, call, recall, start, finish, finish-and-call-next, missed, park, resume, transfer, \
             next-service, serve-directly, undo, pause, resume-window or close",
        )
        .takes::<windows::WindowForm>()
        .answers::<WindowAnswer>(200)
        .keyed(),
        post("/halls/{hall}/usher/{action}", usher::act, "issue, change, readmit, reprint or helped-online")
            .takes::<usher::UsherForm>()
            .keyed(),
        get("/halls/{hall}/appointments", appointments::of_day, "The appointments and visits of a day")
            .asks(&[("date", false), ("officer", false)])
            .answers::<appointments::DayList>(200),
        post(
            "/halls/{hall}/appointments/{code}/{action}",
            appointments::act_as_staff,
            "assign, visited or cancel",
        )
        .takes::<appointments::StaffForm>()
        .answers::<appointments::DayList>(200)
        .keyed(),
        get("/halls/{hall}/days/{date}", days::day, "A day's closing record and figures").answers::<days::DayAnswer>(200),
        get("/halls/{hall}/stats", days::stats, "Figures by service, window and hour; JSON or CSV")
            .asks(&[("from", false), ("to", false), ("by", false), ("format", false)]),
        get("/halls/{hall}/plan", managing::plan, "The plan in force")
            .asks(&[("format", false)])
            .answers::<Plan>(200),
        Row::new(
            Method::PUT,
            api_path("/halls/{hall}/plan"),
            managing::adopt_plan,
            "Adopts a plan; with move_bookings=true bookings in its way get the nearest free place",
        )
            .asks(&[("move_bookings", false)])
            .changes_revision()
            .takes::<Plan>()
            .answers::<managing::AdoptedPlan>(200)
            .keyed(),
        get("/halls/{hall}/webhooks", webhooks::show, "Where the hall tells what happens, how far, and dead letters")
            .answers::<webhooks::WebhooksAnswer>(200),
        post("/halls/{hall}/webhooks/{action}", webhooks::act, "resend or dismiss a dead letter")
            .takes::<webhooks::LetterForm>()
            .answers::<webhooks::LetterAnswer>(200),
        post("/halls/{hall}/clock", managing::confirm_clock, "Confirms that the clock's jump forward is right"),
        post(
            "/halls/{hall}/{action}",
            managing::act,
            "notices, pause, resume, hand-on, override-sign-off, interruption, suspend or end-suspension",
        )
        .takes::<managing::ManagerForm>()
        .keyed(),
    ]
}

fn api_of_guide() -> Vec<Row> {
    vec![
        get(
            "/halls/{hall}/guide",
            guide::ask,
            "What a question comes to in the hall's guide, best first",
        )
        .asks(&[("q", true), ("typing", false)])
        .answers::<guide::GuideAnswer>(200),
        Row::new(
            Method::PUT,
            api_path("/halls/{hall}/guide"),
            guide::adopt,
            "Takes a sheet of the guide (articles or words as CSV, matters as TOML, or all as JSON), whole or not at all",
        )
        .asks(&[("dry_run", false)])
        .takes::<Guide>()
        .answers::<guide::AdoptedGuide>(200)
        .keyed(),
        get(
            "/halls/{hall}/guide/misses",
            guide::misses,
            "What was asked in vain, without anything of a person",
        )
        .answers::<guide::MissList>(200),
        get(
            "/halls/{hall}/guide/{sheet}",
            guide::sheet,
            "articles, words or matters: a sheet to change and send back",
        ),
    ]
}

fn api_of_access() -> Vec<Row> {
    vec![
        post("/sign-in", access::sign_in, "Opens a session").takes::<access::SignInForm>(),
        post(
            "/sign-out",
            access::sign_out,
            "Ends the bearer's session, or a browser's",
        ),
        post("/setup", access::set_up, "Makes the first manager")
            .takes::<access::SetupForm>()
            .keyed(),
        post("/accounts", access::create_account, "Makes an account")
            .takes::<access::AccountForm>()
            .keyed(),
        post(
            "/accounts/secret",
            access::set_secret,
            "Sets an account's secret",
        )
        .takes::<access::NamedForm>()
        .keyed(),
        post(
            "/accounts/disable",
            access::disable_account,
            "Ends an account",
        )
        .takes::<access::NamedForm>()
        .keyed(),
        post(
            "/devices",
            access::enrol_device,
            "Enrols a kiosk or display",
        )
        .takes::<access::DeviceForm>()
        .keyed(),
        post("/devices/revoke", access::revoke_device, "Revokes a device")
            .takes::<access::NamedForm>()
            .keyed(),
        post(
            "/demo/sign-in",
            demo::sign_in,
            "A demo's bearer for any role",
        )
        .takes::<demo::SignInForm>(),
        get("/demo/clock", demo::clock, "What a demo's clock shows"),
        post("/demo/clock", demo::set_clock, "Sets a demo's clock").takes::<demo::ClockForm>(),
    ]
}

fn api_of_devices() -> Vec<Row> {
    vec![
        get(
            "/halls/{hall}/devices",
            devices::show,
            "The hall's voice, and how its boards are",
        )
        .answers::<devices::DevicesAnswer>(200),
        post(
            "/halls/{hall}/devices/board",
            devices::report_board,
            "A board says whether it sounds; each report replaces the one before",
        )
        .takes::<BoardReport>()
        .answers::<devices::Noted>(200),
    ]
}

fn others() -> Vec<Row> {
    vec![
        Row::new(
            Method::GET,
            "/voice/{hall}/manifest.json",
            voice::manifest,
            "The clips that boards speak with; with ETag",
        )
        .answers::<voice::VoiceManifest>(200),
        page("/voice/{hall}/{hash}/{file}", voice::clip),
        Row::new(
            Method::GET,
            "/openapi.json",
            page::openapi,
            "This description",
        ),
        Row::new(
            Method::GET,
            "/healthz",
            health::alive,
            "The process answers",
        ),
        Row::new(
            Method::GET,
            "/readyz",
            health::ready,
            "Every hall can write",
        ),
        Row::new(Method::GET, "/metrics", health::metrics, "OpenMetrics"),
        page("/assets/{file:.*}", page::asset),
        page("/display/{file:.*}", page::asset),
        socket("/ws/halls/{hall}/board", sockets::board),
        socket("/ws/halls/{hall}/kiosk", sockets::kiosk),
        socket("/ws/halls/{hall}/overview", sockets::overview),
        socket("/ws/halls/{hall}/windows/{n}", sockets::window),
        socket("/ws/tickets/{token}", sockets::ticket),
        socket("/ws/family/{link}", sockets::family),
    ]
}

fn pages() -> Vec<Row> {
    vec![
        page("/", page::index),
        page("/network", page::network),
        page("/status", page::status),
        page("/sign-in", page::sign_in),
        form("/sign-in", page::sign_in_with_secret),
        form("/sign-out", page::sign_out),
        page("/setup", page::setup),
        form("/setup", page::set_up),
        page("/t/{token}", page::ticket),
        page("/t/{token}/qr.svg", page::ticket_qr),
        page("/t/{token}/family.svg", page::family_qr),
        page("/t/{token}/{step}", page::ticket_step),
        page("/f/{link}", page::family),
        page("/{hall}/word", page::word),
        form("/{hall}/word", page::leave_word),
        page("/{hall}/word/{link}", page::word_left),
        form("/t/{token}/move-to", page::move_ticket),
        form("/t/{token}/{action}", page::act_on_ticket),
        page("/a/{token}", page::appointment),
        page("/a/{token}/qr.svg", page::appointment_qr),
        page("/a/{token}/appointment.ics", page::appointment_ics),
        form("/a/{token}/{action}", page::act_on_appointment),
        page("/{hall}/book", page::book),
        form("/{hall}/book", page::confirm),
        form("/{hall}/book/hold", page::hold),
        page("/{hall}/services/{service}/book.svg", page::book_qr),
        page("/{hall}/guide", page::guide),
        page("/{hall}/guide/misses", page::guide_misses),
        form("/{hall}/guide/misses", page::settle_miss),
        page("/{hall}/guide/{id}", page::guide_answer),
        page("/{hall}/guide/{id}/print", page::guide_print),
        page("/{hall}/guide/{id}/qr.svg", page::guide_qr),
        page("/{hall}/take", page::take_page),
        form("/{hall}/take", page::take_by_form),
        page("/{hall}/appointments", page::appointments),
        form("/{hall}/appointments/{code}/{action}", page::act_on_line),
        page("/{hall}/usher", page::usher_page),
        form("/{hall}/usher/check-in", page::usher_check_in),
        form("/{hall}/usher/{action}", page::usher_act),
        page("/{hall}/qr/{page}.svg", page::own_qr),
        page("/{hall}/kiosk", page::kiosk),
        page("/{hall}/kiosk-worker.js", page::kiosk_worker),
        page("/{hall}/window", page::console),
        page("/{hall}/windows/{n}/rating.svg", page::rating_qr),
        page("/{hall}/board", page::board),
        page("/{hall}/services/{service}/qr.svg", page::online_qr),
        page("/{hall}/overview", page::overview),
        page("/{hall}/stats", page::stats),
        page("/{hall}/accounts", page::accounts),
        form("/{hall}/accounts/officers", page::add_account),
        form("/{hall}/accounts/devices", page::enrol_device),
        page("/{hall}/hours.ics", page::hours),
        page("/{hall}", page::hall),
    ]
}

fn api_path(path: &str) -> String {
    format!("/api/v1{path}")
}

fn get<A: Arguments>(path: &str, handler: impl Answers<A>, summary: &'static str) -> Row {
    Row::new(Method::GET, api_path(path), handler, summary)
}

fn post<A: Arguments>(path: &str, handler: impl Answers<A>, summary: &'static str) -> Row {
    Row::new(Method::POST, api_path(path), handler, summary)
}

fn socket<A: Arguments>(path: &str, handler: impl Answers<A>) -> Row {
    Row::new(Method::GET, path, handler, "A WebSocket").undescribed()
}

fn page<A: Arguments>(path: &str, handler: impl Answers<A>) -> Row {
    Row::new(Method::GET, path, handler, "A page").undescribed()
}

fn form<A: Arguments>(path: &str, handler: impl Answers<A>) -> Row {
    Row::new(Method::POST, path, handler, "A page's form; answers 303").undescribed()
}
