//! Booking storms: a thousand people want the last ten places of one slot at the same moment.
//!
//! Each client is a person of its own, because a person has few bookings. Two processes serve them from one Redis, or
//! one from a SQLite file. What the clients heard is then held against the log, read past the servers: the witness
//! counts places with a model of its own, so that a mistake in the hall's rules is not repeated here.

mod booker;
mod report;
mod witness;

use crate::client::Manner;
use crate::history::Verdict;
use crate::log_reader::{all_records, plant_secret};
use crate::process::{CLOCK, Redis, Server, store_in, verify};
use anyhow::{Context, ensure};
use booker::{Asked, Bookers};
use futures_util::future::{join, try_join_all};
use hall::id::ServiceId;
use hall::{Event, Hall, Record, Time, view};
pub use report::{BookingReport, table};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What everybody wants, and when.
const SERVICE: &str = "licence";
const WANTED: &str = "weekend-20261128T0900";
/// The weekend that can be booked.
const WEEKEND: (&str, &str) = ("2026-11-28", "2026-11-29");
/// Places of each slot in the storms for the last ones, and how many of them are left when the storm begins.
const PLACES: usize = 50;
const LAST: usize = 10;
/// When everything that was held at the beginning is over.
const HOLDS_OVER: &str = "2026-11-23T09:10:00+08:00";
/// How often each person of a storm of moves goes somewhere else.
const MOVES_EACH: usize = 3;
/// A process that does not show the newest version by then is stuck.
const SHOWN_WITHIN: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// How large a storm is.
#[derive(Clone, Debug)]
pub struct BookingSize {
    /// The built binary.
    pub paihao: PathBuf,
    /// People who want the last places.
    pub clients: usize,
    /// People who move, all at once.
    pub moves: usize,
}

/// Which storm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingKind {
    /// Everybody books.
    LastPlaces,
    /// The same, each request one to three times, to either process, some hanging up.
    Retries,
    /// Everybody holds; half of those who could walk away; their holds expire while all others book.
    Holds,
    /// People move between slots while others book what becomes free; then everything is booked out.
    Moves,
}

/// What it is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Two processes on one Redis.
    Redis,
    /// One process on a SQLite file.
    Sqlite,
}

impl BookingKind {
    /// All of them.
    pub const ALL: [BookingKind; 4] = [
        BookingKind::LastPlaces,
        BookingKind::Retries,
        BookingKind::Holds,
        BookingKind::Moves,
    ];

    /// In reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            BookingKind::LastPlaces => "last-places",
            BookingKind::Retries => "retries",
            BookingKind::Holds => "holds",
            BookingKind::Moves => "moves",
        }
    }

    fn manner(self) -> Manner {
        match self {
            BookingKind::LastPlaces | BookingKind::Holds => Manner::Calm,
            BookingKind::Retries | BookingKind::Moves => Manner::Impatient,
        }
    }
}

impl On {
    /// Both.
    pub const ALL: [On; 2] = [On::Redis, On::Sqlite];

    /// In reports.
    pub fn name(self) -> &'static str {
        match self {
            On::Redis => "redis",
            On::Sqlite => "sqlite",
        }
    }
}

/// Lets a storm happen and holds everything against everything.
pub async fn run(kind: BookingKind, on: On, size: &BookingSize) -> anyhow::Result<BookingReport> {
    let scene = BookingScene::set(kind, on, size).await?;
    let begun = Instant::now();
    let expected = match kind {
        BookingKind::LastPlaces | BookingKind::Retries => {
            scene.everybody_books(size.clients, kind.manner()).await?
        }
        BookingKind::Holds => scene.holds_run_out(size.clients).await?,
        BookingKind::Moves => scene.everybody_moves(size.moves).await?,
    };
    let seconds = begun.elapsed().as_secs_f64();
    scene.verdict(kind, on, size, expected, seconds).await
}

/// What must be so at the end.
struct Expected {
    /// Bookings of the whole storm, those before it included.
    bookings: usize,
    /// Of the wanted slot alone, where one is wanted.
    of_wanted: Option<usize>,
    /// What the clocks show.
    now: &'static str,
}

/// The processes of one storm, in a folder that goes with it.
struct BookingScene {
    bookers: Bookers,
    servers: Vec<Server>,
    store: String,
    // after the servers, so that they end before their store does
    _redis: Option<Redis>,
    folder: TempDir,
}

