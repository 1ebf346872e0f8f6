//! iCalendar (RFC 5545): a booking, and the opening hours as a feed that calendar programs subscribe to.
//!
//! The feed lists every session of the next `FEED_DAYS` days. The alternative is a weekly rule with exceptions:
//! programs read `EXDATE` well but `RDATE` badly, and no program can read "as on a Friday". So only the full list is
//! right around holidays in all programs. They fetch it again twice a day. Its events have no `ORGANIZER`, although
//! strict scheduling wants one with `METHOD:PUBLISH`: a hall has no mail address, and with one programs would read a
//! booking as an invitation.
//!
//! The lines are written here and not by a crate. The existing crate adds the time of writing and a random id to each
//! component without `DTSTAMP` and `UID`, even to alarms and time zones. So the same plan would never give the same
//! file.

use super::opening::{Offer, OpenDay, next_days};
use super::time_zone;
use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use hall::text::{Language, Text};
use hall::{Plan, Time};

/// How far ahead the feed reaches: about as long as an official calendar is known.
const FEED_DAYS: usize = 90;
/// A content line's length in octets, without its end.
const LINE_LONGEST: usize = 75;

/// What a calendar program needs to know of a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingEvent {
    /// Never changes: a program that gets the booking again updates its entry.
    pub uid: String,
    /// Increased by each move and by the cancellation.
    pub sequence: u32,
    /// When the booking last changed.
    pub changed_at: Time,
    pub starts_at: Time,
    pub ends_at: Time,
    /// The hall's.
    pub time_zone: Tz,
    pub summary: String,
    pub location: Option<String>,
    /// What to bring and what else to know, a line each.
    pub description: Vec<String>,
    /// The booking's page.
    pub url: Option<String>,
    pub status: BookingStatus,
    /// How long before the start to remind; not used for a cancelled booking.
    pub remind_before: Option<Duration>,
}

/// Whether it still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingStatus {
    Confirmed,
    Cancelled,
}

/// A booking as a file.
pub fn booking(event: &BookingEvent) -> String {
    let (starts, ends) = (event.starts_at.to_utc(), event.ends_at.to_utc());
    let mut lines = Lines::default();
    begin(&mut lines);
    time_zone::write(&mut lines, event.time_zone, starts, ends);
    lines.plain("BEGIN", "VEVENT");
    lines.text("UID", &event.uid);
    lines.plain("DTSTAMP", &in_utc(event.changed_at.to_utc()));
    lines.plain("LAST-MODIFIED", &in_utc(event.changed_at.to_utc()));
    lines.plain("SEQUENCE", &event.sequence.to_string());
    span(&mut lines, event.time_zone, starts, ends);
    lines.text("SUMMARY", &event.summary);
    if let Some(location) = &event.location {
        lines.text("LOCATION", location);
    }
    if !event.description.is_empty() {
        lines.text("DESCRIPTION", &event.description.join("\n"));
    }
    if let Some(url) = &event.url {
        lines.plain("URL", url);
    }
    match event.status {
        BookingStatus::Confirmed => {
            lines.plain("STATUS", "CONFIRMED");
            if let Some(before) = event.remind_before {
                alarm(&mut lines, &event.summary, before);
            }
        }
        BookingStatus::Cancelled => lines.plain("STATUS", "CANCELLED"),
    }
    lines.plain("END", "VEVENT");
    lines.plain("END", "VCALENDAR");
    lines.0
}

/// The opening hours from this date on, in one language; `url` is the hall's page.
pub fn opening_hours(plan: &Plan, today: NaiveDate, language: Language, url: &str) -> String {
    let days = next_days(plan, today, FEED_DAYS);
    let midnight = |date: NaiveDate| plan.at(date, chrono::NaiveTime::MIN).to_utc();
    let last = days.last().map_or(today, |day| day.date);
    let feed = Feed {
        plan,
        language,
        url,
        // the file stays the same all day, so that a program that has it can be answered 304
        stamp: midnight(today),
    };
    let mut lines = Lines::default();
    begin(&mut lines);
    let name = Text::new(
        format!("{}办公时间", plan.name.zh),
        format!("{}: opening hours", plan.name.en),
    );
    lines.text("NAME", name.in_language(language));
    lines.text("X-WR-CALNAME", name.in_language(language));
    lines.plain("X-WR-TIMEZONE", plan.time_zone.name());
    lines.plain("REFRESH-INTERVAL;VALUE=DURATION", "PT12H");
    lines.plain("X-PUBLISHED-TTL", "PT12H");
    time_zone::write(
        &mut lines,
        plan.time_zone,
        midnight(today),
        midnight(last) + Duration::days(2),
    );
    for day in &days {
        feed.day(&mut lines, day);
    }
    lines.plain("END", "VCALENDAR");
    lines.0
}

