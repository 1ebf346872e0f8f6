//! Everything about secrets that is not pure: hashing what people type, and drawing tokens.
//!
//! Argon2id takes 19 MiB and tens of milliseconds on purpose, so an attacker could use it to exhaust a service.
//! Therefore at most two run at once, each in memory that is kept for it. A short line waits, and anybody who comes
//! when it is full is told that the server is busy. A part of the line is for people at places from which they signed
//! in before. Verifying takes as long for an id that nobody has as for one that exists.
//!
//! The memory is kept because an allocator does not give it back: of blocks taken anew for every attempt, each thread's
//! arena kept its own, and a night of wrong sign-ins took a gigabyte.

use crate::access::account::{SecretHash, StaffRole};
use crate::access::rejection::{Rejection, Weakness};
use crate::access::session::TokenDigest;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use hall::text::typed;
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Two cores stay free for tickets on the four-core machine of a small hall.
const AT_ONCE: usize = 2;
/// About a second and a half of waiting; a whole shift signing in at the same minute fits.
pub const WAITING_MOST: usize = 32;
/// Of these, for whoever is known at this place: strangers can fill the others.
const WAITING_KNOWN: usize = 12;
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
    /// One place for each hash of a stranger that runs or waits.
    places: Arc<Semaphore>,
    /// One for each of somebody known.
    known_places: Arc<Semaphore>,
    /// One for each that runs.
    running: Arc<Semaphore>,
    memory: Arc<Memory>,
}

/// Which part of the line somebody waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A place from which this account signed in before, or somebody who is signed in.
    Known,
    Strangers,
}

/// What hashes are computed in: as many buffers as may run at once, used again and again.
struct Memory(Mutex<Vec<Vec<Block>>>);

impl Memory {
    /// Runs `work` in one of the buffers; one that was lost in a panic is made anew.
    fn lent<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let mut blocks = self.0.lock().pop().unwrap_or_default();
        let done = work(&mut blocks);
        self.0.lock().push(blocks);
        done
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory(…)") // what was hashed last can be seen in it
    }
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
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING_MOST - WAITING_KNOWN)),
            known_places: Arc::new(Semaphore::new(WAITING_KNOWN)),
            running: Arc::new(Semaphore::new(AT_ONCE)),
            // taken now and not with the first attempts, so that what a server needs is seen from its start
            memory: Arc::new(Memory(Mutex::new(vec![
                vec![
                    Block::new();
                    MEMORY_KIB as usize
                ];
                AT_ONCE
            ]))),
        }
    }
}

impl Secrets {
    /// Hashes a new secret of somebody with this role, if it is good enough.
    pub async fn hash(&self, role: StaffRole, typed: &str) -> Result<SecretHash, SecretError> {
        let plain = as_meant(typed);
        check_strength(role, &plain)
            .map_err(|weakness| SecretError::Weak(Rejection::WeakSecret(weakness)))?;
        let phc = self
            .in_turn(Line::Known, move |blocks| phc_of(plain.as_bytes(), blocks))
            .await??;
        SecretHash::parse(phc.to_string()).map_err(failed)
    }

    /// Whether this is the secret. Ask with none for an id that has no usable secret: the answer is no, as slowly.
    pub async fn verify(
        &self,
        typed: &str,
        secret: Option<&SecretHash>,
        line: Line,
    ) -> Result<bool, SecretError> {
        let meant = as_meant(typed);
        let is_right = self.is_secret(&meant, secret, line).await?;
        // a secret that was set before its forms were folded is the one that was typed, sign by sign
        Ok(is_right || meant != typed && self.is_secret(typed, secret, line).await?)
    }

    async fn is_secret(
        &self,
        plain: &str,
        secret: Option<&SecretHash>,
        line: Line,
    ) -> Result<bool, SecretError> {
        let exists = secret.is_some() && plain.chars().count() <= SECRET_LONGEST;
        let plain: String = plain.chars().take(SECRET_LONGEST).collect();
        let phc = PasswordHash::new(secret.map_or(NOBODY, SecretHash::as_str)).map_err(failed)?;
        let is_right = self
            .in_turn(line, move |blocks| is_of(plain.as_bytes(), &phc, blocks))
            .await??;
        Ok(is_right && exists)
    }

    /// Runs `work` on a thread that may block, after those who came before.
    async fn in_turn<T: Send + 'static>(
        &self,
        line: Line,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, SecretError> {
        // somebody known finds a place among strangers too
        let of_strangers = || self.places.clone().try_acquire_owned();
        let place = match line {
            Line::Strangers => of_strangers(),
            Line::Known => {
                let reserved = self.known_places.clone().try_acquire_owned();
                reserved.or_else(|_| of_strangers())
            }
        };
        let place = place.map_err(|_| SecretError::Busy)?;
        let turn = self.running.clone().acquire_owned().await.map_err(failed)?;
        let memory = self.memory.clone();
        tokio::task::spawn_blocking(move || work_within([place, turn], || memory.lent(work)))
            .await
            .map_err(failed)
    }
}

/// A secret as it is meant: the digits of a PIN whatever keyboard wrote them, a password without what cannot be seen.
fn as_meant(typed: &str) -> String {
    let pin = typed::key(typed);
    let is_pin = !pin.is_empty() && pin.bytes().all(|b| b.is_ascii_digit());
    if is_pin { pin } else { typed::plain(typed) }
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

fn params() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within argon2's limits")
}

