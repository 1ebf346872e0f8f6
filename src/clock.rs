//! The hall's time: the server's clock is the only clock, and it never runs back.
//!
//! Hall time is the later of the wall clock and the last hall time + the monotonic time since. So a wall clock that
//! steps back never un-closes a day, reorders events or delays closing. A step forward of more than two hours is not
//! followed until a manager says that the clock is right ([`HallClock::is_right`]).
//!
//! At the start there is no time since: a server may have been off for a night or for a holiday. A clock that is further
//! ahead of the last record than that is held, and nothing happens in any hall, until a manager says that it is right. A
//! record that is ahead of the clock is not followed: either that clock was wrong or this one is.
//!
//! For demonstrations and tests the wall clock can be a made-up one that starts anywhere, runs at any speed and can be
//! set from outside. Monotonic time is the runtime's, so that a simulation plays days in moments.

use chrono::{DateTime, Duration, FixedOffset, Local, SubsecRound, Utc};
use hall::Time;
use std::sync::Mutex;
use std::time::SystemTime;
use tokio::time::Instant;
use tracing::warn;

/// A step forward beyond this is not followed before a manager confirms it.
const JUMP_LARGEST: Duration = Duration::hours(2);
/// A server is not off for longer without somebody there who can confirm the time: the longest holidays have nine days.
const REST_LONGEST: Duration = Duration::days(10);
/// Clocks that are set by themselves differ by less.
const APART_MOST: Duration = Duration::minutes(1);

/// Where the wall time comes from, and the hall time that was given last.
#[derive(Debug)]
pub struct HallClock {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    wall: Wall,
    last: Time,
    last_at: Instant,
    /// How far the wall clock may step forward without being doubted.
    jump_largest: Duration,
    /// Records that are ahead of the wall clock are followed: it is made up.
    is_made_up: bool,
    /// A wall time that is not believed yet.
    doubted: Option<Doubt>,
    /// The newest record that was there at the start.
    newest: Option<Time>,
    /// The newest that was recorded at all, as far as it is known here.
    recorded: Option<Time>,
}

/// A wall time that a manager has to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It jumped ahead; the hall goes on at its own time.
    Ahead(Time),
    /// It was too far ahead at the start; nothing happens.
    AheadAtStart(Time),
    /// It stepped back; the hall goes on at its own time.
    Behind(Time),
}

impl Doubt {
    /// The wall time in doubt.
    pub fn wall(self) -> Time {
        match self {
            Doubt::Ahead(wall) | Doubt::AheadAtStart(wall) | Doubt::Behind(wall) => wall,
        }
    }
}

#[derive(Debug)]
enum Wall {
    System,
    /// A made-up clock: it showed `at` at `since` and runs `speed` times as fast as the real one.
    Demo {
        at: Time,
        since: Instant,
        speed: f64,
    },
}

impl HallClock {
    /// The machine's clock.
    pub fn system() -> HallClock {
        HallClock::new(Wall::System, system_now(), JUMP_LARGEST)
    }

    /// The machine's clock, followed however far it jumps forward: for states that close no day, such as who is signed in.
    pub fn trusting() -> HallClock {
        HallClock::new(Wall::System, system_now(), Duration::MAX)
    }

    /// A made-up clock. Speed 0 stands still until it is set.
    pub fn demo(at: Time, speed: f64) -> HallClock {
        let since = Instant::now();
        HallClock::new(Wall::Demo { at, since, speed }, at, JUMP_LARGEST)
    }

    fn new(wall: Wall, last: Time, jump_largest: Duration) -> HallClock {
        HallClock {
            inner: Mutex::new(Inner {
                is_made_up: matches!(wall, Wall::Demo { .. }),
                wall,
                last,
                last_at: Instant::now(),
                jump_largest,
                doubted: None,
                newest: None,
                recorded: None,
            }),
        }
    }

    /// The same, judged as if it were the machine's.
    pub fn in_service(self) -> HallClock {
        self.lock().is_made_up = false;
        self
    }

