//! Finds what people mean, although they write it in many ways.
//!
//! **The idea.** A guide is a list of entries. An entry has a few phrases (its title and its keywords) and a body. A
//! question and every phrase are cut into slots ([`meaning`]): the ideas that the guide's own words stand for
//! ([`lexicon`]), and pairs of the hanzi that are left. The fit of a question and a phrase is a Tversky index: the
//! weight of the slots that both have, divided by the weight of the question's slots and, with less influence, of the
//! phrase's. A rare slot weighs more. An inverted index finds the phrases that share a slot. So the time depends on how
//! much is shared, not on the size of the guide.
//!
//! **What is not found.** A piece of the question that no entry has weighs as much as the rarest one. So a question for
//! another office has words that are not here and stays below [`ENOUGH`]. And an entry is no answer, however well the
//! rest fits, if it has none of the things of this hall that the question names. Nor is any, if what stands before a
//! known word and says whose it is, is nowhere in the guide: 电梯年检 is no question about cars. Then the nearest entries are shown, named as such. A question with a word of another office and no topic of this hall gets no answer; the citizen is sent there.

pub mod lexicon;
pub mod meaning;
pub mod pinyin;
pub mod text;

#[cfg(test)]
mod golden_tests;

mod index;

pub use index::{Index, IndexEntry};

use crate::guide::catalogue::EntryId;
use crate::guide::search::lexicon::Idea;

/// How well an entry must fit to be an answer; the same words fit with 1.
pub const ENOUGH: f32 = 0.5;
/// Part of the best fit that another answer must reach to be shown beside it.
const BESIDE_BEST: f32 = 0.7;
/// Most answers shown at once.
pub const ANSWERS_MOST: usize = 10;
/// How many entries are shown if nothing fits.
pub const NEAREST: usize = 3;
/// Longest question that is read, in characters.
pub const QUESTION_LONGEST: usize = 200;

/// An entry and how well it fits, 0 to about 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    pub id: EntryId,
    pub fit: f32,
    /// It has what the question is about.
    pub is_about: bool,
}

/// What was found for a question.
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
    /// Looks a question up. `opened` says how often an entry was opened here, from 0 to 1. Of entries that fit equally
    /// well the one that most people open comes first.
    pub fn search(&self, question: &str, opened: impl Fn(&EntryId) -> f32) -> Search {
        let question: String = question.chars().take(QUESTION_LONGEST).collect();
        let readings = meaning::readings(self.lexicon(), &question);
        let of_others =
            |reading: &meaning::Meaning| reading.elsewhere.filter(|_| reading.topics.is_empty());
        let tried = readings
            .iter()
            .map(|reading| (self.fits(reading, &opened), of_others(reading)));
        let best = |fits: &[Fit]| {
            let mut about = fits.iter().filter(|fit| fit.is_about);
            about.next().map_or(0.0, |fit| fit.fit)
        };
        let Some((fits, elsewhere)) = tried.max_by(|a, b| best(&a.0).total_cmp(&best(&b.0))) else {
            return Search::default();
        };
        let enough = match elsewhere {
            Some(_) => f32::INFINITY,
            None => ENOUGH.max(best(&fits) * BESIDE_BEST),
        };
        let good = fits.iter().filter(|fit| fit.is_about && fit.fit >= enough);
        let answers: Vec<Fit> = good.take(ANSWERS_MOST).cloned().collect();
        let nearest = match answers.is_empty() {
            true => fits.into_iter().take(NEAREST).collect(),
            false => Vec::new(),
        };
        Search {
            elsewhere,
            answers,
            nearest,
        }
    }
}
