//! The guides of all halls as a log: which guide is in force, and which questions found no answer.
//!
//! This is a third [`Model`], run by the same kind of owner as a hall and the register. So an adopted guide is durable
//! and the same on every instance, and no edit overwrites another. A guide comes whole in one event, because it is
//! small and seldom changes.

use super::catalogue::{Guide, Wrong};
use super::miss::{Miss, Missed, normalised};
use crate::runtime::model::Model;
use chrono::{Duration, NaiveDate};
use data_encoding::HEXLOWER;
use hall::decide::Decision;
use hall::id::{CommandId, HallId, ServiceId};
use hall::state::hall::Applied;
use hall::{Actor, Command, Hall, Record, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The name of the guides' log among a store's streams; no hall may have it.
pub const STREAM: &str = "guide";
/// Most different questions that are kept for a hall; the rarest and oldest one is removed for a new one.
pub const MISSES_MOST: usize = 300;
/// Most records of missed questions in one day of one hall, so that nobody can fill the log with nonsense.
pub const MISSES_A_DAY: u32 = 2_000;
/// How long a repeated command is known.
const KEYS_KEPT: Duration = Duration::hours(24);

/// Everything that can be asked for.
#[derive(Clone, Debug)]
pub enum GuidesAction {
    AdoptGuide {
        hall: HallId,
        guide: Arc<Guide>,
        /// The services of the hall's plan, to check against.
        services: BTreeSet<ServiceId>,
        /// The revision that was changed; any if not said.
        expected_revision: Option<u64>,
        /// Only if the hall has none.
        first_only: bool,
    },
    NoteMiss {
        hall: HallId,
        question: String,
    },
    /// The manager has seen to it.
    SettleMiss {
        hall: HallId,
        question: String,
    },
}

/// What happened. The stored form is a promise, as for every event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum GuidesEvent {
    GuideAdopted {
        hall: HallId,
        revision: u64,
        guide: Box<Guide>,
    },
    QuestionMissed {
        hall: HallId,
        question: String,
    },
    MissSettled {
        hall: HallId,
        question: String,
    },
}

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuidesAnswer {
    Adopted { revision: u64 },
    Done,
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuidesRejection {
    /// Somebody else changed it since.
    Changed {
        revision: u64,
    },
    Wrong(Vec<Wrong>),
}

/// One hall's guide.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HallGuide {
    pub revision: u64,
    #[serde(with = "shared")]
    pub guide: Arc<Guide>,
    pub adopted_at: Option<Time>,
    pub adopted_by: Option<Actor>,
    pub misses: BTreeMap<String, Miss>,
    /// How many misses were recorded on the last day that had any.
    missed: Option<(NaiveDate, u32)>,
}

/// The state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Guides {
    version: u64,
    last_at: Option<Time>,
    halls: BTreeMap<HallId, HallGuide>,
    applied: BTreeMap<CommandId, Applied>,
}

/// A hall and the services of its plan.
pub fn services_of_plan(hall: &Hall) -> (HallId, BTreeSet<ServiceId>) {
    let services = hall.plan().services.iter();
    let ids = services.map(|service| service.id.clone());
    (hall.id().clone(), ids.collect())
}

impl Guides {
    /// What is kept for a hall.
    pub fn of(&self, hall: &HallId) -> Option<&HallGuide> {
        self.halls.get(hall)
    }

    /// A hall's missed questions, the most asked first.
    pub fn missed(&self, hall: &HallId) -> Vec<Missed> {
        let kept = self.of(hall).into_iter().flat_map(|kept| &kept.misses);
        let mut missed: Vec<Missed> = kept
            .map(|(question, miss)| Missed {
                question: question.clone(),
                miss: miss.clone(),
            })
            .collect();
        missed.sort_by_key(|missed| Reverse((missed.miss.count, missed.miss.last_at)));
        missed
    }

