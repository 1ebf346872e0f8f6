//! Questions as people ask them, against the sample guide: which answer stands first.

#![expect(
    clippy::print_stdout,
    reason = "how good the search is, for whoever runs them with --nocapture"
)]

use crate::guide::sample::{self, large_guide};
use crate::guide::search::Fit;
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

/// What became of the questions of a sheet that have an answer.
struct Measured {
    /// The right entry is first, or among three, as a share of all questions.
    first: f64,
    among_three: f64,
    /// The right entry is first, as a share of those that were answered at all.
    precision: f64,
    /// The other questions, as text.
    others: String,
}

fn measured(name: &str, sheet: &str) -> Measured {
    let (ready, shelf) = (ready(), Shelf::default());
    let questions = questions(sheet);
    let (mut first, mut among_three, mut answered) = (0, 0, 0);
    let mut others = String::new();
    for (question, expected) in &questions {
        let answers = shelf.search(&ready, question).answers;
        let is_right = |id: &str| expected.iter().any(|right| right == id);
        let place = answers.iter().position(|fit| is_right(fit.id.as_str()));
        first += usize::from(place == Some(0));
        among_three += usize::from(place.is_some_and(|place| place < 3));
        answered += usize::from(!answers.is_empty());
        if place != Some(0) {
            others += &format!("  {question}: {place:?}, {}\n", best(&answers));
        }
    }
    let share = |count: usize| count as f64 / questions.len() as f64;
    let measured = Measured {
        first: share(first),
        among_three: share(among_three),
        precision: first as f64 / answered as f64,
        others,
    };
    println!(
        "{name}, {} questions: first {:.3}, among three {:.3}, precision {:.3}\n{}",
        questions.len(),
        measured.first,
        measured.among_three,
        measured.precision,
        measured.others
    );
    measured
}

fn best(fits: &[Fit]) -> String {
    let best = fits.iter().take(3);
    let best: Vec<String> = best
        .map(|fit| format!("{} {:.2}", fit.id, fit.fit))
        .collect();
    best.join(", ")
}

/// The questions of a sheet without an answer that are answered all the same.
fn guessed(name: &str, sheet: &str) -> Vec<String> {
    let (ready, shelf) = (ready(), Shelf::default());
    let questions = questions(sheet);
    let guessed = questions.iter().filter_map(|(question, _)| {
        let answers = shelf.search(&ready, question).answers;
        (!answers.is_empty()).then(|| format!("{question}: {}", best(&answers)))
    });
    let guessed: Vec<String> = guessed.collect();
    let (count, of) = (guessed.len(), questions.len());
    println!(
        "{name}: {count} of {of} guessed\n  {}",
        guessed.join("\n  ")
    );
    guessed
}

#[test]
fn spoken_questions_find_their_answer() {
    let sheet = include_str!("../../../tests/golden/guide-queries.csv");
    assert_eq!(questions(sheet).len(), 90);
    let measured = measured("golden", sheet);
    assert!(
        measured.first >= 0.85 && measured.among_three >= 0.95,
        "{}",
        measured.others
    );
}

/// Questions that were written when the search was finished, and that it was not changed for.
#[test]
fn questions_that_nobody_tuned_for_find_theirs_too() {
    let sheet = include_str!("../../../tests/golden/guide-held-out.csv");
    assert_eq!(questions(sheet).len(), 60);
    let measured = measured("held out", sheet);
    assert!(
        measured.first >= 0.8 && measured.among_three >= 0.9,
        "{}",
        measured.others
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
    let sheet = include_str!("../../../tests/golden/guide-nothing.csv");
    assert_eq!(questions(sheet).len(), 43);
    let guessed = guessed("nothing", sheet);
    assert!(guessed.len() <= 4, "{}", guessed.join("\n"));
}

/// The same for questions that the search was not changed for.
#[test]
fn what_nobody_tuned_for_is_not_guessed_either() {
    let sheet = include_str!("../../../tests/golden/guide-nothing-held-out.csv");
    assert_eq!(questions(sheet).len(), 20);
    let guessed = guessed("nothing, held out", sheet);
    assert!(guessed.len() <= 3, "{}", guessed.join("\n"));
}

/// Nothing of these is in the guide, and something else was once offered for each.
#[test]
fn what_stands_nowhere_in_the_guide_is_not_taken_for_something_else() {
    let (ready, shelf) = (ready(), Shelf::default());
    for question in [
        "邮寄",
        "邮寄到家",
        "聋哑人能考驾照吗",
        "结婚证",
        "办社保卡",
        "色盲可以考驾照吗",
        "房产证过户要带什么",
        "教练态度不好怎么投诉",
        "ETC在哪里办",
        "电梯年检",
    ] {
        let answers = shelf.search(&ready, question).answers;
        assert!(answers.is_empty(), "{question}: {}", best(&answers));
    }
}

#[test]
fn a_word_of_another_office_says_where_to_go() {
    let (ready, shelf) = (ready(), Shelf::default());
    let search = shelf.search(&ready, "社保卡丢了怎么办");
    let word = &ready.guide.words[usize::from(search.elsewhere.unwrap())];
    assert!(word.says.as_ref().unwrap().zh.contains("社保"));
    assert!(!search.nearest.is_empty());
}
