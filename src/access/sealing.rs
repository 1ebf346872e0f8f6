//! How names become texts that nobody reads without the store's secret, and that cannot be changed unnoticed:
//! XChaCha20-Poly1305 (RFC 8439 with the 192-bit nonce of draft-irtf-cfrg-xchacha), under keys that HMAC-SHA-256 derives.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The bytes before what is sealed.
pub(super) const NONCE_BYTES: usize = 24;

/// Seals and opens under one key and for one use: what was sealed for another use does not open.
pub(super) struct Sealing {
    cipher: XChaCha20Poly1305,
    usage: Vec<u8>,
}

impl Sealing {
    pub fn new(key: [u8; 32], usage: &[u8]) -> Sealing {
        Sealing {
            cipher: XChaCha20Poly1305::new(&key.into()),
            usage: usage.into(),
        }
    }

    /// Base64url of nonce and ciphertext.
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], words: &[u8]) -> String {
        let (msg, aad) = (words, &*self.usage);
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg, aad });
        let sealed = sealed.expect("names are far shorter than the cipher's limit");
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// What was sealed; nothing if the key or the use was another, or something was changed.
    pub fn open(&self, text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, msg) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        let aad = &*self.usage;
        let opened = self
            .cipher
            .decrypt(&XNonce::from(nonce), Payload { msg, aad });
        opened.ok()
    }
}

/// HMAC-SHA-256 of these bytes, one after the other.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key)
        .expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
