//! What a token comes to: somebody or something that acts, as what, and where.

use crate::access::account::{Account, StaffRole};
use crate::access::device::{Device, DeviceKind};
use crate::written::named;
use hall::Actor;
use hall::id::{ActorId, HallId};
use serde::Serialize;

/// Who holds a valid token, at the moment of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub id: ActorId,
    pub role: Role,
    /// The one hall it may act in; none means every hall of this store.
    pub hall: Option<HallId>,
    /// May staff more than one window at a time.
    pub several_windows: bool,
}

named! {
    /// People and devices alike, as addresses, forms and JSON name them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    pub enum Role {
        Officer = "officer",
        Usher = "usher",
        Manager = "manager",
        Kiosk = "kiosk",
        Display = "display",
    }
}

impl Identity {
    /// Whether it may act in this hall at all.
    pub fn may_act_in(&self, hall: &HallId) -> bool {
        self.hall.as_ref().is_none_or(|own| own == hall)
    }

    /// As the hall's log names it; a display only looks, so it is no actor.
    pub fn actor(&self) -> Option<Actor> {
        let id = self.id.clone();
        match self.role {
            Role::Officer => Some(Actor::Officer(id)),
            Role::Usher => Some(Actor::Usher(id)),
            Role::Manager => Some(Actor::Manager(id)),
            Role::Kiosk => Some(Actor::Kiosk(id)),
            Role::Display => None,
        }
    }

    /// Of an account that may act; nobody if it is disabled.
    pub(super) fn of_account(account: &Account) -> Option<Identity> {
        (!account.disabled).then(|| Identity {
            id: account.id.clone(),
            role: account.role.into(),
            hall: account.hall.clone(),
            several_windows: account.may_hold_several_windows,
        })
    }

    /// Of a device that may act; nobody if it was revoked.
    pub(super) fn of_device(device: &Device) -> Option<Identity> {
        (!device.revoked).then(|| Identity {
            id: device.id.clone(),
            role: device.kind.into(),
            hall: device.hall.clone(),
            several_windows: false,
        })
    }
}

impl From<StaffRole> for Role {
    fn from(role: StaffRole) -> Role {
        match role {
            StaffRole::Officer => Role::Officer,
            StaffRole::Usher => Role::Usher,
            StaffRole::Manager => Role::Manager,
        }
    }
}

impl From<DeviceKind> for Role {
    fn from(kind: DeviceKind) -> Role {
        match kind {
            DeviceKind::Kiosk => Role::Kiosk,
            DeviceKind::Display => Role::Display,
        }
    }
}
