//! Guides made ready for questions, on this instance: an index of each guide, and how often each entry was opened. An
//! index is made again when the guide or the plan has changed.
//!
//! The counts only order entries that fit equally well. So they are kept in memory and may differ between instances.

use super::catalogue::{Article, EntryId, Fee, Guide, Matter};
use super::guides::Guides;
use super::search::{Index, IndexEntry, Search};
use crate::runtime::Owner;
use hall::Plan;
use hall::id::HallId;
use hall::plan::Service;
use hall::text::Text;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most entries whose openings are counted; others count as never opened.
const COUNTED_MOST: usize = 50_000;
/// Added to the fit of a matter: its card says at once what to bring, so it comes before an article that fits as well.
const OF_MATTER: f32 = 0.02;
/// Added to the fit of a service that only the plan describes: it has no more than documents.
const OF_PLAN: f32 = -0.03;

/// Every hall's guide, ready.
#[derive(Debug, Default)]
pub struct Shelf {
    ready: RwLock<BTreeMap<HallId, Arc<Ready>>>,
    opened: Mutex<BTreeMap<(HallId, EntryId), u32>>,
}

/// One hall's guide with its index.
#[derive(Debug)]
pub struct Ready {
    hall: HallId,
    /// Of the guide and of the plan.
    revisions: (u64, u64),
    /// The adopted guide, and what the plan knows besides.
    pub guide: Guide,
    index: Index,
}

impl Shelf {
    /// The guide in force of a plan's hall. Making the index takes a moment, so another thread than the serving ones
    /// does it.
    pub async fn ready(&self, guides: &Owner<Guides>, plan: &Plan) -> Arc<Ready> {
        let (revision, guide) = guides.read(|guides| {
            let kept = guides.of(&plan.hall);
            kept.map_or_else(Default::default, |kept| (kept.revision, kept.guide.clone()))
        });
        let revisions = (revision, plan.revision);
        if let Some(ready) = self.made(&plan.hall, revisions) {
            return ready;
        }
        // two requests may both make it, with the same result
        let of_hall = plan.clone();
        let made = tokio::task::spawn_blocking(move || Ready::new(&guide, &of_hall, revisions));
        let made = Arc::new(made.await.expect("making an index does not panic"));
        self.ready.write().insert(plan.hall.clone(), made.clone());
        made
    }

    fn made(&self, hall: &HallId, revisions: (u64, u64)) -> Option<Arc<Ready>> {
        let ready = self.ready.read();
        let made = ready.get(hall)?;
        (made.revisions == revisions).then(|| made.clone())
    }

    /// Somebody opened an entry.
    pub fn opened(&self, hall: &HallId, id: &EntryId) {
        let mut opened = self.opened.lock();
        let key = (hall.clone(), id.clone());
        if opened.len() < COUNTED_MOST || opened.contains_key(&key) {
            *opened.entry(key).or_default() += 1;
        }
    }

    /// Looks a question up among a hall's entries.
    pub fn search(&self, ready: &Ready, question: &str) -> Search {
        let of_hall: BTreeMap<EntryId, u32> = {
            let opened = self.opened.lock();
            let here = opened.iter().filter(|((hall, _), _)| *hall == ready.hall);
            here.map(|((_, id), count)| (id.clone(), *count)).collect()
        };
        let most = of_hall.values().copied().max().unwrap_or(0);
        let share = |id: &EntryId| match of_hall.get(id) {
            Some(count) => (1.0 + *count as f32).ln() / (1.0 + most as f32).ln(),
            None => 0.0,
        };
        ready.index.search(question, share)
    }
}

impl Ready {
    /// Reads a guide, and what its hall's plan knows besides.
    pub fn new(guide: &Guide, plan: &Plan, revisions: (u64, u64)) -> Ready {
        let mut guide = guide.clone();
        let known: BTreeSet<_> = guide
            .matters
            .iter()
            .map(|matter| matter.service.clone())
            .collect();
        let bare = plan
            .services
            .iter()
            .filter(|service| !known.contains(&service.id));
        guide.matters.extend(bare.filter_map(of_plan));
        let matters = guide.matters.iter().map(of_matter);
        let articles = guide.articles.iter().map(of_article);
        let entries: Vec<IndexEntry> = matters.chain(articles).collect();
        Ready {
            hall: plan.hall.clone(),
            revisions,
            index: Index::new(&guide.words, &entries),
            guide,
        }
    }

    /// How many entries of the index's lists are looked at for a question, over all its readings.
    pub fn work(&self, question: &str) -> usize {
        let readings = super::search::meaning::readings(self.index.lexicon(), question);
        readings.iter().map(|one| self.index.work(one)).sum()
    }
}

/// All that a plan says of a service, as a matter; none if the service's id cannot name an entry.
fn of_plan(service: &Service) -> Option<Matter> {
    let document = |name: &Text| super::catalogue::Document {
        name: name.clone(),
        form: super::catalogue::Form::Original,
        who: None,
    };
    Some(Matter {
        id: EntryId::parse(service.id.as_str()).ok()?,
        service: service.id.clone(),
        title: service.name.clone(),
        keywords: Vec::new(),
        documents: service.documents.iter().map(document).collect(),
        steps: Vec::new(),
        fee: Fee {
            amount: None,
            words: Text::new("以窗口公示为准", "As posted at the window"),
        },
        minutes: None,
        online: service.online.is_some(),
        note: None,
        variants: Vec::new(),
        frequent: false,
        source: None,
    })
}

fn of_matter(matter: &Matter) -> IndexEntry {
    let documents = matter.documents.iter().map(|document| &document.name);
    let texts = documents.chain(&matter.steps).chain(&matter.note);
    IndexEntry {
        id: matter.id.clone(),
        phrases: phrases(&matter.title, &matter.keywords),
        body: texts.flat_map(in_both).collect(),
        lead: match matter.source {
            Some(_) => OF_MATTER,
            None => OF_PLAN,
        },
    }
}

fn of_article(article: &Article) -> IndexEntry {
    let texts = [&article.answer, &article.category, &article.subcategory];
    IndexEntry {
        id: article.id.clone(),
        phrases: phrases(&article.question, &article.keywords),
        body: texts.into_iter().flat_map(in_both).collect(),
        lead: 0.0,
    }
}

fn phrases(title: &Text, keywords: &[String]) -> Vec<String> {
    let title = in_both(title).into_iter();
    title.chain(keywords.iter().cloned()).collect()
}

/// A text in each language.
fn in_both(text: &Text) -> [String; 2] {
    [text.zh.clone(), text.en.clone()]
}
