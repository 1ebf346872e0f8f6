//! What every handler can reach.

use super::halls::HallAnswers;
use super::problem::{Kind, Problem};
use crate::access::{AttemptLimit, Identity, Secrets, TokenDigest};
use crate::config::Mode;
use crate::devices::Boards;
use crate::guide::Shelf;
use crate::notify::Notifier;
use crate::pages::Pages;
use crate::printing::Printers;
use crate::push::Publisher;
use crate::runtime::{Halls, Owner};
use crate::voice::Voices;
use crate::web::once::{Enrolments, OnceLinks};
use crate::web::rate_limit::RateLimit;
use crate::web::site::{Proxies, client};
use actix_web::HttpRequest;
use futures_util::future::join_all;
use hall::Hall;
use hall::id::{AppointmentId, HallId, TicketId, Token};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::Instant;
use tokio::sync::watch;

/// One process's application.
pub struct App {
    pub halls: Arc<Halls>,
    pub notifier: Arc<Notifier>,
    pub pages: Pages,
    pub mode: Mode,
    /// The store's secret: command ids are derived with it, the same on every instance.
    pub secret: [u8; 32],
    pub secrets: Secrets,
    pub attempts: AttemptLimit,
    pub requests: RateLimit,
    pub anonymous_numbers: RateLimit,
    pub bookings: RateLimit,
    pub unknown_tokens: RateLimit,
    pub proxies: Proxies,
    pub once_links: OnceLinks,
    pub enrolments: Enrolments,
    pub printers: Printers,
    pub going_away: watch::Sender<bool>,
    pub started: Instant,
    pub hall_answers: HallAnswers,
    /// What boards speak with.
    pub voices: Arc<Voices>,
    /// What boards say of themselves.
    pub boards: Boards,
    pub shelf: Shelf,
    publishers: RwLock<BTreeMap<HallId, Publisher>>,
}

impl fmt::Debug for App {
    /// It holds the store's secret, and whatever holds an application may be logged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("App(…)")
    }
}

impl App {
    /// An application over open halls.
    pub fn new(
        halls: Arc<Halls>,
        notifier: Arc<Notifier>,
        pages: Pages,
        mode: Mode,
        secret: [u8; 32],
        voices: Arc<Voices>,
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
            mode,
            secret,
            secrets: Secrets::new(),
            attempts: AttemptLimit::default(),
            requests: RateLimit::of_changes(mode),
            anonymous_numbers: RateLimit::of_anonymous_numbers(mode),
            bookings: RateLimit::of_bookings(mode),
            unknown_tokens: RateLimit::of_unknown_tokens(mode),
            proxies: Proxies::default(),
            once_links: OnceLinks::default(),
            enrolments: Enrolments::of_devices(),
            printers: Printers::default(),
            going_away: watch::Sender::new(false),
            started: Instant::now(),
            hall_answers: HallAnswers::default(),
            voices,
            boards: Boards::default(),
            shelf: Shelf::default(),
            publishers: RwLock::new(publishers),
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

    /// Whether everybody may come in.
    pub fn is_demo(&self) -> bool {
        self.mode == Mode::Demo
    }

    /// Who holds the token with this digest now, as far as this instance knows.
    pub fn identify(&self, digest: &TokenDigest) -> Option<Identity> {
        let access = &self.halls.access;
        let now = access.now();
        access.read(|access| access.identify(digest, now))
    }

    /// Who holds the token with this digest now. Nobody is not good enough from a register that another instance may
    /// have left behind, so then it catches up first.
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

    /// Brings the register to what every instance has written, for somebody whom this one does not know.
    pub async fn catch_up_access(&self, request: &HttpRequest) -> Result<(), Problem> {
        self.unknown_tokens.admit(client(request))?;
        confirmed(self.halls.access.catch_up().await)
    }

    /// The ticket of a token, in whichever hall. Not there is not good enough from a state that another instance may
    /// have left behind, so then every hall catches up first.
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
        self.unknown_tokens.admit(client(request))?;
        let caught_up = join_all(halls.iter().map(|(_, owner)| owner.catch_up())).await;
        confirmed(caught_up.into_iter().all(|caught_up| caught_up))?;
        Ok(search())
    }

    /// The publisher of a hall.
    pub fn publisher(&self, hall: &HallId) -> Option<Publisher> {
        self.publishers
            .read()
            .expect("a map is only read and inserted into")
            .get(hall)
            .cloned()
    }
}

/// What was looked up may be there although it was not found, if the store did not answer.
pub fn confirmed(caught_up: bool) -> Result<(), Problem> {
    if caught_up {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Unavailable,
        "系统暂时无法确认,请稍后再试。",
        "The store cannot confirm the answer; try again in a moment.",
    ))
}
