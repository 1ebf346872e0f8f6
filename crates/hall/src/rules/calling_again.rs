//! When somebody who was called may be called again, and when he counts as missed.

use crate::state::hall::Hall;
use crate::state::ticket::{Stage, Ticket};
use crate::time::Time;
use chrono::Duration;

/// From when a called ticket may be recalled: two announcements are a pause apart.
pub fn recall_from(hall: &Hall, ticket: &Ticket) -> Option<Time> {
    let Stage::Called { announced_at, .. } = ticket.stage else {
        return None;
    };
    let pause = Duration::seconds(hall.plan().policy.recall_pause_seconds.into());
    Some(announced_at + pause)
}

/// From when a called ticket may be set as missed: at once after enough recalls, else when its citizen has had the time
/// to walk to the window.
pub fn miss_from(hall: &Hall, ticket: &Ticket) -> Option<Time> {
    let Stage::Called {
        called_at,
        announced_at,
        times,
        ..
    } = ticket.stage
    else {
        return None;
    };
    let policy = &hall.plan().policy;
    if times.saturating_sub(1) >= policy.recalls_before_missed {
        return Some(announced_at);
    }
    let slowly = if ticket.walks_slowly() { 2 } else { 1 };
    Some(called_at + Duration::seconds(i64::from(policy.walking_seconds) * slowly))
}
