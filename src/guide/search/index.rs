//! The inverted index of a guide: which phrases have a feature, and how rare the feature is.

use super::Fit;
use super::lexicon::{Care, Lexicon};
use super::meaning::{Feature, Meaning, Slot, also, meaning};
use crate::guide::catalogue::{EntryId, Word};
use std::collections::{BTreeSet, HashMap};

/// The parts of an entry that are searched.
#[derive(Clone, Debug)]
pub struct IndexEntry {
    pub id: EntryId,
    /// Title and keywords, in every language. Each alone may be what people ask.
    pub phrases: Vec<String>,
    /// The answer. It helps a fit but is not enough for one.
    pub body: Vec<String>,
    /// Added to the fit of an entry whose kind answers most questions.
    pub lead: f32,
}

/// In the divisor of the fit: how much the question's weight counts, and how much the phrase's.
const OF_QUESTION: f32 = 0.8;
const OF_PHRASE: f32 = 0.2;
/// The least weight of a piece that no entry has, even of a single hanzi: it is a word of something else.
const UNKNOWN_LEAST: f32 = 1.0;
/// What a shared piece counts in a body. A body has nearly every word, so it counts less.
const OF_BODY: f32 = 0.12;
/// What the other phrases of an entry count beside its best one.
const OF_OTHERS: f32 = 0.06;
/// How much the most opened entry gets more than one that nobody opens.
const OF_OPENED: f32 = 0.02;

/// A guide made ready for questions.
#[derive(Debug, Default)]
pub struct Index {
    lexicon: Lexicon,
    entries: Vec<(EntryId, f32)>,
    /// The entry of each phrase, and its weight.
    phrases: Vec<(u32, f32)>,
    in_phrases: HashMap<Feature, Vec<u32>>,
    in_bodies: HashMap<Feature, Vec<u32>>,
    rarity: HashMap<Feature, f32>,
    /// The rarity of features that no entry has.
    unknown: f32,
}

impl Index {
    /// Reads all entries once.
    pub fn new(words: &[Word], entries: &[IndexEntry]) -> Index {
        let mut index = Index {
            lexicon: Lexicon::new(words),
            unknown: (1.0 + entries.len() as f32).ln(),
            ..Index::default()
        };
        let mut having: HashMap<Feature, u32> = HashMap::new();
        let mut slots: Vec<Vec<Slot>> = Vec::new();
        for (number, entry) in (0..).zip(entries) {
            index.entries.push((entry.id.clone(), entry.lead));
            let mut features = BTreeSet::new();
            for phrase in &entry.phrases {
                slots.push(index.take_phrase(number, phrase, &mut features));
            }
            let in_body = index.features_of_body(entry);
            for feature in &in_body {
                index.in_bodies.entry(*feature).or_default().push(number);
            }
            for feature in features.union(&in_body) {
                *having.entry(*feature).or_default() += 1;
            }
        }
        let all = entries.len() as f32;
        let rarity = |having: u32| (1.0 + all / having as f32).ln();
        let having = having.into_iter();
        index.rarity = having
            .map(|(feature, count)| (feature, rarity(count)))
            .collect();
        for (phrase, slots) in slots.iter().enumerate() {
            index.phrases[phrase].1 = slots.iter().map(|slot| index.weight(slot)).sum();
        }
        index
    }

    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    fn take_phrase(&mut self, entry: u32, phrase: &str, all: &mut BTreeSet<Feature>) -> Vec<Slot> {
        let units = self.lexicon.units(phrase);
        let slots = meaning(&self.lexicon, &units, Care::Printed).slots;
        let number = self.phrases.len() as u32;
        self.phrases.push((entry, 0.0));
        let features: BTreeSet<Feature> = in_slots(&slots).chain(also(&units)).collect();
        for feature in &features {
            self.in_phrases.entry(*feature).or_default().push(number);
        }
        all.extend(features);
        slots
    }

    fn features_of_body(&self, entry: &IndexEntry) -> BTreeSet<Feature> {
        let mut features = BTreeSet::new();
        for text in &entry.body {
            let units = self.lexicon.units(text);
            let slots = meaning(&self.lexicon, &units, Care::Printed).slots;
            features.extend(in_slots(&slots));
            let others = also(&units).into_iter();
            features.extend(others.filter(|feature| !matches!(feature, Feature::One(_))));
        }
        features
    }

    fn rarity(&self, feature: &Feature) -> Option<f32> {
        self.rarity.get(feature).copied()
    }

    /// How much a piece says: the weight of its rarest feature, or the largest weight if no entry has it. First letters
    /// may stand for several ideas; then the commonest one counts, because a rare idea is not likelier.
    fn weight(&self, slot: &Slot) -> f32 {
        let known = slot
            .features
            .iter()
            .filter_map(|(feature, _)| self.rarity(feature));
        let several_ideas = matches!(slot.features.as_slice(), [(Feature::Idea(_), _), _, ..]);
        let rarity = match several_ideas {
            true => known.reduce(f32::min),
            false => known.reduce(f32::max),
        };
        match rarity {
            Some(rarity) => slot.weight * rarity,
            None => slot.weight.max(UNKNOWN_LEAST) * self.unknown,
        }
    }

