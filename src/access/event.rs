//! What happened to the register. An event is a promise: its tag and fields stay readable for ever, changes are
//! additions only, and one golden file per event keeps it so.

use crate::access::account::{SecretHash, StaffRole};
use crate::access::device::DeviceKind;
use crate::access::session::TokenDigest;
use hall::Time;
use hall::id::{ActorId, HallId};
use serde::{Deserialize, Serialize};

/// One change of the register.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The newest one counts.
    SetupTokenIssued {
        digest: TokenDigest,
        expires_at: Time,
    },
    /// The first manager exists; there is no second setup.
    SetupCompleted,
    /// This store is a demo for ever: its data is never served for real.
    DemoAdmitted,
    AccountCreated {
        account: ActorId,
        role: StaffRole,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hall: Option<HallId>,
        name: String,
        /// None for a demo identity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<SecretHash>,
        #[serde(default)]
        may_hold_several_windows: bool,
    },
    SecretSet {
        account: ActorId,
        secret: SecretHash,
    },
    AccountDisabled {
        account: ActorId,
    },
    DeviceEnrolled {
        device: ActorId,
        kind: DeviceKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hall: Option<HallId>,
        /// None for a demo device.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<TokenDigest>,
    },
    DeviceRevoked {
        device: ActorId,
    },
    SessionOpened {
        digest: TokenDigest,
        who: ActorId,
        expires_at: Time,
    },
    /// Signed out, expired, or ended by what happened beside it in the same record.
    SessionsClosed {
        digests: Vec<TokenDigest>,
    },
}

/// What a command is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Done,
    AccountCreated { account: ActorId },
    DeviceEnrolled { device: ActorId },
    SessionOpened { who: ActorId, expires_at: Time },
}

impl Answer {
    /// What the events of one record answer.
    pub fn of(events: &[Event]) -> Answer {
        events
            .iter()
            .find_map(Answer::of_event)
            .unwrap_or(Answer::Done)
    }

    /// The answer of the event that a record is about; none if the event only stands beside it.
    fn of_event(event: &Event) -> Option<Answer> {
        match event {
            Event::AccountCreated { account, .. } => {
                let account = account.clone();
                Some(Answer::AccountCreated { account })
            }
            Event::DeviceEnrolled { device, .. } => {
                let device = device.clone();
                Some(Answer::DeviceEnrolled { device })
            }
            Event::SessionOpened {
                who, expires_at, ..
            } => Some(Answer::SessionOpened {
                who: who.clone(),
                expires_at: *expires_at,
            }),
            Event::SetupTokenIssued { .. }
            | Event::DemoAdmitted
            | Event::SecretSet { .. }
            | Event::AccountDisabled { .. }
            | Event::DeviceRevoked { .. } => Some(Answer::Done),
            Event::SetupCompleted | Event::SessionsClosed { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Every tag there is, as the decoder itself lists them, so that a new event cannot be forgotten here.
    fn tags() -> Vec<String> {
        let said = serde_json::from_str::<Event>(r#"{"event":"?"}"#)
            .unwrap_err()
            .to_string();
        let (_, list) = said.split_once("expected one of ").unwrap();
        list.split('`')
            .skip(1)
            .step_by(2)
            .map(String::from)
            .collect()
    }

    fn golden() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events/access")
    }

    #[test]
    fn every_event_has_a_golden_file() {
        let tags = tags();
        assert_eq!(tags.len(), 10);
        for tag in tags {
            let text = std::fs::read_to_string(golden().join(format!("{tag}.json")))
                .unwrap_or_else(|error| panic!("{tag} has no golden file: {error}"));
            let stored: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(stored["event"], tag);
        }
    }

    #[test]
    fn every_golden_file_decodes_and_is_written_again_as_it_was() {
        for file in std::fs::read_dir(golden()).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let event: Event =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            assert_eq!(
                serde_json::to_string_pretty(&event).unwrap() + "\n",
                text,
                "{path:?}"
            );
        }
    }
}
