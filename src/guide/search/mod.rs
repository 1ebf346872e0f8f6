//! Finding what somebody means, however he writes it.
//!
//! **The idea.** A guide is a list of entries, an entry a few phrases (its title and its keywords) and a body. A question
//! and every phrase are cut into slots ([`meaning`]): ideas of the guide's own words ([`lexicon`]), and what is left by
//! twos. What both have, weighed by how rare it is, against what the question has and, less, what the phrase has, is how
//! well they fit (a Tversky index). An inverted index finds the phrases that share anything, so the time is that of what
//! is shared, not of the guide.
//!
//! **What is not found.** A piece of the question that no entry knows weighs as much as the rarest one. So a question of
//! another office, whose words are not here, stays below [`ENOUGH`] whatever else it shares; then the nearest entries are
//! named as what they are. A question with a word of another office and none of this hall's topics is not answered at
//! all, but led there.

pub mod lexicon;
pub mod meaning;
pub mod pinyin;
pub mod text;

#[cfg(test)]
mod golden_tests;

mod index;

pub use index::{Entry, Index};

use crate::guide::catalogue::EntryId;
use crate::guide::search::lexicon::Idea;

/// How well an entry must fit to be an answer; 1 is the same words.
pub const ENOUGH: f32 = 0.5;
/// Of the best one's fit; what fits less is not shown beside it.
const BESIDE_BEST: f32 = 0.7;
/// Answers shown at once.
pub const ANSWERS_MOST: usize = 10;
/// Named where nothing fits.
pub const NEAREST: usize = 3;
/// Longest question that is read, in characters.
pub const QUESTION_LONGEST: usize = 200;

/// An entry and how well it fits, 0 to about 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    pub id: EntryId,
    pub fit: f32,
}

/// What a question came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    /// Best first; empty when nothing fits.
    pub answers: Vec<Fit>,
    /// Where nothing fits: what comes nearest, best first.
    pub nearest: Vec<Fit>,
    /// The word that belongs to another office, if that is why nothing fits.
    pub elsewhere: Option<Idea>,
}

impl Index {
    /// Looks a question up. `opened` says how often an entry was opened here, 0 to 1: between equals the one that most
    /// people want comes first.
    pub fn search(&self, question: &str, opened: impl Fn(&EntryId) -> f32) -> Search {
        let question: String = question.chars().take(QUESTION_LONGEST).collect();
        let readings = meaning::readings(self.lexicon(), &question);
        let of_others =
            |reading: &meaning::Meaning| reading.elsewhere.filter(|_| !reading.has_topic);
        let tried = readings
            .iter()
            .map(|reading| (self.fits(reading, &opened), of_others(reading)));
        let best = |fits: &[Fit]| fits.first().map_or(0.0, |fit| fit.fit);
        let Some((fits, elsewhere)) = tried.max_by(|a, b| best(&a.0).total_cmp(&best(&b.0))) else {
            return Search::default();
        };
        let enough = match elsewhere {
            Some(_) => f32::INFINITY,
            None => ENOUGH.max(best(&fits) * BESIDE_BEST),
        };
        let answers: Vec<Fit> = fits
            .iter()
            .filter(|fit| fit.fit >= enough)
            .take(ANSWERS_MOST)
            .cloned()
            .collect();
        let nearest = if answers.is_empty() {
            fits.into_iter().take(NEAREST).collect()
        } else {
            Vec::new()
        };
        Search {
            elsewhere,
            answers,
            nearest,
        }
    }
}
