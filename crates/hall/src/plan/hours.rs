//! Opening hours: which sessions a date has. Everything is derived from the plan, nothing is remembered.
//!
//! A date's sessions are the special day's if there is one, else the weekday's. A service with a week of its own keeps
//! it on ordinary days; a special day overrides that too, because a holiday closes the whole house. On a date for which
//! the hall is not authorised for a service, that service has none.

use crate::id::{ServiceId, written_as_text};
use crate::plan::Plan;
use crate::text::Text;
use crate::time::Time;
use chrono::{
    DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeZone, Weekday,
};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

/// One unbroken stretch of opening hours on a date: `[opens, closes)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    pub opens: Time,
    pub closes: Time,
}

/// From–to in local time, written `09:00-12:00`. What does not end after it begins ends on the next day: `22:00-02:00`, and
/// `18:00-24:00` at midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FromTo {
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

written_as_text!(FromTo, String);

/// Whom a date is for: the one answer to whether the hall is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayOffer {
    /// No session of any service.
    Closed,
    /// Only for those who booked.
    BookedOnly,
    /// Some service gives numbers to whoever walks in.
    WalkIns,
}

/// What a weekday offers: a list of sessions, or a table that also says `appointments_only`.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
pub struct DayHours {
    pub sessions: Vec<FromTo>,
    /// Numbers only for those who booked.
    pub appointments_only: bool,
}

/// The long way to write [`DayHours`] in a file; the short one is the list of sessions alone.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FullDayHours {
    sessions: Vec<FromTo>,
    #[serde(default)]
    appointments_only: bool,
}

impl<'de> Deserialize<'de> for DayHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DayHours, D::Error> {
        deserializer.deserialize_any(DayHoursVisitor)
    }
}

/// Reads either way; told apart by hand, because a wrong session in one of them deserves its own message.
struct DayHoursVisitor;

impl<'de> Visitor<'de> for DayHoursVisitor {
    type Value = DayHours;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of sessions, or a table with `sessions` and `appointments_only`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<DayHours, A::Error> {
        let sessions = Deserialize::deserialize(SeqAccessDeserializer::new(seq))?;
        Ok(DayHours {
            sessions,
            appointments_only: false,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DayHours, A::Error> {
        let full = FullDayHours::deserialize(MapAccessDeserializer::new(map))?;
        Ok(DayHours {
            sessions: full.sessions,
            appointments_only: full.appointments_only,
        })
    }
}

impl Serialize for DayHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.appointments_only {
            return self.sessions.serialize(serializer);
        }
        let full = FullDayHours {
            sessions: self.sessions.clone(),
            appointments_only: true,
        };
        full.serialize(serializer)
    }
}

/// The seven weekdays; one that is not named is a day off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    pub monday: DayHours,
    pub tuesday: DayHours,
    pub wednesday: DayHours,
    pub thursday: DayHours,
    pub friday: DayHours,
    pub saturday: DayHours,
    pub sunday: DayHours,
}

/// A date that does not follow its weekday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    #[serde(deserialize_with = "date")]
    pub date: NaiveDate,
    /// Why, for people: 国庆节, 调休.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Works as this weekday (a make-up day); without `as` and `hours` the hall is closed.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub as_weekday: Option<Weekday>,
    /// Works these hours instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<DayHours>,
    /// The year of the official calendar that it was imported from; a day set by hand has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official: Option<i32>,
}

/// A zone that changed sides of the date line skipped a whole day.
const SKIPPED_HOURS_MOST: i64 = 25;

/// A session that ends on the next day is at most this long, unless it ends at midnight: a longer one is a slip, such as
/// the ends of a day's session changed round.
const NIGHT_LONGEST: Duration = Duration::hours(14);

/// How people say that a session ends on the day after it began.
const NEXT_DAY: [&str; 3] = ["次日", "翌日", "第二天"];

/// The next year's calendar is announced by then; whoever has not imported it is told.
const CALENDAR_WARNING: Duration = Duration::days(60);

