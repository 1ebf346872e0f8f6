//! The numbers behind the rules: each can be changed by a plan, and each has a default.

use super::own_network::OwnNetwork;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The numbers behind the rules; each default is the model hall's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Numbers are issued this long before the doors open.
    pub early_open_minutes: u32,
    /// Near closing begins this long before a session closes.
    pub near_closing_minutes: u32,
    /// A missed ticket keeps the day open this long after the last miss: a citizen may be in the washroom.
    pub missed_grace_minutes: u32,
    /// A parked ticket counts as missed this long after the last session closes.
    pub parked_grace_minutes: u32,
    /// From the call to the window on foot; doubled for a prioritised class or a stated need.
    pub walking_seconds: u32,
    /// Recalls after which a ticket may be set as missed before the walking time is over.
    pub recalls_before_missed: u8,
    /// Two announcements of one ticket are at least this far apart.
    pub recall_pause_seconds: u32,
    /// How often a missed ticket may come back before the usher decides.
    pub returns: u8,
    /// A returned ticket is callable after this many further calls of its service.
    pub return_after_calls: u32,
    /// A deferred ticket is callable after this many further calls of its service.
    pub defer_after_calls: u32,
    /// A window takes other than its primary services when one of those has waited this long.
    pub primary_patience_minutes: u32,
    /// How fast a prioritised class gains on a normal one.
    pub priority_rate: u32,
    /// At most this many prioritised tickets of a service in a row while a normal one of it waits.
    pub prioritised_in_a_row: u32,
    /// A ticket that was to go on at its window goes first anywhere once that window has been on a break this long.
    pub resume_elsewhere_minutes: u32,
    /// An officer can take the last command back within this time.
    pub undo_seconds: u32,
    /// How long a voucher for missing documents lasts, in working days of the hall.
    pub voucher_working_days: u32,
    /// A served ticket can be rated this long.
    pub rating_hours: u32,
    /// After closing every window stays until nobody waits whom it can serve; otherwise the surplus may go.
    pub all_stay: bool,
    /// Whether a number can be taken by phone: by anybody, without being enrolled or signed in.
    pub phone_tickets: bool,
    /// The networks of the waiting room's own Wi-Fi, as the server sees them: whoever asks for a number from there stands
    /// in the hall. Elsewhere an address takes fewer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub own_networks: Vec<OwnNetwork>,
    /// What near closing means for whoever could do it online.
    pub redirect: RedirectPolicy,
    /// Near closing begins early when a ticket taken now would be called this long after closing.
    pub overrun_begins_minutes: u32,
    /// And that is over when it would be called less than this after closing.
    pub overrun_ends_minutes: u32,
    /// How fast a punctual appointment gains once its slot has begun.
    pub appointment_rate: u32,
    /// This long after its slot began, a punctual appointment goes first.
    pub latest_call_minutes: u32,
    /// Check-in opens this long before the slot.
    pub check_in_early_minutes: u32,
    /// Whoever checks in later than this after the slot's start is served after the punctual ones.
    pub check_in_late_minutes: u32,
    /// A place is held this long while the form is filled.
    pub hold_minutes: u32,
    /// Whoever is offered a place from the waiting list has this long to say yes; the night does not count.
    pub offer_minutes: u32,
    /// How many numbers of each series a kiosk is lent for while the server is away.
    pub lease_numbers: u32,
    /// Open bookings of one person, all services together; one per service.
    pub bookings_per_person: u32,
    /// Open bookings of one telephone number, whoever they are for; as many as people book if not said, because families
    /// share a telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bookings_per_phone: Option<u32>,
    /// Most places in one booking.
    pub places_per_booking: u16,
    /// Whoever keeps not coming cannot book for a while; nothing if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_show_limit: Option<NoShowLimit>,
}

/// What a citizen near closing is answered, for a service with an online route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RedirectPolicy {
    /// The app is offered; whoever insists gets a number.
    #[default]
    Offer,
    /// No number but for those who have priority or no smartphone.
    Require,
}

/// So many no-shows within so many days: no booking for some days after the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoShowLimit {
    pub count: u32,
    pub within_days: u32,
    pub blocked_days: u32,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            early_open_minutes: 10,
            near_closing_minutes: 30,
            missed_grace_minutes: 10,
            parked_grace_minutes: 30,
            walking_seconds: 40,
            recalls_before_missed: 2,
            recall_pause_seconds: 8,
            returns: 2,
            return_after_calls: 3,
            defer_after_calls: 2,
            primary_patience_minutes: 20,
            priority_rate: 3,
            prioritised_in_a_row: 2,
            resume_elsewhere_minutes: 3,
            undo_seconds: 10,
            voucher_working_days: 3,
            rating_hours: 24,
            all_stay: true,
            phone_tickets: false,
            own_networks: Vec::new(),
            redirect: RedirectPolicy::Offer,
            overrun_begins_minutes: 30,
            overrun_ends_minutes: 20,
            appointment_rate: 4,
            latest_call_minutes: 10,
            check_in_early_minutes: 20,
            check_in_late_minutes: 15,
            hold_minutes: 10,
            offer_minutes: 30,
            lease_numbers: 50,
            bookings_per_person: 2,
            bookings_per_phone: None,
            places_per_booking: 3,
            no_show_limit: None,
        }
    }
}
