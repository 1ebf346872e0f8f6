//! What only some of those who act may do: asked when it is decided, and by the pages that offer it.

use crate::record::command::Actor;

/// Sending an officer to somebody is the manager's decision.
pub fn assign_officers(actor: &Actor) -> bool {
    matches!(actor, Actor::Manager(_))
}

/// The officer who was there says what came of a home visit; a manager may say it for him, with a reason.
pub fn record_home_visits(actor: &Actor) -> bool {
    matches!(actor, Actor::Officer(_) | Actor::Manager(_))
}

/// An appointment is cancelled by its holder, or for him by an usher or a manager.
pub fn cancel_appointments(actor: &Actor) -> bool {
    matches!(actor, Actor::Citizen | Actor::Usher(_) | Actor::Manager(_))
}
