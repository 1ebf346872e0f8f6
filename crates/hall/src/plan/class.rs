//! Who is served faster, and for what reason.

use crate::text::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is served faster, claimed at the kiosk and never argued about in public.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    #[default]
    Normal,
    Elderly,
    Disabled,
    Pregnant,
    Military,
    /// Has booked and checked in.
    Appointment,
}

impl Class {
    /// Every class, the normal one first.
    pub const ALL: [Class; 6] = [
        Class::Normal,
        Class::Elderly,
        Class::Disabled,
        Class::Pregnant,
        Class::Military,
        Class::Appointment,
    ];

    /// Whether it gains on the others while waiting.
    pub fn is_prioritised(self) -> bool {
        self.is_courtesy() || self == Class::Appointment
    }

    /// Whether it is given for who somebody is (老幼病残孕军), not for having booked.
    pub fn is_courtesy(self) -> bool {
        match self {
            Class::Normal | Class::Appointment => false,
            Class::Elderly | Class::Disabled | Class::Pregnant | Class::Military => true,
        }
    }

    /// For people.
    pub fn label(self) -> Text {
        match self {
            Class::Normal => Text::new("普通", "Regular"),
            Class::Elderly => Text::new("老年人", "Elderly"),
            Class::Disabled => Text::new("残障人士", "Disabled"),
            Class::Pregnant => Text::new("孕妇", "Pregnant"),
            Class::Military => Text::new("军人", "Military"),
            Class::Appointment => Text::new("预约", "Appointment"),
        }
    }
}
