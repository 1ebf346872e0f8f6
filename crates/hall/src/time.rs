//! The instant.

/// An instant, carrying the offset of the hall it was measured in; compared as an instant.
pub type Time = chrono::DateTime<chrono::FixedOffset>;
