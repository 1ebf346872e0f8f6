//! The manager's pages: the hall now, and a day's figures.

use crate::pages::{LostRecords, OverviewPage, StatsPage};
use crate::web::http::Problem;
use crate::web::http::caller::{Manager, app};
use crate::web::http::date;
use crate::web::http::page::{render, shell};
use crate::web::kiosk::slips::printer_lines;
use crate::web::manager::days::report;
use crate::web::ops::status::{clock_doubt, devices_of, trouble_of};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Duration, NaiveDate};
use hall::{Hall, Time, view};
use serde::Deserialize;

/// `?date=`.
#[derive(Debug, Deserialize)]
pub struct DateQuery {
    #[serde(default, deserialize_with = "date::optional")]
    date: Option<NaiveDate>,
}

pub async fn overview(manager: Manager, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let now = manager.hall.now();
    let (view, notices) = manager.hall.read(|hall| {
        let notices = hall
            .notices()
            .iter()
            .map(|notice| notice.text.clone())
            .collect();
        (view::overview(hall, now), notices)
    });
    let printers = printer_lines(app(&request), &view.hall);
    render(
        &request,
        &OverviewPage {
            shell: shell(&request, Some(&manager.actor)),
            printers,
            view,
            notices,
            trouble: trouble_of(app(&request)),
            clock: clock_doubt(app(&request), &manager.hall),
            lost: manager.hall.read(|hall| lost_records(hall, now)),
            devices: devices_of(app(&request), &manager.hall),
        },
    )
}

/// What the store has lost within the last week: long enough for everybody who holds a paper to have come.
fn lost_records(hall: &Hall, now: Time) -> Vec<LostRecords> {
    let recent = hall
        .lost()
        .iter()
        .filter(|lost| lost.at > now - Duration::days(7));
    let told = recent.map(|lost| LostRecords {
        records: lost.records(),
        at: hall.plan().local(lost.at),
    });
    told.collect()
}

pub async fn stats(
    manager: Manager,
    query: web::Query<DateQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let now = manager.hall.now();
    let page = manager.hall.read(|hall| {
        let today = hall.business_date(now);
        let date = query.date.unwrap_or(today);
        let running = !hall.reports().contains_key(&date);
        StatsPage::new(
            shell(&request, Some(&manager.actor)),
            hall.plan(),
            date,
            today,
            running,
            report(hall, date),
        )
    });
    render(&request, &page)
}
