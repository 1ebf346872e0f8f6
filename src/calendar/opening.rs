//! The hall's next days with their hours, special days included. Pages and the calendar feed list them.

use chrono::NaiveDate;
use hall::Plan;
use hall::id::ServiceId;
use hall::plan::hours::{DayHours, FromTo};
use hall::text::Text;
use serde::Serialize;

/// One date.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenDay {
    pub date: NaiveDate,
    /// Whether its hours differ from its weekday's.
    pub special: bool,
    /// What a special day is called.
    pub name: Option<Text>,
    pub hours: Offer,
    /// Services that are open at other times than the hall.
    pub services: Vec<ServiceDay>,
}

/// Sessions in order; none on a day off.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Offer {
    pub sessions: Vec<FromTo>,
    /// Only for those who booked.
    pub appointments_only: bool,
}

/// A service with hours of its own, on one date.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServiceDay {
    pub service: ServiceId,
    pub name: Text,
    pub hours: Offer,
}

/// `count` days from this one on.
pub fn next_days(plan: &Plan, from: NaiveDate, count: usize) -> Vec<OpenDay> {
    from.iter_days()
        .take(count)
        .map(|date| open_day(plan, date))
        .collect()
}

fn open_day(plan: &Plan, date: NaiveDate) -> OpenDay {
    let special = plan.special_day(date);
    let hours = plan.hours(date).map(Offer::of).unwrap_or_default();
    let services = plan.services.iter().filter_map(|service| {
        let of_service = of_service(plan, date, &service.id);
        (of_service != hours).then(|| ServiceDay {
            service: service.id.clone(),
            name: service.name.clone(),
            hours: of_service,
        })
    });
    OpenDay {
        date,
        special: special.is_some(),
        name: special.and_then(|day| day.name.clone()),
        services: services.collect(),
        hours,
    }
}

fn of_service(plan: &Plan, date: NaiveDate, service: &ServiceId) -> Offer {
    let sessions = plan.sessions(date, service);
    let local = sessions.iter().map(|session| FromTo {
        opens: session.opens.time(),
        closes: session.closes.time(),
    });
    Offer {
        sessions: local.collect(),
        appointments_only: plan.appointments_only(date, service),
    }
}

impl Offer {
    pub(super) fn of(hours: &DayHours) -> Offer {
        Offer {
            sessions: hours.sessions.clone(),
            appointments_only: hours.appointments_only,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::sample;
    use expect_test::expect;

    fn words(hours: &Offer) -> String {
        let sessions: Vec<String> = hours.sessions.iter().map(ToString::to_string).collect();
        let mark = if hours.appointments_only {
            "by appointment "
        } else {
            ""
        };
        format!(
            "{mark}{}",
            if sessions.is_empty() {
                "closed".into()
            } else {
                sessions.join(" ")
            }
        )
    }

    #[test]
    fn special_days_stand_in_the_list_as_they_are_worked() {
        let mut lines = Vec::new();
        for day in next_days(&sample::plan(), sample::date("2024-10-02"), 5) {
            lines.push(format!(
                "{} {}",
                day.date.format("%a %d"),
                words(&day.hours)
            ));
            for service in &day.services {
                lines.push(format!("  {}: {}", service.service, words(&service.hours)));
            }
        }
        expect![[r#"
            Wed 02 09:00-12:00 13:30-17:00
              inspection: closed
            Thu 03 10:00-11:00
            Fri 04 09:00-12:00
              inspection: closed
            Sat 05 by appointment 09:00-12:00
              inspection: closed
            Sun 06 closed
              inspection: 08:00-12:00"#]]
        .assert_eq(&lines.join("\n"));
    }
}