impl BookingScene {
    async fn set(kind: BookingKind, on: On, size: &BookingSize) -> anyhow::Result<BookingScene> {
        let folder = tempfile::tempdir()?;
        let (redis, store, processes) = store_in(folder.path(), on == On::Redis)?;
        let secret = plant_secret(&store).await?;
        let errors = folder.path().join("complaints");
        let start = |_| Server::start(&size.paihao, &store, &errors);
        let servers: Vec<Server> = (0..processes).map(start).collect::<anyhow::Result<_>>()?;
        let addresses = servers.iter().map(|server| server.url.clone()).collect();
        let bookers = Bookers::new(addresses, secret)?;
        let places = match kind {
            BookingKind::LastPlaces | BookingKind::Retries | BookingKind::Holds => PLACES,
            BookingKind::Moves => places_to_move_in(size.moves),
        };
        bookers.set_places(places).await?;
        Ok(BookingScene {
            bookers,
            servers,
            store,
            _redis: redis,
            folder,
        })
    }

    /// All but the last places are taken, one request at a time each.
    async fn takes_all_but_the_last(&self) -> anyhow::Result<()> {
        let early =
            (0..PLACES - LAST).map(|person| self.bookers.books(person, WANTED, None, Manner::Calm));
        let early = try_join_all(early).await?;
        ensure!(
            early.iter().all(Asked::is_booked),
            "the first places are free"
        );
        Ok(())
    }

    async fn everybody_books(&self, clients: usize, manner: Manner) -> anyhow::Result<Expected> {
        self.takes_all_but_the_last().await?;
        let all =
            (0..clients).map(|client| self.bookers.books(PLACES + client, WANTED, None, manner));
        try_join_all(all).await?;
        Ok(Expected {
            bookings: PLACES,
            of_wanted: Some(PLACES),
            now: CLOCK,
        })
    }

    /// Everybody holds; of those who could, every other one fills the form and the rest walks away. Then the clock moves
    /// past all holds, on one process before the other, while those come back and everybody else tries again.
    async fn holds_run_out(&self, clients: usize) -> anyhow::Result<Expected> {
        self.takes_all_but_the_last().await?;
        let people = PLACES..PLACES + clients;
        let held = people.map(|person| async move {
            let asked = self.bookers.holds(person, WANTED).await?;
            anyhow::Ok((person, asked.hold()))
        });
        let held = try_join_all(held).await?;
        let holders: Vec<(usize, String)> = held
            .iter()
            .filter_map(|(person, hold)| Some((*person, hold.clone()?)))
            .collect();
        ensure!(
            holders.len() == LAST,
            "{} hold {LAST} places",
            holders.len()
        );
        let (staying, leaving): (Vec<_>, Vec<_>) = holders
            .into_iter()
            .enumerate()
            .partition(|(index, _)| index % 2 == 0);
        let fill = staying.iter().map(|(_, (person, hold))| {
            self.bookers
                .books(*person, WANTED, Some(hold), Manner::Calm)
        });
        let filled = try_join_all(fill).await?;
        ensure!(
            filled.iter().all(Asked::is_booked),
            "a hold is good for its booking"
        );

        let come_back = leaving.iter().map(|(_, (person, hold))| {
            self.bookers
                .books(*person, WANTED, Some(hold), Manner::Calm)
        });
        let without = held.iter().filter(|(_, hold)| hold.is_none());
        let others =
            without.map(|(person, _)| self.bookers.books(*person, WANTED, None, Manner::Calm));
        let all = join(try_join_all(come_back), try_join_all(others));
        let (clock, (come_back, others)) = join(self.bookers.set_clocks(HOLDS_OVER), all).await;
        clock?;
        come_back?;
        others?;
        // whoever came before the clock had moved found it full; what is free now is there for the next
        let next = PLACES + clients..PLACES + clients + LAST;
        let next = next.map(|person| self.bookers.books(person, WANTED, None, Manner::Calm));
        try_join_all(next).await?;
        Ok(Expected {
            bookings: PLACES,
            of_wanted: Some(PLACES),
            now: HOLDS_OVER,
        })
    }

