//! Carrying a ticket from one hall to another: two logs, and never both places lost, never both kept.
//!
//! **The idea.** The two halls share no commit, so each step is one record in one log, and each says enough for any
//! instance to do the next:
//!
//! 1. *Here* the ticket is leaving (`TicketLeaving`): it keeps its place, nobody calls it, and the record names the
//!    hall, the command id of the arrival and the key that the new ticket will have.
//! 2. *There* the arrival is decided under exactly that id: `TicketTaken`, or `ArrivalDeclined` when that hall gives no
//!    number. A command takes effect once per log, so the first decision stands, even if another
//!    instance asks again later. Declining is a decision on record and not a refusal: otherwise one server could be
//!    refused and another one still be let in a moment later.
//! 3. *Here* the ticket has moved (`TicketMoved`: it ends as cancelled and says where it went) or it stays
//!    (`TicketStayed`: it is called again from the place it had).
//!
//! **What can go wrong.** A crash, a failed append or an unknown outcome between any two steps leaves a ticket that is
//! leaving, and the state of the first hall says all that is needed to go on. [`keep_finishing`] looks for such tickets
//! at the start and then again and again, on every instance. Several may do it at once without harm, because each step
//! has a command id that follows from the first. What is read here is durable: the other hall is asked only after the
//! leaving is in the log, and this one only after the other's decision is.
//!
//! While the other hall's log cannot be reached, the ticket waits and is not called, because only that log knows what
//! was decided. An arrival that was asked for longer than [`hall::state::moving::ARRIVES_WITHIN`] ago is declined:
//! after a long outage people are where they were, and a hall remembers arrivals no longer than any other command.
//!
//! **Not taken.** Cancelling first loses the place if the other hall declines. Taking first keeps both places until
//! somebody cancels one, so both halls could call the ticket at once, which must not happen. A log shared by two halls
//! would do it in one record, and would make every hall wait for every other.

use super::Halls;
use crate::runtime::{AskError, Owner, Reply, Request};
use futures_util::future::join_all;
use hall::id::{CommandId, HallId, TicketId};
use hall::record::command::Arrival;
use hall::record::command::MoveEnd;
use hall::record::command::{Action, TakeTicket};
use hall::state::moving::{CameFrom, Moved};
use hall::state::ticket::{Channel, Ticket};
use hall::text::Text;
use hall::{Actor, Answer, Hall, Rejection};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

/// Between two looks for unfinished moves: the request that began one finishes it well within that.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How a move ended.
#[derive(Clone, Debug, PartialEq)]
pub enum MoveEnding {
    Moved(Moved),
    /// In its old place, and why if that is still known.
    Stayed(Option<Text>),
}

/// Finishes the move of a ticket from whatever step it has reached. Asking again gives the same result.
pub async fn finish(
    halls: &Halls,
    here: &Owner<Hall>,
    ticket: TicketId,
) -> Result<MoveEnding, AskError<Rejection>> {
    let leaving = here.read(|hall| {
        let ticket = hall.ticket(ticket)?;
        let to = ticket.leaving.as_ref()?.hall.clone();
        Some((to, arrival(hall, ticket)?))
    });
    let Some((to, (id, arrive))) = leaving else {
        let moved = here.read(|hall| hall.ticket(ticket)?.moved_to.clone());
        return Ok(moved.map_or(MoveEnding::Stayed(None), MoveEnding::Moved));
    };
    let there = halls
        .get(&to)
        .filter(|owner| owner.read(Hall::has_plan))
        .ok_or_else(|| AskError::Unavailable(format!("hall {to} is not here")))?;
    let decided = there.ask(request(id.clone(), arrive)).await?;
    let (end, ending) = end_of(to, decided);
    let ended = CommandId::parse(format!("{id}/end"))
        .expect("an arrival's id leaves room for four more letters");
    let action = Action::EndMove {
        ticket,
        arrival: id,
        end,
    };
    here.ask(request(ended, action)).await?;
    Ok(ending)
}

/// Finishes every move that was left in the middle, by whichever instance and whenever.
pub async fn keep_finishing(halls: Arc<Halls>) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut seen = BTreeSet::new();
    loop {
        look.tick().await;
        let under_way = under_way(&halls);
        // one that was not there a moment ago is being finished by the request that began it
        let left = under_way.iter().filter(|(_, _, id)| seen.contains(id));
        join_all(left.map(|(here, ticket, _)| finish_or_say(&halls, here, *ticket))).await;
        seen = under_way.into_iter().map(|(_, _, id)| id).collect();
    }
}

async fn finish_or_say(halls: &Halls, here: &Owner<Hall>, ticket: TicketId) {
    if let Err(error) = finish(halls, here, ticket).await {
        warn!(?ticket, %error, "a move to another hall is not finished yet");
    }
}

/// Every ticket that is leaving its hall, and the id of its arrival.
fn under_way(halls: &Halls) -> Vec<(Owner<Hall>, TicketId, CommandId)> {
    let mut found = Vec::new();
    for (_, owner) in halls.all() {
        let arrival = |ticket: &Ticket| Some((ticket.id, ticket.leaving.as_ref()?.arrival.clone()));
        let leaving: Vec<_> = owner.read(|hall| hall.leaving().filter_map(arrival).collect());
        found.extend(
            leaving
                .into_iter()
                .map(|(id, arrival)| (owner.clone(), id, arrival)),
        );
    }
    found
}

/// What a leaving ticket asks of the other hall, and under which id: the same for everybody who looks.
pub fn arrival(hall: &Hall, ticket: &Ticket) -> Option<(CommandId, Action)> {
    let leaving = ticket.leaving.clone()?;
    let wish = TakeTicket {
        class: ticket.class,
        needs: ticket.needs.clone(),
        party: ticket.party,
        cases: ticket.cases,
        language: ticket.language,
        person: ticket.person.clone(),
        named: ticket.named.clone(),
        insist: true, // the holder gives up a number for it, so no other way is offered
        ..TakeTicket::new(ticket.service.clone(), leaving.token, Channel::Phone)
    };
    let arrival = Arrival {
        wish,
        from: CameFrom {
            hall: hall.id().clone(),
            number: ticket.number.clone(),
        },
        since: leaving.since,
    };
    Some((leaving.arrival, Action::Arrive(Box::new(arrival))))
}

fn end_of(to: HallId, decided: Reply<Answer>) -> (MoveEnd, MoveEnding) {
    match decided.answer {
        Answer::Taken(ticket) => {
            let (number, token) = (ticket.number, ticket.token);
            let moved = Moved {
                hall: to,
                number: number.clone(),
                token: token.clone(),
            };
            (MoveEnd::Moved { number, token }, MoveEnding::Moved(moved))
        }
        Answer::Declined { why } => {
            let ending = MoveEnding::Stayed(Some(why.clone()));
            (MoveEnd::Stayed { why }, ending)
        }
        other @ (Answer::Window(_)
        | Answer::Ticket(_)
        | Answer::Redirected(_)
        | Answer::Leased(_)
        | Answer::HelpAsked(_)
        | Answer::ComplaintLeft(_)
        | Answer::Held(_)
        | Answer::Booked(_)
        | Answer::Appointment(_)
        | Answer::Plan { .. }
        | Answer::Done) => {
            unreachable!("an arrival is decided as a number or declined, not as {other:?}")
        }
    }
}

/// The same command, whichever instance sends it.
fn request(id: CommandId, action: Action) -> Request<Action> {
    Request::of_program(id, Actor::Citizen, action)
}
