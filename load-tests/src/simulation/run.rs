//! One seed: four days of a random hall, its people, and whoever disturbs them.

use super::client;
use super::judge::Failure;
use super::planted::{Bug, Rules};
use super::servers::{SERVERS, SimScene};
use super::sometimes::{Met, Sometimes};
use super::store::{Odds, SimStore};
use chrono::{Duration as HallDuration, NaiveDate, NaiveTime};
use fastrand::Rng;
use hall::id::{CommandId, Fingerprint, WindowNumber};
use hall::record::command::{Action, Actor, Command, Finish};
use hall::{Hall, Plan, Time};
use hall_tests::manager;
use hall_tests::random_plan::{self, Mix};
use hall_tests::random_wish::{KINDS, Wisher, weights};
use paihao::runtime::{Request, snapshot_of};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// Mondays and Tuesdays: on other days the random halls are closed.
const DATES: [(u32, u32); 4] = [(8, 3), (8, 4), (8, 10), (8, 11)];
/// Days of one seed.
pub const DAYS: u64 = DATES.len() as u64;
/// Everybody is back within this long once nothing is disturbed any more.
const BACK_WITHIN: Duration = Duration::from_secs(60);
/// Less than a step of the clock that is doubted.
const NIGHT_STEP: HallDuration = HallDuration::minutes(100);

/// What a seed came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    pub seed: u64,
    pub days: u64,
    pub commands: u64,
    pub answers: u64,
    pub records: u64,
    pub met: Met,
    pub failure: Option<Failure>,
    /// Over the whole history: the same seed plays the same days.
    pub fingerprint: String,
}

/// What is disturbed on this seed, each of a thousand steps.
#[derive(Debug)]
struct Disturbances {
    kill: u32,
    freeze: u32,
    weaken: u32,
    cut: u32,
    set_back: u32,
    clock: u32,
    snapshot: u32,
}

impl Disturbances {
    fn draw(rng: &mut Rng) -> Disturbances {
        let mut some = |often: u32| if rng.bool() { often } else { 0 };
        Disturbances {
            kill: some(25),
            freeze: some(10),
            weaken: some(6),
            cut: some(12),
            set_back: some(4),
            clock: some(12),
            snapshot: some(25),
        }
    }
}

struct Run<R: Rules> {
    scene: Arc<SimScene<R>>,
    rng: Rng,
    plan: Plan,
    weights: [u32; KINDS],
    disturbances: Disturbances,
    sent: Vec<Command>,
    speed: f64,
}

/// Plays a seed to its end, or to the first thing that must not be.
pub fn play<R: Rules>(seed: u64, bug: Option<Bug>) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without IO needs nothing of the system");
    runtime.block_on(async {
        let mut run = Run::<R>::new(seed, bug);
        let days = run.play().await;
        let judge = run.scene.judge();
        let mut met = run.scene.store.lock().met.clone();
        if days == DAYS && judge.hall.appointments().values().any(is_checked_in) {
            met.once(Sometimes::CheckedIn);
        }
        Played {
            seed,
            days,
            commands: run.sent.len() as u64,
            answers: judge.answers,
            records: judge.head.version,
            met,
            failure: judge.failure.clone(),
            fingerprint: judge.head.hash.to_string(),
        }
    })
}

fn is_checked_in(appointment: &hall::state::appointment::Appointment) -> bool {
    appointment.standing.ticket().is_some()
}

impl<R: Rules> Run<R> {
    fn new(seed: u64, bug: Option<Bug>) -> Run<R> {
        let mut rng = Rng::with_seed(seed);
        let mix = Mix::draw(&mut rng);
        let plan = random_plan::draw(&mut rng, mix);
        let store = SimStore::new(&mut rng, bug);
        let speed = [30.0, 60.0, 120.0, 240.0][rng.usize(..4)];
        let begins = at(&plan, 0, 7);
        let scene = SimScene::new(store, &mut rng, begins, speed);
        Run {
            weights: weights(&mut rng, mix),
            disturbances: Disturbances::draw(&mut rng),
            scene,
            rng,
            plan,
            sent: Vec::new(),
            speed,
        }
    }

    /// How many days were played.
    async fn play(&mut self) -> u64 {
        for place in 0..SERVERS {
            tokio::spawn(self.scene.clone().keep_serving(place));
        }
        let plan = Box::new(self.plan.clone());
        let adopt = Action::AdoptPlan {
            plan,
            move_bookings: false,
            expected_revision: None,
        };
        while !self.scene.judge().hall.has_plan() && self.is_sound() {
            self.send(manager(), adopt.clone(), 0).await.ok();
        }
        for day in 0..DATES.len() {
            self.scene.judge().begin_day();
            self.play_day(day).await;
            if !self.is_sound() {
                return day as u64;
            }
        }
        DAYS
    }

    fn is_sound(&self) -> bool {
        let mut judge = self.scene.judge();
        judge.look();
        judge.failure.is_none()
    }

