//! Places at the weekend, which most tests of bookings are about.

use crate::support::TestHall;
use serde_json::{Value, json};

pub const SATURDAY: &str = "2026-11-28";
pub const NINE: &str = "weekend-20261128T0900";
pub const HALF_PAST_NINE: &str = "weekend-20261128T0930";
pub const TEN: &str = "weekend-20261128T1000";

/// The hall on a Monday, with so many places in each slot of the coming weekend.
pub async fn hall_with_places(places: u16) -> TestHall {
    let hall = TestHall::start_at("10:00:00").await;
    let change = |plan: &mut Value| plan["appointments"][0]["places"] = json!(places);
    hall.manager().await.changes_plan(change).await;
    hall
}
