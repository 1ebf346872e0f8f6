//! The waiting room: kiosks that give out numbers, officers who call and finish until nobody waits.

use crate::client::{Clients, Manner, Wanted};
use crate::history::{Heard, Operation, Request};
use anyhow::{Context, bail};
use futures_util::future::try_join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::{Mutex, watch};

/// The model hall's services.
pub const SERVICES: [&str; 7] = [
    "fine",
    "licence",
    "vehicle",
    "mark",
    "registration",
    "exam",
    "other",
];
/// The model hall's windows.
pub const WINDOWS: std::ops::RangeInclusive<u16> = 1..=7;
/// Kiosk clients at once.
const KIOSKS: usize = 8;

/// Everybody in the hall.
#[derive(Debug)]
pub struct Floor {
    clients: Arc<Clients>,
    manner: Manner,
    begun: AtomicUsize,
    called: AtomicUsize,
    stopped: AtomicBool,
    /// How many numbers were given out; officers in an empty room wait for it to grow.
    taken: watch::Sender<usize>,
    officers: Mutex<Vec<Officer>>,
}

/// One officer, across the storm's parts.
#[derive(Debug)]
struct Officer {
    window: u16,
    has_ticket: bool,
    /// Empty calls with attempts that nobody heard the end of: one may still take effect.
    open_calls: Vec<(Wanted, Operation)>,
}

impl Floor {
    /// An empty hall with every window closed.
    pub fn new(clients: Arc<Clients>, manner: Manner) -> Floor {
        Floor {
            clients,
            manner,
            begun: AtomicUsize::new(0),
            called: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            taken: watch::Sender::new(0),
            officers: Mutex::default(),
        }
    }

    /// How many numbers were given out.
    pub fn taken(&self) -> usize {
        *self.taken.borrow()
    }

    /// Kiosks give out no more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.taken.send_modify(|_| {});
    }

    /// Every kiosk and every window at once, until so many numbers are out and so many called.
    pub async fn work_until(&self, tickets: usize, calls: usize) -> anyhow::Result<()> {
        let mut officers = Vec::new();
        for window in WINDOWS {
            officers.push(self.sits_down(window).await?);
        }
        let kiosks = async {
            try_join_all((0..KIOSKS).map(|_| self.kiosk(tickets))).await?;
            self.stop();
            Ok(())
        };
        let works = try_join_all(officers.into_iter().map(|o| self.works(o, calls)));
        let ((), officers) = tokio::try_join!(kiosks, works)?;
        *self.officers.lock().await = officers;
        Ok(())
    }

    /// The windows go on until nobody waits, one request at a time.
    pub async fn drain(&self) -> anyhow::Result<()> {
        let officers = std::mem::take(&mut *self.officers.lock().await);
        let works = officers.into_iter().map(|o| self.works(o, usize::MAX));
        for officer in try_join_all(works).await? {
            for (_, operation) in officer.open_calls {
                self.clients.keep(operation);
            }
        }
        Ok(())
    }

    /// One more number, at a given process.
    pub async fn one_takes_at(&self, process: Option<usize>) -> anyhow::Result<()> {
        let service = SERVICES[fastrand::usize(..SERVICES.len())];
        self.clients.takes(service, Manner::Calm, process).await?;
        self.taken.send_modify(|taken| *taken += 1);
        Ok(())
    }

    async fn kiosk(&self, tickets: usize) -> anyhow::Result<()> {
        while !self.stopped.load(Ordering::Relaxed)
            && self.begun.fetch_add(1, Ordering::Relaxed) < tickets
        {
            let service = SERVICES[fastrand::usize(..SERVICES.len())];
            self.clients.takes(service, self.manner, None).await?;
            self.taken.send_modify(|taken| *taken += 1);
        }
        Ok(())
    }

    async fn sits_down(&self, window: u16) -> anyhow::Result<Officer> {
        let mut officer = Officer {
            window,
            has_ticket: false,
            open_calls: Vec::new(),
        };
        self.acts(&mut officer, "open").await?;
        Ok(officer)
    }

    async fn works(&self, mut officer: Officer, calls: usize) -> anyhow::Result<Officer> {
        let mut news = self.taken.subscribe();
        while self.called.load(Ordering::Relaxed) < calls {
            let is_last = self.stopped.load(Ordering::Relaxed);
            if !officer.has_ticket {
                self.acts(&mut officer, "call-next").await?;
            } else if self.serves(&mut officer).await? {
                continue;
            }
            if officer.has_ticket {
                self.called.fetch_add(1, Ordering::Relaxed);
            } else if is_last {
                break;
            } else {
                news.changed().await?;
            }
        }
        Ok(officer)
    }

    /// One way or another to be done with a ticket; true when the window is idle and may call at once.
    async fn serves(&self, officer: &mut Officer) -> anyhow::Result<bool> {
        if fastrand::bool() {
            self.acts(officer, "start").await?;
        }
        if fastrand::bool() {
            self.acts(officer, "finish").await?;
            return Ok(true);
        }
        self.acts(officer, "finish-and-call-next").await?;
        Ok(false)
    }

    async fn acts(&self, officer: &mut Officer, action: &'static str) -> anyhow::Result<()> {
        let manner = match self.stopped.load(Ordering::Relaxed) {
            true => Manner::Calm,
            false => self.manner,
        };
        let wanted = self
            .clients
            .wanted(Request::Window(officer.window, action), None)?;
        let operation = self.clients.ask(&wanted, manner).await?;
        let busy = Heard::Refused("window-busy".into());
        if operation.is_empty_call() && operation.heard.contains(&busy) {
            self.clients.keep(operation);
            return self.finds_its_call(officer).await;
        }
        officer.has_ticket = has_ticket(&operation)?;
        if operation.is_empty_call() && operation.unknown > 0 {
            officer.open_calls.push((wanted, operation));
        } else {
            self.clients.keep(operation);
        }
        Ok(())
    }

    /// A call that seemed to find nobody has taken effect after all: its key tells.
    async fn finds_its_call(&self, officer: &mut Officer) -> anyhow::Result<()> {
        for (wanted, mut operation) in std::mem::take(&mut officer.open_calls) {
            if !officer.has_ticket {
                self.clients
                    .ask_again(&wanted, Manner::Calm, &mut operation)
                    .await?;
                officer.has_ticket = !operation.is_empty_call();
            }
            match operation.is_empty_call() {
                true => officer.open_calls.push((wanted, operation)),
                false => self.clients.keep(operation),
            }
        }
        let window = officer.window;
        officer
            .has_ticket
            .then_some(())
            .with_context(|| format!("window {window} is busy with a ticket nobody called"))
    }
}

fn has_ticket(operation: &Operation) -> anyhow::Result<bool> {
    let has = |heard: &Heard| matches!(heard, Heard::AtWindow(Some(_)));
    let refused = |heard: &Heard| matches!(heard, Heard::Refused(_));
    if operation.heard.iter().any(refused) {
        bail!("refused: {operation:?}");
    }
    Ok(operation.heard.iter().any(has))
}
