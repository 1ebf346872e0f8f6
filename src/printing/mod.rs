//! Paper: what is printed, where each word stands, the bytes, and the printers that may be out of paper, silent or gone.
//!
//! | module | |
//! | --- | --- |
//! | [`paper`] | what is printed, as JSON |
//! | [`typesetting`], [`layout`] | where it stands, in dots |
//! | [`escpos`], [`status`] | the bytes to the printer, and its answers |
//! | [`printer`] | one conversation over TCP |
//! | [`outbox`] | what waits for one printer |
//! | [`place`] | which printer stands where |
//! | [`agent`] | the same for a printer at the kiosk's own machine |
//!
//! Taking a number knows nothing of all this: a kiosk asks for paper after it has its number, and shows the number on
//! its screen when no paper comes.

pub mod agent;
pub mod escpos;
pub mod layout;
pub mod outbox;
pub mod paper;
pub mod place;
pub mod printer;
pub mod status;
pub mod typesetting;

use crate::pages::Words;
use hall::id::{ActorId, HallId};
use outbox::{Habits, Outbox};
use place::{Place, Way};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The printers of this process.
#[derive(Debug, Default)]
pub struct Printers {
    places: Vec<Place>,
    /// By address: kiosks that share a printer share what waits for it.
    outboxes: BTreeMap<String, Arc<Outbox>>,
}

/// One printer as staff look for it.
#[derive(Clone, Debug)]
pub struct Station {
    /// Every kiosk of the hall if none.
    pub kiosk: Option<ActorId>,
    pub address: String,
    pub outbox: Arc<Outbox>,
}

impl Printers {
    /// Begins to look after each of them.
    pub fn start(places: Vec<Place>, words: &Arc<Words>, habits: Habits) -> Printers {
        let mut outboxes = BTreeMap::new();
        for place in &places {
            let Way::Network(device) = &place.way else {
                continue;
            };
            outboxes.entry(device.address.clone()).or_insert_with(|| {
                let address = device.address.clone();
                Arc::new(Outbox::start(
                    address,
                    device.width,
                    device.dialect,
                    words.clone(),
                    habits,
                ))
            });
        }
        Printers { places, outboxes }
    }

    /// The printer of a kiosk; of a whole hall without one.
    pub fn of_kiosk(&self, hall: &HallId, kiosk: Option<&ActorId>) -> Option<Station> {
        match self.place_of(hall, kiosk)? {
            Place {
                way: Way::Network(device),
                kiosk,
                ..
            } => self.station(kiosk.clone(), &device.address),
            Place { .. } => None,
        }
    }

    /// Where the page of this kiosk finds the agent of its own machine.
    pub fn agent_of(&self, hall: &HallId, kiosk: Option<&ActorId>) -> Option<String> {
        match &self.place_of(hall, kiosk)?.way {
            Way::Agent(origin) => Some(origin.clone()),
            Way::Network(_) => None,
        }
    }

    /// Every printer that slips of this hall come out of.
    pub fn of_hall(&self, hall: &HallId) -> Vec<Station> {
        let of_hall = |place: &&Place| place.hall.as_ref().is_none_or(|own| own == hall);
        let stations = self.places.iter().filter(of_hall);
        stations
            .filter_map(|place| match &place.way {
                Way::Network(device) => self.station(place.kiosk.clone(), &device.address),
                Way::Agent(_) => None,
            })
            .collect()
    }

    /// The halls that are named.
    pub fn halls(places: &[Place]) -> impl Iterator<Item = &HallId> {
        places.iter().filter_map(|place| place.hall.as_ref())
    }

    /// Stops looking after them.
    pub fn stop(&self) {
        for outbox in self.outboxes.values() {
            outbox.stop();
        }
    }

    fn place_of(&self, hall: &HallId, kiosk: Option<&ActorId>) -> Option<&Place> {
        let closest = self
            .places
            .iter()
            .filter_map(|place| Some((place.fits(hall, kiosk)?, place)));
        closest.max_by_key(|(fit, _)| *fit).map(|(_, place)| place)
    }

    fn station(&self, kiosk: Option<ActorId>, address: &str) -> Option<Station> {
        Some(Station {
            kiosk,
            address: address.into(),
            outbox: self.outboxes.get(address)?.clone(),
        })
    }
}
