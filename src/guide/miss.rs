//! Questions that the guide could not answer. The manager sees them, so everything personal is removed first.

use hall::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest question that is kept, in characters.
const QUESTION_LONGEST: usize = 60;
/// More digits in a row are a personal number: of a document, of a telephone.
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

/// One question, without anything of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Missed {
    pub question: String,
    #[serde(flatten)]
    pub miss: Miss,
}

/// One text for all questions that differ only in spaces, case and punctuation; none if no words are left.
///
/// Digits that may be a personal number are removed, with the X at the end that a resident's number may have.
pub fn normalised(question: &str) -> Option<String> {
    let kept = question
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' });
    let lower: String = kept.flat_map(char::to_lowercase).collect();
    let words: Vec<String> = lower.split_whitespace().map(without_numbers).collect();
    // a number may be written in groups
    let text = without_numbers(&join(&words));
    let text: String = text.chars().take(QUESTION_LONGEST).collect();
    let has_words = text.chars().any(char::is_alphabetic);
    has_words.then(|| text.trim().to_owned())
}

/// English words with a space between them; hanzi and digits without.
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
