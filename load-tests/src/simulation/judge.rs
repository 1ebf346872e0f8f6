//! What the store has, held against what anybody was told, at every answer.
//!
//! The judge reads the store past all faults, folds it once more with the real rules, and keeps what it finds: the place
//! of every command, every number that is on a paper, every block that is lent. What is untrue ends the run at once, with
//! a name. The order is the log's, so there is nothing to search for.

use super::planted::Rules;
use super::sometimes::Sometimes;
use super::store::{SimStore, stream};
use chrono::NaiveDate;
use hall::id::{CommandId, TicketNumber};
use hall::record::command::{Action, Command};
use hall::rules::timers;
use hall::{Answer, Decision, Event, Hall, Record, Rejection, Time, invariants};
use hall_log::{Head, verify_chain};
use paihao::runtime::{AskError, Reply, Request, records};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Moments between asking and answer at which a refusal may have been decided.
const MOMENTS: i32 = 16;

/// To whom the rules lend what may be on papers whose records are lost.
const LOST: &str = "lost-numbers";

/// Something that must not be, by name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Failure {
    pub name: &'static str,
    pub what: String,
}

type Judged = Result<(), Failure>;

fn demand(holds: bool, name: &'static str, what: impl FnOnce() -> String) -> Judged {
    match holds {
        true => Ok(()),
        false => Err(Failure { name, what: what() }),
    }
}

/// Who has a number in his hand.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Paper {
    /// A kiosk, in a block of this id; where it was lent, and after how many losses, tells blocks of one id apart.
    Lent(u64, u64, u32),
    /// Nobody, for all that is known: it was skipped behind a loss, here.
    Skipped(u64),
    /// Whoever sent this command.
    Given(CommandId),
}

/// What one client wants, over all its attempts.
#[derive(Clone, Debug)]
pub struct Wish {
    pub request: Request<Action>,
    /// The newest version that anybody had been told of when it was first sent.
    told_before: u64,
    losses: u32,
    /// Some attempt had no outcome, or two were under way at once: it may take effect whatever else was heard.
    pub unsure: bool,
}

/// One attempt: what was so when it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    version: u64,
    at: Time,
}

/// See the module's comment.
#[derive(Debug)]
pub struct Judge {
    store: SimStore,
    /// The store's fold.
    pub hall: Hall,
    pub head: Head,
    commits: usize,
    /// The fold when the day began: what is asked about an older version of the day begins here.
    morning: Hall,
    records: Vec<Record<Event>>,
    places: HashMap<CommandId, u64>,
    told: HashMap<CommandId, (u64, Answer)>,
    papers: BTreeMap<(NaiveDate, TicketNumber), Paper>,
    /// The blocks that the log knows, by their ids.
    /// Blocks by their ids, each with the date of its papers: that of the day on which it was lent.
    lent: BTreeMap<u64, (NaiveDate, Paper)>,
    /// Commands in whose place a kiosk gave a number while the server was away: asked again, they get that one.
    replaced: HashSet<CommandId>,
    /// Commands that their clients believe not to have happened.
    denied: Vec<CommandId>,
    /// The newest version that anybody was told of.
    told_up_to: u64,
    losses: u32,
    loss_is_due: bool,
    pub answers: u64,
    pub failure: Option<Failure>,
}

impl Judge {
    /// Of a store in which nothing was written yet.
    pub fn new(store: &SimStore) -> Judge {
        Judge {
            store: store.clone(),
            hall: Hall::empty(),
            head: store.lock().head(),
            commits: 0,
            morning: Hall::empty(),
            records: Vec::new(),
            places: HashMap::new(),
            told: HashMap::new(),
            papers: BTreeMap::new(),
            lent: BTreeMap::new(),
            replaced: HashSet::new(),
            denied: Vec::new(),
            told_up_to: 0,
            losses: 0,
            loss_is_due: false,
            answers: 0,
            failure: None,
        }
    }

