//! Which voice each hall of this server has: the best level that works, and why the level above it does not.

use super::pack::{Pack, PackClip, PackKind};
use super::synthetic::Synthetic;
use hall::Plan;
use hall::id::HallId;
use hall::text::Text;
use hall::view::announcement::needed_clips;
use hall::view::clip::Clip;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// A board that asks for a voice waits at most this long while clips are made.
const WAITS_FOR_CLIPS: Duration = Duration::from_secs(15);

/// What can be set about voices.
#[derive(Clone, Debug, Default)]
pub struct VoiceSettings {
    /// A hall's own pack.
    pub packs: Vec<VoiceOption>,
    /// espeak-ng's name or path; none if no synthetic voice is wanted.
    pub engine: Option<PathBuf>,
    /// Where synthetic clips are kept.
    pub folder: PathBuf,
}

/// `[[voices]]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceOption {
    pub hall: HallId,
    pub pack: PathBuf,
}

/// `HALL=FOLDER`, as the command line has it.
impl std::str::FromStr for VoiceOption {
    type Err = String;
    fn from_str(text: &str) -> Result<VoiceOption, String> {
        let (hall, pack) = text
            .split_once('=')
            .ok_or("expected HALL=FOLDER, such as zhuzhou=packs/zhuzhou")?;
        Ok(VoiceOption {
            hall: HallId::parse(hall).map_err(|error| error.to_string())?,
            pack: pack.into(),
        })
    }
}

/// Where a hall stands, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Rung)]
pub enum VoiceLevel {
    /// The hall's own pack.
    Hall,
    /// A pack that comes with the product.
    Shipped,
    /// By espeak-ng.
    Synthetic,
    /// No words.
    Chime,
}

/// A hall's voice at this moment.
#[derive(Clone, Debug)]
pub struct HallVoice {
    pub level: VoiceLevel,
    /// What a board says about the voice; nothing where a person speaks.
    pub label: Option<Text>,
    pub clips: BTreeMap<Clip, Arc<PackClip>>,
    /// Why it stands no higher, if something is wrong.
    pub problem: Option<Text>,
}

/// What a hall's boards are given to play.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VoiceStatus {
    #[serde(rename = "rung")]
    pub level: VoiceLevel,
    pub label: Option<Text>,
    /// Why it is no better, if something is wrong.
    pub problem: Option<Text>,
    /// Words will be made as soon as a board asks for them.
    pub waiting: bool,
}

/// The voices of all halls.
#[derive(Debug)]
pub struct Voices {
    packs: BTreeMap<HallId, PathBuf>,
    opened: Mutex<BTreeMap<HallId, Opened>>,
    synthetic: Synthetic,
}

/// A hall's own pack as it was last read, or why it cannot be.
type Opened = Result<Arc<Loaded>, String>;

/// A pack and its clips; answers that are being sent share them.
#[derive(Debug)]
struct Loaded {
    pack: Pack,
    clips: BTreeMap<Clip, Arc<PackClip>>,
}

impl Voices {
    /// The voices that are set.
    pub fn new(settings: VoiceSettings) -> Voices {
        let packs = settings.packs.into_iter();
        Voices {
            packs: packs.map(|option| (option.hall, option.pack)).collect(),
            opened: Mutex::default(),
            synthetic: Synthetic::new(settings.engine, settings.folder),
        }
    }

    /// The halls that packs are named for.
    pub fn halls(&self) -> impl Iterator<Item = &HallId> {
        self.packs.keys()
    }

    /// A hall's voice for a board; synthetic clips are made if they are the best there is.
    pub async fn voice_of(&self, plan: &Plan) -> HallVoice {
        let needed = needed_clips(plan);
        let voice = self.known(&plan.hall, &needed);
        if voice.level != VoiceLevel::Chime {
            return voice;
        }
        let made = tokio::time::timeout(WAITS_FOR_CLIPS, self.synthetic.make(&needed));
        made.await.ok(); // made so far stays; the next asker goes on
        self.known(&plan.hall, &needed)
    }

    /// A hall's voice with the clips that exist now; makes none.
    pub fn voice_now(&self, plan: &Plan) -> HallVoice {
        self.known(&plan.hall, &needed_clips(plan))
    }

