//! The instant.

/// An instant, carrying the offset of the hall it was measured in; compared as an instant.
pub type Time = chrono::DateTime<chrono::FixedOffset>;

/// The same in what describes itself to other programs: by this name its description knows that it is an instant.
pub type DateTime = Time;
