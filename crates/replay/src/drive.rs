//! Follows a recorded day in a hall: moves its clock to each recorded second and does there what was done.
//!
//! A refusal does not end the run. It becomes a remark on the row, and acts that depend on it are left out. A ticket
//! that cannot go on stays where it is. Then the hall's own rules end it, and the day's sums show it.

use super::auto;
use super::hall_api::{DayFigures, Failure, HallApi, Issued, Reply, Request, WindowAction};
use super::itinerary::{DayPlan, Itinerary};
use super::plan::{HallOfRecording, Officers};
use super::remark::{Remark, RemarkKind};
use super::script::{Act, Script};
use chrono::{Duration, NaiveDate, NaiveTime};
use hall::Time;
use hall::id::WindowNumber;
use std::collections::BTreeSet;

/// A business day that nobody closed is settled at this time if the next date has no hours.
const SETTLED_BY: NaiveTime = NaiveTime::from_hms_opt(4, 0, 0).expect("04:00 exists");

/// How far the replay is; reported after each act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub date: NaiveDate,
    /// Acts of this date that are done, of all.
    pub acts: usize,
    pub of: usize,
}

/// One day being followed.
pub(crate) struct Following<'a, H> {
    pub(crate) hall: &'a mut H,
    pub(crate) of: &'a HallOfRecording,
    pub(crate) day: &'a DayPlan,
    pub(crate) issued: Vec<Option<Issued>>,
    remarks: Vec<Remark>,
    now: Option<Time>,
}

/// What a day came to.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(crate) figures: DayFigures,
    pub(crate) remarks: Vec<Remark>,
}

/// Follows one day from its opening until it is closed.
pub(crate) async fn follow<H: HallApi>(
    hall: &mut H,
    of: &HallOfRecording,
    day: &DayPlan,
    officers: Officers,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Followed, Failure> {
    let mut following = Following {
        hall,
        of,
        day,
        issued: vec![None; day.visits.len()],
        remarks: Vec::new(),
        now: None,
    };
    let midnight = of.plan.at(day.date, NaiveTime::MIN);
    let opens = of.plan.span(day.date).map_or(midnight, |span| span.opens);
    following.advance(opens).await?;
    match officers {
        Officers::Recorded => following.as_recorded(progress).await?,
        Officers::Auto => auto::follow(&mut following, progress).await?,
    }
    let figures = following.close_day().await?;
    Ok(Followed {
        figures,
        remarks: following.remarks,
    })
}

impl<H: HallApi> Following<'_, H> {
    async fn as_recorded(
        &mut self,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Failure> {
        for window in self.windows_needed() {
            self.open_window(window).await?;
        }
        // the stop of each ticket whose call was refused
        let mut refused: Vec<Option<usize>> = vec![None; self.day.visits.len()];
        let mut recalls = 0;
        let mut script = Script::of(self.day, self.of);
        let all = script.left();
        while let Some((ticket, act)) = script.next() {
            progress(Progress {
                date: self.day.date,
                acts: all - script.left(),
                of: all,
            });
            let is_called_off = refused[ticket] == Some(act.stop) && act.needs_the_call();
            let request = act.request.for_ticket(self.issued[ticket].as_ref());
            let Some(request) = request.filter(|_| !is_called_off) else {
                continue;
            };
            recalls = if act.is_recall() { recalls + 1 } else { 0 };
            let key = self.key_of_act(ticket, &act, recalls);
            self.advance_to(act.at).await?;
            match self.hall.ask(&key, &request).await? {
                Reply::Taken(issued) => self.issued[ticket] = Some(issued),
                Reply::AtWindow { .. } | Reply::Done => {}
                Reply::Refused { reason } => {
                    if matches!(request, Request::Call { .. }) {
                        refused[ticket] = Some(act.stop);
                    }
                    self.refused(act.line, request.name(), &reason);
                }
            }
        }
        Ok(())
    }

    fn windows_needed(&self) -> BTreeSet<WindowNumber> {
        self.day
            .stops()
            .filter_map(|stop| self.of.window(stop))
            .collect()
    }

    /// Recalls of one call follow one another, so their keys need a count and the time.
    fn key_of_act(&self, ticket: usize, act: &Act, recalls: usize) -> String {
        let what = match recalls {
            0 => act.request.name().to_string(),
            again => format!("recall-{again}-{}", act.at.format("%H%M%S")),
        };
        self.key(ticket, &format!("{}/{what}", act.stop))
    }

    /// Names one request for one ticket for good.
    pub(crate) fn key(&self, ticket: usize, what: &str) -> String {
        format!(
            "replay/{}/{}/{what}",
            self.day.date,
            key_of(&self.day.visits[ticket])
        )
    }

    pub(crate) async fn open_window(&mut self, window: WindowNumber) -> Result<(), Failure> {
        let key = format!("replay/{}/window-{window}/open", self.day.date);
        let action = WindowAction::Open;
        let open = Request::AtWindow { window, action };
        let reply = self.hall.ask(&key, &open).await?;
        if let Reply::Refused { reason } = reply {
            let line = self.day.visits.first().map_or(1, |visit| visit.line);
            self.refused(line, &format!("opening window {window}"), &reason);
        }
        Ok(())
    }

    pub(crate) fn remark(&mut self, line: u64, kind: RemarkKind) {
        self.remarks.push(Remark::of(line, kind));
    }

    pub(crate) fn refused(&mut self, line: u64, what: &str, reason: &str) {
        self.remarks.push(Remark {
            line,
            kind: RemarkKind::Refused,
            reason: format!("{what}: {reason}"),
        });
    }

    pub(crate) async fn advance_to(&mut self, time: NaiveTime) -> Result<(), Failure> {
        self.advance(self.of.plan.at(self.day.date, time)).await
    }

    async fn advance(&mut self, to: Time) -> Result<(), Failure> {
        if self.now.is_none_or(|now| now < to) {
            self.hall.advance(to).await?;
            self.now = Some(to);
        }
        Ok(())
    }

    /// Waits until the day has closed: right after its hours, after the graces, at the latest when it is settled.
    async fn close_day(&mut self) -> Result<DayFigures, Failure> {
        for until in self.closing_moments() {
            self.advance(until).await?;
            let figures = self.hall.day(self.day.date).await?;
            if figures.closing.is_some() {
                return Ok(figures);
            }
        }
        self.hall.day(self.day.date).await
    }

    fn closing_moments(&self) -> Vec<Time> {
        let plan = &self.of.plan;
        let date = self.day.date;
        let midnight = plan.at(date, NaiveTime::MIN);
        let closes = plan.span(date).map_or(midnight, |span| span.closes);
        let by = self.now.map_or(closes, |now| now.max(closes));
        let policy = &plan.policy;
        let missed = Duration::minutes(policy.missed_grace_minutes.into());
        let parked = Duration::minutes(policy.parked_grace_minutes.into());
        let tomorrow = date.succ_opt().unwrap_or(date);
        let next = plan
            .span(tomorrow)
            .map(|span| span.opens - plan.early_open());
        let settled = next.unwrap_or(plan.at(tomorrow, SETTLED_BY));
        vec![by, by + missed, by + missed.max(parked), settled]
    }
}

/// A ticket's name in keys: its number if that is plain text, else its line.
fn key_of(visit: &Itinerary) -> String {
    let number = &visit.number;
    let mut bytes = number.bytes();
    match number.len() <= 20 && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        true => number.clone(),
        false => format!("line-{}", visit.line),
    }
}
