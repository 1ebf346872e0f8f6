//! Everything about secrets that is not pure: hashing what people type, and drawing tokens.
//!
//! Argon2id takes 19 MiB and tens of milliseconds on purpose, so it is a way to wear a service out: at most two run at
//! once, a short line waits, and whoever comes then is told that it is busy. Verifying takes as long for an id that
//! nobody has as for one that exists.

use crate::access::account::{SecretHash, StaffRole};
use crate::access::rejection::{Rejection, Weakness};
use crate::access::session::TokenDigest;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Two cores stay free for tickets on the four-core machine of a small hall.
const AT_ONCE: usize = 2;
/// About a second and a half of waiting; a whole shift signing in at the same minute fits.
const WAITING_MOST: usize = 32;
/// The minimum of OWASP's password storage sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A PIN is only good together with the attempt limit and, later, an enrolled workplace.
const PIN_SHORTEST: usize = 6;
/// What a manager's password can do is worth twelve characters.
const PASSWORD_SHORTEST: usize = 12;
/// Longer than any passphrase; beyond it somebody only wants work done.
const SECRET_LONGEST: usize = 128;

/// The hash of a secret that nobody knows, made with the parameters above.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$swV2/IoksnGByCShU09oOg$yRd6Es/XHOHy3IUtN6A3FAYlEJhKP2YD8ypQyYupVoY";

/// Hashes and verifies, a few at a time. One per process, shared by all requests.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// One place for each hash that runs or waits.
    places: Arc<Semaphore>,
    /// One for each that runs.
    running: Arc<Semaphore>,
}