    /// Every entry that shares a feature with a question, best first.
    pub fn fits(&self, question: &Meaning, opened: &impl Fn(&EntryId) -> f32) -> Vec<Fit> {
        let asked: f32 = question.slots.iter().map(|slot| self.weight(slot)).sum();
        if asked <= 0.0 {
            return Vec::new();
        }
        let of_phrases = self.shared(question, &self.in_phrases, self.phrases.len());
        let of_bodies = self.shared(question, &self.in_bodies, self.entries.len());
        let mut best = vec![0.0_f32; self.entries.len()];
        let mut sum = vec![0.0_f32; self.entries.len()];
        let phrases = self.phrases.iter().zip(&of_phrases);
        for ((entry, weight), shared) in phrases.filter(|(_, shared)| **shared > 0.0) {
            let fit = shared / (OF_QUESTION * asked + OF_PHRASE * weight);
            let entry = *entry as usize;
            best[entry] = best[entry].max(fit);
            sum[entry] = sum[entry].max(shared / asked);
        }
        let shares = |entry: usize| best[entry] > 0.0 || of_bodies[entry] > 0.0;
        let entries = self.entries.iter().enumerate();
        let fits = entries.filter(|(entry, _)| shares(*entry));
        let is_about = self.is_about(question);
        let fits = fits.map(|(entry, (id, lead))| Fit {
            is_about: is_about[entry],
            fit: best[entry]
                + OF_OTHERS * sum[entry]
                + OF_BODY * of_bodies[entry] / asked
                + lead
                + OF_OPENED * opened(id),
            id: id.clone(),
        });
        let mut fits: Vec<Fit> = fits.collect();
        fits.sort_by(|a, b| b.fit.total_cmp(&a.fit).then_with(|| a.id.cmp(&b.id)));
        fits
    }

    /// Whether each entry has what the question is about. Where it is about what no entry has, none is.
    fn is_about(&self, question: &Meaning) -> Vec<bool> {
        let is_known = |subject: &Slot| {
            let mut features = subject.features.iter();
            features.any(|(feature, _)| self.rarity(feature).is_some())
        };
        if !question.subjects.iter().all(is_known) {
            return vec![false; self.entries.len()];
        }
        let mut is_about = match question.topics.as_slice() {
            [] => vec![true; self.entries.len()],
            topics => self.having(topics),
        };
        for office in &question.of_others {
            let has = self.having(std::slice::from_ref(office));
            is_about
                .iter_mut()
                .zip(has)
                .for_each(|(is, has)| *is &= has);
        }
        is_about
    }

    /// Whether each entry has one of these, in a phrase or in its body.
    fn having(&self, slots: &[Slot]) -> Vec<bool> {
        let mut having = vec![false; self.entries.len()];
        for feature in in_slots(slots) {
            let phrases = self.in_phrases.get(&feature).into_iter().flatten();
            let of_phrases = phrases.map(|phrase| self.phrases[*phrase as usize].0);
            let of_bodies = self.in_bodies.get(&feature).into_iter().flatten().copied();
            let entries = of_phrases.chain(of_bodies);
            entries.for_each(|entry| having[entry as usize] = true);
        }
        having
    }

    /// How many entries of the lists are looked at for a question. The time depends on it.
    pub fn work(&self, question: &Meaning) -> usize {
        let features = question.slots.iter().flat_map(|slot| &slot.features);
        let listed = |feature: &Feature| {
            let lists = [self.in_phrases.get(feature), self.in_bodies.get(feature)];
            lists.into_iter().flatten().map(Vec::len).sum::<usize>()
        };
        features.map(|(feature, _)| listed(feature)).sum()
    }

    /// How much of the question each phrase or body has: for every piece the feature that recognises it best.
    fn shared(
        &self,
        question: &Meaning,
        postings: &HashMap<Feature, Vec<u32>>,
        count: usize,
    ) -> Vec<f32> {
        let mut shared = vec![0.0_f32; count];
        let mut of_slot = vec![0.0_f32; count];
        let mut touched: Vec<u32> = Vec::new();
        for slot in &question.slots {
            let most = self.weight(slot);
            for (feature, quality) in &slot.features {
                let Some(rarity) = self.rarity(feature) else {
                    continue;
                };
                for at in postings.get(feature).into_iter().flatten() {
                    let worth = most.min(slot.weight * rarity) * quality;
                    let so_far = &mut of_slot[*at as usize];
                    if *so_far == 0.0 {
                        touched.push(*at);
                    }
                    *so_far = so_far.max(worth);
                }
            }
            for at in touched.drain(..) {
                shared[at as usize] += std::mem::take(&mut of_slot[at as usize]);
            }
        }
        shared
    }
}

fn in_slots(slots: &[Slot]) -> impl Iterator<Item = Feature> {
    let features = slots.iter().flat_map(|slot| &slot.features);
    features.map(|(feature, _)| *feature)
}