    /// A client wants something for the first time.
    pub fn wish(&self, request: Request<Action>) -> Wish {
        Wish {
            request,
            told_before: self.told_up_to,
            losses: self.losses,
            unsure: false,
        }
    }

    /// It is sent, at this time of the server's.
    pub fn sent(&self, at: Time) -> Sent {
        let version = self.store.lock().head().version;
        Sent { version, at }
    }

    /// Reads what is new in the store; the first failure is kept.
    pub fn look(&mut self) {
        if self.failure.is_some() {
            return; // the fold has stopped where it was found
        }
        let looked = self.catch_up();
        self.keep(looked);
    }

    /// The first failure is kept: what follows from it is no news.
    pub fn keep(&mut self, judged: Judged) {
        if let (Err(failure), None) = (judged, &self.failure) {
            self.failure = Some(failure);
        }
    }

    /// What a client heard.
    pub fn heard(
        &mut self,
        wish: &mut Wish,
        sent: Sent,
        now: Time,
        outcome: &Result<Reply<Answer>, AskError<Rejection>>,
    ) {
        self.look();
        self.answers += 1;
        let judged = match outcome {
            Ok(reply) => self.acknowledged(wish, sent, now, reply),
            Err(AskError::Rejected(no)) => self.refused(wish, sent, now, no),
            Err(AskError::KeyReused) => demand(false, "a key was called used", || {
                format!("{:?}", wish.request)
            }),
            Err(AskError::Unavailable(_) | AskError::StoreTrouble(_) | AskError::ClockHeld) => {
                self.denied(wish)
            }
            Err(AskError::OutcomeUnknown) => {
                wish.unsure = true;
                Ok(())
            }
        };
        self.keep(judged);
    }

    /// The client asks no more, and was not told that it is done.
    pub fn not_done(&mut self, wish: &Wish) {
        if !wish.unsure && wish.losses == self.losses {
            self.denied.push(wish.request.id.clone());
        }
    }

    /// A server has started: it must know all that anybody was told of before.
    pub fn started(&mut self, told: u64, version: u64) {
        self.look();
        self.keep(demand(
            version >= told,
            "a start forgot what was acknowledged",
            || format!("it begins at version {version}, {told} was told"),
        ));
    }

    /// The version that whoever asks from now on must be shown.
    pub fn told_up_to(&self) -> u64 {
        self.told_up_to
    }

    /// Set-backs of the store so far.
    pub fn losses(&self) -> u32 {
        self.losses
    }

    /// Whoever was told of a version, or asked for the newest, is shown at least that one.
    pub fn is_shown(&mut self, told: u64, shown: u64) {
        self.keep(demand(shown >= told, "shown less than was told", || {
            format!("version {shown}, {told} was told")
        }));
    }

    /// What a watcher of one server sees.
    pub fn grows(&mut self, before: u64, now: u64) {
        self.keep(demand(now >= before, "a version went back", || {
            format!("{before}, then {now}")
        }));
    }

    /// A server has stopped, and nothing happened that it must stop for.
    pub fn stopped(&mut self, reason: &str) {
        self.look(); // what is broken in the store has a better name
        self.keep(demand(false, "a server stopped", || reason.to_owned()));
    }

    /// It took too long.
    pub fn too_late(&mut self, name: &'static str) {
        self.keep(demand(false, name, String::new));
    }

    /// A new day begins.
    pub fn begin_day(&mut self) {
        self.look();
        self.morning = self.hall.clone();
        self.denied.clear();
    }

    /// The day is over: nobody waits, nothing happened that was called not done, and everything told is still there.
    pub fn end_day(&mut self) {
        self.look();
        let judged = self.day_is_whole();
        self.keep(judged);
    }

    /// A running server's state at its version.
    pub fn compare<R: Rules>(&mut self, state: &R) {
        let (version, same) = (state.version(), state.version() == self.hall.version());
        let agrees = !same || state.hash() == Hall::hash(&self.hall);
        self.keep(demand(agrees, "a server's fold is another", || {
            format!("at version {version}")
        }));
    }