/// A date as text, or as TOML's own dates, which a technician may well write.
pub(crate) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a date such as 2026-10-01")]
    enum Form {
        Text(NaiveDate),
        Toml(toml::value::Datetime),
    }
    let expected = || serde::de::Error::custom("expected a date such as 2026-10-01");
    match Form::deserialize(deserializer)? {
        Form::Text(date) => Ok(date),
        Form::Toml(datetime) => datetime.to_string().parse().map_err(|_| expected()),
    }
}

/// The same for a list of dates.
pub(crate) fn dates<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<NaiveDate>, D::Error> {
    #[derive(Deserialize)]
    struct Date(#[serde(deserialize_with = "date")] NaiveDate);
    let dates = Vec::<Date>::deserialize(deserializer)?;
    Ok(dates.into_iter().map(|Date(date)| date).collect())
}

impl Week {
    /// What this weekday offers.
    pub fn on(&self, weekday: Weekday) -> &DayHours {
        match weekday {
            Weekday::Mon => &self.monday,
            Weekday::Tue => &self.tuesday,
            Weekday::Wed => &self.wednesday,
            Weekday::Thu => &self.thursday,
            Weekday::Fri => &self.friday,
            Weekday::Sat => &self.saturday,
            Weekday::Sun => &self.sunday,
        }
    }

    /// Every day with its name.
    pub(super) fn days(&self) -> [(&'static str, &DayHours); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }
}

impl DayHours {
    /// What makes no sense in it, in words.
    pub fn faults(&self) -> impl Iterator<Item = String> {
        let backwards = self
            .sessions
            .iter()
            .filter(|session| session.is_backwards());
        let pairs = self.sessions.windows(2);
        let pairs = pairs.filter(|two| two[0].crosses_midnight() || two[0].closes > two[1].opens);
        let backwards = backwards.map(|session| format!("{session} closes before it opens"));
        let mixed =
            |two: &[FromTo]| format!("{} and {} overlap or are out of order", two[0], two[1]);
        backwards.chain(pairs.map(mixed))
    }
}

impl std::fmt::Display for FromTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let opens = self.opens.format("%H:%M");
        match self.closes == NaiveTime::MIN {
            true => write!(f, "{opens}-24:00"),
            false => write!(f, "{opens}-{}", self.closes.format("%H:%M")),
        }
    }
}

impl FromTo {
    /// Reads a session, such as `09:00-12:00`.
    pub fn parse(text: &str) -> Result<FromTo, String> {
        let malformed = || format!("\"{text}\" is not a session: write it like \"09:00-12:00\"");
        let (opens, closes) = text.split_once('-').ok_or_else(malformed)?;
        let time =
            |part: &str| NaiveTime::parse_from_str(part.trim(), "%H:%M").map_err(|_| malformed());
        let (opens, closes) = (time(opens)?, closes.trim());
        let is_next_day = NEXT_DAY.iter().find_map(|word| closes.strip_prefix(word));
        let closes = match is_next_day.unwrap_or(closes).trim() {
            "24:00" => NaiveTime::MIN,
            closes => time(closes)?,
        };
        let session = FromTo { opens, closes };
        match is_next_day.is_some() && !session.crosses_midnight() {
            true => Err(format!("{text} lasts longer than a day")),
            false => Ok(session),
        }
    }

    /// Whether it ends on the day after it begins.
    pub fn crosses_midnight(&self) -> bool {
        self.closes <= self.opens
    }

    /// Whether it is a slip: nobody works so far into the next day.
    pub fn is_backwards(&self) -> bool {
        self.crosses_midnight() && self.closes != NaiveTime::MIN && self.length() > NIGHT_LONGEST
    }

    /// How long it lasts by the clock on the wall.
    pub fn length(&self) -> Duration {
        let days = if self.crosses_midnight() { 1 } else { 0 };
        self.closes - self.opens + Duration::days(days)
    }
}

impl Plan {
    /// The same instant with the offset that is valid in the hall at that moment.
    pub fn local(&self, at: Time) -> Time {
        let local = at.with_timezone(&self.time_zone);
        local.with_timezone(&local.offset().fix())
    }

    /// A local time of day as an instant. In the hour a clock change skips or repeats, the later reading holds, so that
    /// nothing closes early because of it.
    pub fn at(&self, date: NaiveDate, time: NaiveTime) -> Time {
        let fixed = |local: DateTime<chrono_tz::Tz>| local.with_timezone(&local.offset().fix());
        let local = date.and_time(time);
        let later = (0..=SKIPPED_HOURS_MOST).find_map(|hours| {
            let local = local.checked_add_signed(Duration::hours(hours))?;
            self.time_zone.from_local_datetime(&local).latest()
        });
        // behind a gap that no zone has: as if the hall were in Greenwich
        later.map_or_else(|| local.and_utc().fixed_offset(), fixed)
    }

    /// Whether the clocks on the wall show this time at all: in spring an hour is skipped.
    pub fn exists(&self, local: NaiveDateTime) -> bool {
        let at = self.time_zone.from_local_datetime(&local);
        !matches!(at, LocalResult::None)
    }

    /// The local date of an instant.
    pub fn date(&self, at: Time) -> NaiveDate {
        self.local(at).date_naive()
    }

    /// The special day of a date, if it has one.
    pub fn special_day(&self, date: NaiveDate) -> Option<&SpecialDay> {
        self.special_days.iter().find(|day| day.date == date)
    }

    /// What the hall as a whole offers on a date, services with hours of their own aside; `None` on a special day off.
    pub fn hours(&self, date: NaiveDate) -> Option<&DayHours> {
        self.hours_on(date, None)
    }

    /// The years, this one or one that begins within 60 days, whose official calendar is missing or is not whole: their
    /// holidays count as the weekdays they fall on. A plan that never had an official day follows none, so it misses none.
    pub fn missing_calendar_years(&self, today: NaiveDate) -> Vec<i32> {
        let has_official = self.special_days.iter().any(|day| day.official.is_some());
        if self.calendar_years.is_empty() && !has_official {
            return Vec::new();
        }
        let soon = today.checked_add_signed(CALENDAR_WARNING).unwrap_or(today);
        (today.year()..=soon.year())
            .filter(|year| !self.calendar_years.contains(year))
            .collect()
    }

    /// The weekday a date works as: a make-up day's is another than the calendar's.
    pub fn weekday_worked(&self, date: NaiveDate) -> Weekday {
        let special = self.special_day(date).and_then(|day| day.as_weekday);
        special.unwrap_or(date.weekday())
    }

    /// Whether numbers are only for those who booked, on this date.
    pub fn appointments_only(&self, date: NaiveDate, service: &ServiceId) -> bool {
        self.hours_on(date, Some(service))
            .is_some_and(|hours| hours.appointments_only)
    }

    /// Whether this hall may do a service on a date.
    pub fn authorised(&self, date: NaiveDate, service: &ServiceId) -> bool {
        let service = self.service(service);
        let authorisation = service.and_then(|service| service.authorisation.as_ref());
        authorisation.is_none_or(|authorisation| authorisation.holds_on(date))
    }

    /// The sessions of a service on a date, in order.
    pub fn sessions(&self, date: NaiveDate, service: &ServiceId) -> Vec<Session> {
        self.as_sessions(date, self.hours_on(date, Some(service)))
    }

    /// The sessions of the hall as a whole on a date, services with hours of their own aside.
    pub fn doors(&self, date: NaiveDate) -> Vec<Session> {
        self.as_sessions(date, self.hours(date))
    }

    /// The date that business belongs to by the clock alone. A session that began the evening before is not over at
    /// midnight.
    pub fn working_date(&self, at: Time) -> NaiveDate {
        let today = self.date(at);
        let before = today.pred_opt();
        let runs = |date: &NaiveDate| self.span(*date).is_some_and(|span| at < span.closes);
        before.filter(runs).unwrap_or(today)
    }

    /// Whom a date is for.
    pub fn offer(&self, date: NaiveDate) -> DayOffer {
        let services = self.services.iter().map(|service| &service.id);
        let mut working = services
            .filter(|id| !self.sessions(date, id).is_empty())
            .peekable();
        if working.peek().is_none() {
            DayOffer::Closed
        } else if working.all(|id| self.appointments_only(date, id)) {
            DayOffer::BookedOnly
        } else {
            DayOffer::WalkIns
        }
    }

    /// When the first session of any service opens and the last one closes on a date; `None` on a day off.
    pub fn span(&self, date: NaiveDate) -> Option<Session> {
        let services = self.services.iter();
        let all: Vec<Session> = services.flat_map(|s| self.sessions(date, &s.id)).collect();
        let opens = all.iter().map(|session| session.opens).min()?;
        let closes = all.iter().map(|session| session.closes).max()?;
        Some(Session { opens, closes })
    }

    /// The lead between the first number and the doors.
    pub fn early_open(&self) -> Duration {
        Duration::minutes(self.policy.early_open_minutes.into())
    }

    /// How long before its close a session begins to lead people elsewhere.
    pub fn near_closing(&self) -> Duration {
        Duration::minutes(self.policy.near_closing_minutes.into())
    }

    /// When numbers for a service are next issued to whoever walks in, strictly after `now`; looks a year ahead.
    pub fn next_issuing(&self, service: &ServiceId, now: Time) -> Option<Time> {
        let today = self.date(now);
        (0..=366)
            .filter_map(|days| today.checked_add_signed(Duration::days(days)))
            .filter(|date| !self.appointments_only(*date, service))
            .flat_map(|date| self.sessions(date, service))
            .map(|session| session.opens - self.early_open())
            .find(|issuing| *issuing > now)
    }

    /// The `count`th working day of a service after `date`, or of the hall: a day on which whoever walks in gets a number.
    /// A weekend by appointment only is none, unless the service has no other days.
    pub fn after_working_days(
        &self,
        date: NaiveDate,
        count: u32,
        service: Option<&ServiceId>,
    ) -> NaiveDate {
        let of_service = |may_be_booked_only: bool| {
            let id = service?;
            nth_day(date, count, |day| {
                let works = !self.sessions(*day, id).is_empty();
                works && (may_be_booked_only || !self.appointments_only(*day, id))
            })
        };
        let of_hall = || nth_day(date, count, |day| self.offer(*day) == DayOffer::WalkIns);
        let found = of_service(false).or_else(|| of_service(true));
        found.or_else(of_hall).unwrap_or(date)
    }

    /// Whether, by the clock alone, whoever walks in at this moment gets a number for a service.
    pub fn issues_at(&self, service: &ServiceId, at: Time) -> bool {
        let date = self.date(at);
        let is_on = |s: &Session| s.opens - self.early_open() <= at && at < s.closes;
        let issues = |date: NaiveDate| {
            !self.appointments_only(date, service) && self.sessions(date, service).iter().any(is_on)
        };
        let dates = [date.pred_opt(), Some(date), date.succ_opt()];
        dates.into_iter().flatten().any(issues)
    }

    fn hours_on(&self, date: NaiveDate, service: Option<&ServiceId>) -> Option<&DayHours> {
        let service = service.and_then(|id| self.service(id));
        let authorisation = service.and_then(|service| service.authorisation.as_ref());
        if authorisation.is_some_and(|authorisation| !authorisation.holds_on(date)) {
            return None;
        }
        let week = service.and_then(|service| service.week.as_ref());
        let week = week.unwrap_or(&self.week);
        match self.special_day(date) {
            None => Some(week.on(date.weekday())),
            Some(day) => match (day.as_weekday, &day.hours) {
                (Some(weekday), _) => Some(week.on(weekday)),
                (None, Some(hours)) => Some(hours),
                (None, None) => None,
            },
        }
    }

    fn as_sessions(&self, date: NaiveDate, hours: Option<&DayHours>) -> Vec<Session> {
        let sessions = hours.into_iter().flat_map(|hours| &hours.sessions);
        let next = date.succ_opt().unwrap_or(date);
        let at_date = |session: &FromTo| Session {
            opens: self.at(date, session.opens),
            closes: match session.crosses_midnight() {
                true => self.at(next, session.closes),
                false => self.at(date, session.closes),
            },
        };
        // one that the clock change swallows leaves nothing, or an end before its beginning
        sessions
            .map(at_date)
            .filter(|session| session.opens < session.closes)
            .collect()
    }
}

/// The `count`th of such days after a date; nothing if there are not so many within two years.
fn nth_day(date: NaiveDate, count: u32, is_one: impl Fn(&NaiveDate) -> bool) -> Option<NaiveDate> {
    let days = date.iter_days().skip(1).take(366 * 2).filter(is_one);
    days.take(count as usize).last()
}