fn begin(lines: &mut Lines) {
    lines.plain("BEGIN", "VCALENDAR");
    lines.plain("VERSION", "2.0");
    lines.plain("PRODID", "-//paihao//paihao//ZH");
    lines.plain("CALSCALE", "GREGORIAN");
    lines.plain("METHOD", "PUBLISH");
}

fn alarm(lines: &mut Lines, summary: &str, before: Duration) {
    lines.plain("BEGIN", "VALARM");
    lines.plain("ACTION", "DISPLAY");
    lines.plain("TRIGGER", &format!("-PT{}M", before.num_minutes()));
    lines.text("DESCRIPTION", summary);
    lines.plain("END", "VALARM");
}

/// What stays the same from event to event.
struct Feed<'a> {
    plan: &'a Plan,
    language: Language,
    url: &'a str,
    stamp: DateTime<Utc>,
}

impl Feed<'_> {
    fn day(&self, lines: &mut Lines, day: &OpenDay) {
        if day.special && day.hours.sessions.is_empty() {
            self.day_off(lines, day);
        }
        self.sessions(lines, day, "", None, &day.hours);
        for service in &day.services {
            let which = format!("-{}", service.service);
            self.sessions(lines, day, &which, Some(&service.name), &service.hours);
        }
    }

    fn sessions(
        &self,
        lines: &mut Lines,
        day: &OpenDay,
        which: &str,
        service: Option<&Text>,
        hours: &Offer,
    ) {
        let summary = self.summary(service, hours.appointments_only);
        for session in &hours.sessions {
            let at = |date, time| self.plan.at(date, time).to_utc();
            let ends_on = match session.crosses_midnight() {
                true => day.date.succ_opt().unwrap_or(day.date),
                false => day.date,
            };
            let slot = format!(
                "{}-{}{which}",
                day.date.format("%Y%m%d"),
                session.opens.format("%H%M")
            );
            self.event(lines, &slot, &summary, |lines| {
                span(
                    lines,
                    self.plan.time_zone,
                    at(day.date, session.opens),
                    at(ends_on, session.closes),
                );
                if let Some(name) = &day.name {
                    lines.text("DESCRIPTION", name.in_language(self.language));
                }
            });
        }
    }

    fn day_off(&self, lines: &mut Lines, day: &OpenDay) {
        let name = &self.plan.name;
        let summary = match &day.name {
            Some(why) => Text::new(
                format!("{} 休息({})", name.zh, why.zh),
                format!("{}: closed ({})", name.en, why.en),
            ),
            None => Text::new(format!("{} 休息", name.zh), format!("{}: closed", name.en)),
        };
        let slot = format!("{}-off", day.date.format("%Y%m%d"));
        self.event(lines, &slot, summary.in_language(self.language), |lines| {
            let written = |date: NaiveDate| date.format("%Y%m%d").to_string();
            lines.plain("DTSTART;VALUE=DATE", &written(day.date));
            let next = day.date.succ_opt().unwrap_or(day.date);
            lines.plain("DTEND;VALUE=DATE", &written(next));
        });
    }

    /// An event that does not mark the time as busy: the hall is open, but nobody has to be there.
    fn event(&self, lines: &mut Lines, slot: &str, summary: &str, write: impl FnOnce(&mut Lines)) {
        lines.plain("BEGIN", "VEVENT");
        lines.text("UID", &format!("hours-{slot}@{}.paihao", self.plan.hall));
        lines.plain("DTSTAMP", &in_utc(self.stamp));
        write(lines);
        lines.text("SUMMARY", summary);
        if let Some(address) = &self.plan.address {
            lines.text("LOCATION", address.in_language(self.language));
        }
        lines.plain("URL", self.url);
        lines.plain("TRANSP", "TRANSPARENT");
        lines.plain("END", "VEVENT");
    }

    fn summary(&self, service: Option<&Text>, appointments_only: bool) -> String {
        let name = &self.plan.name;
        let (zh, en) = match service {
            Some(service) => (
                format!("{} {}", name.zh, service.zh),
                format!("{}: {}", name.en, service.en),
            ),
            None if appointments_only => (name.zh.clone(), name.en.clone()),
            None => (format!("{} 办公", name.zh), format!("{}: open", name.en)),
        };
        let (zh, en) = if appointments_only {
            (
                format!("{zh} 预约专场"),
                format!("{en} (booked visits only)"),
            )
        } else {
            (zh, en)
        };
        Text::new(zh, en).in_language(self.language).to_string()
    }
}

/// Both ends in the hall's local time. They are in UTC if one of them falls into the hour that a clock change repeats,
/// because a local time is ambiguous there.
fn span(lines: &mut Lines, zone: Tz, starts: DateTime<Utc>, ends: DateTime<Utc>) {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
    let is_clear =
        |at: NaiveDateTime| matches!(zone.from_local_datetime(&at), LocalResult::Single(_));
    let both = [("DTSTART", starts), ("DTEND", ends)];
    let by_clock = both.iter().all(|(_, at)| is_clear(local(*at)));
    for (name, at) in both {
        if by_clock {
            let name = format!("{name};TZID={}", zone.name());
            lines.plain(&name, &local(at).format("%Y%m%dT%H%M%S").to_string());
        } else {
            lines.plain(name, &in_utc(at));
        }
    }
}

