//! Where to go in the hall: the plan's zones as boxes with their windows in order. The windows for a service are
//! marked.
//!
//! It is a sketch from the plan's own rectangles: a zone on the left is drawn on the left, and the entrance is at the
//! bottom.

use hall::Plan;
use hall::id::{ServiceId, WindowNumber};
use hall::plan::WindowPlan;
use hall::plan::zone::Zone;
use hall::text::Text;
use serde::Serialize;

/// Width of the drawing in its own units, so that windows and letters have the same size for every unit of a plan.
const WIDTH: f32 = 600.0;
/// Around everything.
const MARGIN: f32 = 10.0;
/// Below it, for the entrance.
const ENTRANCE: f32 = 40.0;

/// A drawing of the zones of one floor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FloorMap {
    pub width: f32,
    pub height: f32,
    pub floor: Option<Text>,
    pub zones: Vec<ZoneBox>,
}

/// A part of the waiting room.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ZoneBox {
    pub name: Text,
    pub area: Rectangle,
    /// Whether one waits here.
    pub here: bool,
    pub windows: Vec<WindowBox>,
}

/// A window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WindowBox {
    pub number: WindowNumber,
    pub area: Rectangle,
    /// Whether it is one of those for the service.
    pub here: bool,
}

/// A rectangle of the drawing, with its middle for a text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rectangle {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    pub middle: f32,
    pub centre: f32,
}

impl Rectangle {
    fn new(x: f32, y: f32, width: f32, height: f32) -> Rectangle {
        let (middle, centre) = (x + width / 2.0, y + height / 2.0);
        Rectangle {
            x,
            y,
            width,
            height,
            middle,
            centre,
        }
    }
}

/// The windows for a service. The windows that do everything count only if no other window does it.
pub fn windows_for(plan: &Plan, service: &ServiceId) -> Vec<WindowNumber> {
    let offering = plan.windows.iter().filter(|window| window.offers(service));
    let (any, own): (Vec<&WindowPlan>, Vec<_>) = offering.partition(|window| window.everything);
    let windows = if own.is_empty() { any } else { own };
    windows.into_iter().map(|window| window.number).collect()
}

/// The floor on which one waits for a service; none if the plan does not say where its zones are.
pub fn floor_map(plan: &Plan, service: &ServiceId) -> Option<FloorMap> {
    let target = plan.waiting_zone(service)?;
    let is_drawn = |zone: &&Zone| zone.floor == target.floor && zone.area.is_some();
    let drawn: Vec<&Zone> = plan.zones.iter().filter(is_drawn).collect();
    target.area?;
    let areas = || drawn.iter().filter_map(|zone| zone.area);
    let left = areas().map(|area| area.x).min()?;
    let top = areas().map(|area| area.y).min()?;
    let right = areas().map(|area| u32::from(area.x) + u32::from(area.width));
    let right = right.max()?;
    let bottom = areas().map(|area| u32::from(area.y) + u32::from(area.height));
    let bottom = bottom.max()?;
    let scale = WIDTH / (right - u32::from(left)).max(1) as f32;
    let here = windows_for(plan, service);
    let zones = drawn.iter().filter_map(|zone| {
        let area = zone.area?;
        let place = Rectangle::new(
            MARGIN + f32::from(area.x - left) * scale,
            MARGIN + f32::from(area.y - top) * scale,
            f32::from(area.width) * scale,
            f32::from(area.height) * scale,
        );
        let is_here = |window: &&WindowPlan| window.zone.as_ref() == Some(&zone.id);
        let standing = plan.windows.iter().filter(is_here);
        let windows: Vec<WindowNumber> = standing.map(|window| window.number).collect();
        Some(ZoneBox {
            name: zone.name.clone(),
            here: zone.id == target.id,
            windows: in_a_row(&windows, place, &here),
            area: place,
        })
    });
    Some(FloorMap {
        width: WIDTH + 2.0 * MARGIN,
        height: (bottom - u32::from(top)) as f32 * scale + 2.0 * MARGIN + ENTRANCE,
        floor: target.floor.clone(),
        zones: zones.collect(),
    })
}

/// Windows along the top of their zone.
fn in_a_row(windows: &[WindowNumber], zone: Rectangle, here: &[WindowNumber]) -> Vec<WindowBox> {
    let step = zone.width / windows.len().max(1) as f32;
    let side = (step * 0.8).min(zone.height * 0.4);
    let places = (0..).zip(windows).map(|(n, number): (u16, _)| {
        let middle = zone.x + step * (f32::from(n) + 0.5);
        WindowBox {
            number: *number,
            area: Rectangle::new(middle - side / 2.0, zone.y + zone.height * 0.08, side, side),
            here: here.contains(number),
        }
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::sample_plans;

    #[test]
    fn the_windows_for_a_service_are_marked_inside_their_zone() {
        let plans = sample_plans();
        let plan = &plans[0];
        let service = |id: &str| ServiceId::parse(id).unwrap();
        let map = floor_map(plan, &service("licence")).unwrap();
        let marked: Vec<u16> = map
            .zones
            .iter()
            .flat_map(|zone| &zone.windows)
            .filter(|window| window.here)
            .map(|window| window.number.0)
            .collect();
        assert_eq!(marked, [3]);
        assert_eq!(map.zones.iter().filter(|zone| zone.here).count(), 1);
        for zone in &map.zones {
            let inside = |place: &Rectangle| {
                place.x >= zone.area.x
                    && place.x + place.width <= zone.area.x + zone.area.width + 0.1
            };
            assert!(
                zone.windows.iter().all(|window| inside(&window.area)),
                "{zone:?}"
            );
            assert!(
                zone.area.x + zone.area.width <= map.width
                    && zone.area.y + zone.area.height <= map.height
            );
        }
        // nobody but the windows that do everything
        let other: Vec<u16> = windows_for(plan, &service("other"))
            .iter()
            .map(|number| number.0)
            .collect();
        assert_eq!(other, [6, 7]);
    }
}