    /// Hall time now, in milliseconds.
    pub fn now(&self) -> Time {
        let mut inner = self.lock();
        let steady = inner.steady();
        let wall = inner.wall_now();
        let doubted = inner.doubt(wall, steady);
        if let Some(doubt) = doubted.filter(|_| inner.doubted.is_none()) {
            warn!(?doubt, hall = %steady, "a manager must say whether the clock is right");
        }
        inner.doubted = doubted;
        let now = match doubted {
            Some(Doubt::Ahead(_) | Doubt::AheadAtStart(_)) => steady,
            Some(Doubt::Behind(_)) | None => wall.max(steady),
        };
        inner.set(now);
        now.trunc_subsecs(3)
    }

    /// A log of this store ends at `at`, and the store may have rested since.
    pub fn starts_behind(&self, at: Time) {
        let mut inner = self.lock();
        inner.newest = inner.newest.max(Some(at));
        let (wall, newest) = (inner.wall_now(), inner.newest.unwrap_or(at));
        let is_ahead = !inner.is_made_up && wall - newest > REST_LONGEST;
        if is_ahead && inner.jump_largest < Duration::MAX {
            if inner.doubted.is_none() {
                warn!(%wall, %newest, "the clock is far ahead of the last record; nothing happens before a manager confirms it");
            }
            inner.doubted = Some(Doubt::AheadAtStart(wall));
            inner.set(newest);
        } else if inner.doubted.take().is_some() {
            inner.set(wall); // another log of this store is young
        }
        inner.follow(at);
    }

    /// How far this server's time is ahead of another clock's that is right, in milliseconds. A wall clock that agrees with
    /// that one is vouched for: hall time that ran ahead of it goes back to it, unless something was recorded there.
    pub fn ahead_of(&self, other: SystemTime) -> i64 {
        let mut inner = self.lock();
        let (wall, steady) = (inner.wall_now(), inner.steady());
        let ahead = |mine: Time| (mine.to_utc() - DateTime::<Utc>::from(other)).num_milliseconds();
        if ahead(wall).abs() <= APART_MOST.num_milliseconds() {
            let recorded = inner.recorded;
            if steady - wall > APART_MOST && recorded.is_none_or(|at| at - wall <= APART_MOST) {
                inner.set(wall);
            }
            return ahead(wall);
        }
        match inner.doubt(wall, steady) {
            Some(Doubt::Ahead(_) | Doubt::AheadAtStart(_)) => ahead(steady),
            Some(Doubt::Behind(_)) | None => ahead(wall.max(steady)),
        }
    }

    /// Something happened at `at`, perhaps on another instance: from now on time is not behind it.
    pub fn not_before(&self, at: Time) {
        self.lock().follow(at);
    }

    /// What is in doubt about the wall time.
    pub fn doubted(&self) -> Option<Doubt> {
        self.lock().doubted
    }

    /// Nothing may be recorded: at the start the clock was too far ahead.
    pub fn is_held(&self) -> bool {
        matches!(self.doubted(), Some(Doubt::AheadAtStart(_)))
    }

    /// Whether something was recorded further ahead of now than clocks differ.
    pub fn is_behind(&self, recorded: Time) -> bool {
        let inner = self.lock();
        let now = inner.wall_now().max(inner.steady());
        !inner.is_made_up && recorded - now > APART_MOST
    }

    /// A manager says that the wall clock is right, whatever the hall's time was.
    pub fn is_right(&self) -> Time {
        let mut inner = self.lock();
        let now = inner.wall_now();
        inner.set(now);
        (inner.doubted, inner.newest) = (None, None);
        now
    }

    /// Whether this is a made-up clock.
    pub fn is_demo(&self) -> bool {
        matches!(self.lock().wall, Wall::Demo { .. })
    }

    /// Sets a made-up clock. Forward, the hall's time follows at once; backward, only the wall clock steps back, as
    /// when somebody meddles with a server's clock. Returns hall time; `None` for a real clock.
    pub fn set_demo(&self, to: Time, new_speed: Option<f64>) -> Option<Time> {
        let mut inner = self.lock();
        let steady = inner.steady();
        inner.set_wall(to, new_speed)?;
        let now = to.max(steady);
        inner.set(now);
        Some(now)
    }