    /// The store was set back to so many commits, as its operator says: what is behind them is lost with a word.
    pub fn set_back(&mut self, commits: usize) {
        let found = self.store.lock().head();
        let is_kept = |version: &u64| *version <= found.version;
        self.records.truncate(found.version as usize);
        self.places.retain(|_, version| is_kept(version));
        self.told.retain(|_, (version, _)| is_kept(version));
        self.lent.retain(
            |_, (_, paper)| matches!(paper, Paper::Lent(_, version, _) if is_kept(version)),
        );
        self.papers
            .retain(|_, paper| !matches!(paper, Paper::Skipped(version) if !is_kept(version)));
        self.denied.clear();
        self.hall = Hall::empty();
        for record in &self.records {
            hall::apply(&mut self.hall, record);
        }
        if self.morning.version() > found.version {
            self.morning = self.hall.clone();
        }
        self.told_up_to = self.told_up_to.min(found.version);
        (self.head, self.commits) = (found, commits);
        self.losses += 1;
        self.loss_is_due = true;
    }

    fn catch_up(&mut self) -> Judged {
        let fresh = {
            let world = self.store.lock();
            let commits = world.commits();
            let is_there = commits.len() >= self.commits
                && (self.commits == 0 || commits[self.commits - 1].head() == self.head);
            demand(is_there, "what was durable is gone", || {
                format!("{:?} is not in the store any more", self.head)
            })?;
            commits[self.commits..].to_vec()
        };
        for commit in fresh {
            let defect = |what: String| Failure {
                name: "the log is broken",
                what,
            };
            self.head = verify_chain(&stream(), &self.head, &commit)
                .map_err(|error| defect(error.to_string()))?;
            self.commits += 1;
            let records = records::<Hall>(&commit, &stream());
            let records = records.map_err(|error| defect(error.to_string()))?;
            self.loss_is_said(&records)?;
            for record in records {
                self.take(record)?;
            }
        }
        Ok(())
    }

    /// The first commit behind a loss says what was lost.
    fn loss_is_said(&mut self, records: &[Record<Event>]) -> Judged {
        if !std::mem::take(&mut self.loss_is_due) {
            return Ok(());
        }
        let mut events = records.iter().flat_map(|record| &record.events);
        let is_said = events.any(|event| matches!(event, Event::TailLost(_)));
        demand(is_said, "a lost tail was accepted in silence", || {
            format!("{records:?}")
        })?;
        self.store.met(Sometimes::LossRecorded);
        Ok(())
    }

    fn take(&mut self, record: Record<Event>) -> Judged {
        let key = record.key.clone();
        let twice = self.places.insert(key, record.version);
        demand(twice.is_none(), "a command took effect twice", || {
            format!("{record:?}, before at version {twice:?}")
        })?;
        hall::apply(&mut self.hall, &record);
        for event in &record.events {
            self.see(event, &record)?;
        }
        let holds = invariants::check(&self.hall);
        holds.map_err(|what| Failure {
            name: "an invariant is broken",
            what: format!("{what} after {record:?}"),
        })?;
        self.records.push(record);
        Ok(())
    }

