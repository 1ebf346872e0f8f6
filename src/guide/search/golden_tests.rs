//! Questions as people ask them, against the sample guide: which answer stands first.

#![expect(
    clippy::print_stdout,
    reason = "how good the search is, for whoever runs them with --nocapture"
)]

use crate::guide::sample::{self, large_guide};
use crate::guide::shelf::{Ready, Shelf};
use crate::samples::sample_plans;

fn ready() -> Ready {
    let plans = sample_plans();
    let plan = plans
        .iter()
        .find(|plan| plan.hall.as_str() == sample::HALL)
        .unwrap();
    Ready::new(&sample::guide(), plan, (1, 1))
}

/// Rows of question and the entries that answer it.
fn questions(sheet: &str) -> Vec<(String, Vec<String>)> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(sheet.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| {
        (
            row[0].to_owned(),
            row.get(1)
                .unwrap_or("")
                .split('|')
                .map(str::to_owned)
                .collect(),
        )
    })
    .collect()
}

/// How many have the right entry first, and how many among three; the others as text.
fn measured(sheet: &str) -> (f64, f64, String) {
    let (ready, shelf) = (ready(), Shelf::default());
    let questions = questions(sheet);
    let (mut first, mut among_three, mut others) = (0, 0, String::new());
    for (question, expected) in &questions {
        let answers = shelf.search(&ready, question).answers;
        let place = answers
            .iter()
            .position(|fit| expected.iter().any(|id| id == fit.id.as_str()));
        first += usize::from(place == Some(0));
        among_three += usize::from(place.is_some_and(|place| place < 3));
        if place != Some(0) {
            let best: Vec<String> = answers
                .iter()
                .take(3)
                .map(|fit| format!("{} {:.2}", fit.id, fit.fit))
                .collect();
            others += &format!("  {question}: {place:?}, {}\n", best.join(", "));
        }
    }
    let share = |count: usize| count as f64 / questions.len() as f64;
    (share(first), share(among_three), others)
}

#[test]
fn spoken_questions_find_their_answer() {
    let sheet = include_str!("../../../tests/golden/guide-queries.csv");
    assert_eq!(questions(sheet).len(), 60);
    let (first, among_three, others) = measured(sheet);
    println!("first {first:.3}, among three {among_three:.3}\n{others}");
    assert!(
        first >= 0.85,
        "the right answer is first for {first:.3}:\n{others}"
    );
    assert!(
        among_three >= 0.95,
        "the right answer is among three for {among_three:.3}:\n{others}"
    );
}

/// Questions that were written when the search was finished, and that it was not changed for.
#[test]
fn questions_that_nobody_tuned_for_find_theirs_too() {
    let sheet = include_str!("../../../tests/golden/guide-held-out.csv");
    assert_eq!(questions(sheet).len(), 30);
    let (first, among_three, others) = measured(sheet);
    println!("held out: first {first:.3}, among three {among_three:.3}\n{others}");
    assert!(
        first >= 0.8 && among_three >= 0.9,
        "first {first:.3}, among three {among_three:.3}:\n{others}"
    );
}

/// The time of a question is that of the lists it looks at: with 2,000 articles some ten thousand entries, a few bytes
/// each, so milliseconds on any machine. The time itself is measured by the load tests.
#[test]
fn a_question_looks_at_what_it_shares_alone() {
    let large = large_guide(2_000);
    assert_eq!(large.articles.len(), 2_000);
    let plans = sample_plans();
    let ready = Ready::new(&large, &plans[0], (1, 1));
    for (question, _) in questions(include_str!("../../../tests/golden/guide-queries.csv")) {
        let work = ready.work(&question);
        assert!(work <= 60_000, "{question}: {work}");
    }
}

#[test]
fn what_the_hall_does_not_know_finds_nothing() {
    let (ready, shelf) = (ready(), Shelf::default());
    let found: Vec<String> = questions(include_str!("../../../tests/golden/guide-nothing.csv"))
        .into_iter()
        .filter_map(|(question, _)| {
            let search = shelf.search(&ready, &question);
            let best = search.answers.first()?;
            Some(format!("{question}: {} {:.2}", best.id, best.fit))
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_word_of_another_office_says_where_to_go() {
    let (ready, shelf) = (ready(), Shelf::default());
    let search = shelf.search(&ready, "社保卡丢了怎么办");
    let word = &ready.guide.words[usize::from(search.elsewhere.unwrap())];
    assert!(word.says.as_ref().unwrap().zh.contains("社保"));
    assert!(!search.nearest.is_empty());
}
