//! Follows a recorded day in a hall: moves its clock to each recorded second and does there what was done.
//!
//! A refusal never ends the run: it becomes a remark on the row, and what depended on it is left out. A ticket that
//! cannot go on stays where it is, so that the hall's own rules end it and the day's sums tell of it.

use super::hall_api::{DayFigures, Failure, HallApi, Reply, Wish};
use super::itinerary::{DayPlan, Itinerary, Remark, RemarkKind};
use super::plan::HallOfRecording;
use super::script::{Act, Script, What};
use super::{Officers, Progress, auto};
use chrono::{Duration, NaiveTime};
use hall::Time;
use hall::id::{TicketNumber, WindowNumber};
use std::collections::BTreeSet;

/// A business day nobody closed is settled at this time of a date without hours.
const SETTLED_BY: NaiveTime = NaiveTime::from_hms_opt(4, 0, 0).expect("04:00 exists");

/// One day being followed.
pub(crate) struct Following<'a, H> {
    pub(crate) hall: &'a mut H,
    pub(crate) of: &'a HallOfRecording,
    pub(crate) day: &'a DayPlan,
    pub(crate) issued: Vec<Option<Issued>>,
    remarks: Vec<Remark>,
    now: Option<Time>,
}

/// What the hall gave a citizen.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) number: TicketNumber,
    pub(crate) token: String,
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
    let issued = vec![None; day.visits.len()];
    let mut following = Following {
        hall,
        of,
        day,
        issued,
        remarks: Vec::new(),
        now: None,
    };
    let opens = of
        .plan
        .span(day.date)
        .map_or(of.plan.at(day.date, NaiveTime::MIN), |span| span.opens);
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
            let is_called_off = refused[ticket] == Some(act.stop) && act.what.is_at_window();
            let Some(wish) = self.wish(ticket, &act).filter(|_| !is_called_off) else {
                continue;
            };
            recalls = if matches!(act.what, What::Recall { .. }) {
                recalls + 1
            } else {
                0
            };
            let key = match recalls {
                0 => self.key(ticket, &format!("{}/{}", act.stop, act.what.name())),
                again => self.key(
                    ticket,
                    &format!("{}/recall-{again}-{}", act.stop, act.at.format("%H%M%S")),
                ),
            };
            self.advance_to(act.at).await?;
            match self.hall.ask(&key, &wish).await? {
                Reply::Taken { number, token } => {
                    self.issued[ticket] = Some(Issued { number, token })
                }
                Reply::AtWindow { .. } | Reply::Done => {}
                Reply::Refused { reason } => {
                    if matches!(act.what, What::Call { .. }) {
                        refused[ticket] = Some(act.stop);
                    }
                    self.refused(act.line, act.what.name(), &reason);
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

    /// What an act asks of the hall; nothing if its ticket was never issued.
    fn wish(&self, ticket: usize, act: &Act) -> Option<Wish> {
        if let What::Take { service } = &act.what {
            return Some(Wish::Take {
                service: service.clone(),
                class: self.day.visits[ticket].class,
            });
        }
        let Issued { number, token } = self.issued[ticket].clone()?;
        Some(match act.what.clone() {
            What::Take { service } => Wish::Take {
                service,
                class: self.day.visits[ticket].class,
            },
            What::Change { service } => Wish::Change { token, service },
            What::Call { window } => Wish::Call { window, number },
            What::Recall { window } => Wish::Recall { window },
            What::Start { window } => Wish::Start { window },
            What::Finish { window } => Wish::Finish { window },
            What::Transfer { window, service } => Wish::Transfer { window, service },
            What::Park { window } => Wish::Park { window },
            What::Miss { window } => Wish::Miss { window },
            What::ResumeByHolder => Wish::ResumeByHolder { token },
            What::Return => Wish::Return { token },
            What::Cancel => Wish::Cancel { token },
            What::HandOn => Wish::HandOn { number },
        })
    }

    /// Names one wish of one ticket for good.
    pub(crate) fn key(&self, ticket: usize, what: &str) -> String {
        format!(
            "replay/{}/{}/{what}",
            self.day.date,
            key_of(&self.day.visits[ticket])
        )
    }

    pub(crate) async fn open_window(&mut self, window: WindowNumber) -> Result<(), Failure> {
        let key = format!("replay/{}/window-{window}/open", self.day.date);
        let reply = self.hall.ask(&key, &Wish::OpenWindow { window }).await?;
        if let Reply::Refused { reason } = reply {
            let line = self.day.visits.first().map_or(1, |visit| visit.line);
            self.refused(line, &format!("opening window {window}"), &reason);
        }
        Ok(())
    }

    pub(crate) fn remark(&mut self, line: u64, kind: RemarkKind) {
        self.remarks.push(Remark {
            line,
            kind,
            reason: kind.words().to_string(),
        });
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
        let closes = plan
            .span(date)
            .map_or(plan.at(date, NaiveTime::MIN), |span| span.closes);
        let by = self.now.map_or(closes, |now| now.max(closes));
        let policy = &plan.policy;
        let grace = Duration::minutes(
            policy
                .missed_grace_minutes
                .max(policy.parked_grace_minutes)
                .into(),
        );
        let tomorrow = date.succ_opt().unwrap_or(date);
        let settled = plan
            .span(tomorrow)
            .map_or(plan.at(tomorrow, SETTLED_BY), |span| {
                span.opens - plan.early_open()
            });
        vec![
            by,
            by + Duration::minutes(policy.missed_grace_minutes.into()),
            by + grace,
            settled,
        ]
    }
}

/// A number as it can stand in a key; one that cannot is named by its line.
fn key_of(visit: &Itinerary) -> String {
    let number = &visit.number;
    let plain = number.len() <= 20
        && number
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain {
        number.clone()
    } else {
        format!("line-{}", visit.line)
    }
}