    fn see(&mut self, event: &Event, record: &Record<Event>) -> Judged {
        let what = match event {
            Event::TicketTaken(taken) => {
                let lease = taken.lease.and_then(|id| self.hall.day()?.leases.get(&id));
                let lent = taken.lease.and_then(|id| self.lent.get(&id.0)).cloned();
                self.replaced.extend(taken.instead_of.clone());
                let is_over = lease.is_some_and(|lease| lease.ended);
                self.is_nobody_elses(&taken.number, &record.key, lent)?;
                match is_over {
                    true => Sometimes::ReportedLate,
                    false => return Ok(()),
                }
            }
            Event::NumbersLeased {
                lease,
                kiosk,
                numbers,
            } => {
                let paper = Paper::Lent(lease.0, record.version, self.losses);
                self.lent.insert(lease.0, (self.date(), paper.clone()));
                for ordinal in numbers.first..=numbers.last {
                    let number = TicketNumber::new(numbers.prefix.clone(), ordinal);
                    let of_day = (self.date(), number);
                    let other = self.papers.get(&of_day).filter(|other| **other != paper);
                    let is_skipped = kiosk.as_str() == LOST; // it may be on papers: that is why
                    demand(
                        other.is_none() || is_skipped,
                        "a number was lent twice",
                        || format!("{of_day:?} is {other:?}, lent by {record:?}"),
                    )?;
                    let paper = match is_skipped {
                        true => Paper::Skipped(record.version),
                        false => paper.clone(),
                    };
                    self.papers.entry(of_day).or_insert(paper);
                }
                return Ok(());
            }
            Event::DayClosed { .. } => {
                demand(!self.hall.is_anyone_open(), "somebody still waits", || {
                    format!("{record:?}")
                })?;
                let is_settled = record.key.as_str().starts_with("timer/settle");
                match is_settled {
                    true => Sometimes::DaySettled,
                    false => Sometimes::DayClosed,
                }
            }
            Event::PlanAdopted { .. } if record.version > 1 => Sometimes::PlanChanged,
            _ => return Ok(()),
        };
        self.store.met(what);
        Ok(())
    }

    /// A number in the log is on no other paper.
    fn is_nobody_elses(
        &self,
        number: &TicketNumber,
        key: &CommandId,
        lent: Option<(NaiveDate, Paper)>,
    ) -> Judged {
        let (date, lent) = match lent {
            Some((date, paper)) => (date, Some(paper)),
            None => (self.date(), None),
        };
        let other = self.papers.get(&(date, number.clone()));
        let other = other
            .filter(|paper| **paper != Paper::Given(key.clone()) && Some(*paper) != lent.as_ref());
        demand(other.is_none(), "a number was given twice", || {
            format!("{number} of {key} is {other:?}")
        })
    }

    /// A kiosk may tell of a paper when its day is over.
    fn date_of_paper(&self, action: &Action, at: Time) -> NaiveDate {
        let lent = match action {
            Action::ReportTaken(report) => self.lent.get(&report.lease.0),
            _ => None,
        };
        lent.map_or_else(|| self.hall.plan().date(at), |(date, _)| *date)
    }

    fn date(&self) -> NaiveDate {
        let day = self.hall.day().map(|day| day.date);
        day.unwrap_or_default()
    }

    fn acknowledged(
        &mut self,
        wish: &Wish,
        sent: Sent,
        now: Time,
        reply: &Reply<Answer>,
    ) -> Judged {
        let id = &wish.request.id;
        let is_of_another = self.replaced.contains(id);
        if wish.losses != self.losses || is_of_another {
            return Ok(()); // its answer may be of what is lost
        }
        let Some(place) = self.places.get(id).copied() else {
            let holds = self.was_so(wish, sent, now, |decision| {
                matches!(decision, Ok(Decision::Nothing(_)))
            });
            return demand(holds, "acknowledged and not in the log", || {
                format!("{:?} was told {reply:?}", wish.request)
            });
        };
        let before = self.told.get(id);
        let is_of_record = before.is_none_or(|(_, answer)| *answer == reply.answer);
        let says_nothing = |decision| matches!(decision, Ok(Decision::Nothing(_)));
        let may_be_nothing = reply.version != place && !reply.remembered;
        if may_be_nothing && self.was_so(wish, sent, now, says_nothing) {
            return Ok(()); // one server had nothing to do, before the other found something
        }
        demand(reply.version == place, "told another version", || {
            format!("{id} is at {place}, told {reply:?}")
        })?;
        demand(is_of_record, "told another answer", || {
            format!("{id} was told {before:?}, then {reply:?}")
        })?;
        demand(place > wish.told_before, "order not kept", || {
            format!("{id} is at {place}, {} was told before", wish.told_before)
        })?;
        let answer = reply.answer.clone();
        if let Answer::Taken(taken) = &answer {
            let (number, paper) = (taken.number.clone(), Paper::Given(id.clone()));
            let of_day = (self.date_of_paper(&wish.request.action, reply.at), number);
            let other = self.papers.insert(of_day.clone(), paper.clone());
            let is_own = match &other {
                None => true,
                Some(Paper::Lent(..)) => {
                    matches!(wish.request.action, Action::ReportTaken(_))
                }
                Some(other) => *other == paper,
            };
            demand(is_own, "a number was given twice", || {
                format!("{of_day:?} of {id} is {other:?}")
            })?;
        }
        self.told.insert(id.clone(), (place, answer));
        self.told_up_to = self.told_up_to.max(place);
        Ok(())
    }

