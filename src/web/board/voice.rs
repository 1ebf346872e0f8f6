//! What boards play: a hall's clips, and the list of them.
//!
//! Everybody may hear what a hall says aloud. The list has an entity tag, so that a board asks often and loads once; a
//! clip's address names its bytes, so it is loaded once for ever.

use crate::voice::voices::named;
use crate::voice::{HallVoice, VoiceLevel};
use crate::web::http::caller::Guest;
use crate::web::http::entity_tag::{tag_of_text, unless_known};
use crate::web::http::{App, Problem, ProblemKind, Typed, describe};
use actix_web::http::header::{self, IfNoneMatch};
use actix_web::{HttpResponse, web};
use hall::Plan;
use hall::text::Text;
use hall::view::clip::Clip;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Silence between two clips of a sentence.
const GAP_MS: u32 = 60;

/// `GET /voice/{hall}/manifest.json`
#[derive(Debug, Serialize, ToSchema)]
pub struct VoiceManifest {
    pub rung: VoiceLevel,
    /// What the board says of the voice; nothing where a person speaks.
    pub label: Option<Text>,
    /// Silence between two clips, in milliseconds.
    pub gap_ms: u32,
    /// By the ids that a call names; none where only a chime sounds.
    pub clips: BTreeMap<String, ClipAddress>,
}

/// Where a clip is, and how long it lasts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClipAddress {
    pub url: String,
    pub ms: u32,
}

describe!(manifest: "The clips that boards speak with; with ETag");
pub async fn manifest(
    guest: Guest,
    app: web::Data<App>,
    known: web::Header<IfNoneMatch>,
) -> Result<Typed<VoiceManifest>, Problem> {
    let plan = guest.hall.read(|hall| hall.plan().clone());
    refresh(&app, &plan).await;
    let stand = app.voices.voice_of(&plan).await;
    let manifest = of_stand(&plan, &stand);
    let body = serde_json::to_string(&manifest).expect("a manifest has string keys only");
    let answer = unless_known(tag_of_text(&body), Some(&known), |mut response| {
        response.content_type("application/json").body(body.clone())
    });
    Ok(answer.into())
}

/// One clip's bytes.
pub async fn clip(
    guest: Guest,
    app: web::Data<App>,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (_, hash, file) = path.into_inner();
    let not_found = || Problem::not_found("该声音", "clip");
    let id = file.rsplit_once('.').map(|(id, _)| id);
    let clip = id.and_then(Clip::parse).ok_or_else(not_found)?;
    let stand = guest.hall.read(|hall| app.voices.voice_now(hall.plan()));
    let found = stand.clips.get(&clip).filter(|found| found.hash == hash);
    let found = found.ok_or_else(not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .content_type(found.mime)
        .body(found.bytes.clone()))
}

/// A plan that a hall's own recordings cannot say is not adopted.
pub async fn refuse_unspeakable(app: &web::Data<App>, plan: &Plan) -> Result<(), Problem> {
    refresh(app, plan).await;
    let lacking = app.voices.lacking(plan).map_err(|reason| {
        Problem::invalid(
            "",
            format!("本厅音频包不能用,方案未发布:{reason}"),
            format!("The plan was not adopted, for the hall's voice pack cannot be used: {reason}"),
        )
    })?;
    if lacking.is_empty() {
        return Ok(());
    }
    let lacks = |clips: &[Clip]| format!("the hall's voice lacks {}", named(clips));
    let wrong = pointers(plan, &lacking).into_iter();
    let wrong = wrong.map(|(pointer, clips)| (pointer, lacks(&clips)));
    let named = named(&lacking);
    let problem = ProblemKind::Validation.because(format!("本厅音频包缺少 {named}。请补录后再发布。"),
        format!(
            "The hall's voice lacks {named}. Record that, render the pack again, and adopt the plan then."
        ),
    );
    Err(problem.with_errors(wrong))
}

/// Where in the plan each lacking clip is needed: at a service for its letters, at a window for its number, else
/// nowhere in particular.
fn pointers(plan: &Plan, lacking: &[Clip]) -> BTreeMap<String, Vec<Clip>> {
    let mut pointers: BTreeMap<String, Vec<Clip>> = BTreeMap::new();
    for clip in lacking {
        let services = plan.services.iter().enumerate();
        let services = services.filter(|(_, service)| clip.is_letter_of(service.prefix.as_str()));
        let windows = plan.windows.iter().enumerate();
        let windows = windows.filter(|(_, window)| clip.is_said_of_window(window.number));
        let of_services = services.map(|(n, _)| format!("/services/{n}/prefix"));
        let of_windows = windows.map(|(n, _)| format!("/windows/{n}/number"));
        let mut needed: Vec<String> = of_services.chain(of_windows).collect();
        if needed.is_empty() {
            needed.push(String::new());
        }
        for pointer in needed {
            pointers.entry(pointer).or_default().push(*clip);
        }
    }
    pointers
}

/// Reads the hall's pack again if it was made anew, where that holds up nobody else.
async fn refresh(app: &web::Data<App>, plan: &Plan) {
    let (voices, hall) = (app.voices.clone(), plan.hall.clone());
    let refreshed = web::block(move || voices.refresh(&hall)).await;
    if let Err(error) = refreshed {
        tracing::warn!(%error, "the hall's voice was not read again");
    }
}

fn of_stand(plan: &Plan, stand: &HallVoice) -> VoiceManifest {
    let address = |(clip, found): (&Clip, &std::sync::Arc<crate::voice::pack::PackClip>)| {
        let extension = found.file.rsplit('.').next().unwrap_or_default();
        let url = format!("/voice/{}/{}/{clip}.{extension}", plan.hall, found.hash);
        (clip.id(), ClipAddress { url, ms: found.ms })
    };
    VoiceManifest {
        rung: stand.level,
        label: stand.label.clone(),
        gap_ms: GAP_MS,
        clips: stand.clips.iter().map(address).collect(),
    }
}
