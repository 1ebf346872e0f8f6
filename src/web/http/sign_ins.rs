//! What signing in needs besides the register: hashed secrets, a limit of attempts, and codes that work once: links on
//! a demo's console that let a newcomer in with one click, and links that enrol a device.
//!
//! The codes are in the memory of this process. So behind several servers a link works only on the one that made it, and
//! after a restart on none; the manager then enrols again. The alternative, a record in the register for each link,
//! would keep for ever what lives for minutes.

use crate::access::{AttemptLimit, Role, Secrets, fresh_token};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

/// A link that nobody used is worth nothing after this.
const SIGN_IN_WITHIN: Duration = Duration::from_secs(60 * 60);
/// The manager enrols in the office; the device may stand in another building.
const ENROL_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);

/// One process's part in signing in.
#[derive(Debug)]
pub struct SignIns {
    pub secrets: Secrets,
    pub attempts: AttemptLimit,
    /// Links that sign in as a role and lead to a page.
    pub once_links: OnceCodes<(Role, String)>,
    /// Links that bring a device its token.
    pub enrolments: OnceCodes<String>,
}

impl Default for SignIns {
    fn default() -> SignIns {
        SignIns {
            secrets: Secrets::default(),
            attempts: AttemptLimit::default(),
            once_links: OnceCodes::within(SIGN_IN_WITHIN),
            enrolments: OnceCodes::within(ENROL_WITHIN),
        }
    }
}

/// The codes not used yet, each with what it stands for.
pub struct OnceCodes<T> {
    within: Duration,
    codes: Mutex<BTreeMap<String, (T, Instant)>>,
}

impl<T> OnceCodes<T> {
    /// None yet; each is worth something for this long.
    pub fn within(within: Duration) -> OnceCodes<T> {
        OnceCodes {
            within,
            codes: Mutex::default(),
        }
    }

    /// A new code for this.
    pub fn issue(&self, what: T) -> String {
        let code = fresh_token();
        let mut codes = self.codes.lock();
        codes.retain(|_, (_, issued)| issued.elapsed() < self.within);
        codes.insert(code.clone(), (what, Instant::now()));
        code
    }

    /// Takes a code; the second time there is nothing.
    pub fn redeem(&self, code: &str) -> Option<T> {
        let (what, issued) = self.codes.lock().remove(code)?;
        (issued.elapsed() < self.within).then_some(what)
    }
}

impl<T> fmt::Debug for OnceCodes<T> {
    /// A code is of use to everybody who reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnceCodes(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_worth_nothing_the_second_time_and_too_late() {
        let codes = OnceCodes::within(Duration::from_secs(60));
        let code = codes.issue("token");
        assert_eq!(codes.redeem(&code), Some("token"));
        assert_eq!(codes.redeem(&code), None);
        let late = OnceCodes::within(Duration::ZERO);
        let code = late.issue("token");
        assert_eq!(late.redeem(&code), None);
    }
}