/// A new hash of this secret, as it is stored.
fn phc_of(plain: &[u8], blocks: &mut Vec<Block>) -> Result<PasswordHash, SecretError> {
    let mut salt = [0; argon2::RECOMMENDED_SALT_LEN];
    getrandom::fill(&mut salt).map_err(|error| failed(error.to_string()))?;
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let argon2 = Argon2::new(algorithm, version, params());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    hash_into(&argon2, plain, &salt, &mut output, blocks)?;
    Ok(PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(argon2.params()).map_err(failed)?,
        salt: Some(Salt::new(&salt).map_err(failed)?),
        hash: Some(Output::new(&output).map_err(failed)?),
    })
}

/// Whether this is the secret behind a stored hash, with the parameters that the hash names.
fn is_of(plain: &[u8], phc: &PasswordHash, blocks: &mut Vec<Block>) -> Result<bool, SecretError> {
    let (Some(salt), Some(expected)) = (&phc.salt, &phc.hash) else {
        return Ok(false);
    };
    let algorithm = Algorithm::try_from(phc.algorithm.as_str()).map_err(failed)?;
    let version = phc.version.map_or(Ok(Version::V0x13), Version::try_from);
    let params = Params::try_from(phc).map_err(failed)?;
    let argon2 = Argon2::new(algorithm, version.map_err(failed)?, params);
    let mut output = vec![0; expected.len()];
    hash_into(&argon2, plain, salt, &mut output, blocks)?;
    Ok(bool::from(output.ct_eq(expected.as_bytes())))
}

fn hash_into(
    argon2: &Argon2<'_>,
    plain: &[u8],
    salt: &[u8],
    output: &mut [u8],
    blocks: &mut Vec<Block>,
) -> Result<(), SecretError> {
    let needed = argon2.params().block_count();
    if blocks.len() < needed {
        blocks.resize(needed, Block::new());
    }
    let hashed = argon2.hash_password_into_with_memory(plain, salt, output, blocks);
    hashed.map_err(|error| failed(error.to_string()))
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

    async fn verified(secrets: &Secrets, pin: &str, hash: Option<&SecretHash>) -> bool {
        secrets.verify(pin, hash, Line::Strangers).await.unwrap()
    }

    async fn hashed(secrets: &Secrets, pin: &str) -> SecretHash {
        secrets.hash(StaffRole::Officer, pin).await.unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_verified_against_its_hash() {
        let secrets = Secrets::default();
        let hash = hashed(&secrets, "204816").await;
        assert!(verified(&secrets, "204816", Some(&hash)).await);
        assert!(!verified(&secrets, "204817", Some(&hash)).await);
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
        assert!(!verified(&secrets, "204816", None).await);
    }

    #[tokio::test]
    async fn an_overlong_secret_is_not_the_one_it_begins_with() {
        let secrets = Secrets::default();
        let longest = "ab".repeat(SECRET_LONGEST / 2);
        let hash = hashed(&secrets, &longest).await;
        assert!(verified(&secrets, &longest, Some(&hash)).await);
        assert!(!verified(&secrets, &(longest + "c"), Some(&hash)).await);
    }

    #[tokio::test]
    async fn a_line_full_of_strangers_still_takes_who_is_known() {
        let secrets = Secrets::default();
        let strangers = (AT_ONCE + WAITING_MOST - WAITING_KNOWN) as u32;
        let all = secrets.places.try_acquire_many(strangers).unwrap();
        let refused = secrets.verify("204816", None, Line::Strangers).await;
        assert!(matches!(refused, Err(SecretError::Busy)));
        assert!(secrets.verify("204816", None, Line::Known).await.is_ok());
        let known = secrets.known_places.try_acquire_many(WAITING_KNOWN as u32);
        let refused = secrets.verify("204816", None, Line::Known).await;
        assert!(matches!(refused, Err(SecretError::Busy)));
        drop((all, known));
        assert!(
            secrets
                .verify("204816", None, Line::Strangers)
                .await
                .is_ok()
        );
    }

    /// Each attempt once took its 19 MiB anew.
    #[tokio::test]
    async fn however_many_attempts_there_are_two_buffers_are_used_again() {
        let secrets = Secrets::default();
        let buffers = || -> Vec<*const Block> {
            let mut buffers: Vec<_> = secrets.memory.0.lock().iter().map(|b| b.as_ptr()).collect();
            buffers.sort();
            buffers
        };
        let before = buffers();
        let attempts = (0..12).map(|_| secrets.verify("204816", None, Line::Strangers));
        for attempt in futures_util::future::join_all(attempts).await {
            assert!(!attempt.unwrap());
        }
        assert_eq!((before.len(), buffers()), (AT_ONCE, before));
    }

    /// Secrets that were stored before the buffers were kept are verified as ever.
    #[test]
    fn the_hash_is_the_one_that_the_library_makes() {
        use argon2::{PasswordHasher, PasswordVerifier};
        let argon2 = || Argon2::new(Algorithm::Argon2id, Version::V0x13, params());
        let mut blocks = Vec::new();
        let theirs = argon2().hash_password(b"204816").unwrap();
        assert!(is_of(b"204816", &theirs, &mut blocks).unwrap());
        assert!(!is_of(b"204817", &theirs, &mut blocks).unwrap());
        let ours = phc_of(b"204816", &mut blocks).unwrap();
        assert!(argon2().verify_password(b"204816", &ours).is_ok());
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