    /// What a hall's own pack lacks for this plan; nothing for a hall that has none.
    pub fn lacking(&self, plan: &Plan) -> Result<Vec<Clip>, String> {
        match self.own(&plan.hall) {
            None => Ok(Vec::new()),
            Some(Ok(loaded)) => Ok(loaded.pack.lacks(&needed_clips(plan))),
            Some(Err(reason)) => Err(reason),
        }
    }

    fn known(&self, hall: &HallId, needed: &BTreeSet<Clip>) -> HallVoice {
        let problem = match self.own(hall) {
            None => None,
            Some(Err(reason)) => Some(unreadable(&reason)),
            Some(Ok(own)) => match &own.pack.lacks(needed)[..] {
                [] => return own.voice(),
                lacking => Some(incomplete(&own.pack, lacking)),
            },
        };
        if let Some(clips) = self.synthetic.ready(needed) {
            return HallVoice {
                level: VoiceLevel::Synthetic,
                label: Some(synthetic_label()),
                clips,
                problem,
            };
        }
        let failure = || {
            let error = self.synthetic.failure()?;
            Some(Text::new(
                format!("没有合成音,大屏只响提示音:{error}"),
                format!("No synthetic voice, boards only chime: {error}"),
            ))
        };
        HallVoice {
            level: VoiceLevel::Chime,
            label: None,
            clips: BTreeMap::new(),
            problem: problem.or_else(failure),
        }
    }

    /// A hall's voice as the status page and the manager see it.
    pub fn status(&self, plan: &Plan) -> VoiceStatus {
        let voice = self.voice_now(plan);
        let may_be_made = self.synthetic.is_wanted() && self.synthetic.failure().is_none();
        VoiceStatus {
            waiting: voice.level == VoiceLevel::Chime && may_be_made,
            level: voice.level,
            label: voice.label,
            problem: voice.problem,
        }
    }

    /// Reads a hall's own pack if it was never read, or if it was made again since. This reads files and takes a
    /// moment, so it must not be called on a thread that serves requests.
    pub fn refresh(&self, hall: &HallId) {
        let Some(folder) = self.packs.get(hall) else {
            return;
        };
        if let Some(Ok(known)) = self.own(hall)
            && !known.pack.is_outdated()
        {
            return;
        }
        let fresh = Pack::open(folder).map(Loaded::new);
        let fresh = fresh.map_err(|error| error.to_string());
        if let Err(reason) = &fresh {
            tracing::warn!(%hall, reason, "the hall's voice cannot be used");
        }
        self.opened.lock().insert(hall.clone(), fresh);
    }

    /// A hall's own pack as it was last read.
    fn own(&self, hall: &HallId) -> Option<Opened> {
        self.opened.lock().get(hall).cloned()
    }
}

impl Loaded {
    fn new(pack: Pack) -> Arc<Loaded> {
        let clips = pack.clips.iter();
        let clips = clips.map(|(clip, found)| (*clip, Arc::new(found.clone())));
        Arc::new(Loaded {
            clips: clips.collect(),
            pack,
        })
    }

    /// The voice of a pack that has every word. Clips that are too soft or too long are reported, but still played.
    fn voice(&self) -> HallVoice {
        let findings = &self.pack.findings;
        let problem = findings.first().map(|first| {
            let count = findings.len();
            Text::new(
                format!("音频包有 {count} 处不合要求,例如 {first}"),
                format!("{count} clips are out of bounds, such as {first}"),
            )
        });
        HallVoice {
            level: VoiceLevel::Hall,
            label: (self.pack.manifest.kind == PackKind::Synthetic).then(synthetic_label),
            clips: self.clips.clone(),
            problem,
        }
    }
}

/// What a board shows beside a voice that no person spoke.
fn synthetic_label() -> Text {
    Text::new("合成音", "Synthetic voice")
}

fn unreadable(reason: &str) -> Text {
    Text::new(
        format!("本厅音频包不能用:{reason}"),
        format!("The hall's voice pack cannot be used: {reason}"),
    )
}

fn incomplete(pack: &Pack, lacking: &[Clip]) -> Text {
    let (folder, named) = (pack.folder.display(), named(lacking));
    Text::new(
        format!("本厅音频包 {folder} 缺少 {named}"),
        format!("The hall's voice pack {folder} lacks {named}"),
    )
}

/// Clips as a person searches for them: `qi 「七」, q 「Q」`.
pub fn named(clips: &[Clip]) -> String {
    let name = |clip: &Clip| format!("{clip} 「{}」", clip.words());
    clips.iter().map(name).collect::<Vec<_>>().join(", ")
}