    async fn play_day(&mut self, day: usize) {
        let begins = at(&self.plan, day, 8) + HallDuration::seconds(self.rng.i64(1_800..6_000));
        self.pass_to(begins).await;
        self.officers_arrive().await;
        let longest_pause = [10.0, 60.0, 180.0][self.rng.usize(..3)] / self.speed;
        for _ in 0..self.rng.usize(40..=120) {
            if self.rng.u8(..3) > 0 {
                sleep(Duration::from_secs_f64(longest_pause * self.rng.f64())).await;
            }
            self.disturb().await;
            self.somebody_acts(date(day)).await;
            if !self.is_sound() {
                return;
            }
        }
        let odds = self.heal().await;
        if self.rng.bool() {
            self.everybody_is_served(day).await;
        }
        self.pass_to(at(&self.plan, day + 1, 9)).await;
        self.everybody_agrees().await;
        self.scene.judge().end_day();
        self.scene.store.lock().set_odds(odds);
    }

    async fn officers_arrive(&mut self) {
        for number in 1..=self.plan.windows.len() as u16 {
            let open = Action::OpenWindow {
                window: WindowNumber(number),
                services: None,
                several_windows: false,
            };
            let officer = Actor::Officer(format!("officer-of-{number}").parse().expect("a slug"));
            if self.rng.u8(..5) > 0 {
                let place = self.rng.usize(..SERVERS);
                self.send(officer, open, place).await.ok();
            }
        }
    }

    /// One wish, drawn from what one of the servers shows; half of the time nobody waits for its end.
    async fn somebody_acts(&mut self, date: NaiveDate) {
        let place = self.rng.usize(..SERVERS);
        let server = self.scene.server(place);
        let Some(server) = server.filter(|server| server.owner.read(|r| r.hall().has_plan()))
        else {
            return;
        };
        if self.rng.u8(..10) == 0 {
            tokio::spawn(client::look(self.scene.clone(), place));
        }
        let step = self.sent.len();
        let at = server.clock.now();
        let (actor, action) = server.owner.read(|state| {
            let mut wisher = Wisher {
                rng: &mut self.rng,
                hall: state.hall(),
                plan: &self.plan,
                date,
                at,
                weights: &self.weights,
                sent: &self.sent,
            };
            wisher.wish(step)
        });
        let asked = self.send(actor, action, place);
        if self.rng.bool() {
            asked.await.ok();
        }
    }

    async fn everybody_is_served(&mut self, day: usize) {
        let services = at(&self.plan, day, 10) + HallDuration::minutes(40);
        self.pass_to(services).await;
        for _ in 0..60 {
            let place = self.rng.usize(..SERVERS);
            let (open, windows) = {
                let judge = self.scene.judge();
                let staffed = judge.hall.staffed();
                let windows = staffed.map(|(window, staffing)| {
                    let officer = Actor::Officer(staffing.officer.clone());
                    (window.number, officer, window.current().is_some())
                });
                (judge.hall.is_anyone_open(), windows.collect::<Vec<_>>())
            };
            if !open || windows.is_empty() || !self.is_sound() {
                return;
            }
            for (window, officer, is_busy) in windows {
                let action = match is_busy {
                    true => Action::Finish {
                        window,
                        finish: Finish::default(),
                    },
                    false => Action::CallNext { window },
                };
                self.send(officer, action, place).await.ok();
            }
        }
    }

    /// The end of the wish, for whoever waits for it.
    fn send(&mut self, actor: Actor, action: Action, place: usize) -> JoinHandle<()> {
        let id = CommandId::parse(format!("step/{}", self.sent.len())).expect("digits");
        let fingerprint = Fingerprint::parse("f").expect("a letter");
        let command = Command {
            id,
            fingerprint,
            actor,
            at: self.scene.now(),
            action,
        };
        self.sent.push(command.clone());
        let rng = Rng::with_seed(self.rng.u64(..));
        let request: Request<Action> = command.into();
        let asked = client::ask(self.scene.clone(), request, place, rng);
        tokio::spawn(asked)
    }

    async fn disturb(&mut self) {
        let Disturbances {
            kill,
            freeze,
            weaken,
            cut,
            set_back,
            clock,
            snapshot,
        } = self.disturbances;
        let mut is_time = |odds: u32| self.rng.u32(..1_000) < odds;
        let due = [kill, freeze, weaken, cut, set_back, clock, snapshot].map(&mut is_time);
        let [kill, freeze, weaken, cut, set_back, clock, snapshot] = due;
        let mut seconds = |most: u64| Duration::from_millis(self.rng.u64(50..most * 1_000));
        let store = self.scene.store.clone();
        if freeze {
            store.lock().freeze(seconds(12));
        }
        if weaken {
            store.lock().weaken(seconds(5));
        }
        if cut {
            store.lock().cut_power(seconds(3));
        }
        if kill {
            let place = self.rng.usize(..SERVERS);
            let moment = self.rng.u64(..1_000);
            if let Some(server) = self.scene.server(place) {
                tokio::spawn(async move {
                    sleep(Duration::from_millis(moment)).await;
                    server.log.kill();
                });
            }
        }
        if clock {
            self.make_a_clock_wrong();
        }
        if snapshot {
            let mut judge = self.scene.judge();
            judge.look();
            store
                .lock()
                .keep(snapshot_of::<Hall>(&judge.hall, judge.head.clone()));
        }
        if set_back {
            self.set_back().await;
        }
    }

