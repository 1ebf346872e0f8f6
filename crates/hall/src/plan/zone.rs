//! A part of the waiting room: where one waits, which board and loudspeaker one hears, and where it is on the floor.

use crate::id::{ServiceId, WindowNumber, ZoneId};
use crate::plan::Plan;
use crate::text::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Some windows and the seats before them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    pub id: ZoneId,
    /// As on the sign: B 区.
    pub name: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Text>,
    /// Where it is on the floor's map; not drawn if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<Area>,
}

/// A rectangle on a floor's map, in any unit: maps are drawn to fit. The entrance is at the bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// From the left.
    pub x: u16,
    /// From the top.
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

/// A zone as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ZoneView {
    pub id: ZoneId,
    pub name: Text,
    pub floor: Option<Text>,
}

impl From<&Zone> for ZoneView {
    fn from(zone: &Zone) -> ZoneView {
        ZoneView {
            id: zone.id.clone(),
            name: zone.name.clone(),
            floor: zone.floor.clone(),
        }
    }
}

impl Plan {
    /// The zone with this id.
    pub fn zone(&self, id: &ZoneId) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == *id)
    }

    /// The zone a window stands in.
    pub fn zone_of(&self, window: WindowNumber) -> Option<&Zone> {
        self.zone(self.window(window)?.zone.as_ref()?)
    }

    /// Where to wait for a service: before the windows that are for it, or else before those that do everything.
    pub fn waiting_zone(&self, service: &ServiceId) -> Option<&Zone> {
        let own = self.windows.iter().filter(|window| !window.everything);
        let any = self.windows.iter().filter(|window| window.everything);
        let mut offering = own.chain(any).filter(|window| window.offers(service));
        self.zone(offering.find_map(|window| window.zone.as_ref())?)
    }
}
