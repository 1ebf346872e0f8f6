//! Questions that the guide had no answer to, as the manager may see them: without anything of a person.

use hall::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest question that is kept, in characters.
const QUESTION_LONGEST: usize = 60;
/// So many digits in a row are somebody's number: a document's, a telephone's.
const DIGITS_MOST: usize = 5;

/// A question and how often nothing was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Miss {
    pub count: u32,
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Time,
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Time,
}

/// The same text for questions that differ in spaces, case and punctuation only; none if nothing is left of it.
///
/// Digits that may be somebody's number are struck out, also when letters end it (a resident's number ends in X).
pub fn normalised(question: &str) -> Option<String> {
    let kept = question
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' });
    let lower: String = kept.flat_map(char::to_lowercase).collect();
    let words: Vec<String> = lower.split_whitespace().map(without_numbers).collect();
    // a number in groups is a number too
    let text = without_numbers(&join(&words));
    let text: String = text.chars().take(QUESTION_LONGEST).collect();
    let has_words = text.chars().any(char::is_alphabetic);
    has_words.then(|| text.trim().to_owned())
}

/// English words with a space between them, hanzi and digits without.
fn join(words: &[String]) -> String {
    let mut joined = String::new();
    for word in words {
        let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        if latin(joined.chars().last()) && latin(word.chars().next()) {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

fn without_numbers(word: &str) -> String {
    let mut kept = String::new();
    let mut digits = String::new();
    for c in word.chars().chain([' ']) {
        if c.is_numeric() || (c == 'x' && digits.chars().count() > DIGITS_MOST) {
            digits.push(c);
            continue;
        }
        if digits.chars().count() <= DIGITS_MOST {
            kept.push_str(&digits);
        }
        digits.clear();
        kept.push(c);
    }
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_person_is_kept() {
        for (question, kept) in [
            ("怎么办 护照?", Some("怎么办护照")),
            ("我的身份证430202199001011234丢了", Some("我的身份证丢了")),
            ("43020219900101123X 社保", Some("社保")),
            ("打 138 0013 8000 找谁", Some("打找谁")),
            ("Lost my PASSPORT!", Some("lost my passport")),
            ("122令 社保", Some("122令社保")),
            ("13800138000", None),
            ("???", None),
        ] {
            assert_eq!(normalised(question).as_deref(), kept, "{question}");
        }
        assert_eq!(
            normalised(&"长".repeat(500)).map(|text| text.chars().count()),
            Some(60)
        );
    }
}