    fn adopt(
        &self,
        hall: &HallId,
        guide: &Guide,
        services: &BTreeSet<ServiceId>,
        expected: Option<u64>,
    ) -> Result<Vec<GuidesEvent>, GuidesRejection> {
        let revision = self.of(hall).map_or(0, |kept| kept.revision);
        if expected.is_some_and(|expected| expected != revision) {
            return Err(GuidesRejection::Changed { revision });
        }
        guide.check(services).map_err(GuidesRejection::Wrong)?;
        let kept = self.of(hall);
        if kept.is_some_and(|kept| revision > 0 && *kept.guide == *guide) {
            return Ok(Vec::new());
        }
        Ok(vec![GuidesEvent::GuideAdopted {
            hall: hall.clone(),
            revision: revision + 1,
            guide: Box::new(guide.clone()),
        }])
    }

    fn miss(&self, hall: &HallId, question: &str, at: Time) -> Vec<GuidesEvent> {
        let Some(question) = normalised(question) else {
            return Vec::new();
        };
        let written = self
            .of(hall)
            .map_or(0, |kept| kept.missed_on(at.date_naive()));
        if written >= MISSES_A_DAY {
            return Vec::new();
        }
        vec![GuidesEvent::QuestionMissed {
            hall: hall.clone(),
            question,
        }]
    }

    fn settle(&self, hall: &HallId, question: &str) -> Vec<GuidesEvent> {
        let known = self
            .of(hall)
            .is_some_and(|kept| kept.misses.contains_key(question));
        let (hall, question) = (hall.clone(), question.to_owned());
        let settled = known.then_some(GuidesEvent::MissSettled { hall, question });
        settled.into_iter().collect()
    }

    fn apply_event(&mut self, record: &Record<GuidesEvent>, event: &GuidesEvent) {
        match event {
            GuidesEvent::GuideAdopted {
                hall,
                revision,
                guide,
            } => {
                let kept = self.halls.entry(hall.clone()).or_default();
                kept.revision = *revision;
                kept.guide = Arc::new(Guide::clone(guide));
                kept.adopted_at = Some(record.at);
                kept.adopted_by = Some(record.actor.clone());
            }
            GuidesEvent::QuestionMissed { hall, question } => {
                let kept = self.halls.entry(hall.clone()).or_default();
                kept.note(question, record.at);
            }
            GuidesEvent::MissSettled { hall, question } => {
                if let Some(kept) = self.halls.get_mut(hall) {
                    kept.misses.remove(question);
                }
            }
        }
    }
}

impl HallGuide {
    fn missed_on(&self, today: NaiveDate) -> u32 {
        let written = self.missed.filter(|(date, _)| *date == today);
        written.map_or(0, |(_, count)| count)
    }

    fn note(&mut self, question: &str, at: Time) {
        let today = at.date_naive();
        self.missed = Some((today, self.missed_on(today) + 1));
        let fresh = Miss {
            count: 0,
            first_at: at,
            last_at: at,
        };
        let miss = self.misses.entry(question.to_owned()).or_insert(fresh);
        miss.count = miss.count.saturating_add(1);
        miss.last_at = at;
        if self.misses.len() > MISSES_MOST {
            let others = self.misses.iter().filter(|(other, _)| *other != question);
            let rarest = others
                .min_by_key(|(_, miss)| (miss.count, miss.last_at))
                .map(|(question, _)| question.clone());
            rarest.and_then(|rarest| self.misses.remove(&rarest));
        }
    }
}

impl Model for Guides {
    const SNAPSHOT_SCHEMA: u32 = 1;

    type Action = GuidesAction;
    type Event = GuidesEvent;
    type Answer = GuidesAnswer;
    type Rejection = GuidesRejection;

    fn version(&self) -> u64 {
        self.version
    }

    fn last_at(&self) -> Option<Time> {
        self.last_at
    }

    fn decide(
        &self,
        command: &Command<GuidesAction>,
    ) -> Result<Decision<GuidesEvent, GuidesAnswer>, GuidesRejection> {
        if let Some(applied) = self.applied.get(&command.id) {
            return Ok(Decision::Remembered {
                version: applied.version,
            });
        }
        let at = self.last_at.map_or(command.at, |last| last.max(command.at));
        let (events, revision) = match &command.action {
            GuidesAction::AdoptGuide {
                hall,
                guide,
                services,
                expected_revision,
                first_only,
            } => {
                let revision = self.of(hall).map_or(0, |kept| kept.revision);
                let events = match *first_only && revision > 0 {
                    true => Vec::new(),
                    false => self.adopt(hall, guide, services, *expected_revision)?,
                };
                (events, revision)
            }
            GuidesAction::NoteMiss { hall, question } => (self.miss(hall, question, at), 0),
            GuidesAction::SettleMiss { hall, question } => (self.settle(hall, question), 0),
        };
        Ok(match (events.is_empty(), revision) {
            (false, _) => Decision::Events(events),
            (true, 0) => Decision::Nothing(GuidesAnswer::Done),
            (true, revision) => Decision::Nothing(GuidesAnswer::Adopted { revision }),
        })
    }