    /// Sets a made-up wall clock and nothing else, as when somebody sets a server's clock: the hall's time makes of it what
    /// it makes of any wall clock. `None` for a real one.
    pub fn set_wall(&self, to: Time) -> Option<()> {
        self.lock().set_wall(to, None)
    }

    /// How many seconds of hall time pass in a real one.
    pub fn speed(&self) -> f64 {
        self.lock().speed()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner
            .lock()
            .expect("nothing panics while it holds the clock")
    }
}

impl Inner {
    fn speed(&self) -> f64 {
        match self.wall {
            Wall::System => 1.0,
            Wall::Demo { speed, .. } => speed,
        }
    }

    fn wall_now(&self) -> Time {
        match self.wall {
            Wall::System => system_now(),
            Wall::Demo { at, since, speed } => at + scaled(since.elapsed(), speed),
        }
    }

    /// The hall time that was given last, and what has passed since.
    fn steady(&self) -> Time {
        self.last + scaled(self.last_at.elapsed(), self.speed())
    }

    fn set(&mut self, now: Time) {
        (self.last, self.last_at) = (now, Instant::now());
    }

    fn doubt(&self, wall: Time, steady: Time) -> Option<Doubt> {
        if let Some(Doubt::AheadAtStart(_)) = self.doubted {
            return Some(Doubt::AheadAtStart(wall));
        }
        if wall - steady > self.jump_largest {
            return Some(Doubt::Ahead(wall));
        }
        (steady - wall > APART_MOST).then_some(Doubt::Behind(wall))
    }

    fn follow(&mut self, at: Time) {
        self.recorded = self.recorded.max(Some(at));
        let is_near = at - self.wall_now() <= APART_MOST;
        if at > self.steady() && (self.is_made_up || is_near) {
            self.set(at);
        }
    }

    fn set_wall(&mut self, to: Time, new_speed: Option<f64>) -> Option<()> {
        let Wall::Demo { at, since, speed } = &mut self.wall else {
            return None;
        };
        (*at, *since) = (to, Instant::now());
        *speed = new_speed.unwrap_or(*speed);
        Some(())
    }
}

fn scaled(elapsed: std::time::Duration, speed: f64) -> Duration {
    Duration::microseconds((elapsed.as_secs_f64() * speed * 1e6) as i64)
}

