//! The instant.

/// An instant, carrying the offset of the hall it was measured in; compared as an instant.
pub type Time = chrono::DateTime<chrono::FixedOffset>;

/// The first and last year of a hall's dates. What is outside was mistyped or sent to do harm: there is no arithmetic with
/// the last dates that a calendar has.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// The same in what describes itself to other programs: by this name its description knows that it is an instant.
pub type DateTime = Time;
