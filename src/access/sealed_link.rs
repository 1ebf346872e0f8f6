//! Links that show something and allow no action: a ticket for its holder's family, or what somebody left in writing
//! for that person.
//!
//! The server keeps nothing for them. A link contains the name of what it shows, sealed under a key that is derived
//! from the store's secret for this purpose alone. So every instance can open it and nobody else can read it, and a
//! link for one purpose does not work for another. The nonce is derived from the name: the same thing has the same link
//! each time it is asked for.

use crate::access::sealing::{NONCE_BYTES, Sealing, mac};
use crate::written::hidden;
/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Names a ticket's token.
    Family,
    /// Names a word that was left in a hall.
    Word,
}

/// Makes and opens links for one purpose.
pub struct SealedLink {
    sealing: Sealing,
    nonces: [u8; 32],
}

hidden!(SealedLink);

impl SealedLink {
    /// Of a store, from its secret.
    pub fn of(secret: &[u8; 32], purpose: Purpose) -> SealedLink {
        let purpose: &[u8] = match purpose {
            Purpose::Family => b"family link",
            Purpose::Word => b"word link",
        };
        SealedLink {
            sealing: Sealing::new(mac(secret, &[b"key|", purpose]), purpose),
            nonces: mac(secret, &[b"nonce|", purpose]),
        }
    }

    /// The end of the link.
    pub fn seal(&self, name: &str) -> String {
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&mac(&self.nonces, &[name.as_bytes()])[..NONCE_BYTES]);
        self.sealing.seal(nonce, name.as_bytes())
    }

    /// What it names; nothing if it was changed, or made for something else or elsewhere.
    pub fn open(&self, link: &str) -> Option<String> {
        String::from_utf8(self.sealing.open(link)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_only_whole_and_only_here() {
        let token = "k7QxW0aZb3Yc9De1Fg5H-_";
        let here = SealedLink::of(&[7; 32], Purpose::Family);
        let link = here.seal(token);
        assert_eq!(here.open(&link).as_deref(), Some(token));
        assert_eq!(here.seal(token), link, "a page keeps its address");
        assert!(!link.contains(token));
        let others = [
            SealedLink::of(&[8; 32], Purpose::Family),
            SealedLink::of(&[7; 32], Purpose::Word),
        ];
        assert!(others.iter().all(|other| other.open(&link).is_none()));
        for at in 0..link.len() {
            let mut other = link.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(here.open(&other), None, "character {at} changed");
        }
        assert_eq!(here.open(&link[..link.len() - 2]), None);
        assert_eq!(here.open(token), None);
    }
}
