//! A network that is a hall's own: whoever asks from there sits in its waiting room.

use crate::id::{MalformedId, written_as_text};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// An address and how many of its bits are the same for all of the network: `198.51.100.0/24`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OwnNetwork {
    address: IpAddr,
    bits: u32,
}

written_as_text!(OwnNetwork, MalformedId);

impl OwnNetwork {
    /// Reads an address, or an address with the length of its prefix.
    pub fn parse(text: &str) -> Result<OwnNetwork, MalformedId> {
        let malformed = || MalformedId {
            what: "network",
            expected: "an address such as 198.51.100.7, or a network such as 198.51.100.0/24",
        };
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| malformed())?;
        let all = bits_of(address).1;
        let bits = bits.map_or(Ok(all), |bits| bits.parse().map_err(|_| malformed()))?;
        (1..=all)
            .contains(&bits)
            .then_some(OwnNetwork { address, bits })
            .ok_or_else(malformed)
    }

    /// Whether somebody with this address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (own, length) = bits_of(self.address);
        let (asked, asked_length) = bits_of(address.to_canonical());
        length == asked_length && (own ^ asked) >> (length - self.bits) == 0
    }
}

/// The bits of an address, and how many there are.
fn bits_of(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u32::from(address).into(), 32),
        IpAddr::V6(address) => (address.into(), 128),
    }
}

impl fmt::Display for OwnNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        match bits_of(self.address).1 == self.bits {
            true => Ok(()),
            false => write!(f, "/{}", self.bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_the_addresses_that_begin_like_it() {
        let holds = |network: &str, address: &str| {
            let network = OwnNetwork::parse(network).unwrap();
            network.contains(address.parse().unwrap())
        };
        assert!(holds("198.51.100.0/24", "198.51.100.9"));
        assert!(holds("198.51.100.0/24", "::ffff:198.51.100.9"));
        assert!(!holds("198.51.100.0/24", "198.51.101.9"));
        assert!(holds("198.51.100.9", "198.51.100.9"));
        assert!(!holds("198.51.100.9", "198.51.100.8"));
        assert!(holds("2001:db8::/32", "2001:db8:7::1"));
        assert!(!holds("2001:db8::/32", "198.51.100.9"));
    }

    #[test]
    fn a_network_is_read_and_written_as_text() {
        for text in ["198.51.100.0/24", "198.51.100.9", "2001:db8::/32"] {
            assert_eq!(OwnNetwork::parse(text).unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "hall",
            "198.51.100.0/33",
            "198.51.100.0/0",
            "198.51.100/24",
            "::/129",
        ] {
            assert!(OwnNetwork::parse(wrong).is_err(), "{wrong}");
        }
    }
}
