//! One WebSocket: it sends the newest frame of its topic and a regular beat, and reads only pongs and goodbyes.
//!
//! Each socket has a task, and each send has a deadline (`SEND_WITHIN`). So a reader that takes nothing is dropped, and
//! the others do not notice it. If a cable was pulled out, the pongs are missing.

use super::places::Place;
use crate::allowance::Allowance;
use crate::clock::HallClock;
use actix_web::rt;
use actix_ws::{
    AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session,
};
use bytestring::ByteString;
use futures_util::StreamExt;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};

/// A client that hears nothing for 12 s calls itself stale, so two beats may be late.
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// How often it is checked that the watcher still may watch. A person who was signed out sees no more than this.
const ALLOWED_EVERY: Duration = Duration::from_secs(1);
/// A reader this slow is dropped.
const SEND_WITHIN: Duration = Duration::from_secs(10);
/// So many sockets of one thread are written to before anything else of that thread has its turn: some 20 µs each.
const TURNS_AT_ONCE: usize = 16;
/// Two pings without a pong.
const SILENCE_LONGEST: Duration = Duration::from_secs(30);

/// Messages of a client: it has nothing to say but that it is there.
const SAID_AT_ONCE: f64 = 100.0;
const SAID_A_SECOND: f64 = 10.0;

thread_local! {
    static TURNS: Arc<Semaphore> = Arc::new(Semaphore::new(TURNS_AT_ONCE));
}

/// What a socket needs besides itself.
#[derive(Debug)]
pub struct Watching {
    pub frames: watch::Receiver<ByteString>,
    pub clock: Arc<HallClock>,
    /// Becomes true when the server goes away.
    pub going_away: watch::Receiver<bool>,
    /// Asked every second: whether the watcher may still watch.
    pub allowed: AllowedCheck,
}

/// A check that is asked again and again while a socket is open.
pub struct AllowedCheck(pub Box<dyn Fn() -> bool>);

impl std::fmt::Debug for AllowedCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AllowedCheck")
    }
}

/// Serves a socket in a task of its own, which keeps its place until it has said goodbye.
pub fn serve(
    session: Session,
    messages: AggregatedMessageStream,
    watching: Watching,
    place: Place,
) {
    rt::spawn(async move {
        let goodbye = watch_until_over(session.clone(), messages, watching).await;
        let close = session.close(goodbye.map(CloseReason::from));
        tokio::time::timeout(SEND_WITHIN, close).await.ok();
        drop(place);
    });
}

/// Runs until one side leaves; answers the code to close with, if the other side still listens.
async fn watch_until_over(
    mut session: Session,
    mut messages: AggregatedMessageStream,
    mut watching: Watching,
) -> Option<CloseCode> {
    watching.frames.mark_changed();
    let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + BEAT_EVERY, BEAT_EVERY);
    let mut look = tokio::time::interval(ALLOWED_EVERY);
    let mut heard_at = Instant::now();
    let mut may_say = Allowance::new(SAID_AT_ONCE, SAID_A_SECOND);
    loop {
        tokio::select! {
            changed = watching.frames.changed() => {
                changed.ok()?;
                let frame = watching.frames.borrow_and_update().clone();
                send(&mut session, frame).await?;
            }
            _ = look.tick() => {
                if !(watching.allowed.0)() {
                    return Some(CloseCode::Policy);
                }
            }
            _ = beat.tick() => {
                if heard_at.elapsed() > SILENCE_LONGEST {
                    return None;
                }
                let at = watching.clock.now().to_rfc3339();
                send(&mut session, ByteString::from(format!("{{\"beat\":\"{at}\"}}"))).await?;
                tokio::time::timeout(SEND_WITHIN, session.ping(b"")).await.ok()?.ok()?;
            }
            message = messages.next() => {
                heard_at = Instant::now();
                if !may_say.take(1.0) {
                    return Some(CloseCode::Policy);
                }
                match message {
                    Some(Ok(AggregatedMessage::Ping(bytes))) => {
                        tokio::time::timeout(SEND_WITHIN, session.pong(&bytes)).await.ok()?.ok()?;
                    }
                    Some(Ok(AggregatedMessage::Pong(_) | AggregatedMessage::Text(_) | AggregatedMessage::Binary(_))) => {}
                    Some(Err(error)) => return Some(code_of(&error)),
                    Some(Ok(AggregatedMessage::Close(_))) | None => return None,
                }
            }
            _ = watching.going_away.changed() => return Some(CloseCode::Away),
        }
    }
}

/// What a client did that is against the protocol (RFC 6455, section 7.4.1). Of two things the codec says only that the data
/// are invalid.
fn code_of(error: &ProtocolError) -> CloseCode {
    match error {
        ProtocolError::Overflow => CloseCode::Size,
        ProtocolError::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            match error.to_string().contains("reserved bits") {
                true => CloseCode::Protocol,
                false => CloseCode::Invalid,
            }
        }
        ProtocolError::Io(_) => CloseCode::Size, // too many fragments, or too many bytes
        _ => CloseCode::Protocol,
    }
}

/// `None` when the reader is gone or too slow.
///
/// A change wakes every socket of a hall. Those of one thread take turns, or a command would stand behind thousands of
/// them; and whoever takes nothing gives up his turn.
async fn send(session: &mut Session, frame: ByteString) -> Option<()> {
    let turns = TURNS.with(Arc::clone);
    let turn = turns.acquire().await.ok()?;
    let mut sending = pin!(session.text(frame));
    if let Ok(sent) = tokio::time::timeout(Duration::ZERO, &mut sending).await {
        sent.ok()?;
        tokio::task::yield_now().await; // the connection writes before the turn is over
        return Some(());
    }
    drop(turn);
    tokio::time::timeout(SEND_WITHIN, sending).await.ok()?.ok()
}
