//! Closing records and figures.

use crate::web::http::caller::Manager;
use crate::web::http::{OrNotFound, Problem, date, describe, header_of};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use hall::Hall;
use hall::state::closing::ClosingRecord;
use hall::state::day_report::{Appointments, DayReport, Figures};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Most days in one answer.
const DAYS_MOST: i64 = 400;

/// One day: the closing record is null while it runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayAnswer {
    pub date: NaiveDate,
    pub closing: Option<ClosingRecord>,
    /// The sums so far, or the final ones.
    pub sums: ClosingRecord,
    pub total: Figures,
    pub by_service: serde_json::Value,
    pub by_window: serde_json::Value,
    pub by_hour: serde_json::Value,
    pub helped_online: serde_json::Value,
    /// Per service: how many were led to the app near closing, and how many took a number nevertheless.
    pub redirects: serde_json::Value,
    pub appointments: Appointments,
    /// The day had not come yet: the server's clock was ahead.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub clock_was_wrong: bool,
    /// What had been counted on this day before the clock was put right; the other figures are of the time since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_correction: Option<ClosingRecord>,
}

/// `?from&to&by`.
#[derive(Debug, Deserialize, IntoParams)]
pub struct StatsQuery {
    #[serde(default, deserialize_with = "date::optional")]
    from: Option<NaiveDate>,
    #[serde(default, deserialize_with = "date::optional")]
    to: Option<NaiveDate>,
    /// Some of `hour,service,window`; all if not said.
    by: Option<String>,
    format: Option<String>,
}

/// One row of figures: a day by one service, window or hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatsLine {
    pub date: NaiveDate,
    /// `total`, `service`, `window` or `hour`.
    pub by: &'static str,
    pub key: String,
    pub issued: u32,
    pub finished: u32,
    pub wait_p50: Option<u32>,
    pub wait_p90: Option<u32>,
    pub service_p50: Option<u32>,
    pub service_p90: Option<u32>,
}

describe!(day: "A day's closing record and figures");
pub async fn day(
    manager: Manager,
    path: web::Path<(String, String)>,
) -> Result<web::Json<DayAnswer>, Problem> {
    let date = named(&path.1)?;
    let (report, closing) = manager
        .hall
        .read(|hall| Some((report(hall, date)?, hall.closing(date).cloned())))
        .or_not_found("该日期的记录", "day on record")?;
    Ok(web::Json(DayAnswer {
        date,
        closing,
        sums: report.closing,
        total: report.total,
        by_service: json!(report.by_service),
        by_window: json!(report.by_window),
        by_hour: json!(report.by_hour),
        helped_online: json!(report.helped_online),
        redirects: json!(report.redirects),
        clock_was_wrong: report.clock_was_wrong,
        before_correction: report.earlier.map(|earlier| earlier.closing),
        appointments: report.appointments,
    }))
}

/// The date in the address; what has no figure in it is no date, and names nothing.
fn named(text: &str) -> Result<NaiveDate, Problem> {
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return Err(Problem::not_found("该日期的记录", "day on record"));
    }
    let (zh, en) = date::EXPECTED;
    date::parse(text).ok_or_else(|| Problem::invalid("/date", zh, format!("Name {en}.")))
}

describe!(stats: "Figures by service, window and hour; JSON or CSV");
pub async fn stats(
    manager: Manager,
    query: web::Query<StatsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let today = manager
        .hall
        .read(|hall| hall.business_date(manager.hall.now()));
    let (from, to) = (query.from.unwrap_or(today), query.to.unwrap_or(today));
    if from > to || (to - from).num_days() > DAYS_MOST {
        return Err(Problem::invalid(
            "/from",
            "日期范围有误",
            "`from` must not be after `to`, at most 400 days apart",
        ));
    }
    let by = query.by.as_deref().unwrap_or("service,window,hour");
    let is_known = |by: &&str| ["service", "window", "hour"].contains(by);
    if let Some(unknown) = by.split(',').find(|by| !is_known(by)) {
        return Err(Problem::invalid(
            "/by",
            format!("不支持「{unknown}」"),
            format!("cannot group by \"{unknown}\""),
        ));
    }
    let rows: Vec<StatsLine> = manager.hall.read(|hall| {
        let days = from.iter_days().take_while(|date| *date <= to);
        let reports = days.filter_map(|date| report(hall, date));
        reports.flat_map(|report| rows(&report, by)).collect()
    });
    let accepts = header_of(&request, header::ACCEPT).unwrap_or("");
    if accepts.contains("text/csv") || query.format.as_deref() == Some("csv") {
        return Ok(csv(&rows, from, to));
    }
    Ok(HttpResponse::Ok().json(json!({ "from": from, "to": to, "rows": rows })))
}

/// The report of a day that is over, or of the one that runs.
pub fn report(hall: &Hall, date: NaiveDate) -> Option<DayReport> {
    match (hall.reports().get(&date), hall.day()) {
        (Some(report), _) => Some(report.clone()),
        (None, Some(day)) if day.date == date => Some(DayReport::of(hall, day)),
        (None, _) => None,
    }
}

fn rows(report: &DayReport, by: &str) -> Vec<StatsLine> {
    let date = report.date;
    let mut rows = vec![StatsLine::new(date, "total", String::new(), &report.total)];
    for by in by.split(',') {
        match by {
            "service" => rows.extend(rows_by(date, "service", &report.by_service)),
            "window" => rows.extend(rows_by(date, "window", &report.by_window)),
            _ => rows.extend(rows_by(date, "hour", &report.by_hour)),
        }
    }
    rows
}

fn rows_by<K: ToString>(
    date: NaiveDate,
    by: &'static str,
    cells: &BTreeMap<K, Figures>,
) -> impl Iterator<Item = StatsLine> {
    let row = move |(key, cell): (&K, &Figures)| StatsLine::new(date, by, key.to_string(), cell);
    cells.iter().map(row)
}

impl StatsLine {
    fn new(date: NaiveDate, by: &'static str, key: String, figures: &Figures) -> StatsLine {
        StatsLine {
            date,
            by,
            key,
            issued: figures.issued,
            finished: figures.finished,
            wait_p50: figures.wait_p50,
            wait_p90: figures.wait_p90,
            service_p50: figures.service_p50,
            service_p90: figures.service_p90,
        }
    }
}

/// For spreadsheets: UTF-8 with a byte-order mark, so that Excel reads Chinese. Keys are ids, never free text, so no
/// cell can begin a formula.
fn csv(rows: &[StatsLine], from: NaiveDate, to: NaiveDate) -> HttpResponse {
    let mut writer = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
    for row in rows {
        writer
            .serialize(row)
            .expect("writing to memory cannot fail");
    }
    let bytes = writer.into_inner().expect("flushing to memory cannot fail");
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"paihao-{from}-{to}.csv\""),
        ))
        .body(bytes)
}
