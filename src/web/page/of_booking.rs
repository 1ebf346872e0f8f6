//! Booking in four steps at one address: service, day, time, confirm. Plain links and forms: it works without JavaScript,
//! the browser's back key works, and a refusal comes on the form with what was typed.
//!
//! Choosing a time holds a place. Whose hold it is says a cookie with a random text; which one it is says the address.

use super::{qr_code, render, see_other, shell};
use crate::access::fresh_token;
use crate::pages::{BookDay, BookPage, BookPlaces, BookSlot, BookStep, ServiceOffer, Shell, Typed};
use crate::runtime::Owner;
use crate::web::alternatives;
use crate::web::app::App;
use crate::web::appointments::{
    BookForm, asker, booking_answer, drawn, unexpected, wanted_booking,
};
use crate::web::body::{RequestKey, fingerprint, of_drawn_key};
use crate::web::caller::{Books, Visitor};
use crate::web::person::{DocumentKind, PersonForm};
use crate::web::problem::{Problem, language_of};
use crate::web::site::site;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Days, NaiveDate};
use hall::id::{ServiceId, Token};
use hall::plan::slot::AppointmentKind;
use hall::plan::slot::SlotId;
use hall::record::answer::HeldPlace;
use hall::record::command::{Action, HoldPlace};
use hall::state::appointment::Standing;
use hall::state::ticket::Need;
use hall::text::{Language, Text};
use hall::view::{self, ServiceView, SlotView};
use hall::{Answer, Hall, Time};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Remembers whose hold it is; a browser's next hold ends the one before.
const CLIENT_COOKIE: &str = "paihao-booking";
/// As long as somebody may think about it.
const CLIENT_REMEMBERED_HOURS: i64 = 2;
/// A day with so few places left says so.
const FEW: u32 = 3;

/// How far somebody has come.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BookQuery {
    service: Option<ServiceId>,
    date: Option<NaiveDate>,
    slot: Option<SlotId>,
    hold: Option<Token>,
    /// Joins the waiting list of a full time.
    #[serde(default)]
    wait: bool,
}

/// A time was chosen.
#[derive(Debug, Deserialize)]
pub struct ChosenForm {
    service: ServiceId,
    slot: SlotId,
}

/// The last step's form.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConfirmForm {
    #[serde(skip_serializing)]
    idempotency_key: String,
    service: ServiceId,
    slot: SlotId,
    /// Another time, chosen after the first one was gone.
    other_slot: Option<SlotId>,
    #[serde(default)]
    hold: String,
    #[serde(default)]
    wait: bool,
    name: String,
    phone: String,
    #[serde(default)]
    document: DocumentKind,
    id_number: String,
    #[serde(default)]
    cases: String,
    #[serde(default)]
    wheelchair: bool,
    #[serde(default)]
    sign_language: bool,
    #[serde(default)]
    written_language: bool,
    #[serde(default)]
    address: String,
    #[serde(default)]
    booker_name: String,
    #[serde(default)]
    booker_phone: String,
    #[serde(default)]
    booker_document: DocumentKind,
    #[serde(default)]
    booker_id_number: String,
}

/// What a form was answered, for the page that shows it again.
#[derive(Debug, Default)]
struct Told {
    typed: Typed,
    problem: Option<Problem>,
}

pub async fn book(
    visitor: Visitor,
    query: web::Query<BookQuery>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let mut response = book_page(&visitor.hall, &query, Told::default(), &request, &app)?;
    remember(&mut response, &client_of(&request), &request);
    Ok(response)
}