    /// People spread over all slots go elsewhere, again and again, while as many others try to get in; at the end every
    /// place is booked out, so that one that was lost or doubled on the way is missing or too many.
    async fn everybody_moves(&self, people: usize) -> anyhow::Result<Expected> {
        let slots = self.bookers.slots_of_weekend().await?;
        let spread = (0..people).map(|person| {
            self.bookers
                .books(person, &slots[person % slots.len()], None, Manner::Calm)
        });
        let spread = try_join_all(spread).await?;
        ensure!(
            spread.iter().all(Asked::is_booked),
            "there is room to begin with"
        );
        let moving = spread.iter().enumerate().map(|(person, asked)| {
            let slots = &slots;
            async move {
                let token = asked.token().context("whoever booked has a token")?;
                for _ in 0..MOVES_EACH {
                    let slot = &slots[fastrand::usize(..slots.len())];
                    self.bookers.moves(person, &token, slot).await?;
                }
                anyhow::Ok(())
            }
        });
        let joining = (people..people + people / 2).map(|person| {
            let slot = &slots[fastrand::usize(..slots.len())];
            self.bookers.books(person, slot, None, Manner::Impatient)
        });
        let (moved, joined) = join(try_join_all(moving), try_join_all(joining)).await;
        moved?;
        joined?;
        let all_places = places_to_move_in(people) * slots.len();
        for (index, slot) in slots.iter().enumerate() {
            let first = people * 2 + index * 1_000;
            let rest = (first..first + places_to_move_in(people))
                .map(|person| self.bookers.books(person, slot, None, Manner::Calm));
            try_join_all(rest).await?;
        }
        Ok(Expected {
            bookings: all_places,
            of_wanted: None,
            now: CLOCK,
        })
    }

    async fn verdict(
        self,
        kind: BookingKind,
        on: On,
        size: &BookingSize,
        expected: Expected,
        seconds: f64,
    ) -> anyhow::Result<BookingReport> {
        let asked = self.bookers.take_heard();
        let (records, commits) = all_records(&self.store).await?;
        let mut verdict = Verdict::default();
        let seen = witness::check(&asked, &records, &mut verdict);
        if seen.bookings != expected.bookings {
            let what = format!("{} instead of {}", seen.bookings, expected.bookings);
            verdict.add("places sold", what);
        }
        let of_wanted = seen.of_slot(WANTED);
        if expected.of_wanted.is_some_and(|wanted| wanted != of_wanted) {
            verdict.add("places sold", format!("{of_wanted} in {WANTED}"));
        }
        self.slots_agree(&records, expected.now, &mut verdict)
            .await?;
        let (is_whole, said) = verify(&size.paihao, &self.store)?;
        if !is_whole {
            verdict.add("verify finds a defect", said);
        }
        let complaints = std::fs::read_to_string(self.folder.path().join("complaints"))?;
        let people: BTreeSet<usize> = asked.iter().map(|asked| asked.person).collect();
        Ok(BookingReport {
            storm: kind.name(),
            store: on.name(),
            processes: self.servers.len(),
            people: people.len(),
            wishes: asked.len(),
            requests: self.bookers.requests(),
            without_answer: asked.iter().map(|asked| asked.unknown).sum(),
            booked: asked.iter().filter(|asked| asked.is_booked()).count(),
            held: asked.iter().filter(|asked| asked.hold().is_some()).count(),
            expired: seen.expired,
            moved: asked.iter().filter(|asked| asked.is_moved()).count(),
            full: asked.iter().filter(|asked| asked.found_it_full()).count(),
            records: records.len(),
            commits,
            seconds,
            complaints: complaints.lines().count(),
            violations: verdict.violations,
        })
    }

    /// Every process shows the slots as the log has them. Nobody may be acting.
    async fn slots_agree(
        &self,
        records: &[Record<Event>],
        now: &str,
        verdict: &mut Verdict,
    ) -> anyhow::Result<()> {
        let mut hall = Hall::empty();
        for record in records {
            hall::apply(&mut hall, record);
        }
        let date = |text: &str| text.parse();
        let service: ServiceId = SERVICE.parse()?;
        let now = Time::parse_from_rfc3339(now)?;
        let right = view::slots(&hall, &service, date(WEEKEND.0)?, date(WEEKEND.1)?, now);
        let right = json!(right);
        for process in 0..self.servers.len() {
            let begun = Instant::now();
            loop {
                let shown = self.bookers.slots(process).await?;
                if shown == right {
                    break;
                }
                if begun.elapsed() > SHOWN_WITHIN {
                    verdict.add(
                        "view is wrong",
                        format!("process {process}: {shown} instead of {right}"),
                    );
                    break;
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
        Ok(())
    }
}

/// Five places for four people, over the twelve half hours of a weekend.
fn places_to_move_in(people: usize) -> usize {
    (people * 5 / 4).div_ceil(12)
}
