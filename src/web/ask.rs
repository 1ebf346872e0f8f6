//! From a request to a command and back.

use super::alternatives;
use super::body::RequestKey;
use super::problem::Problem;
use crate::runtime::{AskError, Halls, Owner, Reply, Wish};
use hall::id::{Fingerprint, ServiceId};
use hall::record::command::Action;
use hall::record::rejection::Late;
use hall::{Actor, Answer, Hall, Rejection};

/// A hall, who asks, and the key of the request: everything but what is wanted.
#[derive(Debug)]
pub struct Asker<'a> {
    pub hall: &'a Owner<Hall>,
    pub actor: Actor,
    pub key: &'a RequestKey,
    pub fingerprint: &'a Fingerprint,
}

impl Asker<'_> {
    /// Asks the hall; a refusal becomes a problem.
    pub async fn ask(&self, action: Action) -> Result<Reply<Answer>, Problem> {
        self.outcome(action).await.map_err(Problem::from)
    }

    /// Asks for a number; a refusal also says where else to go.
    pub async fn ask_for_number(
        &self,
        action: Action,
        halls: &Halls,
    ) -> Result<Reply<Answer>, Problem> {
        let service = match &action {
            Action::TakeTicket(wish) => Some(wish.service.clone()),
            _ => None,
        };
        let with_alternatives = |problem: Problem, service: &ServiceId| {
            let alternatives = alternatives::of(halls, self.hall, service);
            problem.with("alternatives", serde_json::json!(alternatives))
        };
        match (self.outcome(action).await, service) {
            (
                Ok(Reply {
                    answer: Answer::Redirected(redirected),
                    ..
                }),
                _,
            ) => {
                let problem = Problem::redirect(&redirected);
                Err(with_alternatives(problem, &redirected.service))
            }
            (Err(AskError::Rejected(rejection)), Some(service)) if leads_on(&rejection) => {
                let problem = Problem::from_rejection(&rejection);
                Err(with_alternatives(problem, &service))
            }
            (outcome, _) => outcome.map_err(Problem::from),
        }
    }

    /// Asks for a place at another time; when there is none the refusal names the next ones that are free.
    pub async fn ask_for_place(&self, action: Action) -> Result<Reply<Answer>, Problem> {
        let service = match &action {
            Action::HoldPlace(wish) => Some(wish.service.clone()),
            Action::Book(wish) => Some(wish.service.clone()),
            Action::MoveAppointment { appointment, .. }
            | Action::JoinWaitList { appointment, .. } => self
                .hall
                .read(|hall| Some(hall.appointment(*appointment)?.service.clone())),
            _ => None,
        };
        self.outcome(action)
            .await
            .map_err(|error| match (&error, service) {
                (
                    AskError::Rejected(
                        Rejection::SlotFull { .. }
                        | Rejection::TooLate {
                            what: Late::Booking,
                        }
                        | Rejection::BookingOpensLater { .. },
                    ),
                    Some(service),
                ) => {
                    let alternatives = alternatives::other_times(self.hall, &service);
                    Problem::from(error).with("alternatives", serde_json::json!(alternatives))
                }
                _ => Problem::from(error),
            })
    }

    async fn outcome(&self, action: Action) -> Result<Reply<Answer>, AskError<Rejection>> {
        let wish = Wish {
            id: self.key.command_id(&self.actor),
            fingerprint: self.fingerprint.clone(),
            actor: self.actor.clone(),
            action,
        };
        self.hall.ask(wish).await
    }
}

/// Whether a refusal says where else to go.
fn leads_on(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::NotOpen { .. } | Rejection::NumbersUsedUp { .. } | Rejection::SlotFull { .. }
    )
}