/// A time was chosen: its place is kept while the form is filled.
pub async fn hold(
    booker: Books,
    form: web::Form<ChosenForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let ChosenForm { service, slot } = form.into_inner();
    let client = client_of(&request);
    let action = Action::HoldPlace(HoldPlace {
        token: drawn(),
        client: Some(client.clone()),
        service: service.clone(),
        slot: slot.clone(),
        places: 1,
    });
    let (key, body) = (RequestKey::drawn(&request), of_drawn_key());
    let asker = asker(&booker, &key, &body, &app)?;
    let held = match asker.ask_for_place(action).await {
        Ok(reply) => held(reply.answer),
        Err(problem) => Err(problem),
    };
    let mut response = match held {
        Ok(held) => {
            let chosen = BookQuery {
                service: Some(held.service),
                slot: Some(held.slot),
                hold: Some(held.token),
                ..BookQuery::default()
            };
            see_other(&chosen.address(&booker.hall))
        }
        Err(problem) => {
            let query = BookQuery {
                service: Some(service),
                date: Some(slot.date()),
                ..BookQuery::default()
            };
            let told = Told {
                problem: Some(problem),
                ..Told::default()
            };
            book_page(&booker.hall, &query, told, &request, &app)?
        }
    };
    remember(&mut response, &client, &request);
    Ok(response)
}

fn held(answer: Answer) -> Result<HeldPlace, Problem> {
    match answer {
        Answer::Held(held) => Ok(held),
        other => Err(unexpected(&other)),
    }
}

/// The form: a booking leads to its page, a refusal back to the form.
pub async fn confirm(
    booker: Books,
    form: web::Form<ConfirmForm>,
    request: HttpRequest,
    app: web::Data<App>,
) -> Result<HttpResponse, Problem> {
    let mut form = form.into_inner();
    if let Some(other) = form.other_slot.take() {
        form.slot = other;
        form.hold.clear();
    }
    let typed = form.typed();
    let query = BookQuery {
        service: Some(form.service.clone()),
        slot: Some(form.slot.clone()),
        hold: Token::parse(form.hold.clone()).ok(),
        wait: form.wait,
        date: None,
    };
    let content = serde_json::to_vec(&form).expect("a form has string keys only");
    let body = fingerprint(&app.secret, &content);
    let booked = async {
        let key = RequestKey::of_form(&request, &form.idempotency_key)?;
        let language = language_of(&request);
        let wish = wanted_booking(&booker.hall, form.wish(&booker.hall, language)?, &app)?;
        let asker = asker(&booker, &key, &body, &app)?;
        let reply = asker.ask_for_place(Action::Book(wish)).await?;
        booking_answer(reply.answer)
    };
    match booked.await {
        Ok(booked) => Ok(see_other(&booked.page)),
        Err(problem) => {
            let told = Told {
                typed,
                problem: Some(problem),
            };
            book_page(&booker.hall, &query, told, &request, &app)
        }
    }
}

/// Where a service is booked, as a QR code for the kiosk and the usher.
pub async fn book_qr(
    visitor: Visitor,
    path: web::Path<(String, ServiceId)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (_, service) = path.into_inner();
    let hall = visitor.hall.read(|hall| {
        hall.plan().service(&service)?;
        Some(hall.id().clone())
    });
    let hall = hall.ok_or_else(|| Problem::not_found("该业务", "service"))?;
    let origin = site(&request).origin();
    qr_code(&format!("{origin}/{hall}/book?service={service}"))
}

impl BookQuery {
    /// Where this step is found again.
    fn address(&self, hall: &Owner<Hall>) -> String {
        let hall = hall.read(|hall| hall.id().clone());
        let pairs = [
            ("service", self.service.as_ref().map(ToString::to_string)),
            ("date", self.date.map(|date| date.to_string())),
            ("slot", self.slot.as_ref().map(ToString::to_string)),
            ("hold", self.hold.as_ref().map(ToString::to_string)),
            ("wait", self.wait.then(|| "true".to_string())),
        ];
        let pairs = pairs
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        format!("/{hall}/book?{}", pairs.collect::<Vec<_>>().join("&"))
    }
}

impl ConfirmForm {
    fn typed(&self) -> Typed {
        Typed {
            name: self.name.clone(),
            phone: self.phone.clone(),
            document: named(self.document),
            cases: self.cases.clone(),
            wheelchair: self.wheelchair,
            sign_language: self.sign_language,
            written_language: self.written_language,
            address: self.address.clone(),
            booker_name: self.booker_name.clone(),
            booker_phone: self.booker_phone.clone(),
            booker_document: named(self.booker_document),
        }
    }

