//! What a store was found to be when it was opened, in words for the operator.
//!
//! The server prints the findings at start-up and decides by the [`Durability`] whether to serve at all; nothing here
//! decides, and nothing here is lowered silently.

use std::fmt;

use super::Durability;

/// What an acknowledged append is worth on this store, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The level that all findings together allow.
    pub durability: Durability,
    /// One line each, in the order in which they were looked at.
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it stands.
    pub grade: Grade,
    /// What was found, and what to do about it if it is not good.
    pub text: String,
}

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// As it should be.
    Good,
    /// Worth knowing; what an acknowledged append is worth does not depend on it.
    Warning,
    /// Acknowledged appends may be lost because of it: the store is [`Durability::R0`].
    Weak,
    /// Acknowledged appends are lost: a start refuses the store.
    Lost,
}

impl Finding {
    pub(super) fn good(text: impl Into<String>) -> Self {
        Self {
            grade: Grade::Good,
            text: text.into(),
        }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self {
            grade: Grade::Warning,
            text: text.into(),
        }
    }

    pub(super) fn lost(text: impl Into<String>) -> Self {
        Self {
            grade: Grade::Lost,
            text: text.into(),
        }
    }

    pub(super) fn weak(text: impl Into<String>) -> Self {
        Self {
            grade: Grade::Weak,
            text: text.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Good => "good",
            Grade::Warning => "note",
            Grade::Weak => "WEAK",
            Grade::Lost => "LOST",
        };
        write!(f, "{grade}: {}", self.text)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "durability {:?}", self.durability)?;
        self.findings
            .iter()
            .try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}
