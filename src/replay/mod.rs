//! Drives recorded days through a running hall over HTTP: everyone takes a number when they did, is called by the room
//! that called them when it did, and leaves as they left. At the end of each day the hall's own sums stand beside the
//! recording's.
//!
//! In reading order: a file is read ([`recording`], `qms_clinic`, `own_format`), understood ([`itinerary`]), given a hall
//! to happen in ([`plan`]), put in order (`script`) and followed (`drive`, or `auto` with the hall's own calling rule)
//! through a `hall_api`, which is `http`. What came of it is a [`Report`].
//!
//! The hall's clock is replay's: the server must offer `POST /api/v1/demo/clock`, which answers once everything due up
//! to the given moment has been carried out, and then stands still there.

mod auto;
mod drive;
mod hall_api;
mod http;
mod own_format;
mod qms_clinic;
mod report;
mod script;

pub mod itinerary;
pub mod plan;
pub mod recording;

#[cfg(test)]
mod in_memory;
#[cfg(test)]
mod over_http;

pub use hall_api::Failure;
pub use recording::Format;
pub use report::{DayOfReport, Report, Waits};

use chrono::{NaiveDate, NaiveTime};
use hall::id::{HallId, MalformedId};
use hall::plan::check::PlanError;
use hall::{Plan, Time};
use hall_api::HallApi;
use http::HttpHall;
use itinerary::DayPlan;
use plan::HallOfRecording;
use recording::Recording;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What to replay, and how.
#[derive(Clone, Debug)]
pub struct Options {
    pub file: PathBuf,
    pub format: Format,
    /// The hall it happens in.
    pub hall: HallId,
    /// Where the recording's times are local.
    pub time_zone: chrono_tz::Tz,
    pub officers: Officers,
    /// Puts the generated plan in force over HTTP: for a server that was not started with it. The recorded days are
    /// then moved by whole weeks to after the hall's clock, which does not run back.
    pub adopt_plan: bool,
}

/// Who decides whom a room calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Officers {
    /// The recording: the same ticket at the same second.
    #[default]
    Recorded,
    /// The hall's calling rule, with the recorded arrivals and service times.
    Auto,
}

/// A running demo server.
#[derive(Clone, Debug)]
pub struct Server {
    /// `http://127.0.0.1:8080`
    pub base_url: String,
}

/// A recording and the hall that it needs: start a server with the plan, then [`run`].
#[derive(Clone, Debug)]
pub struct Prepared {
    options: Options,
    recording: Recording,
    days: Vec<DayPlan>,
    hall: HallOfRecording,
}

/// How far it is; told after each act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub date: NaiveDate,
    /// Acts of this date behind us, of all.
    pub acts: usize,
    pub of: usize,
}

/// Why a recording cannot be replayed at all.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("{path} cannot be opened: {source}")]
    File {
        path: String,
        source: std::io::Error,
    },
    #[error("the file cannot be read: {0}")]
    Csv(#[source] csv::Error),
    #[error("the header lacks {missing}")]
    Header { missing: String },
    #[error("no room called anyone in this recording")]
    Empty,
    #[error("\"{text}\" cannot be named in a plan: {error}")]
    Name { text: String, error: MalformedId },
    #[error("the recording gives no sensible plan: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Plan(Vec<PlanError>),
    #[error(transparent)]
    Server(#[from] Failure),
}

/// Reads the file and builds the hall.
pub fn prepare(options: Options) -> Result<Prepared, ReplayError> {
    let recording = Recording::read(&options.file, options.format)?;
    Prepared::of(options, recording)
}

/// Follows every day on a server that has the plan (or gets it, see [`Options::adopt_plan`]).
pub async fn run(
    prepared: Prepared,
    server: &Server,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Report, ReplayError> {
    let mut hall = HttpHall::sign_in(server, &prepared.options.hall).await?;
    let prepared = if prepared.options.adopt_plan {
        adopted(prepared, &hall).await?
    } else {
        prepared
    };
    let report = follow(&prepared, &mut hall, &mut progress).await?;
    tracing::debug!(requests = hall.requests(), "replayed");
    Ok(report)
}

impl Prepared {
    fn of(options: Options, recording: Recording) -> Result<Prepared, ReplayError> {
        let days: Vec<DayPlan> = recording.days.iter().map(DayPlan::of).collect();
        let hall = HallOfRecording::of(&options.hall, options.time_zone, &days, options.officers)?;
        Ok(Prepared {
            options,
            recording,
            days,
            hall,
        })
    }

    /// The plan that the server must have.
    pub fn plan(&self) -> &Plan {
        &self.hall.plan
    }

    /// Rooms and their windows, services and their ids.
    pub fn hall(&self) -> &HallOfRecording {
        &self.hall
    }

    /// What was read.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// How the days will be followed.
    pub fn days(&self) -> &[DayPlan] {
        &self.days
    }

    /// Where the server's clock must start, or earlier: midnight before the first day.
    pub fn starts_at(&self) -> Option<Time> {
        self.days
            .first()
            .map(|day| self.hall.plan.at(day.date, NaiveTime::MIN))
    }
}

/// Moves the days behind the hall's clock and puts the plan in force.
async fn adopted(prepared: Prepared, hall: &HttpHall) -> Result<Prepared, ReplayError> {
    let now = hall.now().await?;
    let behind = prepared
        .starts_at()
        .map_or(0, |start| (now - start).num_seconds());
    let weeks = behind.div_euclid(7 * 24 * 3600) + i64::from(behind.rem_euclid(7 * 24 * 3600) > 0);
    let Prepared {
        options, recording, ..
    } = prepared;
    let prepared = Prepared::of(options, recording.shifted_by_weeks(weeks.max(0)))?;
    hall.adopt(prepared.plan()).await?;
    Ok(prepared)
}

async fn follow<H: HallApi>(
    prepared: &Prepared,
    hall: &mut H,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report, Failure> {
    let mut days = Vec::new();
    for day in &prepared.days {
        let followed = drive::follow(
            hall,
            &prepared.hall,
            day,
            prepared.options.officers,
            progress,
        )
        .await?;
        days.push(DayOfReport::of(day, followed, prepared.options.officers));
    }
    let file = prepared
        .options
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    Ok(Report {
        file: file.unwrap_or_else(|| prepared.options.file.display().to_string()),
        format: prepared.options.format,
        officers: prepared.options.officers,
        rooms: prepared.hall.rooms.clone(),
        rows: prepared.recording.rows,
        days,
        unreadable: prepared.recording.problems.clone(),
    })
}
