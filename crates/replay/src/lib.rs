//! Drives recorded days through a running hall over HTTP. Every citizen takes a number at the recorded time, is called
//! by the recorded room at the recorded time, and leaves as recorded. At the end of each day the report puts the hall's
//! own sums beside the recording's.
//!
//! In reading order: one of the `importers` reads a file into a [`recording`]; [`itinerary`] says what each citizen did
//! in a hall's terms, with a [`remark`] where that differs; [`plan`] is the hall for it; `script` puts the acts in order.
//! Then `drive` follows them, or `auto` with the hall's own calling rule, through a `hall_api`, which is `http`. The
//! result is a [`Report`].
//!
//! It is a client: it knows the words of the rules (the crate `hall`) and HTTP, and nothing of the server.
//!
//! Replay sets the hall's clock: the server must offer `POST /api/v1/demo/clock`, which answers once everything due up
//! to the given moment has been carried out. The clock then stands still there.

mod auto;
mod drive;
mod error;
mod hall_api;
mod http;
mod importers;
mod report;
mod script;

pub mod itinerary;
pub mod plan;
pub mod recording;
pub mod remark;

#[cfg(test)]
mod in_memory;
#[cfg(test)]
mod over_http;
#[cfg(test)]
mod tests;

pub use drive::Progress;
pub use error::ReplayError;
pub use hall_api::Failure;
pub use importers::Format;
pub use plan::Officers;
pub use report::{DayOfReport, Report, Waits};

use chrono::NaiveTime;
use hall::id::HallId;
use hall::{Plan, Time};
use hall_api::HallApi;
use http::HttpHall;
use itinerary::DayPlan;
use plan::HallOfRecording;
use recording::Recording;
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
    /// Adopts the generated plan over HTTP, for a server that was not started with it. The recorded days are then moved
    /// by whole weeks until they are after the hall's clock, because the clock does not run back.
    pub adopt_plan: bool,
}

/// A recording and the hall that it needs. Start a server with the plan, then call [`run`].
#[derive(Clone, Debug)]
pub struct Prepared {
    options: Options,
    recording: Recording,
    days: Vec<DayPlan>,
    hall: HallOfRecording,
}

/// Reads the file and builds the hall.
pub fn prepare(options: Options) -> Result<Prepared, ReplayError> {
    let recording = importers::read(&options.file, options.format)?;
    Prepared::of(options, recording)
}

/// Follows every day on a demo server, such as `http://127.0.0.1:8080`, that has the plan or gets it (see
/// [`Options::adopt_plan`]).
pub async fn run(
    prepared: Prepared,
    url: &str,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Report, ReplayError> {
    let mut hall = HttpHall::sign_in(url, &prepared.options.hall).await?;
    let prepared = if prepared.options.adopt_plan {
        adopted(prepared, &hall).await?
    } else {
        prepared
    };
    Ok(follow(&prepared, &mut hall, &mut progress).await?)
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

    /// When the server's clock must start at the latest: midnight before the first day.
    pub fn starts_at(&self) -> Option<Time> {
        self.days
            .first()
            .map(|day| self.hall.plan.at(day.date, NaiveTime::MIN))
    }
}

/// Moves the days to after the hall's clock and adopts the plan.
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

/// An encoding that people may not expect.
fn read_as(encoding: office::Encoding) -> Option<String> {
    (encoding != office::Encoding::Utf8).then(|| encoding.name().to_string())
}

async fn follow<H: HallApi>(
    prepared: &Prepared,
    hall: &mut H,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Report, Failure> {
    let mut days = Vec::new();
    let Options {
        file,
        format,
        officers,
        ..
    } = &prepared.options;
    for day in &prepared.days {
        let followed = drive::follow(hall, &prepared.hall, day, *officers, progress).await?;
        days.push(DayOfReport::of(day, followed, *officers));
    }
    let name = file.file_name().unwrap_or(file.as_os_str());
    Ok(Report {
        file: name.to_string_lossy().into_owned(),
        format: *format,
        officers: *officers,
        rooms: prepared.hall.rooms.clone(),
        rows: prepared.recording.rows,
        days,
        unreadable: prepared.recording.problems.clone(),
        read_as: read_as(prepared.recording.encoding),
    })
}
