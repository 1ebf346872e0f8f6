//! The hall's state in one sentence, the same on every surface that shows it.
//!
//! The words are in [`CATALOGUE`], both languages side by side; which of them is said, and with which figures, follows
//! from the state. A client never makes such a sentence of its own.

use super::appointment::next_free_slots;
use super::opening::{check_in_from, offer_today};
use crate::id::WindowNumber;
use crate::plan::hours::DayOffer;
use crate::rules::estimate;
use crate::rules::phase;
use crate::state::hall::Hall;
use crate::state::phase::Phase;
use crate::text::Text;
use crate::time::Time;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

/// Who reads it: somebody who wants a number, or the waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    Citizen,
    Board,
}

/// One sentence with gaps in braces. Both languages have the same figures to fill in, but need not use them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    pub id: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

/// A row of the catalogue.
macro_rules! templates {
    ($($name:ident $id:literal $zh:literal $en:literal)*) => {
        $(const $name: Template = Template { id: $id, zh: $zh, en: $en };)*

        /// Every sentence a surface may show for the state of a hall.
        pub const CATALOGUE: &[Template] = &[$($name),*];
    };
}

templates! {
    PAUSED "paused"
        "暂停叫号,号码保留,请听工作人员安排"
        "Calling is paused. Your number is kept."
    CLOSED_BEFORE "closed-before"
        "还没到取号时间,{numbers}开始取号,{doors}开门"
        "Numbers from {numbers}. Doors open {doors}."
    DAY_OFF "day-off"
        "今天不办公,{day}{numbers}开始取号{ways}"
        "Closed today. Numbers {day} from {numbers}."
    NO_DAY "no-day"
        "暂停办公"
        "Closed until further notice."
    EARLY_OPEN "early-open"
        "可以取号了,{doors}开门"
        "You can take a number now. Doors open {doors}."
    EARLY_OPEN_BOARD "early-open-board"
        "已开始取号,{doors}开门"
        "You can take a number now. Doors open {doors}."
    OPEN "open"
        "您要办什么?"
        "What do you need today?"
    OPEN_BOARD "open-board"
        "请留意叫号"
        "Please watch for your number."
    BETWEEN "between"
        "上午已办完,{numbers}开始取号{ways}"
        "Back at {doors}. Numbers from {numbers}."
    BETWEEN_BOARD "between-board"
        "午休,{numbers}开始取号"
        "Back at {doors}. Numbers from {numbers}."
    NEAR_CLOSING "near-closing"
        "临近下班。能网上办的,扫码在手机上办;要在窗口办的请现在取号,已取号的我们都会办完"
        "Closing soon. Scan to do it online, or take a number now: everyone with a number will be served."
    NEAR_CLOSING_WINDOWS_ONLY "near-closing-windows-only"
        "临近下班,要办的请现在取号,已取号的我们都会办完"
        "Closing soon. Take a number now: everyone with a number will be served."
    NEAR_CLOSING_BOARD "near-closing-board"
        "临近下班 · 还有{open}位,预计{done}全部办完,请放心"
        "Closing soon. Everyone with a number will be served: {open} left, done by about {done}."
    NEAR_CLOSING_BOARD_OPEN_END "near-closing-board-open-end"
        "临近下班 · 已取号的我们都会办完,请放心"
        "Closing soon. Everyone with a number will be served."
    SERVING_OUT "serving-out"
        "抱歉,今天取号已结束,还在为{open}位办理{ways}"
        "No more numbers today. Serving the last {open}."
    SERVING_OUT_FOR_NOW "serving-out-for-now"
        "上午取号已结束,还在为{open}位办理,{numbers}开始取号"
        "Serving the last {open} of this morning. Numbers from {numbers}."
    SERVING_OUT_BOARD "serving-out-board"
        "还有{open}位,都办完我们才下班"
        "{open} left. We stay until everyone is served."
    DONE "done"
        "今天已办完。{day}{numbers}取号{ways}"
        "Closed. Numbers {day} from {numbers}."
    BOOKED_ONLY_WEEKEND "booked-only-weekend"
        "周末为预约专场。有预约请扫码{next}"
        "Weekend: booked visits only.{next}"
    BOOKED_ONLY "booked-only"
        "今天为预约专场。有预约请扫码{next}"
        "Today: booked visits only.{next}"
    BOOKED_ONLY_LATER_WEEKEND "booked-only-later-weekend"
        "周末为预约专场。有预约的{from}起签到{next}"
        "Weekend: booked visits only. Check in from {from}.{next}"
    BOOKED_ONLY_LATER "booked-only-later"
        "今天为预约专场。有预约的{from}起签到{next}"
        "Today: booked visits only. Check in from {from}.{next}"
    BOOKED_ONLY_LATER_BOARD "booked-only-later-board"
        "预约专场,{from}起签到,预约窗口:{windows}号"
        "Booked visits only, at window {windows}. Check in from {from}."
    BOOKED_ONLY_BOARD "booked-only-board"
        "预约专场,预约窗口:{windows}号"
        "Booked visits only, at window {windows}."
    NEXT_FREE "next-free"
        ";没预约可约{day}{time}"
        " Next free time: {day} {time}."
    WAYS "ways"
        "。可{ways}"
        ""
    WAY_ONLINE "way-online" "网上办" "do it online"
    WAY_BOOKING "way-booking" "预约" "book a time"
    WAY_ELSEWHERE "way-elsewhere" "去附近大厅" "go to a hall nearby"
}