    fn wish(&self, hall: &Owner<Hall>, language: Language) -> Result<BookForm, Problem> {
        let person = PersonForm {
            name: self.name.clone(),
            phone: self.phone.clone(),
            id_number: self.id_number.clone(),
            document: self.document,
        };
        let by_another = [
            &self.booker_name,
            &self.booker_phone,
            &self.booker_id_number,
        ];
        let booker = by_another
            .iter()
            .any(|field| !field.trim().is_empty())
            .then(|| PersonForm {
                name: self.booker_name.clone(),
                phone: self.booker_phone.clone(),
                id_number: self.booker_id_number.clone(),
                document: self.booker_document,
            });
        let goes_there = hall.read(|hall| {
            let slot = hall.plan().slot(&self.slot, &self.service);
            slot.is_some_and(|slot| slot.rule.kind == AppointmentKind::HomeVisit)
        });
        let address = goes_there || !self.address.trim().is_empty();
        Ok(BookForm {
            service: self.service.clone(),
            slot: self.slot.clone(),
            person,
            hold: Token::parse(self.hold.clone()).ok(),
            places: 1,
            cases: cases(&self.cases)?,
            needs: self.needs(),
            language,
            booker,
            address: address.then(|| self.address.clone()),
            wait_list: self.wait,
        })
    }

    fn needs(&self) -> BTreeSet<Need> {
        let needs = [
            (self.wheelchair, Need::Wheelchair),
            (self.sign_language, Need::SignLanguage),
            (self.written_language, Need::WrittenLanguage),
        ];
        let wanted = needs.into_iter().filter(|(wanted, _)| *wanted);
        wanted.map(|(_, need)| need).collect()
    }
}

fn cases(text: &str) -> Result<u16, Problem> {
    if text.trim().is_empty() {
        return Ok(1);
    }
    let wrong = |_| {
        Problem::invalid(
            "/cases",
            "件数应为数字。",
            "The number of matters is a number.",
        )
    };
    text.trim().parse().map_err(wrong)
}

fn named(document: DocumentKind) -> String {
    let name = serde_json::to_value(document).ok();
    name.and_then(|name| name.as_str().map(str::to_string))
        .unwrap_or_default()
}

fn book_page(
    hall: &Owner<Hall>,
    query: &BookQuery,
    told: Told,
    request: &HttpRequest,
    app: &App,
) -> Result<HttpResponse, Problem> {
    let now = hall.now();
    let mut page = hall
        .read(|hall| page_of(hall, query, now))
        .ok_or_else(|| Problem::not_found("该业务或时段", "service or time"))?;
    let other = match language_of(request) {
        Language::Zh => "en",
        Language::En => "zh",
    };
    page.shell = Shell {
        other_language: format!("{}&lang={other}", query.address(hall)),
        ..shell(request, None)
    };
    page.typed = told.typed;
    if let (BookStep::Elsewhere, Some(service)) = (page.step, &query.service) {
        let is_open = page.service.as_ref().is_some_and(|service| service.open);
        let mut ways = alternatives::of(&app.halls, hall, service);
        ways.retain(|way| way.kind != "later_today" || !is_open);
        page.alternatives = serde_json::json!(ways);
    }
    if let Some(problem) = told.problem {
        page.wrong = wrong_field(&problem);
        let is_gone = problem.extra.contains_key("alternatives");
        if let (true, Some(service)) = (is_gone, &query.service) {
            page.others = hall.read(|hall| near(hall, service, query.slot.as_ref(), now));
            page.waits |= problem.extra.get("may_wait") == Some(&serde_json::Value::Bool(true));
        }
        page.message = Some(problem.detail);
    }
    render(request, &page)
}

