//! A person's name: shown and printed as it is spelled, compared by its folded form.

use crate::written::hidden;
use hall::text::{Text, typed};

/// A name that can be called out.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(String);

// a person's
hidden!(Name);

/// Longest name, in characters: passports have up to 78.
const LONGEST: usize = 100;

impl Name {
    /// Reads what was typed.
    pub fn parse(text: &str) -> Result<Name, Text> {
        if typed::commands_a_screen(text) {
            return Err(Text::new(
                "姓名里有看不见的控制字符，请重新输入。",
                "The name has control characters in it. Type it again.",
            ));
        }
        let name = typed::spelling(text);
        if name.is_empty() {
            return Err(Text::new("请填写姓名。", "Give the name."));
        }
        if !name.chars().any(char::is_alphabetic) {
            return Err(Text::new(
                "姓名里没有文字，请填写证件上的姓名。",
                "The name has no letter in it. Give it as the document has it.",
            ));
        }
        if name.chars().count() > LONGEST {
            return Err(Text::new(
                format!("姓名最多{LONGEST}字。"),
                format!("A name has at most {LONGEST} characters."),
            ));
        }
        Ok(Name(name))
    }

    /// As it is spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared.
    pub fn folded(&self) -> String {
        typed::folded_name(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_spelling_and_is_compared_folded() {
        let read = |text: &str| {
            let name = Name::parse(text).unwrap();
            (name.as_str().to_string(), name.folded())
        };
        for (typed, spelled, folded) in [
            ("张三", "张三", "张三"),
            ("张 三", "张 三", "张三"),
            ("张　三\r\n", "张 三", "张三"),
            ("张三\u{200B}", "张三", "张三"),
            ("\u{FEFF}张三", "张三", "张三"),
            ("阿依古丽·买买提", "阿依古丽·买买提", "阿依古丽买买提"),
            ("阿依古丽.买买提", "阿依古丽.买买提", "阿依古丽买买提"),
            (
                "Anne-Marie  O’Neill",
                "Anne-Marie O’Neill",
                "annemarieo’neill",
            ),
            ("ＪＯＨＮ Smith", "ＪＯＨＮ Smith", "johnsmith"),
            ("𠮷田", "𠮷田", "𠮷田"),
        ] {
            assert_eq!(read(typed), (spelled.into(), folded.into()), "{typed:?}");
        }
    }

    /// Whoever is called out by nothing does not know that he is called.
    #[test]
    fn a_name_of_nothing_is_no_name() {
        let nothing = [
            "", " ", "\u{200B}", "\u{FEFF}", "\u{3164}", "\u{2800}", "·", "---", "。。", "123",
            "😀", "\u{301}",
        ];
        let dangerous = [
            "王\0五",
            "王\r\n五",
            "王\t五",
            "\u{202e}abc",
            "王\u{2068}五",
            "王\u{1b}[2J五",
        ];
        for text in nothing.into_iter().chain(dangerous) {
            let refused = Name::parse(text).map(|_| ()).unwrap_err();
            assert!(refused.zh.ends_with('。') && refused.en.ends_with('.'));
        }
        assert!(Name::parse(&"长".repeat(LONGEST + 1)).is_err());
    }
}
