//! Every page in both languages, from halls brought into their state by commands.

use super::sample::Scene;
use super::*;
use crate::calendar::{json_ld, opening};
use crate::devices::{BoardLine, BoardReport, BoardSound, HeardBoard};
use crate::printing::PrinterLine;
use crate::printing::status::Condition;
use crate::templates::source;
use crate::voice::{VoiceLevel, VoiceStatus};
use chrono::NaiveDate;
use hall::id::{ActorId, AppointmentCode, AppointmentId, ServiceId, WindowNumber};
use hall::plan::class::Class;
use hall::plan::slot::AppointmentKind;
use hall::plan::slot::SlotId;
use hall::rules::phase;
use hall::state::appointment::StandingName;
use hall::state::complaint::ComplaintView;
use hall::state::day_report::DayReport;
use hall::state::ticket::Need;
use hall::text::{Language, Text};
use hall::view::{BookDay, BookPlaces, ExpectedView, SlotView, UsherLine};
use hall::{Action, view};
use std::collections::BTreeSet;

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];

pub(super) fn shell(language: Language) -> Shell {
    Shell {
        language,
        demo: true,
        other_language: "?lang=en".into(),
        signed_in: Some(SignedIn {
            name: ActorId::parse("demo-manager").unwrap(),
            role: "manager".into(),
        }),
    }
}

