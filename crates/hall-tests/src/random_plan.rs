//! A small hall drawn from a seed: what its windows take, what they prefer, which numbers share a series, what can be
//! booked, how patient its policy is. The day is an hour and a half in two sessions, so that most days meet every
//! boundary.

use chrono::Weekday;
use fastrand::Rng;
use hall::Plan;
use hall::plan::OnlineRoute;
use hall::plan::class::Class;
use hall::plan::policy::NoShowLimit;
use hall::plan::policy::RedirectPolicy;
use hall::plan::slot::AppointmentKind;
use hall::plan::slot::AppointmentRule;
use hall::text::Text;

const BASE: &str = r#"
hall = "anywhere"
name = { zh = "大厅", en = "Hall" }
time_zone = "Asia/Shanghai"
week = { monday = ["09:00-09:35", "09:50-10:15"], tuesday = ["09:00-12:00"] }
services = [
    { id = "a", name = { zh = "甲", en = "A" }, prefix = "A", typical_minutes = 2 },
    { id = "b", name = { zh = "乙", en = "B" }, prefix = "B", typical_minutes = 5 },
    { id = "c", name = { zh = "丙", en = "C" }, prefix = "C", typical_minutes = 9 },
]
windows = [
    { number = 1, everything = true },
    { number = 2, services = ["a"] },
    { number = 3, services = ["a", "b"] },
    { number = 4, everything = true },
]
"#;

/// What a day is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    WalkInsOnly,
    Both,
    BookedOnly,
}

impl Mix {
    /// Half of the days have both.
    pub fn draw(rng: &mut Rng) -> Mix {
        match rng.u8(..6) {
            0 | 1 => Mix::WalkInsOnly,
            2 => Mix::BookedOnly,
            _ => Mix::Both,
        }
    }
}

/// The hall of a day.
pub fn draw(rng: &mut Rng, mix: Mix) -> Plan {
    let mut plan = Plan::from_toml(BASE).unwrap();
    plan.services.truncate(rng.usize(1..=3));
    plan.windows.truncate(rng.usize(1..=4));
    let offered: Vec<_> = plan
        .services
        .iter()
        .map(|service| service.id.clone())
        .collect();
    for window in &mut plan.windows {
        window.services.retain(|service| offered.contains(service));
        if rng.u8(..4) == 0 {
            window.prefers = Some(Class::ALL[rng.usize(..Class::ALL.len())]);
        }
        let primary = offered[rng.usize(..offered.len())].clone();
        if rng.u8(..3) == 0 && window.offers(&primary) {
            window.primary = vec![primary];
        }
    }
    if rng.u8(..4) == 0 {
        let shared = plan.services[0].prefix.clone();
        plan.services
            .iter_mut()
            .for_each(|service| service.prefix = shared.clone());
    }
    plan.services[0].identify = rng.u8(..8) == 0;
    if rng.u8(..3) == 0 {
        plan.services[0].online = Some(OnlineRoute {
            name: Text::new("手机", "App"),
            url: "https://example.org".into(),
        });
    }
    draw_policy(rng, &mut plan);
    if mix != Mix::WalkInsOnly {
        plan.appointments = (0..rng.usize(1..=2))
            .map(|index| draw_rule(rng, &plan, index))
            .collect();
        plan.week.monday.appointments_only = rng.u8(..4) == 0;
    }
    plan.check().unwrap();
    plan
}

fn draw_policy(rng: &mut Rng, plan: &mut Plan) {
    let policy = &mut plan.policy;
    policy.early_open_minutes = rng.u32(0..=15);
    policy.returns = rng.u8(0..=2);
    policy.priority_rate = rng.u32(1..=5);
    policy.prioritised_in_a_row = rng.u32(1..=3);
    policy.primary_patience_minutes = rng.u32(0..=10);
    policy.resume_elsewhere_minutes = rng.u32(0..=3);
    policy.missed_grace_minutes = rng.u32(0..=10);
    policy.parked_grace_minutes = rng.u32(0..=10);
    policy.undo_seconds = rng.u32(0..=60);
    policy.all_stay = rng.bool();
    policy.rating_hours = 30; // the day is looked over when the next has opened, which forgets who cannot rate any more
    policy.near_closing_minutes = rng.u32(0..=10);
    policy.overrun_begins_minutes = rng.u32(1..=5);
    policy.overrun_ends_minutes = rng.u32(0..=policy.overrun_begins_minutes);
    if rng.bool() {
        policy.redirect = RedirectPolicy::Require;
    }
    policy.appointment_rate = rng.u32(1..=5);
    policy.latest_call_minutes = rng.u32(0..=10);
    policy.check_in_early_minutes = rng.u32(0..=30);
    policy.check_in_late_minutes = rng.u32(0..=10);
    policy.hold_minutes = rng.u32(1..=5);
    policy.offer_minutes = rng.u32(5..=15);
    policy.bookings_per_person = rng.u32(1..=3);
    policy.places_per_booking = rng.u16(1..=3);
    policy.no_show_limit = rng.bool().then(|| NoShowLimit {
        count: rng.u32(1..=2),
        within_days: 90,
        blocked_days: 30,
    });
}