fn system_now() -> Time {
    let now = Local::now();
    let offset: FixedOffset = *now.offset();
    now.with_timezone(&offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        Time::parse_from_rfc3339(text).unwrap()
    }

    #[test]
    fn a_wall_clock_that_steps_back_does_not_take_the_hall_with_it() {
        let clock = HallClock::demo(at("2026-11-23T15:00:00+08:00"), 0.0);
        assert_eq!(clock.now(), at("2026-11-23T15:00:00+08:00"));
        clock.set_demo(at("2026-11-23T14:00:00+08:00"), None);
        assert_eq!(clock.now(), at("2026-11-23T15:00:00+08:00"));
        let back = at("2026-11-23T14:00:00+08:00");
        assert_eq!(clock.doubted(), Some(Doubt::Behind(back)));
        clock.set_demo(at("2026-11-23T15:30:00+08:00"), None);
        assert_eq!(clock.now(), at("2026-11-23T15:30:00+08:00"));
    }

    #[test]
    fn a_jump_of_hours_waits_for_the_manager() {
        let clock = HallClock::demo(at("2026-11-23T09:00:00+08:00"), 0.0);
        clock.set_wall(at("2026-11-23T16:00:00+08:00"));
        assert_eq!(clock.now(), at("2026-11-23T09:00:00+08:00"));
        let wall = at("2026-11-23T16:00:00+08:00");
        assert_eq!(clock.doubted(), Some(Doubt::Ahead(wall)));
        clock.is_right();
        assert_eq!(clock.now(), at("2026-11-23T16:00:00+08:00"));
        assert_eq!(clock.doubted(), None);
    }

    #[test]
    fn time_is_not_behind_what_has_happened() {
        let clock = HallClock::demo(at("2026-11-23T09:00:00+08:00"), 0.0);
        clock.not_before(at("2026-11-23T09:05:00+08:00"));
        assert_eq!(clock.now(), at("2026-11-23T09:05:00+08:00"));
    }

    fn in_service(now: &str) -> HallClock {
        HallClock::demo(at(now), 0.0).in_service()
    }

    #[test]
    fn a_start_after_a_holiday_is_believed_and_one_a_year_later_waits_for_the_manager() {
        let clock = in_service("2026-10-09T08:00:00+08:00");
        clock.starts_behind(at("2026-09-30T17:30:00+08:00"));
        assert_eq!(clock.now(), at("2026-10-09T08:00:00+08:00"));
        assert!(!clock.is_held());

        let clock = in_service("2027-10-09T08:00:00+08:00");
        clock.starts_behind(at("2026-09-30T17:30:00+08:00"));
        assert_eq!(clock.now(), at("2026-09-30T17:30:00+08:00"));
        assert!(clock.is_held());
        clock.is_right();
        assert_eq!(clock.now(), at("2027-10-09T08:00:00+08:00"));
        assert!(!clock.is_held());
    }

    #[test]
    fn what_would_be_stamped_is_held_against_another_clock() {
        let nine = "2026-11-24T09:00:00+08:00";
        let other = SystemTime::from(at(nine));
        let [ahead, behind] = ["2026-11-24T09:05:00+08:00", "2026-11-24T08:55:00+08:00"];
        for (wall, then, ahead_s) in [
            (nine, nine, 0),
            (ahead, ahead, 300),
            (behind, behind, -300),
            // it steps: the hall goes on at its own time, or follows
            (nine, "2026-11-24T15:00:00+08:00", 0),
            (nine, "2026-11-24T08:00:00+08:00", 0),
            (nine, ahead, 300),
            // it is set right
            (ahead, nine, 0),
            (behind, nine, 0),
        ] {
            let clock = in_service(wall);
            clock.now();
            clock.set_wall(at(then));
            assert_eq!(clock.ahead_of(other), ahead_s * 1000, "{wall} {then}");
        }
    }

    #[test]
    fn a_clock_that_was_ahead_at_the_start_and_stamped_nothing_goes_back() {
        let (right, ahead) = ("2026-11-24T09:00:00+08:00", "2026-11-24T09:05:00+08:00");
        for (recorded, then) in [("2026-11-24T08:59:00+08:00", right), (ahead, ahead)] {
            let clock = in_service(ahead);
            clock.starts_behind(at("2026-11-23T17:00:00+08:00"));
            assert_eq!(clock.now(), at(ahead));
            clock.not_before(at(recorded));
            clock.set_wall(at(right));
            assert_eq!(clock.ahead_of(SystemTime::from(at(right))), 0);
            assert_eq!(clock.now(), at(then));
        }
    }

    #[test]
    fn one_young_log_of_a_store_vouches_for_the_clock() {
        let clock = in_service("2026-10-09T08:00:00+08:00");
        clock.starts_behind(at("2026-03-30T17:30:00+08:00"));
        assert!(clock.is_held());
        clock.starts_behind(at("2026-10-08T17:30:00+08:00"));
        assert!(!clock.is_held());
        assert_eq!(clock.now(), at("2026-10-09T08:00:00+08:00"));
    }

    #[test]
    fn a_record_of_next_year_does_not_drag_the_clock() {
        let clock = in_service("2026-11-24T09:00:00+08:00");
        let next_year = at("2027-11-23T09:00:00+08:00");
        clock.starts_behind(next_year);
        assert_eq!(clock.now(), at("2026-11-24T09:00:00+08:00"));
        assert!(clock.is_behind(next_year));
        clock.not_before(at("2026-11-24T09:00:30+08:00"));
        assert_eq!(clock.now(), at("2026-11-24T09:00:30+08:00"));
    }
}