/// The step that the address names; nothing if it names what is not there.
fn page_of(hall: &Hall, query: &BookQuery, now: Time) -> Option<BookPage> {
    let mut page = empty_page(hall);
    let services = view::kiosk(hall, now).services;
    let Some(service) = &query.service else {
        let (bookable, walk_in): (Vec<_>, Vec<_>) =
            services.into_iter().partition(|service| service.bookable);
        page.services = bookable
            .into_iter()
            .map(|service| offer(hall, service, now))
            .collect();
        page.walk_in = walk_in;
        return Some(page);
    };
    let chosen = services.into_iter().find(|tile| tile.id == *service)?;
    page.minutes = hall.typical_seconds(service).div_ceil(60);
    let (bookable, suspended) = (chosen.bookable, chosen.suspended.is_some());
    page.service = Some(chosen);
    if !bookable || suspended {
        page.step = BookStep::Elsewhere;
    } else if let Some(slot) = &query.slot {
        confirm_step(hall, &mut page, query, (service, slot), now)?;
    } else if let Some(date) = query.date {
        page.step = BookStep::Time;
        page.date = Some(date);
        page.slots = times(hall, service, date, now);
    } else {
        page.step = BookStep::Day;
        page.days = days(hall, service, now);
    }
    Some(page)
}

fn empty_page(hall: &Hall) -> BookPage {
    let plan = hall.plan();
    BookPage {
        shell: Shell::default(),
        hall: hall.id().clone(),
        hall_name: plan.name.clone(),
        hotline: plan.hotline.clone(),
        step: BookStep::Service,
        services: Vec::new(),
        walk_in: Vec::new(),
        service: None,
        minutes: 0,
        days: Vec::new(),
        date: None,
        slots: Vec::new(),
        chosen: None,
        hold: None,
        held_until: None,
        hold_over: false,
        waits: false,
        typed: Typed::default(),
        message: None,
        wrong: None,
        others: Vec::new(),
        alternatives: serde_json::Value::Null,
        phone_tickets: plan.policy.phone_tickets,
        idempotency_key: fresh_token(),
    }
}

fn offer(hall: &Hall, service: ServiceView, now: Time) -> ServiceOffer {
    let next = view::next_free_slots(hall, &service.id, now, 1);
    ServiceOffer {
        id: service.id,
        name: service.name,
        next: next.into_iter().next(),
    }
}

fn confirm_step(
    hall: &Hall,
    page: &mut BookPage,
    query: &BookQuery,
    (service, slot): (&ServiceId, &SlotId),
    now: Time,
) -> Option<()> {
    let of_day = view::slots(hall, service, slot.date(), slot.date(), now);
    let Some(chosen) = of_day.into_iter().find(|view| view.id == *slot) else {
        // it is over, or the plan has changed: choose again
        page.step = BookStep::Day;
        page.days = days(hall, service, now);
        page.message = Some(gone());
        return Some(());
    };
    page.step = BookStep::Confirm;
    page.date = Some(slot.date());
    page.waits = query.wait && chosen.free == 0;
    page.chosen = Some(chosen);
    let held = query
        .hold
        .as_ref()
        .and_then(|hold| held_until(hall, hold, slot, now));
    page.hold_over = query.hold.is_some() && held.is_none();
    page.hold = query.hold.clone().filter(|_| held.is_some());
    page.held_until = held.map(|until| hall.plan().local(until));
    Some(())
}

fn gone() -> Text {
    Text::new(
        "该时段已经不能约了,请另选时间。",
        "That time cannot be booked any more. Choose another.",
    )
}

fn held_until(hall: &Hall, hold: &Token, slot: &SlotId, now: Time) -> Option<Time> {
    let appointment = hall.appointment_by_token(hold)?;
    let is_there = appointment.reservation.as_ref()?.first_slot() == slot;
    match appointment.standing {
        Standing::Held { until, .. } if is_there && now < until => Some(until),
        _ => None,
    }
}

