//! Closing records and figures.

use super::caller::Manager;
use super::problem::Problem;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use hall::Hall;
use hall::state::closing::ClosingRecord;
use hall::state::day_report::{Appointments, DayReport, Figures};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
}

/// `?from&to&by`.
#[derive(Debug, Deserialize)]
pub struct StatsQuery {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    /// Some of `hour,service,window`; all if not said.
    by: Option<String>,
    format: Option<String>,
}

/// One row of figures: a day by one service, window or hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatsRow {
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

pub async fn day(
    manager: Manager,
    path: web::Path<(String, NaiveDate)>,
) -> Result<web::Json<DayAnswer>, Problem> {
    let (_, date) = path.into_inner();
    let (report, closing) = manager
        .hall
        .read(|hall| Some((report(hall, date)?, hall.closing(date).cloned())))
        .ok_or_else(|| Problem::not_found("该日期的记录", "day on record"))?;
    let json = |map| serde_json::to_value(map).expect("figures have string keys only");
    Ok(web::Json(DayAnswer {
        date,
        closing,
        sums: report.closing,
        total: report.total,
        by_service: json(serde_json::json!(report.by_service)),
        by_window: json(serde_json::json!(report.by_window)),
        by_hour: json(serde_json::json!(report.by_hour)),
        helped_online: json(serde_json::json!(report.helped_online)),
        redirects: json(serde_json::json!(report.redirects)),
        appointments: report.appointments,
    }))
}

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
    let by = query
        .by
        .clone()
        .unwrap_or_else(|| "service,window,hour".into());
    if let Some(unknown) = by
        .split(',')
        .find(|by| !["service", "window", "hour"].contains(by))
    {
        return Err(Problem::invalid(
            "/by",
            format!("不支持「{unknown}」"),
            format!("cannot group by \"{unknown}\""),
        ));
    }
    let reports: Vec<DayReport> = manager.hall.read(|hall| {
        from.iter_days()
            .take_while(|date| *date <= to)
            .filter_map(|date| report(hall, date))
            .collect()
    });
    let rows: Vec<StatsRow> = reports
        .iter()
        .flat_map(|report| rows(report, &by))
        .collect();
    let accepts = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .unwrap_or("");
    if accepts.contains("text/csv") || query.format.as_deref() == Some("csv") {
        return Ok(csv(&rows, from, to));
    }
    Ok(HttpResponse::Ok().json(serde_json::json!({ "from": from, "to": to, "rows": rows })))
}

/// The report of a day that is over, or of the one that runs.
pub fn report(hall: &Hall, date: NaiveDate) -> Option<DayReport> {
    match (hall.reports.get(&date), &hall.day) {
        (Some(report), _) => Some(report.clone()),
        (None, Some(day)) if day.date == date => Some(DayReport::of(hall, day)),
        (None, _) => None,
    }
}

fn rows(report: &DayReport, by: &str) -> Vec<StatsRow> {
    let row = |by: &'static str, key: String, figures: &Figures| StatsRow {
        date: report.date,
        by,
        key,
        issued: figures.issued,
        finished: figures.finished,
        wait_p50: figures.wait_p50,
        wait_p90: figures.wait_p90,
        service_p50: figures.service_p50,
        service_p90: figures.service_p90,
    };
    let mut rows = vec![row("total", String::new(), &report.total)];
    for by in by.split(',') {
        match by {
            "service" => rows.extend(
                report
                    .by_service
                    .iter()
                    .map(|(key, cell)| row("service", key.to_string(), cell)),
            ),
            "window" => rows.extend(
                report
                    .by_window
                    .iter()
                    .map(|(key, cell)| row("window", key.to_string(), cell)),
            ),
            _ => rows.extend(
                report
                    .by_hour
                    .iter()
                    .map(|(key, cell)| row("hour", key.to_string(), cell)),
            ),
        }
    }
    rows
}

/// For spreadsheets: UTF-8 with a byte-order mark, so that Excel reads Chinese. Keys are ids, never free text, so no
/// cell can begin a formula.
fn csv(rows: &[StatsRow], from: NaiveDate, to: NaiveDate) -> HttpResponse {
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
