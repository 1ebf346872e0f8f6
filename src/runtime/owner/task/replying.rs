//! What each command is answered when its commit is done, or cannot be.

use super::{Decided, Pending, Task};
use crate::runtime::fold::records;
use crate::runtime::model::Model;
use crate::runtime::owner::{ANSWER_WITHIN, AskError, AskResult, Asked, Reply};
use hall::Record;
use hall::id::Fingerprint;
use hall_log::TroubleKind;
use tokio::time::Instant;
use tracing::warn;

/// Why a command is not answered.
pub(super) enum NoAnswer {
    Because(String),
    /// The store has a trouble.
    Trouble(TroubleKind),
    /// What time it is, a manager has to say first.
    ClockHeld,
}

impl NoAnswer {
    /// Whether it will be the same in a moment.
    pub(super) fn stays(&self) -> bool {
        matches!(self, NoAnswer::Trouble(kind) if !kind.may_pass_at_once())
    }

    fn error<R>(&self) -> AskError<R> {
        match self {
            NoAnswer::Because(reason) => AskError::Unavailable(reason.clone()),
            NoAnswer::Trouble(kind) => AskError::StoreTrouble(*kind),
            NoAnswer::ClockHeld => AskError::ClockHeld,
        }
    }
}

impl<M: Model> Task<M> {
    pub(super) async fn reply(&mut self, pending: Vec<Pending<M>>) {
        for one in pending {
            let Some(asked) = one.asked else { continue };
            let outcome = match one.decided {
                Decided::Recorded(record) => Ok(self.reply_from(&record, false)),
                Decided::Nothing(answer) => {
                    let (version, at) = (self.head.version, self.shared.clock.now());
                    Ok(Reply {
                        answer,
                        version,
                        at,
                        remembered: false,
                    })
                }
                Decided::Remembered { version } => {
                    self.remember(version, &asked.request.fingerprint).await
                }
                Decided::Rejected(rejection) => Err(AskError::Rejected(rejection)),
            };
            self.shared
                .figures
                .answered(asked.since.elapsed(), outcome.is_ok());
            asked.reply.send(outcome).ok();
        }
    }

    fn reply_from(&self, record: &Record<M::Event>, remembered: bool) -> Reply<M::Answer> {
        let answer = self.shared.state().answer(record);
        Reply {
            answer,
            version: record.version,
            at: record.at,
            remembered,
        }
    }

    /// The first answer again, from the record of the command.
    async fn remember(&self, version: u64, fingerprint: &Fingerprint) -> AskResult<M> {
        let stream = &self.shared.stream;
        // the command took effect, so an error here must not be answered as *nothing has happened*
        let unreadable = |reason: String| {
            warn!(%stream, version, reason, "a remembered answer cannot be read");
            AskError::OutcomeUnknown
        };
        let commits = self
            .log
            .read(stream, version - 1, 1)
            .await
            .map_err(|error| unreadable(error.to_string()))?;
        let records = commits
            .first()
            .map(|commit| records::<M>(commit, stream))
            .transpose();
        let records = records
            .map_err(|error| unreadable(error.to_string()))?
            .unwrap_or_default();
        let record = records.into_iter().find(|record| record.version == version);
        let record = record.ok_or_else(|| unreadable("it is not in the log".into()))?;
        if record.fingerprint != *fingerprint {
            return Err(AskError::KeyReused);
        }
        Ok(self.reply_from(&record, true))
    }
}

/// Nothing of these commands was written now. One that was found in the log has taken effect before, perhaps a moment ago
/// by an append whose answer was lost: *nothing has happened* would be untrue of it.
pub(super) fn refuse<M: Model>(pending: Vec<Pending<M>>, outcome_known: bool, reason: &NoAnswer) {
    for one in pending {
        let Some(asked) = one.asked else { continue };
        let took_effect = matches!(one.decided, Decided::Remembered { .. });
        give_up(vec![asked], outcome_known && !took_effect, reason);
    }
}

pub(super) fn give_up<M: Model>(asked: Vec<Asked<M>>, outcome_known: bool, reason: &NoAnswer) {
    for asked in asked {
        let error = match outcome_known {
            true => reason.error(),
            false => AskError::OutcomeUnknown,
        };
        asked.reply.send(Err(error)).ok();
    }
}

/// Tells those who have waited long enough that there is no answer; the others go on waiting.
pub(super) fn give_up_late<M: Model>(
    asked: Vec<Asked<M>>,
    outcome_known: bool,
    reason: &NoAnswer,
) -> Vec<Asked<M>> {
    let now = Instant::now();
    let (late, patient): (Vec<_>, Vec<_>) = asked
        .into_iter()
        .partition(|asked| now >= asked.since + ANSWER_WITHIN);
    give_up(late, outcome_known, reason);
    patient
}