/// What to say now.
pub fn sentence(hall: &Hall, now: Time, surface: Surface) -> Text {
    if hall.calling_paused().is_some() {
        return PAUSED.with(&[]);
    }
    let is_board = surface == Surface::Board;
    let date = hall.business_date(now);
    let phase = phase::of_hall(hall, now);
    let may_check_in = !matches!(phase, Phase::Done | Phase::ServingOut);
    if may_check_in && offer_today(hall, now) == DayOffer::BookedOnly {
        return booked_only(hall, date, now, surface);
    }
    match phase {
        Phase::Closed => closed(hall, now),
        Phase::Done => next_day(hall, now, &DONE),
        Phase::EarlyOpen => {
            let template = if is_board {
                EARLY_OPEN_BOARD
            } else {
                EARLY_OPEN
            };
            template.with(&[("doors", clock(phase::next_change(hall, now)))])
        }
        Phase::Open if is_board => OPEN_BOARD.with(&[]),
        Phase::Open => OPEN.with(&[]),
        Phase::NearClosing if is_board => near_closing_board(hall, now),
        Phase::NearClosing if is_anything_online(hall) => NEAR_CLOSING.with(&[]),
        Phase::NearClosing => NEAR_CLOSING_WINDOWS_ONLY.with(&[]),
        Phase::ServingOut if is_board => SERVING_OUT_BOARD.with(&[("open", open(hall))]),
        Phase::ServingOut => serving_out(hall, now),
        Phase::Between => {
            let template = if is_board { BETWEEN_BOARD } else { BETWEEN };
            let numbers = next_issuing(hall, now);
            template.with(&[
                ("numbers", clock(numbers)),
                ("doors", clock(doors(hall, numbers))),
                ("ways", ways(hall)),
            ])
        }
    }
}

fn closed(hall: &Hall, now: Time) -> Text {
    let numbers = next_issuing(hall, now);
    let is_today = numbers.is_some_and(|at| hall.plan().date(at) == hall.plan().date(now));
    if !is_today {
        return next_day(hall, now, &DAY_OFF);
    }
    CLOSED_BEFORE.with(&[
        ("numbers", clock(numbers)),
        ("doors", clock(doors(hall, numbers))),
    ])
}

fn next_day(hall: &Hall, now: Time, template: &Template) -> Text {
    let Some(numbers) = next_issuing(hall, now) else {
        return NO_DAY.with(&[]);
    };
    template.with(&[
        ("day", day(hall.plan().date(numbers))),
        ("numbers", clock(Some(numbers))),
        ("ways", ways(hall)),
    ])
}

fn near_closing_board(hall: &Hall, now: Time) -> Text {
    match estimate::done_by(hall, now) {
        Some(done) if hall.is_anyone_open() => {
            NEAR_CLOSING_BOARD.with(&[("open", open(hall)), ("done", clock(Some(done)))])
        }
        _ => NEAR_CLOSING_BOARD_OPEN_END.with(&[]),
    }
}

fn serving_out(hall: &Hall, now: Time) -> Text {
    let numbers =
        next_issuing(hall, now).filter(|at| hall.plan().date(*at) == hall.business_date(now));
    match numbers {
        Some(_) => SERVING_OUT_FOR_NOW.with(&[("open", open(hall)), ("numbers", clock(numbers))]),
        None => SERVING_OUT.with(&[("open", open(hall)), ("ways", ways(hall))]),
    }
}

fn booked_only(hall: &Hall, date: NaiveDate, now: Time, surface: Surface) -> Text {
    let windows = windows_for_booked(hall, date);
    let is_board = surface == Surface::Board && !windows.zh.is_empty();
    let is_weekend = date.weekday().num_days_from_monday() >= 5;
    let from = check_in_from(hall, now);
    let template = match (from.is_some(), is_board, is_weekend) {
        (false, true, _) => BOOKED_ONLY_BOARD,
        (false, false, true) => BOOKED_ONLY_WEEKEND,
        (false, false, false) => BOOKED_ONLY,
        (true, true, _) => BOOKED_ONLY_LATER_BOARD,
        (true, false, true) => BOOKED_ONLY_LATER_WEEKEND,
        (true, false, false) => BOOKED_ONLY_LATER,
    };
    let next = match is_board {
        true => Text::default(),
        false => next_free(hall, now),
    };
    template.with(&[("windows", windows), ("from", clock(from)), ("next", next)])
}