/// Every day with times, as far ahead as booking goes.
fn days(hall: &Hall, service: &ServiceId, now: Time) -> Vec<BookDay> {
    let rules = hall.plan().appointments.iter();
    let rules = rules.filter(|rule| rule.services.contains(service));
    let horizon = rules.map(|rule| rule.horizon_days).max().unwrap_or(0);
    let today = hall.plan().date(now);
    let last = today + Days::new(horizon.into());
    let mut by_date: BTreeMap<NaiveDate, Vec<SlotView>> = BTreeMap::new();
    for slot in view::slots(hall, service, today, last, now) {
        by_date.entry(slot.id.date()).or_default().push(slot);
    }
    let days = by_date
        .into_iter()
        .map(|(date, slots)| day(hall, date, &slots));
    let mut days: Vec<BookDay> = days.collect();
    let most = quietest(days.iter().map(|day| day.free));
    for day in &mut days {
        day.quiet = Some(day.free) == most;
    }
    days
}

fn day(hall: &Hall, date: NaiveDate, slots: &[SlotView]) -> BookDay {
    let open: Vec<&SlotView> = slots.iter().filter(|slot| slot.bookable).collect();
    let free = open.iter().map(|slot| u32::from(slot.free)).sum();
    let places = match free {
        _ if open.is_empty() => BookPlaces::Shut,
        0 => BookPlaces::Full,
        free if free <= FEW => BookPlaces::Few,
        _ => BookPlaces::Many,
    };
    let special = hall.plan().special_day(date);
    BookDay {
        date,
        places,
        free,
        quiet: false,
        special: special.and_then(|day| day.name.clone()),
    }
}

fn times(hall: &Hall, service: &ServiceId, date: NaiveDate, now: Time) -> Vec<BookSlot> {
    let slots = view::slots(hall, service, date, date, now);
    let open = slots.iter().filter(|slot| slot.bookable);
    let most = quietest(open.map(|slot| u32::from(slot.free)));
    let is_quiet = |slot: &SlotView| slot.bookable && Some(u32::from(slot.free)) == most;
    slots
        .iter()
        .map(|slot| BookSlot {
            quiet: is_quiet(slot),
            slot: slot.clone(),
        })
        .collect()
}

/// How much room the quiet ones have: those few that have more of it than the others.
fn quietest(free: impl Iterator<Item = u32>) -> Option<u32> {
    let free: Vec<u32> = free.collect();
    let most = *free.iter().max()?;
    let so_free = free.iter().filter(|each| **each == most).count();
    (so_free * 2 <= free.len()).then_some(most)
}

/// The free times nearest to the one that is gone, in order.
fn near(hall: &Hall, service: &ServiceId, gone: Option<&SlotId>, now: Time) -> Vec<SlotView> {
    const NAMED: usize = 6;
    const LOOKED_AT: usize = 200;
    let mut free = view::next_free_slots(hall, service, now, LOOKED_AT);
    if let Some(at) = gone.and_then(|slot| Some(hall.plan().slot(slot, service)?.starts_at)) {
        free.sort_by_key(|slot| (slot.starts_at - at).abs());
    }
    free.truncate(NAMED);
    free.sort_by_key(|slot| slot.starts_at);
    free
}

/// `/person/phone` is the field `phone`, `/booker/phone` is `booker_phone`.
fn wrong_field(problem: &Problem) -> Option<String> {
    let pointer = problem.extra.get("errors")?[0]["pointer"].as_str()?;
    let field = pointer
        .trim_start_matches("/person")
        .trim_start_matches('/');
    Some(field.replace('/', "_")).filter(|field| !field.is_empty())
}

fn client_of(request: &HttpRequest) -> Token {
    let known = request.cookie(CLIENT_COOKIE);
    known
        .and_then(|cookie| Token::parse(cookie.value()).ok())
        .unwrap_or_else(drawn)
}

fn remember(response: &mut HttpResponse, client: &Token, request: &HttpRequest) {
    let cookie = Cookie::build(CLIENT_COOKIE, client.to_string())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site(request).scheme == "https")
        .max_age(actix_web::cookie::time::Duration::hours(
            CLIENT_REMEMBERED_HOURS,
        ))
        .finish();
    // a response whose headers cannot take one more cookie is no reason to refuse the booking
    response.add_cookie(&cookie).ok();
}
