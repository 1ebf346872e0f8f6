//! What every handler can reach.

use crate::access::{Identity, TokenDigest};
use crate::config::Mode;
use crate::devices::Boards;
use crate::guide::Shelf;
use crate::halls::Halls;
use crate::notify::Notifier;
use crate::pages::Pages;
use crate::printing::Printers;
use crate::push::{Publisher, Seating};
use crate::runtime::Owner;
use crate::site::Proxies;
use crate::voice::Voices;
use crate::web::http::connections::Connections;
use crate::web::http::problem::{Problem, ProblemKind};
use crate::web::http::rate_limit::{RateLimits, Who};
use crate::web::http::room::Room;
use crate::web::http::shared_views::SharedViews;
use crate::web::http::sign_ins::SignIns;
use crate::written::hidden;
use actix_web::HttpRequest;
use futures_util::future::join_all;
use hall::Hall;
use hall::id::{AppointmentId, HallId, TicketId, Token};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// One process's application.
pub struct App {
    pub halls: Arc<Halls>,
    pub notifier: Arc<Notifier>,
    pub pages: Pages,
    /// The store's secret: command ids are derived with it, the same on every instance.
    pub secret: [u8; 32],
    pub sign_ins: SignIns,
    pub limits: RateLimits,
    pub connections: Arc<Connections>,
    pub sockets: Seating,
    pub proxies: Proxies,
    pub printers: Printers,
    pub shared_views: SharedViews,
    /// What boards speak with.
    pub voices: Arc<Voices>,
    /// What boards say of themselves.
    pub boards: Boards,
    pub shelf: Shelf,
    mode: Mode,
    room: Room,
    started: Instant,
    /// Whether this process is about to stop: sockets say goodbye then.
    going_away: watch::Sender<bool>,
    publishers: BTreeMap<HallId, Publisher>,
}

hidden!(App); // it holds the store's secret

impl App {
    /// An application over open halls.
    pub fn new(
        halls: Arc<Halls>,
        notifier: Arc<Notifier>,
        pages: Pages,
        mode: Mode,
        secret: [u8; 32],
        voices: Arc<Voices>,
        room: Room,
    ) -> App {
        let publishers = halls
            .all()
            .into_iter()
            .map(|(id, owner)| (id, Publisher::start(owner)))
            .collect();
        App {
            halls,
            notifier,
            pages,
            secret,
            sign_ins: SignIns::default(),
            limits: RateLimits::of(mode),
            connections: Arc::new(Connections::new(
                room.strangers,
                room.of_one_address(mode),
                room.known,
            )),
            sockets: Seating::new(room.shares(mode)),
            proxies: Proxies::default(),
            printers: Printers::default(),
            shared_views: SharedViews::default(),
            voices,
            boards: Boards::default(),
            shelf: Shelf::default(),
            mode,
            room,
            started: Instant::now(),
            going_away: watch::Sender::new(false),
            publishers,
        }
    }

    /// The same application behind these proxies.
    pub fn behind(self, proxies: Proxies) -> App {
        App { proxies, ..self }
    }

    /// The same application with these printers.
    pub fn printing_on(self, printers: Printers) -> App {
        App { printers, ..self }
    }

    /// As many connections as a worker may come to, with those that are about to end.
    pub fn connections_most(&self) -> usize {
        let Room {
            strangers,
            known,
            sockets,
        } = self.room;
        strangers + known + sockets
    }

    /// Whether everybody may come in.
    pub fn is_demo(&self) -> bool {
        self.mode == Mode::Demo
    }

    /// How long this process has been at work.
    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// From now on sockets say goodbye.
    pub fn say_goodbye(&self) {
        self.going_away.send_replace(true);
    }

    /// Tells a socket when to say goodbye.
    pub fn going_away(&self) -> watch::Receiver<bool> {
        self.going_away.subscribe()
    }

    /// Who holds the token with this digest now, as far as this instance knows.
    pub fn identify(&self, digest: &TokenDigest) -> Option<Identity> {
        let access = &self.halls.access;
        let now = access.now();
        access.read(|access| access.identify(digest, now))
    }

    /// Who holds the token with this digest now. Another instance may have written it a moment ago, so the register
    /// catches up before the answer is "nobody".
    pub async fn identify_surely(
        &self,
        digest: &TokenDigest,
        request: &HttpRequest,
    ) -> Result<Option<Identity>, Problem> {
        if let Some(identity) = self.identify(digest) {
            return Ok(Some(identity));
        }
        self.catch_up_access(request).await?;
        Ok(self.identify(digest))
    }

    /// Brings the register to what every instance has written.
    pub async fn catch_up_access(&self, request: &HttpRequest) -> Result<(), Problem> {
        self.limits.unknown_tokens.admit(&Who::sends(request))?;
        confirmed(self.halls.access.catch_up().await)
    }

    /// The ticket of a token, in any hall. Another instance may have given it out a moment ago, so every hall catches up
    /// before the answer is "none".
    pub async fn ticket(
        &self,
        token: &Token,
        request: &HttpRequest,
    ) -> Result<Option<(Owner<Hall>, TicketId)>, Problem> {
        let find = |hall: &Hall| hall.ticket_by_token(token).map(|ticket| ticket.id);
        self.find(find, request).await
    }

    /// The hall and the appointment behind a token; looked for like a ticket.
    pub async fn appointment(
        &self,
        token: &Token,
        request: &HttpRequest,
    ) -> Result<Option<(Owner<Hall>, AppointmentId)>, Problem> {
        let find = |hall: &Hall| hall.appointment_by_token(token).map(|found| found.id);
        self.find(find, request).await
    }

    async fn find<T>(
        &self,
        find: impl Fn(&Hall) -> Option<T>,
        request: &HttpRequest,
    ) -> Result<Option<(Owner<Hall>, T)>, Problem> {
        let halls = self.halls.all();
        let search = || {
            let mut owners = halls.iter().map(|(_, owner)| owner);
            owners.find_map(|owner| Some((owner.clone(), owner.read(&find)?)))
        };
        if let Some(found) = search() {
            return Ok(Some(found));
        }
        self.limits.unknown_tokens.admit(&Who::sends(request))?;
        let caught_up = join_all(halls.iter().map(|(_, owner)| owner.catch_up())).await;
        confirmed(caught_up.into_iter().all(|caught_up| caught_up))?;
        Ok(search())
    }

    /// The publisher of a hall.
    pub fn publisher(&self, hall: &HallId) -> Option<Publisher> {
        self.publishers.get(hall).cloned()
    }
}

/// What a hall knows. Another instance may have written it a moment ago, so the hall catches up before the answer is
/// "nothing".
pub async fn surely<T>(
    hall: &Owner<Hall>,
    find: impl Fn(&Hall) -> Option<T>,
) -> Result<Option<T>, Problem> {
    if let Some(found) = hall.read(&find) {
        return Ok(Some(found));
    }
    confirmed(hall.catch_up().await)?;
    Ok(hall.read(&find))
}

/// If the store did not answer, what was looked up may be there although it was not found.
pub fn confirmed(caught_up: bool) -> Result<(), Problem> {
    if caught_up {
        return Ok(());
    }
    Err(ProblemKind::Unavailable.because(
        "系统暂时无法确认,请稍后再试。",
        "The store cannot confirm the answer; try again in a moment.",
    ))
}