fn check(page: impl Page) -> String {
    let html = Pages::load().unwrap().render(&page);
    let html = html
        .unwrap_or_else(|error| panic!("{}: {}", chain(&error), std::any::type_name_of_val(&page)));
    for forbidden in ["<style", " style=", " onclick=", "javascript:"] {
        assert!(
            !html.contains(forbidden),
            "the policy forbids {forbidden}: {html}"
        );
    }
    assert!(!html.contains("<script>"), "scripts are files: {html}");
    html
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

fn index_page(scene: &Scene, language: Language) -> IndexPage {
    IndexPage {
        shell: shell(language),
        halls: vec![HallInList::new(view::kiosk(&scene.hall, scene.now), None)],
        is_long: false,
        services: Vec::new(),
        service: None,
        hints: vec![DemoHint {
            place: Text::new("墙上", "On the wall"),
            what: Text::new("叫号屏", "Wall board"),
            how: Text::new("全屏打开", "Open it full screen"),
            url: "/zhuzhou/board".into(),
            qr: Some("/zhuzhou/qr/board.svg".into()),
        }],
    }
}

/// The same list as it is with many halls.
fn long_index_page(scene: &Scene, language: Language) -> IndexPage {
    let licence = ServiceChoice {
        id: "licence".parse().unwrap(),
        name: Text::new("驾驶证业务", "Driving licences"),
    };
    let view = view::kiosk(&scene.hall, scene.now);
    IndexPage {
        halls: vec![HallInList::new(view, Some(&licence.id))],
        is_long: true,
        service: Some(licence.id.clone()),
        services: vec![licence],
        ..index_page(scene, language)
    }
}

fn network_page(scene: &Scene, language: Language) -> NetworkPage {
    let line = view::network_line(&scene.hall, scene.now);
    NetworkPage::new(shell(language), scene.now, vec![line])
}

fn kiosk_page(scene: &Scene, language: Language) -> KioskPage {
    KioskPage {
        shell: shell(language),
        view: view::kiosk(&scene.hall, scene.now),
        origin: "http://hall.example".into(),
        agent: Some("http://127.0.0.1:9123".into()),
    }
}

/// One printer that needs somebody.
fn printer_line() -> PrinterLine {
    PrinterLine {
        kiosk: Some(ActorId::parse("kiosk-1").unwrap()),
        address: "192.168.1.50:9100".into(),
        printer: Condition::NearEnd,
        waiting: 1,
        failed: 2,
    }
}

fn console_page(scene: &Scene, window: Option<u16>, language: Language) -> ConsolePage {
    let board = view::board(&scene.hall, scene.now);
    ConsolePage {
        shell: shell(language),
        hall: board.hall,
        hall_name: board.name,
        windows: board.windows,
        view: window.and_then(|n| view::console(&scene.hall, WindowNumber(n), scene.now)),
    }
}

fn ticket_page(scene: &Scene, number: &str, language: Language) -> TicketPage {
    let ticket = scene.ticket(number);
    TicketPage {
        shell: shell(language),
        token: ticket.token.clone(),
        view: view::ticket(&scene.hall, ticket, scene.now),
        elsewhere: vec![OtherHall {
            hall: "lusong".parse().unwrap(),
            name: Text::new("芦淞站", "Lusong"),
            wait: None,
            walking_minutes: Some(12),
            driving_minutes: Some(5),
        }],
        idempotency_key: "01f3".into(),
        message: None,
        moved_page: None,
        phone_tickets: true,
        skips_rating: false,
        word_days: 0,
    }
}

fn hall_page(scene: &Scene, language: Language) -> HallPage {
    let (plan, today) = (scene.hall.plan(), scene.now.date_naive());
    let office = json_ld::government_office(plan, today, language, "https://hall.example/zhuzhou");
    HallPage {
        shell: shell(language),
        view: view::kiosk(&scene.hall, scene.now),
        open_until: Some(scene.now),
        numbers_from: None,
        days: opening::next_days(plan, today, 14),
        numbers_by_phone: true,
        structured: json_ld::for_script(&office),
    }
}

fn disk_full() -> StoreTrouble {
    StoreTrouble {
        cause: Text::new("磁盘已满", "its disk is full"),
        detail: "disk-full (hall.db: database or disk is full): make room".into(),
    }
}

fn clock_doubt(scene: &Scene) -> ClockDoubt {
    ClockDoubt {
        kind: "ahead-at-start",
        wall: scene.now + chrono::Duration::days(365),
        hall: scene.now,
    }
}

fn overview_page(scene: &Scene, language: Language) -> OverviewPage {
    OverviewPage {
        shell: shell(language),
        view: view::overview(&scene.hall, scene.now),
        printers: vec![printer_line()],
        notices: vec![Text::new("请带好身份证", "Have your ID card ready")],
        trouble: Some(disk_full()),
        clock: Some(clock_doubt(scene)),
        lost: vec![LostRecords {
            records: 20,
            at: scene.now,
        }],
        devices: devices(scene),
    }
}

fn stats_page(scene: &Scene, language: Language) -> StatsPage {
    let day = scene.hall.day().unwrap();
    let report = DayReport::of(&scene.hall, day);
    let plan = scene.hall.plan();
    StatsPage::new(
        shell(language),
        plan,
        day.date,
        day.date,
        true,
        Some(report),
    )
}

fn accounts_page(scene: &Scene, language: Language) -> AccountsPage {
    AccountsPage {
        shell: shell(language),
        hall: scene.hall.id().clone(),
        hall_name: scene.hall.plan().name.clone(),
        officers: vec![OfficerRow {
            number: ActorId::parse("1001").unwrap(),
            name: "李静".into(),
            role: "officer".into(),
            window: Some(WindowNumber(1)),
        }],
        devices: vec![DeviceRow {
            id: ActorId::parse("kiosk-1").unwrap(),
            kind: "kiosk".into(),
            last_seen_at: Some(scene.now),
        }],
        enrolled: Some(Enrolled {
            id: ActorId::parse("kiosk-1").unwrap(),
            kind: "kiosk".into(),
            token: "k7Qx".into(),
            url: "/sign-in?enrol=k7Qx".into(),
        }),
        message: Some(Text::new("工号已存在", "The number exists already")),
    }
}

fn status_page(scene: &Scene, language: Language) -> StatusPage {
    StatusPage {
        notes: vec!["this Redis had lost its end".into()],
        trouble: Some(disk_full()),
        shell: shell(language),
        version: "0.1.0".into(),
        store: "sqlite:data/paihao.db".into(),
        durability: "E".into(),
        now: scene.now,
        clock: Some(clock_doubt(scene)),
        uptime_seconds: 3_725,
        ready: true,
        halls: vec![HallStatus {
            hall: scene.hall.id().clone(),
            name: scene.hall.plan().name.clone(),
            phase: phase::of_hall(&scene.hall, scene.now),
            version: scene.hall.version(),
            sockets: 7,
            ready: true,
        }],
        printers: vec![PrinterStatus {
            hall: scene.hall.plan().name.clone(),
            line: printer_line(),
        }],
        webhooks: vec![WebhookStatus {
            hall: scene.hall.plan().name.clone(),
            endpoint: "sms".into(),
            here: true,
            behind: 12,
            failing_since: Some(scene.now),
        }],
        devices: vec![devices(scene)],
    }
}

fn devices(scene: &Scene) -> HallDevices {
    let board = |name: &str| ActorId::parse(name).unwrap();
    let heard = HeardBoard {
        at: scene.now,
        report: BoardReport {
            device_time: None,
            sound: BoardSound::Suspended,
            level: VoiceLevel::Synthetic,
            version: Some(7),
            spoken_age_ms: Some(1_200),
            page: None,
        },
    };
    HallDevices {
        hall: scene.hall.id().clone(),
        name: scene.hall.plan().name.clone(),
        voice: VoiceStatus {
            level: VoiceLevel::Synthetic,
            label: Some(Text::new("合成音", "Synthetic voice")),
            problem: Some(Text::new("音频包缺少 七", "The pack lacks 七")),
            waiting: false,
        },
        boards: vec![
            BoardLine::new(Some(heard), board("hall-1"), scene.now),
            BoardLine::new(None, board("hall-2"), scene.now),
        ],
    }
}

fn sign_in_page(language: Language) -> SignInPage {
    SignInPage {
        shell: Shell {
            language,
            ..Shell::default()
        },
        next: "/zhuzhou/window".into(),
        name: String::new(),
        message: Some(Text::new("工号或 PIN 不对", "Number or PIN is wrong")),
    }
}

fn setup_page(language: Language) -> SetupPage {
    SetupPage {
        shell: shell(language),
        token: "first".into(),
        name: String::new(),
        message: None,
    }
}

fn error_page(language: Language) -> ErrorPage {
    ErrorPage {
        shell: shell(language),
        status: 404,
        title: Text::new("没有这一页", "There is no such page"),
        detail: Text::new("请核对网址。", "Please check the address."),
    }
}

fn book_page(scene: &Scene, step: BookStep, language: Language) -> BookPage {
    let kiosk = view::kiosk(&scene.hall, scene.now);
    let service = kiosk.services[0].clone();
    BookPage {
        shell: shell(language),
        hall: kiosk.hall,
        hall_name: kiosk.name,
        hotline: kiosk.hotline,
        step,
        services: Vec::new(),
        walk_in: kiosk.services,
        service: (step != BookStep::Service).then_some(service),
        minutes: 8,
        days: vec![BookDay {
            date: scene.hall.plan().date(scene.now),
            places: BookPlaces::Few,
            free: 2,
            quiet: true,
            special: None,
        }],
        date: Some(scene.hall.plan().date(scene.now)),
        slots: Vec::new(),
        chosen: None,
        hold: None,
        held_until: None,
        hold_over: false,
        waits: false,
        typed: TypedFields::default(),
        message: None,
        wrong: None,
        others: Vec::new(),
        alternatives: serde_json::Value::Null,
        phone_tickets: true,
        idempotency_key: "01f3".into(),
    }
}

fn take_page(scene: &Scene, refusal: Option<Refused>, language: Language) -> TakePage {
    let kiosk = view::kiosk(&scene.hall, scene.now);
    TakePage {
        shell: shell(language),
        hall: kiosk.hall,
        hall_name: kiosk.name,
        sentence: kiosk.sentence,
        hotline: kiosk.hotline,
        phone_tickets: true,
        service: refusal.is_some().then(|| kiosk.services[0].clone()),
        services: kiosk.services,
        class: Class::Normal,
        refusal,
        idempotency_key: "01f3".into(),
    }
}

fn refused() -> Refused {
    let ways = serde_json::json!([
        { "kind": "app", "title": Text::new("交管12123", "12123 app"), "url": "https://gab.122.gov.cn/" },
        { "kind": "later_today", "title": Text::new("今天13:20起取号", "Today from 13:20") },
        { "kind": "hall", "title": Text::new("芦淞分厅", "Lusong"), "url": "/lusong/kiosk",
          "wait": { "low": 120, "high": 300 } },
    ]);
    Refused {
        detail: Text::new("临近下班", "Closing soon"),
        may_insist: true,
        alternatives: ways,
    }
}

fn usher_page(scene: &Scene, language: Language) -> UsherPage {
    let kiosk = view::kiosk(&scene.hall, scene.now);
    let line = |service: hall::view::ServiceView| UsherLine {
        id: service.id,
        name: service.name,
        waiting: service.waiting,
        wait: service.wait,
        wait_unknown: service.wait_unknown,
        leads: service.online.is_some(),
        says: service.online.is_some(),
        online: service.online,
        leads_from: None,
        leads_in_minutes: None,
        next: None,
        bookable: true,
    };
    UsherPage {
        shell: shell(language),
        hall: kiosk.hall,
        hall_name: kiosk.name,
        phase: kiosk.phase,
        sentence: kiosk.sentence,
        now: kiosk.now,
        appointments_only: true,
        expected: 2,
        lines: kiosk.services.into_iter().map(line).collect(),
        waiting: view::overview(&scene.hall, scene.now).waiting,
        did: Some("issue".into()),
        number: Some(UsherNumber {
            number: scene.ticket("A003").number.clone(),
            token: scene.ticket("A003").token.clone(),
            service: Text::new("违法处理", "Fines"),
        }),
        idempotency_key: "01f3".into(),
        message: None,
    }
}

fn slot(scene: &Scene, kind: AppointmentKind) -> SlotView {
    SlotView {
        id: SlotId::parse("visits-20261124T0900").unwrap(),
        starts_at: scene.now,
        ends_at: scene.now,
        free: 1,
        kind,
        bookable: true,
    }
}

fn day_list_page(scene: &Scene, role: &'static str, language: Language) -> DayListPage {
    let date = scene.hall.plan().date(scene.now);
    let expected = ExpectedView {
        appointment: AppointmentId(1),
        code: AppointmentCode::parse("123456").unwrap(),
        starts_at: scene.now,
        ends_at: scene.now,
        service: ServiceId::parse("fine").unwrap(),
        service_name: Text::new("违法处理", "Fines"),
        kind: AppointmentKind::HomeVisit,
        kind_label: AppointmentKind::HomeVisit.label(),
        standing: StandingName::Booked,
        standing_label: StandingName::Booked.label(),
        late: false,
        places: 1,
        cases: 2,
        needs: vec![Need::Wheelchair],
        officer: Some(ActorId::parse("1001").unwrap()),
        number: None,
    };
    DayListPage {
        shell: shell(language),
        hall: scene.hall.id().clone(),
        hall_name: scene.hall.plan().name.clone(),
        role,
        today: date,
        date,
        previous: date.pred_opt(),
        next: date.succ_opt(),
        rows: vec![DayRow {
            expected,
            name: Some("王芳".into()),
            phone: Some("13800001234".into()),
            address: Some("天元区1号".into()),
            actions: match role {
                "officer" => vec!["visited"],
                _ => vec!["assign", "cancel"],
            },
        }],
        officers: vec![ActorId::parse("1001").unwrap()],
        idempotency_key: "01f3".into(),
        message: Some(Text::new("已取消", "Cancelled")),
    }
}

#[test]
fn a_home_visit_is_booked_with_an_address_and_listed_for_who_goes() {
    let scene = Scene::busy();
    for language in LANGUAGES {
        let mut page = book_page(&scene, BookStep::Confirm, language);
        page.chosen = Some(slot(&scene, AppointmentKind::HomeVisit));
        page.others = vec![slot(&scene, AppointmentKind::HomeVisit)];
        page.held_until = Some(scene.now);
        page.wrong = Some("address".into());
        let html = check(page);
        assert!(html.contains("name=\"address\"") && html.contains("name=\"other_slot\""));
        let of_officer = check(day_list_page(&scene, "officer", language));
        assert!(of_officer.contains("天元区1号") && of_officer.contains("123456/visited"));
        let of_manager = check(day_list_page(&scene, "manager", language));
        assert!(of_manager.contains("123456/assign") && !of_manager.contains("/visited"));
    }
}

#[test]
fn pages_at_the_edges_of_the_day_render_in_both_languages() {
    let scene = Scene::busy();
    for language in LANGUAGES {
        for step in [
            BookStep::Service,
            BookStep::Elsewhere,
            BookStep::Day,
            BookStep::Time,
        ] {
            check(book_page(&scene, step, language));
        }
        check(take_page(&scene, None, language));
        check(usher_page(&scene, language));
    }
}

#[test]
fn whoever_is_led_elsewhere_by_phone_may_insist() {
    let scene = Scene::busy();
    let page = check(take_page(&scene, Some(refused()), Language::Zh));
    for words in [
        "网上办:交管12123",
        "今天13:20起取号",
        "/lusong/take",
        "约 2–5 分钟",
        "坚持取号",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[test]
fn every_page_renders_in_both_languages() {
    let scene = Scene::busy();
    for language in LANGUAGES {
        check(index_page(&scene, language));
        check(long_index_page(&scene, language));
        check(network_page(&scene, language));
        check(kiosk_page(&scene, language));
        check(overview_page(&scene, language));
        check(hall_page(&scene, language));
        check(stats_page(&scene, language));
        check(accounts_page(&scene, language));
        check(status_page(&scene, language));
        check(sign_in_page(language));
        check(setup_page(language));
        check(error_page(language));
        for window in [None, Some(1), Some(2), Some(3), Some(4)] {
            check(console_page(&scene, window, language));
        }
    }
}

#[test]
fn the_ticket_page_says_what_to_do_at_every_stage() {
    let mut scene = Scene::busy();
    scene.finishes(1);
    let page = |number, language| check(ticket_page(&scene, number, language));
    for (number, zh, en) in [
        ("A003", "前面还有", "ahead of you"),
        ("A001", "重新排队", "Rejoin the queue"),
        ("A002", "非常满意", "Very satisfied"),
    ] {
        assert!(page(number, Language::Zh).contains(zh), "{number} {zh}");
        assert!(page(number, Language::En).contains(en), "{number} {en}");
    }
}

fn step_page(scene: &Scene, number: &str, step: TicketStep, language: Language) -> TicketStepPage {
    let ticket = scene.ticket(number);
    TicketStepPage {
        shell: shell(language),
        token: ticket.token.clone(),
        view: view::ticket(&scene.hall, ticket, scene.now),
        step,
        services: Vec::new(),
        stars: 1,
        family_url: "http://hall.example/f/k7Qx".into(),
        hotline: Some("0731-12345".into()),
        idempotency_key: "01f3".into(),
    }
}

/// A step asks before it does anything, so each has a form of its own or a way back.
#[test]
fn every_step_of_a_ticket_renders_in_both_languages() {
    let mut scene = Scene::busy();
    scene.finishes(1);
    for language in LANGUAGES {
        for (number, step, form) in [
            ("A003", TicketStep::Defer, "/defer\""),
            ("A003", TicketStep::Cancel, "/cancel\""),
            ("A003", TicketStep::Change, "/change\""),
            ("A003", TicketStep::Coming, "class=\"button back\""),
            ("A003", TicketStep::Away, "<ol"),
            ("A002", TicketStep::Rating, "name=\"manner\""),
            ("A003", TicketStep::Family, "/family.svg\""),
            ("A002", TicketStep::Report, "/report\""),
        ] {
            let html = check(step_page(&scene, number, step, language));
            assert!(html.contains(form), "{step:?}: {html}");
        }
    }
}

/// Whatever the ticket's page has to press, and whatever the ticket's key opens, is not on the family's.
#[test]
fn the_familys_page_has_nothing_to_press() {
    let mut scene = Scene::busy();
    scene.finishes(1);
    for language in LANGUAGES {
        for number in ["A001", "A002", "A003"] {
            let ticket = scene.ticket(number);
            let html = check(FamilyPage {
                shell: shell(language),
                link: "k7Qx".into(),
                view: view::ticket(&scene.hall, ticket, scene.now).into(),
                moved_page: None,
            });
            assert!(
                !html.contains("<form") && !html.contains("<button"),
                "{number}"
            );
            assert!(!html.contains(ticket.token.as_str()), "{number}");
        }
    }
}

#[test]
fn what_was_left_in_writing_shows_its_deadline_and_then_the_answer() {
    let scene = Scene::morning();
    let word = |answer: Option<&str>| ComplaintView {
        id: hall::id::ComplaintId(1),
        service: None,
        text: "少一张表".into(),
        left_at: scene.now,
        due: NaiveDate::from_ymd_opt(2026, 11, 30).unwrap(),
        answer: answer.map(str::to_owned),
    };
    let page = |word: Option<ComplaintView>, language| {
        check(WordPage {
            shell: shell(language),
            hall: scene.hall.id().clone(),
            hall_name: scene.hall.plan().name.clone(),
            hotline: None,
            services: Vec::new(),
            service: None,
            word,
            days_left: 7,
            text: String::new(),
            message: None,
            idempotency_key: "01f3".into(),
        })
    };
    assert!(page(None, Language::Zh).contains("<textarea"));
    assert!(page(Some(word(None)), Language::Zh).contains("11月30日(周一)前答复"));
    assert!(page(Some(word(None)), Language::En).contains("by Monday, 30 November"));
    assert!(page(Some(word(Some("已补上"))), Language::Zh).contains("已补上"));
}

#[test]
fn the_manager_is_told_of_a_year_without_an_official_calendar() {
    let scene = Scene::morning();
    let mut page = overview_page(&scene, Language::Zh);
    assert!(!check(page.clone()).contains("尚未导入,按星期办公。</p>"));
    page.view.missing_calendar_years = vec![2026, 2027];
    let html = check(page.clone());
    assert!(html.contains("2026 年节假日安排尚未导入,按星期办公。 2027 年节假日安排尚未导入"));
    page.shell.language = Language::En;
    assert!(check(page).contains("The official holidays of 2027 are not imported"));
}

#[test]
fn a_page_without_records_says_so() {
    let scene = Scene::morning();
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    let page = StatsPage::new(
        shell(Language::Zh),
        scene.hall.plan(),
        date,
        date.succ_opt().unwrap(),
        false,
        None,
    );
    let html = check(page);
    assert!(html.contains("没有记录") && html.contains("date=2026-11-21"));
}

#[test]
fn what_people_typed_cannot_become_markup() {
    let mut page = sign_in_page(Language::En);
    page.name = "\"><script>alert(1)</script>".into();
    assert!(check(page).contains("&quot;&gt;&lt;script&gt;"));
}

#[test]
fn both_catalogues_have_the_same_keys() {
    assert_eq!(
        words::keys(&source("zh-CN.ftl")),
        words::keys(&source("en.ftl"))
    );
}

/// Keys are written as `t(key="…")`, as `say('…')` and in `data-word="…"`; one that ends in `-` is completed at run
/// time.
#[test]
fn every_key_used_exists_and_every_key_is_used() {
    let keys = words::keys(&source("en.ftl"));
    let used = used_keys();
    for key in &used {
        let exists = match key.ends_with('-') {
            true => keys.iter().any(|known| known.starts_with(key)),
            false => keys.contains(key),
        };
        assert!(exists, "no message {key}");
    }
    for key in &keys {
        let completed = |used: &String| used.ends_with('-') && key.starts_with(used);
        let chosen = format!("'{key}'"); // a script picks one of several
        let is_chosen = || Assets::scripts().iter().any(|text| text.contains(&chosen));
        let is_used = used.contains(key) || used.iter().any(completed) || is_chosen();
        assert!(is_used, "nobody says {key}");
    }
}

fn used_keys() -> BTreeSet<String> {
    let mut sources: Vec<String> = templates::pages()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    sources.extend(Assets::scripts());
    let starts = [("key=\"", '"'), ("say('", '\''), ("data-word=\"", '"')];
    let mut used = BTreeSet::new();
    for text in &sources {
        for (start, end) in starts {
            used.extend(
                text.split(start)
                    .skip(1)
                    .filter_map(|rest| Some(rest.split_once(end)?.0.to_string())),
            );
        }
    }
    used.extend(keys_on_paper());
    used
}

/// Paper is set by Rust, which has its keys as plain texts.
fn keys_on_paper() -> impl Iterator<Item = String> {
    let quoted = include_str!("../printing/typesetting.rs").split('"');
    let prefixes = ["slip-", "checklist-", "paper-"];
    let is_key = move |text: &&str| prefixes.iter().any(|prefix| text.starts_with(prefix));
    quoted.skip(1).step_by(2).filter(is_key).map(String::from)
}

#[test]
fn every_template_is_used() {
    let sources = templates::pages();
    let everything: String = sources.iter().map(|(_, text)| text.as_str()).collect();
    let rendered = [
        include_str!("page.rs"),
        include_str!("citizen.rs"),
        include_str!("staff.rs"),
        include_str!("guide.rs"),
        include_str!("ticket.rs"),
    ]
    .concat();
    for (name, _) in &sources {
        let quoted = format!("\"{name}\"");
        let is_used =
            everything.contains(&quoted) || rendered.contains(&quoted) || name == "components.html";
        assert!(is_used, "nobody uses {name}");
    }
}

/// The wall board's own tests read these frames, so both ends agree on one form.
#[test]
fn the_boards_frames_are_as_the_display_reads_them() {
    let busy = Scene::busy();
    check_frame(&busy, "board-busy.json");

    let mut rush = Scene::morning();
    for _ in 0..12 {
        rush.takes("fine", Class::Normal);
    }
    for turn in 0..9 {
        let window = turn % 3 + 1;
        if turn >= 3 {
            rush.finishes(window);
        }
        rush.calls_next(window).waits(4);
    }
    check_frame(&rush, "board-rush.json");

    let mut lunch = Scene::morning();
    lunch.takes("registration", Class::Normal).waits(30);
    lunch.calls_next(3).waits(30);
    lunch
        .at_window(3, |window| Action::Recall { window })
        .waits(5);
    lunch.finishes(3).waits(3 * 3_600 + 60);
    check_frame(&lunch, "board-between.json");
}

fn check_frame(scene: &Scene, file: &str) {
    let view = view::board(&scene.hall, scene.now);
    let frame = serde_json::json!({
        "epoch": "00000000000000000000000000000001",
        "version": scene.hall.version(),
        "at": view.now,
        "view": view,
    });
    let text = serde_json::to_string_pretty(&frame).unwrap() + "\n";
    let path = format!("{}/tests/golden/frames/{file}", env!("CARGO_MANIFEST_DIR"));
    expect_test::expect_file![path].assert_eq(&text);
}
