//! One thing that must hold, and what is said if it does not.

pub(super) fn agree(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}