    fn apply(&mut self, record: &Record<GuidesEvent>) {
        assert_eq!(
            record.version,
            self.version + 1,
            "records are applied in order, without a gap"
        );
        for event in &record.events {
            self.apply_event(record, event);
        }
        self.version = record.version;
        self.last_at = Some(record.at);
        self.applied
            .retain(|_, applied| record.at < applied.at + KEYS_KEPT);
        let applied = Applied {
            version: record.version,
            at: record.at,
            ticket: None,
        };
        self.applied.insert(record.key.clone(), applied);
    }

    fn answer(&self, record: &Record<GuidesEvent>) -> GuidesAnswer {
        let adopted = record.events.iter().find_map(|event| match event {
            &GuidesEvent::GuideAdopted { revision, .. } => Some(GuidesAnswer::Adopted { revision }),
            GuidesEvent::QuestionMissed { .. } | GuidesEvent::MissSettled { .. } => None,
        });
        adopted.unwrap_or(GuidesAnswer::Done)
    }

    fn due(&self, _: Time) -> Option<Command<GuidesAction>> {
        None
    }

    fn hash(&self) -> String {
        let bytes = serde_json::to_vec(self).expect("the state has string keys only");
        HEXLOWER.encode(&Sha256::digest(bytes))
    }

    fn check(&self) -> Result<(), String> {
        let mut misses = self
            .halls
            .iter()
            .map(|(hall, kept)| (hall, kept.misses.len()));
        match misses.find(|(_, count)| *count > MISSES_MOST) {
            Some((hall, count)) => Err(format!("{hall} keeps {count} missed questions")),
            None => Ok(()),
        }
    }
}

/// A guide is large and seldom changes: copies of the state share it.
mod shared {
    use super::Guide;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::sync::Arc;

