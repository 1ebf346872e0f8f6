//! The hall's time: the server's clock is the only clock, and it never runs back.
//!
//! Hall time is the later of the wall clock and the last hall time + the monotonic time since. So a wall clock that
//! steps back never un-closes a day, reorders events or delays closing. A step forward of more than two hours is not
//! followed until a manager says that it is right ([`HallClock::confirm_jump`]).
//!
//! For demonstrations and tests the wall clock can be a made-up one that starts anywhere, runs at any speed and can be
//! set from outside.

use chrono::{Duration, FixedOffset, Local, SubsecRound};
use hall::Time;
use std::sync::Mutex;
use std::time::Instant;
use tracing::warn;

/// A step forward beyond this is not followed before a manager confirms it.
const JUMP_LARGEST: Duration = Duration::hours(2);

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
    /// A wall time so far ahead that it is not believed yet.
    doubted: Option<Time>,
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
                wall,
                last,
                last_at: Instant::now(),
                jump_largest,
                doubted: None,
            }),
        }
    }

    /// Hall time now, in milliseconds.
    pub fn now(&self) -> Time {
        let mut inner = self.lock();
        let steady = inner.steady();
        let wall = inner.wall_now();
        let jumped = wall - steady > inner.jump_largest;
        if jumped && inner.doubted.is_none() {
            warn!(%wall, hall = %steady, "the clock jumped ahead; a manager must confirm that it is right");
        }
        inner.doubted = jumped.then_some(wall);
        let now = if jumped { steady } else { wall.max(steady) };
        inner.set(now);
        now.trunc_subsecs(3)
    }

    /// Something happened at `at`, perhaps on another instance: from now on time is not behind it.
    pub fn not_before(&self, at: Time) {
        let mut inner = self.lock();
        if at > inner.steady() {
            inner.set(at);
        }
    }

    /// The wall time that is too far ahead to be believed, if there is one.
    pub fn doubted(&self) -> Option<Time> {
        self.lock().doubted
    }

    /// A manager confirms that the step forward is right.
    pub fn confirm_jump(&self) -> Time {
        let mut inner = self.lock();
        let now = inner.wall_now().max(inner.steady());
        inner.set(now);
        inner.doubted = None;
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
        let Wall::Demo { at, since, speed } = &mut inner.wall else {
            return None;
        };
        (*at, *since) = (to, Instant::now());
        *speed = new_speed.unwrap_or(*speed);
        let now = to.max(steady);
        inner.set(now);
        Some(now)
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
        clock.set_demo(at("2026-11-23T15:30:00+08:00"), None);
        assert_eq!(clock.now(), at("2026-11-23T15:30:00+08:00"));
    }

    #[test]
    fn a_jump_of_hours_waits_for_the_manager() {
        let clock = HallClock::demo(at("2026-11-23T09:00:00+08:00"), 0.0);
        clock.lock().wall = Wall::Demo {
            at: at("2026-11-23T16:00:00+08:00"),
            since: Instant::now(),
            speed: 0.0,
        };
        assert_eq!(clock.now(), at("2026-11-23T09:00:00+08:00"));
        assert_eq!(clock.doubted(), Some(at("2026-11-23T16:00:00+08:00")));
        clock.confirm_jump();
        assert_eq!(clock.now(), at("2026-11-23T16:00:00+08:00"));
        assert_eq!(clock.doubted(), None);
    }

    #[test]
    fn time_is_not_behind_what_has_happened() {
        let clock = HallClock::demo(at("2026-11-23T09:00:00+08:00"), 0.0);
        clock.not_before(at("2026-11-23T09:05:00+08:00"));
        assert_eq!(clock.now(), at("2026-11-23T09:05:00+08:00"));
    }
}
