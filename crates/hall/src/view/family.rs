//! A ticket as its holder's family sees it: where it stands, and nothing that could be done with it.

use super::ticket::TicketView;
use crate::id::{HallId, TicketNumber, WindowNumber};
use crate::plan::zone::ZoneView;
use crate::record::wait::{UnknownWait, Wait};
use crate::state::moving::CameFrom;
use crate::state::phase::Phase;
use crate::state::ticket::StageName;
use crate::text::Text;
use crate::time::DateTime;
use serde::Serialize;
use utoipa::ToSchema;

/// What may be shown to whoever was given the family's link. A list of what is let through: a new field of the ticket's
/// own view does not get here by itself.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FamilyView {
    pub hall: HallId,
    pub hall_name: Text,
    #[schema(value_type = String)]
    pub number: TicketNumber,
    pub service_name: Text,
    pub stage: StageName,
    pub stage_label: Text,
    pub phase: Phase,
    pub sentence: Text,
    pub now: DateTime,
    pub taken_at: DateTime,
    pub window: Option<WindowNumber>,
    pub zone: Option<ZoneView>,
    pub ahead: Option<u32>,
    pub ahead_when_taken: u32,
    pub near: bool,
    pub announced: Option<u8>,
    pub wait: Option<Wait>,
    /// Why there is no range.
    pub wait_unknown: Option<UnknownWait>,
    pub be_back_by: Option<DateTime>,
    pub done_by: Option<DateTime>,
    pub reason: Option<Text>,
    pub why_not_yet: Option<Text>,
    pub documents: Vec<Text>,
    /// Always empty: there is nothing to do with it.
    pub actions: Vec<&'static str>,
    /// The number it became in another hall.
    pub moved_to: Option<CameFrom>,
}

impl From<TicketView> for FamilyView {
    fn from(view: TicketView) -> FamilyView {
        FamilyView {
            hall: view.hall,
            hall_name: view.hall_name,
            number: view.number,
            service_name: view.service_name,
            stage: view.stage,
            stage_label: view.stage_label,
            phase: view.phase,
            sentence: view.sentence,
            now: view.now,
            taken_at: view.taken_at,
            window: view.window,
            zone: view.zone,
            ahead: view.ahead,
            ahead_when_taken: view.ahead_when_taken,
            near: view.near,
            announced: view.announced,
            wait: view.wait,
            wait_unknown: view.wait_unknown,
            be_back_by: view.be_back_by,
            done_by: view.done_by,
            reason: view.reason,
            why_not_yet: view.why_not_yet,
            documents: view.documents,
            actions: Vec::new(),
            moved_to: view.moved_to.map(|moved| CameFrom {
                hall: moved.hall,
                number: moved.number,
            }),
        }
    }
}