    pub fn serialize<S: Serializer>(guide: &Arc<Guide>, serializer: S) -> Result<S::Ok, S::Error> {
        Guide::serialize(guide, serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Guide>, D::Error> {
        Guide::deserialize(deserializer).map(Arc::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::sample;

    fn at(minute: u32) -> Time {
        Time::parse_from_rfc3339("2026-11-23T09:00:00+08:00").unwrap()
            + Duration::minutes(minute.into())
    }

    /// Decides an action and folds its events, as the owner does.
    fn after(
        guides: &mut Guides,
        id: &str,
        minute: u32,
        action: GuidesAction,
    ) -> Result<Option<GuidesAnswer>, GuidesRejection> {
        let command = Command {
            id: CommandId::parse(id.to_owned()).unwrap(),
            fingerprint: hall::id::Fingerprint::parse("0").unwrap(),
            actor: Actor::Citizen,
            at: at(minute),
            action,
        };
        Ok(match guides.decide(&command)? {
            Decision::Events(events) => {
                let record = Record {
                    version: guides.version + 1,
                    at: command.at,
                    actor: command.actor,
                    key: command.id,
                    fingerprint: command.fingerprint,
                    events,
                };
                guides.apply(&record);
                Some(guides.answer(&record))
            }
            Decision::Nothing(answer) => Some(answer),
            Decision::Remembered { .. } => None,
        })
    }

    fn hall() -> HallId {
        HallId::parse(sample::HALL).unwrap()
    }

    fn adopt(guide: Guide, expected_revision: Option<u64>) -> GuidesAction {
        let services = guide
            .matters
            .iter()
            .map(|matter| matter.service.clone())
            .collect();
        GuidesAction::AdoptGuide {
            hall: hall(),
            guide: Arc::new(guide),
            services,
            expected_revision,
            first_only: false,
        }
    }

    #[test]
    fn a_guide_is_adopted_once_and_nobodys_change_is_lost_under_anothers() {
        let mut guides = Guides::default();
        let sample = sample::guide();
        assert_eq!(
            after(&mut guides, "a", 0, adopt(sample.clone(), Some(0))),
            Ok(Some(GuidesAnswer::Adopted { revision: 1 }))
        );
        assert_eq!(
            after(&mut guides, "a", 1, adopt(sample.clone(), Some(0))),
            Ok(None)
        );
        let changed = Guide {
            articles: sample.articles[..5].to_vec(),
            ..sample.clone()
        };
        assert_eq!(
            after(&mut guides, "b", 1, adopt(changed.clone(), Some(0))),
            Err(GuidesRejection::Changed { revision: 1 })
        );
        assert_eq!(
            after(&mut guides, "c", 1, adopt(changed, Some(1))),
            Ok(Some(GuidesAnswer::Adopted { revision: 2 }))
        );
        let twice = Guide {
            articles: vec![sample.articles[0].clone(); 2],
            ..sample
        };
        assert!(matches!(
            after(&mut guides, "d", 1, adopt(twice, None)),
            Err(GuidesRejection::Wrong(_))
        ));
        assert_eq!(guides.of(&hall()).unwrap().guide.articles.len(), 5);
    }

    #[test]
    fn missed_questions_are_counted_and_bounded() {
        let mut guides = Guides::default();
        let miss = |question: &str| GuidesAction::NoteMiss {
            hall: hall(),
            question: question.into(),
        };
        for (n, question) in [
            "护照 怎么办",
            "护照怎么办?",
            "护照怎么办 430202199001011234",
        ]
        .iter()
        .enumerate()
        {
            after(&mut guides, &format!("m{n}"), 0, miss(question)).unwrap();
        }
        let misses = &guides.of(&hall()).unwrap().misses;
        assert_eq!(misses.len(), 1, "{misses:?}");
        assert_eq!(misses["护照怎么办"].count, 3);
        for n in 0..3_000 {
            let other: String =
                format!("问{}", (b'a' + (n % 26) as u8) as char).repeat(1 + n / 26 % 20);
            after(
                &mut guides,
                &format!("o{n}"),
                1,
                miss(&format!("{other}{}", n % 97)),
            )
            .unwrap();
        }
        guides.check().unwrap();
        assert!(
            guides.version <= u64::from(MISSES_A_DAY),
            "{}",
            guides.version
        );
        assert!(
            guides
                .of(&hall())
                .unwrap()
                .misses
                .contains_key("护照怎么办"),
            "the most asked one stays"
        );
        let settled = GuidesAction::SettleMiss {
            hall: hall(),
            question: "护照怎么办".into(),
        };
        after(&mut guides, "s", 2, settled).unwrap();
        assert!(
            !guides
                .of(&hall())
                .unwrap()
                .misses
                .contains_key("护照怎么办")
        );
    }

    /// A fee without an amount was once written in a form that an event is not read from.
    #[test]
    fn what_is_kept_is_read_again() {
        let mut guides = Guides::default();
        after(&mut guides, "a", 0, adopt(sample::guide(), None)).unwrap();
        let whole = GuidesEvent::GuideAdopted {
            hall: hall(),
            revision: 1,
            guide: Box::new(sample::guide()),
        };
        let written = serde_json::to_string(&whole).unwrap();
        assert_eq!(
            serde_json::from_str::<GuidesEvent>(&written).unwrap(),
            whole
        );
        let copy: Guides = serde_json::from_str(&serde_json::to_string(&guides).unwrap()).unwrap();
        assert_eq!(copy.hash(), guides.hash());
    }

    /// An event is a promise: what was written once is read for ever.
    #[test]
    fn every_event_is_read_as_it_was_written() {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events/guide");
        for name in ["guide_adopted", "question_missed", "miss_settled"] {
            let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
            let event: GuidesEvent = serde_json::from_str(&text).unwrap();
            let written = serde_json::to_value(&event).unwrap();
            assert_eq!(written["event"], name);
            assert_eq!(
                serde_json::from_value::<GuidesEvent>(written).unwrap(),
                event
            );
        }
    }
}
