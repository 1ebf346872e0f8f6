//! From a request to a command and back.

use crate::runtime::{AskError, Owner, Reply};
use crate::web::http::body::RequestKey;
use crate::web::http::caller::{AppointmentHolder, Books, Holder, Member, TakesNumbers};
use crate::web::http::problem::Problem;
use hall::record::command::Action;
use hall::{Actor, Answer, Hall, Rejection};

/// A caller who may ask the hall for something: `officer.asks(&asked.key, action).await?`.
pub trait Asks {
    /// The hall, and who asks it.
    fn principal(&self) -> (&Owner<Hall>, Actor);

    /// Asks the hall; a refusal becomes a problem.
    async fn asks(&self, key: &RequestKey, action: Action) -> Result<Reply<Answer>, Problem> {
        Ok(self.tries(key, action).await?)
    }

    /// The same where a refusal is looked at before it becomes a problem.
    async fn tries(
        &self,
        key: &RequestKey,
        action: Action,
    ) -> Result<Reply<Answer>, AskError<Rejection>> {
        let (hall, actor) = self.principal();
        hall.ask(key.request(actor, action)).await
    }
}

impl<R> Asks for Member<R> {
    fn principal(&self) -> (&Owner<Hall>, Actor) {
        (&self.hall, self.actor.clone())
    }
}

/// Says as whom a caller asks.
macro_rules! asks {
    ($Caller:ident: $caller:ident => $actor:expr) => {
        impl Asks for $Caller {
            fn principal(&self) -> (&Owner<Hall>, Actor) {
                let $caller = self;
                (&$caller.hall, $actor)
            }
        }
    };
}
asks!(TakesNumbers: caller => caller.actor.clone());
asks!(Books: caller => caller.actor.clone());
asks!(Holder: caller => Actor::Citizen);
asks!(AppointmentHolder: caller => Actor::Citizen);
