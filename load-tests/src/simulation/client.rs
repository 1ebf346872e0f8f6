//! A client that asks with the same key until it knows, of either server, and tells the judge what it heard.

use super::judge::Wish;
use super::planted::Rules;
use super::servers::{SERVERS, SimScene};
use super::sometimes::Sometimes;
use fastrand::Rng;
use hall::record::command::Action;
use paihao::runtime::{AskError, Request};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// A person asks so often and then gives up.
const ATTEMPTS_MOST: usize = 6;

/// What an attempt came to.
enum Attempt {
    Done {
        remembered: bool,
    },
    Refused,
    /// Nothing has happened; ask again.
    NotNow,
    /// It may have happened; ask again.
    Unknown,
}

/// One wish until it is done, refused or given up.
pub async fn ask<R: Rules>(
    scene: Arc<SimScene<R>>,
    request: Request<Action>,
    first: usize,
    mut rng: Rng,
) {
    scene.clients(1);
    let mut wish = scene.judge().wish(request);
    let twin = (rng.u8(..12) == 0).then(|| {
        wish.unsure = true; // what one hears does not bind the other
        let (scene, mut twin) = (scene.clone(), wish.clone());
        async move { attempt(&scene, &mut twin, 1 - first, Duration::from_secs(9)).await }
    });
    let twin = twin.map(tokio::spawn);
    let mut is_done = false;
    for count in 0..ATTEMPTS_MOST {
        let place = match count {
            0 => first,
            _ => rng.usize(..SERVERS),
        };
        let patience = Duration::from_millis(rng.u64(1_000..12_000));
        match attempt(&scene, &mut wish, place, patience).await {
            Attempt::Done { remembered } => {
                if count > 0 && remembered {
                    scene.store.met(Sometimes::FromLog);
                }
                if count > 0 && !remembered && place != first {
                    scene.store.met(Sometimes::TakenOver);
                }
                is_done = true;
            }
            Attempt::Refused => {
                scene.judge().not_done(&wish);
                is_done = true;
            }
            Attempt::NotNow | Attempt::Unknown => {
                sleep(Duration::from_millis(rng.u64(10..1_500))).await;
            }
        }
        if is_done {
            break;
        }
    }
    if !is_done {
        scene.store.met(Sometimes::GivenUp);
        scene.judge().not_done(&wish);
    }
    if let Some(twin) = twin {
        twin.await.ok();
    }
    scene.clients(-1);
}

async fn attempt<R: Rules>(
    scene: &SimScene<R>,
    wish: &mut Wish,
    place: usize,
    patience: Duration,
) -> Attempt {
    let Some(server) = scene.server(place) else {
        return Attempt::NotNow;
    };
    let sent = scene.judge().sent(server.clock.now());
    let mut died = server.log.died();
    let outcome = tokio::select! {
        biased;
        outcome = server.owner.ask(wish.request.clone()) => outcome,
        _ = died.wait_for(|is_dead| *is_dead) => Err(AskError::OutcomeUnknown),
        () = sleep(patience) => Err(AskError::OutcomeUnknown),
    };
    let shown = server.owner.read(R::version);
    let mut judge = scene.judge();
    judge.heard(wish, sent, server.clock.now(), &outcome);
    match outcome {
        Ok(reply) => {
            judge.is_shown(reply.version, shown);
            Attempt::Done {
                remembered: reply.remembered,
            }
        }
        Err(AskError::Rejected(_) | AskError::KeyReused) => Attempt::Refused,
        Err(AskError::Unavailable(_) | AskError::ClockHeld) => Attempt::NotNow,
        Err(AskError::StoreTrouble(_)) => {
            scene.store.met(Sometimes::TroubleTold);
            Attempt::NotNow
        }
        Err(AskError::OutcomeUnknown) => Attempt::Unknown,
    }
}

/// A look at the newest state, as for *not found*: it shows all that anybody was told before.
pub async fn look<R: Rules>(scene: Arc<SimScene<R>>, place: usize) {
    let Some(server) = scene.server(place) else {
        return;
    };
    scene.clients(1);
    let (told, losses) = {
        let judge = scene.judge();
        (judge.told_up_to(), judge.losses())
    };
    let mut died = server.log.died();
    let caught_up = tokio::select! {
        biased;
        caught_up = server.owner.catch_up() => caught_up,
        _ = died.wait_for(|is_dead| *is_dead) => false,
    };
    let mut judge = scene.judge();
    if caught_up && judge.losses() == losses {
        judge.is_shown(told, server.owner.read(R::version));
    }
    drop(judge);
    scene.clients(-1);
}