/// Few places, so that most of them are wanted by several.
fn draw_rule(rng: &mut Rng, plan: &Plan, index: usize) -> AppointmentRule {
    let kind = match rng.u8(..8) {
        0 => AppointmentKind::HomeVisit,
        1 => AppointmentKind::ProxyHelp,
        _ => AppointmentKind::Window,
    };
    let mut services: Vec<_> = plan.services.iter().map(|s| s.id.clone()).collect();
    services.truncate(rng.usize(1..=services.len()));
    let hard = services[rng.usize(..services.len())].clone();
    let serves = |service| plan.windows.iter().filter(move |w| w.offers(service));
    let windows = plan.windows.iter().map(|window| window.number);
    let is_dedicated = kind == AppointmentKind::Window && rng.bool();
    let all_served = services.iter().all(|service| serves(service).count() > 0);
    let any_served = |window| {
        let window = plan.window(window).unwrap();
        services.iter().any(|service| window.offers(service))
    };
    let windows: Vec<_> = windows
        .filter(|window| is_dedicated && all_served && any_served(*window))
        .collect();
    let officers = ["fang", "gao"].map(|name| name.parse().unwrap());
    AppointmentRule {
        id: format!("r{index}").parse().unwrap(),
        name: None,
        kind,
        services,
        weekdays: vec![Weekday::Mon, Weekday::Tue],
        dates: Vec::new(),
        hours: ["09:00-10:15", "09:10-09:35", "09:05-10:00"][rng.usize(..3)]
            .to_string()
            .try_into()
            .unwrap(),
        slot_minutes: [5, 5, 8, 12][rng.usize(..4)],
        places: [1, 1, 2, 3][rng.usize(..4)],
        takes: match rng.u8(..3) {
            0 => [(hard, rng.u8(2..=3))].into(),
            _ => Default::default(),
        },
        windows,
        officers: match rng.bool() {
            true => officers.into(),
            false => Vec::new(),
        },
        horizon_days: rng.u16(1..=3),
        cut_off_minutes: [0, 2, 10][rng.usize(..3)],
    }
}

/// The same hall after a manager changed something about its windows, hours or appointments.
pub fn change(rng: &mut Rng, plan: &Plan) -> Plan {
    let mut changed = plan.clone();
    match rng.u8(..8) {
        0 if changed.windows.len() > 1 => {
            changed.windows.remove(rng.usize(..changed.windows.len()));
        }
        1 => {
            let window = rng.usize(..changed.windows.len());
            changed.windows[window].everything = true;
        }
        2 if changed.services.len() > 1 => {
            let gone = changed.services.pop().map(|service| service.id);
            for window in &mut changed.windows {
                window
                    .services
                    .retain(|service| Some(service) != gone.as_ref());
                window
                    .primary
                    .retain(|service| Some(service) != gone.as_ref());
            }
            for rule in &mut changed.appointments {
                rule.services
                    .retain(|service| Some(service) != gone.as_ref());
                rule.takes
                    .retain(|service, _| Some(service) != gone.as_ref());
            }
        }
        3..=6 => change_rule(rng, &mut changed),
        _ => {
            let sessions = &mut changed.week.monday.sessions;
            sessions[1].closes += chrono::Duration::minutes(rng.i64(0..=10));
        }
    }
    if changed.check().is_ok() {
        changed
    } else {
        plan.clone()
    }
}

fn change_rule(rng: &mut Rng, plan: &mut Plan) {
    let count = plan.appointments.len();
    if count == 0 {
        return;
    }
    let rule = &mut plan.appointments[rng.usize(..count)];
    match rng.u8(..5) {
        0 => rule.places = rng.u16(1..=4),
        1 => rule.weekdays = vec![Weekday::Tue],
        2 => rule.slot_minutes = [5, 8, 12][rng.usize(..3)],
        3 => rule.takes.clear(),
        _ => rule.windows.clear(),
    }
}