    fn make_a_clock_wrong(&mut self) {
        let place = self.rng.usize(..SERVERS);
        let by = match self.rng.u8(..6) {
            0..=2 => HallDuration::seconds(self.rng.i64(-600..=0)),
            3 | 4 => HallDuration::seconds(self.rng.i64(0..=120)),
            _ => HallDuration::minutes(self.rng.i64(180..=2_000)),
        };
        self.scene.store.met(match by > HallDuration::zero() {
            true => Sometimes::ClockForward,
            false => Sometimes::ClockBack,
        });
        self.scene.make_wrong(place, by);
    }

    /// An older copy of the store is put back under the servers. Each must find out and stop; then they are started with
    /// the loss accepted by name.
    async fn set_back(&mut self) {
        let by = self.rng.usize(1..=5);
        let running = {
            let mut judge = self.scene.judge();
            judge.look();
            if judge.failure.is_some() || judge.head.version < 10 {
                return;
            }
            let left = self.scene.store.lock().set_back(by);
            judge.set_back(left);
            self.scene.lose()
        };
        let found = self.scene.judge().head.version;
        let all_find_out = async {
            for server in running {
                if server.owner.read(R::version) <= found {
                    server.log.kill(); // it was behind, and has nothing to find: its operator starts it again
                }
                let mut died = server.log.died();
                while !*died.borrow_and_update() {
                    tokio::select! {
                        biased;
                        _ = died.changed() => {}
                        _ = server.owner.catch_up() => sleep(Duration::from_millis(100)).await,
                    }
                }
            }
        };
        if timeout(BACK_WITHIN * 2, all_find_out).await.is_err() {
            let mut judge = self.scene.judge();
            judge.too_late("the store was set back and a server went on");
        }
    }

    /// Nothing goes wrong any more, and everybody who asked comes to an end.
    async fn heal(&mut self) -> Odds {
        let odds = {
            let mut world = self.scene.store.lock();
            world.heal();
            world.set_odds(Odds::none())
        };
        for place in 0..SERVERS {
            self.scene.make_wrong(place, HallDuration::zero());
        }
        // behind a failure an owner looks at the clock again after a second; by then a night would be a jump
        sleep(Duration::from_millis(1_500)).await;
        let begun = Instant::now();
        loop {
            sleep(Duration::from_millis(100)).await;
            if self.scene.clients(0) == 0 || begun.elapsed() > BACK_WITHIN * 4 {
                break;
            }
        }
        if self.scene.clients(0) > 0 {
            self.scene.judge().too_late("a client waits for ever");
        }
        odds
    }

    /// Nobody is there on the days between two; a night passes in steps that a clock is believed.
    async fn pass_to(&mut self, until: Time) {
        loop {
            let now = self.scene.now();
            if now >= until || !self.is_sound() {
                return;
            }
            if until - now > HallDuration::days(1) {
                self.scene.leap_to(until - HallDuration::hours(20));
                continue;
            }
            self.scene.pass_to(until.min(now + NIGHT_STEP)).await;
            sleep(Duration::from_millis(self.rng.u64(100..400))).await;
        }
    }

    /// Both servers come to the store's head, and have what it has.
    async fn everybody_agrees(&mut self) {
        let begun = Instant::now();
        for place in 0..SERVERS {
            loop {
                if begun.elapsed() > BACK_WITHIN {
                    return self.scene.judge().too_late("a server does not come back");
                }
                sleep(Duration::from_millis(150)).await;
                let Some(server) = self.scene.server(place) else {
                    continue;
                };
                server.owner.carry_out_due().await; // one that has just started may not have looked yet
                if !server.owner.catch_up().await {
                    continue;
                }
                let mut judge = self.scene.judge();
                judge.look();
                if server.owner.read(R::version) == judge.head.version || judge.failure.is_some() {
                    server.owner.read(|state| judge.compare(state));
                    break;
                }
            }
        }
    }
}

fn date(day: usize) -> NaiveDate {
    let (month, day) = DATES.get(day).copied().unwrap_or((8, 12));
    NaiveDate::from_ymd_opt(2026, month, day).expect("the constants are dates")
}

/// A full hour of a day.
fn at(plan: &Plan, day: usize, hour: u32) -> Time {
    let of_day = NaiveTime::from_hms_opt(hour, 0, 0).expect("the constants are hours");
    plan.at(date(day), of_day)
}
