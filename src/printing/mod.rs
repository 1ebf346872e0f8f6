//! Paper: what is printed, where each word stands, the bytes for the printer, and printers that may be out of paper,
//! silent or gone.
//!
//! | module | |
//! | --- | --- |
//! | [`paper`] | what is printed, as JSON |
//! | [`typesetting`], [`layout`] | where it stands, in dots |
//! | [`charset`] | what a printer can print, and what stands for what it cannot |
//! | [`escpos`], [`status`] | the bytes to the printer, and its answers |
//! | [`printer`] | one conversation over TCP |
//! | [`queue`] | what waits for one printer |
//! | [`place`] | which printer stands where |
//!
//! Taking a number does not depend on any of this. A kiosk first gets its number and then asks for paper. If no paper
//! comes, it shows the number on its screen.

pub mod charset;
pub mod escpos;
pub mod layout;
pub mod paper;
pub mod place;
pub mod printer;
pub mod queue;
pub mod status;
pub mod typesetting;

use crate::words::Words;
use hall::id::{ActorId, HallId};
use place::{PrinterLink, PrinterPlace};
use queue::{Habits, PrintQueue, SlipState};
use serde::Serialize;
use status::Condition;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// The printers of this process.
#[derive(Debug, Default)]
pub struct Printers {
    places: Vec<PrinterPlace>,
    /// By address: kiosks that share a printer share its queue.
    queues: BTreeMap<String, Arc<PrintQueue>>,
}

/// One printer, as staff know it.
#[derive(Clone, Debug)]
pub struct Station {
    /// Every kiosk of the hall if none.
    pub kiosk: Option<ActorId>,
    pub address: String,
    pub queue: Arc<PrintQueue>,
}

/// One printer, for staff.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PrinterLine {
    /// Every kiosk of the hall if none.
    pub kiosk: Option<ActorId>,
    pub address: String,
    pub printer: Condition,
    /// Slips that wait, and those of the last that did not come out.
    pub waiting: usize,
    pub failed: usize,
}

impl Station {
    /// How it is, in one line.
    pub fn line(&self) -> PrinterLine {
        let slips = self.queue.slips();
        let count = |state| slips.iter().filter(|slip| slip.state == state).count();
        PrinterLine {
            kiosk: self.kiosk.clone(),
            address: self.address.clone(),
            printer: self.queue.condition(),
            waiting: count(SlipState::Queued),
            failed: count(SlipState::Failed),
        }
    }
}

impl Printers {
    /// Starts a queue for each printer on the network.
    pub fn start(places: Vec<PrinterPlace>, words: &Arc<Words>, habits: Habits) -> Printers {
        let mut queues = BTreeMap::new();
        for place in &places {
            let PrinterLink::Network(device) = &place.link else {
                continue;
            };
            let start = || PrintQueue::start(device.clone(), words.clone(), habits).into();
            queues.entry(device.address.clone()).or_insert_with(start);
        }
        Printers { places, queues }
    }

    /// The printer of a kiosk, or the hall's printer if the kiosk has none.
    pub fn of_kiosk(&self, hall: &HallId, kiosk: Option<&ActorId>) -> Option<Station> {
        self.station(self.place_of(hall, kiosk)?)
    }

    /// The URL at which this kiosk's page finds the agent on its own machine.
    pub fn agent_of(&self, hall: &HallId, kiosk: Option<&ActorId>) -> Option<String> {
        match &self.place_of(hall, kiosk)?.link {
            PrinterLink::Agent(origin) => Some(origin.clone()),
            PrinterLink::Network(_) => None,
        }
    }

    /// Every printer that prints slips of this hall.
    pub fn of_hall(&self, hall: &HallId) -> Vec<Station> {
        let of_hall = |place: &&PrinterPlace| place.hall.as_ref().is_none_or(|own| own == hall);
        let places = self.places.iter().filter(of_hall);
        places.filter_map(|place| self.station(place)).collect()
    }

    /// The halls that printers are set for.
    pub fn halls(places: &[PrinterPlace]) -> impl Iterator<Item = &HallId> {
        places.iter().filter_map(|place| place.hall.as_ref())
    }

    /// Stops all queues.
    pub fn stop(&self) {
        for queue in self.queues.values() {
            queue.stop();
        }
    }

    fn place_of(&self, hall: &HallId, kiosk: Option<&ActorId>) -> Option<&PrinterPlace> {
        let closest = self
            .places
            .iter()
            .filter_map(|place| Some((place.fits(hall, kiosk)?, place)));
        closest.max_by_key(|(fit, _)| *fit).map(|(_, place)| place)
    }

    /// What the server itself prints on there.
    fn station(&self, place: &PrinterPlace) -> Option<Station> {
        let PrinterLink::Network(device) = &place.link else {
            return None;
        };
        Some(Station {
            kiosk: place.kiosk.clone(),
            address: device.address.clone(),
            queue: self.queues.get(&device.address)?.clone(),
        })
    }
}
