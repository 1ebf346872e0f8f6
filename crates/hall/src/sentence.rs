//! The hall's state in one sentence, the same on every surface that shows it.

use crate::Time;
use crate::hall::Hall;
use crate::phase::Phase;
use crate::text::Text;
use chrono::Datelike;

/// Who reads it: somebody who wants a number, or the waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    Citizen,
    Board,
}

/// What to say now.
pub fn sentence(hall: &Hall, now: Time, surface: Surface) -> Text {
    if let Some(reason) = &hall.calling_paused {
        return Text::new(
            format!("暂停叫号({reason}),号码保留,请听工作人员安排"),
            format!("Calling is paused ({reason}). Your number is kept."),
        );
    }
    let date = hall.business_date(now);
    let walk_ins = hall
        .plan()
        .services
        .iter()
        .any(|service| !hall.plan().appointments_only(date, &service.id));
    let phase = hall.phase(now);
    if !walk_ins && phase.issues() {
        let when = if date.weekday().num_days_from_monday() < 5 {
            "今天"
        } else {
            "周末"
        };
        return Text::new(
            format!("{when}为预约专场,请凭预约办理"),
            "By appointment only today: booked visits only.",
        );
    }
    match phase {
        Phase::Closed | Phase::Done => closed(hall, now, phase),
        Phase::EarlyOpen => {
            let doors = time(hall.next_change(now));
            let zh = if surface == Surface::Board {
                "已开始取号"
            } else {
                "可以取号了"
            };
            Text::new(
                format!("{zh},{doors}开门"),
                format!("You can take a number now. Doors open at {doors}."),
            )
        }
        Phase::Open if surface == Surface::Board => {
            Text::new("请留意叫号", "Please watch for your number.")
        }
        Phase::Open => Text::new("您要办什么?", "What do you need today?"),
        Phase::NearClosing if surface == Surface::Board => {
            let count = waiting(hall);
            Text::new(
                format!("临近下班 · 还有{count}位等候,全部办完我们才下班"),
                format!("Closing soon. Everyone with a number will be served: {count} waiting."),
            )
        }
        Phase::NearClosing => Text::new(
            "临近下班,要在窗口办的请现在取号,已取号的我们都会办完",
            "Closing soon. Take a number now: everyone with a number will be served.",
        ),
        Phase::ServingOut => {
            let count = open(hall);
            Text::new(
                format!("取号已结束,还在为{count}位办理,都办完我们才下班"),
                format!("No more numbers. We stay until everyone is served: {count} left."),
            )
        }
        Phase::Between => {
            let opens = time(next_issuing(hall, now));
            Text::new(
                format!("午间休息,{opens}开始取号"),
                format!("Closed for lunch. Numbers from {opens}."),
            )
        }
    }
}

fn closed(hall: &Hall, now: Time, phase: Phase) -> Text {
    let Some(opens) = next_issuing(hall, now) else {
        return Text::new("暂停办公", "Closed until further notice.");
    };
    let (day_zh, day_en) = day(hall, now, opens);
    let clock = time(Some(opens));
    match phase {
        Phase::Done => Text::new(
            format!("今天已办完,{day_zh}{clock}开始取号"),
            format!("Closed. Numbers {day_en}from {clock}."),
        ),
        _ => Text::new(
            format!("还没到取号时间,{day_zh}{clock}开始取号"),
            format!("Not open yet. Numbers {day_en}from {clock}."),
        ),
    }
}

/// The date, unless it is today: 周四8月6日 / "on Thursday 6 August ".
fn day(hall: &Hall, now: Time, opens: Time) -> (String, String) {
    let date = hall.plan().date(opens);
    if date == hall.plan().date(now) {
        return (String::new(), String::new());
    }
    let weekday =
        ["一", "二", "三", "四", "五", "六", "日"][date.weekday().num_days_from_monday() as usize];
    (
        format!("周{weekday}{}月{}日", date.month(), date.day()),
        date.format("on %A %-d %B ").to_string(),
    )
}

fn next_issuing(hall: &Hall, now: Time) -> Option<Time> {
    hall.plan()
        .services
        .iter()
        .filter_map(|service| hall.plan().next_issuing(&service.id, now))
        .min()
}

fn time(at: Option<Time>) -> String {
    at.map_or("—".into(), |at| at.format("%H:%M").to_string())
}

fn waiting(hall: &Hall) -> u32 {
    hall.plan()
        .services
        .iter()
        .map(|service| hall.waiting(&service.id))
        .sum()
}

fn open(hall: &Hall) -> usize {
    hall.open_tickets().count()
}