    fn refused(&mut self, wish: &Wish, sent: Sent, now: Time, no: &Rejection) -> Judged {
        if wish.losses != self.losses {
            return Ok(());
        }
        if self.head.version > sent.version {
            self.store.met(Sometimes::RefusedAsHeadMoved);
        }
        let kind = std::mem::discriminant(no);
        let is_it = |decision: Result<Decision, Rejection>| {
            decision.is_err_and(|refusal| std::mem::discriminant(&refusal) == kind)
        };
        let holds = self.was_so(wish, sent, now, is_it);
        demand(holds, "a refusal was not true", || {
            let (from, to) = (sent.version, self.head.version);
            format!(
                "{:?} was refused by {no:?}, which holds at no version from {from} to {to}",
                wish.request
            )
        })
    }

    /// Nothing has happened, as far as this client can know.
    fn denied(&self, wish: &Wish) -> Judged {
        let place = self.places.get(&wish.request.id);
        let is_true = wish.unsure || place.is_none();
        demand(is_true, "told that nothing has happened", || {
            format!("{:?} is at version {place:?}", wish.request)
        })
    }

    /// Whether the rules say this of some version and moment between asking and answer.
    fn was_so(
        &self,
        wish: &Wish,
        sent: Sent,
        now: Time,
        says: impl Fn(Result<Decision, Rejection>) -> bool,
    ) -> bool {
        let moments = || {
            (0..=MOMENTS)
                .rev()
                .map(|part| sent.at + (now - sent.at) * part / MOMENTS)
        };
        let says_of = |hall: &Hall, at: Time| {
            let Request {
                id,
                fingerprint,
                actor,
                action,
            } = wish.request.clone();
            let command = Command {
                id,
                fingerprint,
                actor,
                at,
                action,
            };
            says(hall::decide(hall, &command))
        };
        if moments().any(|at| says_of(&self.hall, at)) {
            return true;
        }
        let mut hall = self.morning.clone();
        for record in &self.records[hall.version() as usize..] {
            if hall.version() >= sent.version && moments().any(|at| says_of(&hall, at)) {
                return true;
            }
            hall::apply(&mut hall, record);
        }
        false
    }

    fn day_is_whole(&self) -> Judged {
        demand(
            !self.hall.is_anyone_open(),
            "the day was not settled",
            || {
                let open: Vec<_> = self.hall.open_tickets().map(|t| &t.number).collect();
                let (day, last) = (self.date(), self.hall.last_at());
                let due = last.and_then(|last| timers::due(&self.hall, last));
                format!("{open:?} of {day} at {last:?}, due is {due:?}")
            },
        )?;
        let happened = self.denied.iter().find(|id| self.places.contains_key(id));
        demand(happened.is_none(), "refused and applied", || {
            format!("{happened:?}")
        })?;
        let lost = self.told.iter().find(|(id, (version, _))| {
            let record = &self.records[*version as usize - 1];
            record.key != **id || record.version != *version
        });
        demand(lost.is_none(), "acknowledged and lost", || {
            format!("{lost:?}")
        })
    }
}