/// Why a secret was not hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// For the person to choose a better one.
    #[error("the secret is too weak")]
    Weak(Rejection),
    /// Too many are waiting already; try again in a few seconds.
    #[error("too many sign-ins at once")]
    Busy,
    /// The hash function refused, or the process is ending.
    #[error("the secret could not be hashed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Default for Secrets {
    /// With nobody waiting yet.
    fn default() -> Secrets {
        Secrets {
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING_MOST)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Secrets {
    /// Hashes a new secret of somebody with this role, if it is good enough.
    pub async fn hash(&self, role: StaffRole, plain: &str) -> Result<SecretHash, SecretError> {
        check_strength(role, plain)
            .map_err(|weakness| SecretError::Weak(Rejection::WeakSecret(weakness)))?;
        let plain = plain.to_owned();
        let phc = self
            .in_turn(move || argon2().hash_password(plain.as_bytes()))
            .await?
            .map_err(failed)?;
        SecretHash::parse(phc.to_string()).map_err(failed)
    }

    /// Whether this is the secret. Ask with none for an id that has no usable secret: the answer is no, as slowly.
    pub async fn verify(
        &self,
        plain: &str,
        secret: Option<&SecretHash>,
    ) -> Result<bool, SecretError> {
        let exists = secret.is_some() && plain.chars().count() <= SECRET_LONGEST;
        let plain: String = plain.chars().take(SECRET_LONGEST).collect();
        let phc = PasswordHash::new(secret.map_or(NOBODY, SecretHash::as_str)).map_err(failed)?;
        let verified = self
            .in_turn(move || argon2().verify_password(plain.as_bytes(), &phc))
            .await?;
        match verified {
            Ok(()) => Ok(exists),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    /// Runs `work` on a thread that may block, after those who came before.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SecretError> {
        let place = self.places.clone().try_acquire_owned();
        let place = place.map_err(|_| SecretError::Busy)?;
        let turn = self.running.clone().acquire_owned().await.map_err(failed)?;
        tokio::task::spawn_blocking(move || work_within([place, turn], work))
            .await
            .map_err(failed)
    }
}

/// The permits go with the work: a client that hangs up frees its place only when its hash has really ended.
fn work_within<T>(permits: [OwnedSemaphorePermit; 2], work: impl FnOnce() -> T) -> T {
    let done = work();
    drop(permits);
    done
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SecretError {
    SecretError::Failed(error.into())
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .expect("the constants are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Length is what counts; no rules of composition, which people only work around.
fn check_strength(role: StaffRole, plain: &str) -> Result<(), Weakness> {
    let at_least = match role {
        StaffRole::Officer | StaffRole::Usher => PIN_SHORTEST,
        StaffRole::Manager => PASSWORD_SHORTEST,
    };
    let (length, at_most) = (plain.chars().count(), SECRET_LONGEST);
    match length {
        _ if length < at_least => Err(Weakness::TooShort { at_least }),
        _ if length > at_most => Err(Weakness::TooLong { at_most }),
        _ if is_a_run(plain) => Err(Weakness::Guessable),
        _ => Ok(()),
    }
}

/// 000000, 123456, 654321: what is tried first.
fn is_a_run(plain: &str) -> bool {
    let codes: Vec<i64> = plain.chars().map(|c| i64::from(u32::from(c))).collect();
    let mut steps = codes.windows(2).map(|pair| pair[1] - pair[0]);
    let first = steps.next().unwrap_or(0);
    first.abs() <= 1 && steps.all(|step| step == first)
}

/// A new token: 256 random bits, in 43 characters that fit into a cookie, a header and a link.
pub fn fresh_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .expect("the operating system has random bytes; without them nothing here is secret");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What the register knows of a token.
pub fn digest(token: &str) -> TokenDigest {
    let hex = HEXLOWER.encode(&Sha256::digest(token));
    TokenDigest::parse(hex).expect("32 bytes are 64 hex digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn hashed(secrets: &Secrets, pin: &str) -> SecretHash {
        secrets.hash(StaffRole::Officer, pin).await.unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_verified_against_its_hash() {
        let secrets = Secrets::default();
        let hash = hashed(&secrets, "204816").await;
        assert!(secrets.verify("204816", Some(&hash)).await.unwrap());
        assert!(!secrets.verify("204817", Some(&hash)).await.unwrap());
        assert_ne!(
            hash,
            hashed(&secrets, "204816").await,
            "each has its own salt"
        );
    }

    #[tokio::test]
    async fn nobody_is_refused_with_the_same_work() {
        let secrets = Secrets::default();
        let hash = hashed(&secrets, "204816").await;
        for phc in [NOBODY, hash.as_str()] {
            assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
            assert_eq!(phc.len(), hash.as_str().len());
        }
        assert!(!secrets.verify("204816", None).await.unwrap());
    }

    #[tokio::test]
    async fn an_overlong_secret_is_not_the_one_it_begins_with() {
        let secrets = Secrets::default();
        let longest = "ab".repeat(SECRET_LONGEST / 2);
        let hash = hashed(&secrets, &longest).await;
        assert!(secrets.verify(&longest, Some(&hash)).await.unwrap());
        assert!(!secrets.verify(&(longest + "c"), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn a_full_line_is_told_that_it_is_busy() {
        let secrets = Secrets::default();
        let all = secrets
            .places
            .try_acquire_many((AT_ONCE + WAITING_MOST) as u32)
            .unwrap();
        let refused = secrets.verify("204816", None).await;
        assert!(matches!(refused, Err(SecretError::Busy)));
        drop(all);
        assert!(secrets.verify("204816", None).await.is_ok());
    }

    #[test]
    fn weak_secrets_are_refused() {
        use StaffRole::{Manager, Officer};
        let short = |at_least| Err(Weakness::TooShort { at_least });
        let (long, at_most) = ("x1".repeat(65), SECRET_LONGEST);
        for (role, plain, expected) in [
            (Officer, "20481", short(6)),
            (Manager, "20481620481", short(12)),
            (Officer, &long, Err(Weakness::TooLong { at_most })),
            (Officer, "000000", Err(Weakness::Guessable)),
            (Officer, "123456", Err(Weakness::Guessable)),
            (Officer, "654321", Err(Weakness::Guessable)),
            (Officer, "135790", Ok(())),
            (Manager, "湘江北去橘子洲头看万山红遍", Ok(())),
        ] {
            assert_eq!(check_strength(role, plain), expected, "{plain}");
        }
    }

    #[test]
    fn tokens_are_long_and_differ_and_their_digest_is_sha_256() {
        let token = fresh_token();
        assert_eq!(token.len(), 43);
        assert_ne!(token, fresh_token());
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest("abc").as_str(), known);
    }
}
