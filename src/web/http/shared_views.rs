//! A hall as everybody may see it, computed once however many ask.
//!
//! Each hall's view is remembered until the hall changes or its clock shows another second. (By the clock alone a view
//! changes at whole seconds: the plan's times are whole minutes, and everything else that falls due makes a new version.)

use crate::runtime::Owner;
use hall::id::HallId;
use hall::view::{self, KioskView};
use hall::{Hall, Time};
use parking_lot::Mutex;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A view that was computed once for everybody who asks.
#[derive(Clone, Debug)]
pub struct SharedView(Arc<KioskView>);

impl std::ops::Deref for SharedView {
    type Target = KioskView;
    fn deref(&self) -> &KioskView {
        &self.0
    }
}

impl Serialize for SharedView {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// A view with the version and the second that it is of.
type Remembered = ((u64, i64), SharedView);

/// The newest view of each hall.
#[derive(Debug, Default)]
pub struct SharedViews {
    newest: Mutex<BTreeMap<HallId, Remembered>>,
}

impl SharedViews {
    /// The hall as a citizen meets it at this moment.
    pub fn of(&self, id: &HallId, owner: &Owner<Hall>, now: Time) -> SharedView {
        let version = owner.read(|hall| hall.version());
        let second = now.timestamp();
        let mut newest = self.newest.lock();
        if let Some((of, view)) = newest.get(id)
            && *of == (version, second)
        {
            return view.clone();
        }
        let (view, version) = owner.read(|hall| (view::kiosk(hall, now), hall.version()));
        let view = SharedView(Arc::new(view));
        newest.insert(id.clone(), ((version, second), view.clone()));
        view
    }
}