fn in_utc(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines: folded, ended by CR LF.
#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    /// A value that is no text: a moment, a number, a URL.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in name.chars().chain(":".chars()).chain(value.chars()) {
            if c.is_control() {
                continue; // a line end within a value would begin another line
            }
            if octets + c.len_utf8() > LINE_LONGEST {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A text, in which some characters mean something.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        for c in value.chars() {
            match c {
                '\\' | ',' | ';' => escaped.extend(['\\', c]),
                '\n' => escaped.push_str("\\n"),
                _ => escaped.push(c),
            }
        }
        self.plain(name, &escaped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::sample;
    use expect_test::expect;

    fn at(text: &str) -> Time {
        Time::parse_from_rfc3339(text).unwrap()
    }

    fn event(starts: &str, ends: &str, time_zone: Tz) -> BookingEvent {
        BookingEvent {
            uid: "b7Qx-1@zhuzhou.paihao".into(),
            sequence: 2,
            changed_at: at("2026-11-20T08:30:00+08:00"),
            starts_at: at(starts),
            ends_at: at(ends),
            time_zone,
            summary: "交警业务大厅:违法处理; 3号窗口, 请提前20分钟签到".into(),
            location: Some("市民中心二楼, 天元区\\长江北路1号".into()),
            description: vec![
                "请带:驾驶证、行驶证、居民身份证".into(),
                "编号 K7QX-2210;签到从 08:40 开始,晚到请先到导办台,我们会帮您安排后面的时段".into(),
            ],
            url: Some("https://hall.example/b/k7Qx9yTt2hYzvQmB0a1c3d?lang=zh&from=calendar-entry-of-the-citizen".into()),
            status: BookingStatus::Confirmed,
            remind_before: Some(Duration::minutes(90)),
        }
    }

    /// Kept as files, which another program's parser reads too: `tests/browser/calendar.test.mjs`. Compared octet by
    /// octet, line ends included; `UPDATE_EXPECT=1` writes them anew.
    fn check(text: &str, file: &str) {
        let mut lines = text.split("\r\n");
        assert!(lines.all(|line| line.len() <= LINE_LONGEST && !line.contains('\n')));
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        let path = format!(
            "{}/tests/golden/calendars/{file}",
            env!("CARGO_MANIFEST_DIR")
        );
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, text).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == text,
            "{file} is now\n{text}"
        );
    }

    #[test]
    fn a_booking_is_a_file_for_any_calendar_program() {
        let shanghai = event(
            "2026-11-28T09:00:00+08:00",
            "2026-11-28T09:15:00+08:00",
            chrono_tz::Asia::Shanghai,
        );
        check(&booking(&shanghai), "booking-shanghai.ics");
        let cancelled = BookingEvent {
            sequence: 3,
            status: BookingStatus::Cancelled,
            ..shanghai
        };
        check(&booking(&cancelled), "booking-cancelled.ics");
        // the day on which the clocks go back, before and after they do
        let berlin = event(
            "2026-10-25T02:15:00+01:00",
            "2026-10-25T09:15:00+01:00",
            chrono_tz::Europe::Berlin,
        );
        check(&booking(&berlin), "booking-repeated-hour.ics");
        let summer = event(
            "2026-10-24T09:00:00+02:00",
            "2026-10-26T09:15:00+01:00",
            chrono_tz::Europe::Berlin,
        );
        check(&booking(&summer), "booking-clocks-go-back.ics");
    }

    #[test]
    fn the_opening_hours_are_a_feed() {
        let mut plan = sample::plan();
        plan.special_days
            .extend(sample::national_day().special_days(&plan.week, None));
        plan.special_days.remove(0);
        let today = sample::date("2024-09-27");
        let url = "https://hall.example/tianxin";
        check(
            &opening_hours(&plan, today, Language::Zh, url),
            "hours-zh.ics",
        );
        let english = opening_hours(&plan, today, Language::En, url);
        for line in [
            "SUMMARY:Tianxin Service Hall: closed (National Day)",
            "SUMMARY:Tianxin Service Hall: Inspection",
            "SUMMARY:Tianxin Service Hall (booked visits only)",
        ] {
            assert!(english.contains(&format!("\r\n{line}\r\n")), "{line}");
        }
    }

    #[test]
    fn lines_are_folded_between_characters() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", &"号,".repeat(30));
        lines.plain("URL", "https://hall.example/\r\nX-EVIL:1");
        expect![[r#"
            SUMMARY:号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,
             号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\,号\
             ,号\,号\,
            URL:https://hall.example/X-EVIL:1
        "#]]
        .assert_eq(&lines.0.replace("\r\n", "\n"));
    }
}