/// The first time that can still be booked, whatever for.
fn next_free(hall: &Hall, now: Time) -> Text {
    let services = hall.plan().services.iter();
    let firsts = services.filter_map(|service| next_free_slots(hall, &service.id, now, 1).pop());
    let Some(first) = firsts.map(|slot| slot.starts_at).min() else {
        return Text::default();
    };
    let is_today = hall.plan().date(first) == hall.plan().date(now);
    let day = if is_today {
        both("今天", "today")
    } else {
        day(hall.plan().date(first))
    };
    NEXT_FREE.with(&[("day", day), ("time", clock(Some(first)))])
}

/// The windows where the booked are served that day: 5、6 / "5, 6".
fn windows_for_booked(hall: &Hall, date: NaiveDate) -> Text {
    let services = hall.plan().services.iter();
    let slots = services.flat_map(|service| hall.plan().slots(date, &service.id));
    let windows: BTreeSet<WindowNumber> =
        slots.flat_map(|slot| slot.rule.windows.clone()).collect();
    let windows: Vec<String> = windows.iter().map(WindowNumber::to_string).collect();
    both(windows.join("、"), windows.join(", "))
}

/// What else can be done; nothing that this hall does not have.
fn ways(hall: &Hall) -> Text {
    let plan = hall.plan();
    let ways = [
        (is_anything_online(hall), WAY_ONLINE),
        (!plan.appointments.is_empty(), WAY_BOOKING),
        (!plan.neighbours.is_empty(), WAY_ELSEWHERE),
    ];
    let ways = ways
        .iter()
        .filter(|(has, _)| *has)
        .map(|(_, way)| way.with(&[]));
    let (zh, en): (Vec<String>, Vec<String>) = ways.map(|way| (way.zh, way.en)).unzip();
    if zh.is_empty() {
        return Text::default();
    }
    WAYS.with(&[("ways", both(zh.join(" / "), en.join(", ")))])
}

fn is_anything_online(hall: &Hall) -> bool {
    hall.plan()
        .services
        .iter()
        .any(|service| service.online.is_some())
}

/// 周四8月6日 / "on Thursday 6 August".
fn day(date: NaiveDate) -> Text {
    let weekday =
        ["一", "二", "三", "四", "五", "六", "日"][date.weekday().num_days_from_monday() as usize];
    both(
        format!("周{weekday}{}月{}日", date.month(), date.day()),
        date.format("on %A %-d %B").to_string(),
    )
}

fn next_issuing(hall: &Hall, now: Time) -> Option<Time> {
    let services = hall.plan().services.iter();
    services
        .filter_map(|service| hall.plan().next_issuing(&service.id, now))
        .min()
}

fn doors(hall: &Hall, numbers: Option<Time>) -> Option<Time> {
    numbers.map(|at| at + hall.plan().early_open())
}

fn clock(at: Option<Time>) -> Text {
    let clock = at.map_or("—".into(), |at| at.format("%H:%M").to_string());
    both(clock.clone(), clock)
}

fn open(hall: &Hall) -> Text {
    let count = hall.open_tickets().count().to_string();
    both(count.clone(), count)
}

fn both(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text::new(zh, en)
}

impl Template {
    fn with(&self, figures: &[(&str, Text)]) -> Text {
        let fill = |text: Text, (name, figure): &(&str, Text)| {
            let gap = format!("{{{name}}}");
            Text::new(
                text.zh.replace(&gap, &figure.zh),
                text.en.replace(&gap, &figure.en),
            )
        };
        figures.iter().fold(Text::new(self.zh, self.en), fill)
    }
}

#[cfg(test)]
mod tests {
    use super::CATALOGUE;
    use std::collections::BTreeSet;

    fn gaps(text: &str) -> BTreeSet<&str> {
        let parts = text.split('{').skip(1);
        parts
            .filter_map(|part| part.split_once('}'))
            .map(|(gap, _)| gap)
            .collect()
    }

    #[test]
    fn each_sentence_has_its_own_name_and_both_languages() {
        let ids: BTreeSet<&str> = CATALOGUE.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), CATALOGUE.len());
        for row in CATALOGUE.iter().filter(|row| row.id != "ways") {
            assert!(!row.zh.is_empty() && !row.en.is_empty(), "{}", row.id);
        }
    }

    #[test]
    fn english_has_no_figure_that_chinese_has_not() {
        // 开门 is left out where the board has no room for it
        for row in CATALOGUE.iter().filter(|row| row.id != "between-board") {
            let (zh, en) = (gaps(row.zh), gaps(row.en));
            let others: Vec<_> = en.difference(&zh).filter(|gap| **gap != "doors").collect();
            assert!(others.is_empty(), "{}: {others:?}", row.id);
        }
    }
}
