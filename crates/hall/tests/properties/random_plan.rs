//! A small hall drawn from a seed: what its windows take, what they prefer, which numbers share a series, how patient
//! its policy is. The day is an hour and a half in two sessions, so that most days meet every boundary.

use fastrand::Rng;
use hall::Plan;
use hall::ticket::Class;

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

/// The hall of a day.
pub fn draw(rng: &mut Rng) -> Plan {
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
    plan.check().unwrap();
    plan
}

/// The same hall after a manager changed something about its windows or hours.
pub fn change(rng: &mut Rng, plan: &Plan) -> Plan {
    let mut changed = plan.clone();
    match rng.u8(..4) {
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
        }
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
