//! The sentence of a call: 「请 A 零 幺 二 号,前来三号窗口」, as words, as clips and as pinyin.
//!
//! A board speaks by playing clips one after the other, so a sentence is made of words that a hall can record once; how
//! they are spelled is decided here and nowhere else. Numbers are spelled sign by sign and 一 is 幺 in them, for it is
//! too close to 七; a window is a number word, as people say it. A sentence has one language, the ticket's: whoever took
//! a number in English is called in English *instead*, because both sentences, spoken twice, would take longer than the
//! ten seconds that a busy hall has for a call, and the panel shows the number to everybody.

use crate::id::{TicketNumber, WindowNumber};
use crate::plan::Plan;
use crate::text::{Language, Text};
use crate::view::clip::{Clip, window_words};
use std::collections::BTreeSet;

/// What a board says for one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// What is said in: the ticket's language.
    pub language: Language,
    /// In the order in which they are played.
    pub clips: Vec<Clip>,
    /// The sentence in both languages, numbers spelled, for who reads it aloud by other means.
    pub text: Text,
    /// The Chinese sentence for a speech engine that reads `cmn-latn-pinyin`: syllables with tone numbers, every sign of
    /// the number by itself, Latin letters by their names.
    pub pinyin: String,
}

/// The announcement of a call, for whoever took the number in `language`.
pub fn announcement(
    number: &TicketNumber,
    window: WindowNumber,
    language: Language,
) -> Announcement {
    let chinese = sentence(number, window, Language::Zh);
    let english = sentence(number, window, Language::En);
    Announcement {
        language,
        text: Text::new(written_zh(&chinese), written_en(&english)),
        pinyin: spaced(&chinese, |clip| clip.normalised()),
        clips: match language {
            Language::Zh => chinese,
            Language::En => english,
        },
    }
}

/// Every clip that a hall with this plan may have to play: its letters, all digits, its windows, in both languages.
pub fn needed_clips(plan: &Plan) -> BTreeSet<Clip> {
    let mut needed = BTreeSet::new();
    for language in [Language::Zh, Language::En] {
        let letters = plan.services.iter().flat_map(|service| {
            let prefix = service.prefix.as_str();
            prefix.chars().map(|letter| Clip::Letter(language, letter))
        });
        needed.extend(letters);
        needed.extend((0..=9).map(|digit| Clip::Digit(language, digit)));
        let windows = plan.windows.iter();
        needed.extend(windows.flat_map(|window| window_words(window.number, language)));
        needed.extend(Clip::around(language));
    }
    needed
}

fn sentence(number: &TicketNumber, window: WindowNumber, language: Language) -> Vec<Clip> {
    let number = number_signs(number, language);
    let window = window_words(window, language);
    match language {
        Language::Zh => [
            vec![Clip::Please],
            number,
            vec![Clip::NumberComeTo],
            window,
            vec![Clip::Window],
        ]
        .concat(),
        Language::En => [vec![Clip::Ticket], number, vec![Clip::GoToCounter], window].concat(),
    }
}

/// `A012` sign by sign.
fn number_signs(number: &TicketNumber, language: Language) -> Vec<Clip> {
    number
        .to_string()
        .chars()
        .map(|sign| match sign.to_digit(10) {
            Some(digit) => Clip::Digit(language, digit as u8),
            None => Clip::Letter(language, sign),
        })
        .collect()
}

/// 「请 A 零 幺 二 号,前来三号窗口」
fn written_zh(clips: &[Clip]) -> String {
    let mut written = String::new();
    for clip in clips {
        match clip {
            Clip::Letter(..) => written += &format!(" {}", clip.words()),
            Clip::Digit(..) if !written.contains('来') => written += &format!(" {}", clip.words()),
            Clip::NumberComeTo => written += &format!(" {}", clip.words()),
            _ => written += clip.words(),
        }
    }
    written
}

/// "Ticket A zero one two, please go to counter three."
fn written_en(clips: &[Clip]) -> String {
    let spoken = spaced(clips, |clip| clip.words().to_owned());
    spoken.replacen(" please", ", please", 1) + "."
}

fn spaced(clips: &[Clip], word: impl Fn(&Clip) -> String) -> String {
    clips.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(number: &str, window: u16, expected: Expect) {
        let number = TicketNumber::parse(number).unwrap();
        let of = |language| announcement(&number, WindowNumber(window), language);
        let (zh, en) = (of(Language::Zh), of(Language::En));
        assert_eq!((&zh.text, &zh.pinyin), (&en.text, &en.pinyin));
        let ids = |said: &Announcement| spaced(&said.clips, Clip::id);
        expected.assert_eq(&format!(
            "{}\n{}\n{}\n{}\n{}\n",
            zh.text.zh,
            zh.pinyin,
            ids(&zh),
            en.text.en,
            ids(&en)
        ));
    }

    #[test]
    fn a_number_is_spelled_and_a_window_is_a_word() {
        check(
            "A012",
            3,
            expect![[r#"
            请 A 零 幺 二 号,前来三号窗口
            qing3 A ling2 yao1 er4 hao4, qian2 lai2 san1 hao4 chuang1 kou3
            qing a ling yao er hao-qianlai san hao-chuangkou
            Ticket A zero one two, please go to counter three.
            en-ticket en-a en-zero en-one en-two en-please-go-to-counter en-three
        "#]],
        );
        check(
            "B111",
            12,
            expect![[r#"
            请 B 幺 幺 幺 号,前来十二号窗口
            qing3 B yao1 yao1 yao1 hao4, qian2 lai2 shi2 er4 hao4 chuang1 kou3
            qing b yao yao yao hao-qianlai shi er hao-chuangkou
            Ticket B one one one, please go to counter twelve.
            en-ticket en-b en-one en-one en-one en-please-go-to-counter en-twelve
        "#]],
        );
        check(
            "F770",
            20,
            expect![[r#"
            请 F 七 七 零 号,前来二十号窗口
            qing3 F qi1 qi1 ling2 hao4, qian2 lai2 er4 shi2 hao4 chuang1 kou3
            qing f qi qi ling hao-qianlai ershi hao-chuangkou
            Ticket F seven seven zero, please go to counter twenty.
            en-ticket en-f en-seven en-seven en-zero en-please-go-to-counter en-twenty
        "#]],
        );
    }

    #[test]
    fn numbers_of_four_digits_and_prefixes_of_several_letters_are_spelled_too() {
        check(
            "A1000",
            1,
            expect![[r#"
            请 A 幺 零 零 零 号,前来一号窗口
            qing3 A yao1 ling2 ling2 ling2 hao4, qian2 lai2 yi1 hao4 chuang1 kou3
            qing a yao ling ling ling hao-qianlai yi hao-chuangkou
            Ticket A one zero zero zero, please go to counter one.
            en-ticket en-a en-one en-zero en-zero en-zero en-please-go-to-counter en-one
        "#]],
        );
        check(
            "VIP9999",
            99,
            expect![[r#"
            请 V I P 九 九 九 九 号,前来九十九号窗口
            qing3 V I P jiu3 jiu3 jiu3 jiu3 hao4, qian2 lai2 jiu3 shi2 jiu3 hao4 chuang1 kou3
            qing v i p jiu jiu jiu jiu hao-qianlai jiushi jiu hao-chuangkou
            Ticket V I P nine nine nine nine, please go to counter ninety nine.
            en-ticket en-v en-i en-p en-nine en-nine en-nine en-nine en-please-go-to-counter en-ninety en-nine
        "#]],
        );
        check(
            "W001",
            105,
            expect![[r#"
            请 W 零 零 幺 号,前来幺零五号窗口
            qing3 W ling2 ling2 yao1 hao4, qian2 lai2 yao1 ling2 wu3 hao4 chuang1 kou3
            qing w ling ling yao hao-qianlai yao ling wu hao-chuangkou
            Ticket W zero zero one, please go to counter one zero five.
            en-ticket en-w en-zero en-zero en-one en-please-go-to-counter en-one en-zero en-five
        "#]],
        );
    }

    #[test]
    fn every_window_up_to_ninety_nine_has_the_number_that_people_say() {
        let words = |language| {
            let said = (1..=99).map(|window| {
                let words = window_words(WindowNumber(window), language);
                let between = if language == Language::Zh { "" } else { " " };
                let words: Vec<&str> = words.iter().map(Clip::words).collect();
                words.join(between)
            });
            let said: Vec<String> = said.collect();
            said.chunks(10)
                .map(|ten| ten.join("|") + "\n")
                .collect::<String>()
        };
        expect![[r#"
            一|二|三|四|五|六|七|八|九|十
            十一|十二|十三|十四|十五|十六|十七|十八|十九|二十
            二十一|二十二|二十三|二十四|二十五|二十六|二十七|二十八|二十九|三十
            三十一|三十二|三十三|三十四|三十五|三十六|三十七|三十八|三十九|四十
            四十一|四十二|四十三|四十四|四十五|四十六|四十七|四十八|四十九|五十
            五十一|五十二|五十三|五十四|五十五|五十六|五十七|五十八|五十九|六十
            六十一|六十二|六十三|六十四|六十五|六十六|六十七|六十八|六十九|七十
            七十一|七十二|七十三|七十四|七十五|七十六|七十七|七十八|七十九|八十
            八十一|八十二|八十三|八十四|八十五|八十六|八十七|八十八|八十九|九十
            九十一|九十二|九十三|九十四|九十五|九十六|九十七|九十八|九十九
        "#]]
        .assert_eq(&words(Language::Zh));
        expect![[r#"
            one|two|three|four|five|six|seven|eight|nine|ten
            eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty
            twenty one|twenty two|twenty three|twenty four|twenty five|twenty six|twenty seven|twenty eight|twenty nine|thirty
            thirty one|thirty two|thirty three|thirty four|thirty five|thirty six|thirty seven|thirty eight|thirty nine|forty
            forty one|forty two|forty three|forty four|forty five|forty six|forty seven|forty eight|forty nine|fifty
            fifty one|fifty two|fifty three|fifty four|fifty five|fifty six|fifty seven|fifty eight|fifty nine|sixty
            sixty one|sixty two|sixty three|sixty four|sixty five|sixty six|sixty seven|sixty eight|sixty nine|seventy
            seventy one|seventy two|seventy three|seventy four|seventy five|seventy six|seventy seven|seventy eight|seventy nine|eighty
            eighty one|eighty two|eighty three|eighty four|eighty five|eighty six|eighty seven|eighty eight|eighty nine|ninety
            ninety one|ninety two|ninety three|ninety four|ninety five|ninety six|ninety seven|ninety eight|ninety nine
        "#]].assert_eq(&words(Language::En));
    }

    #[test]
    fn what_a_plan_needs_are_its_letters_all_digits_and_its_windows() {
        let plan = Plan::from_toml(include_str!("../../../../plans/zhuzhou.toml")).unwrap();
        let needed: Vec<String> = needed_clips(&plan).iter().map(Clip::id).collect();
        expect!["qing hao-qianlai hao-chuangkou en-ticket en-please-go-to-counter a c f h u w y en-a en-c en-f en-h en-u en-w en-y ling yao er san si wu liu qi ba jiu en-zero en-one en-two en-three en-four en-five en-six en-seven en-eight en-nine yi"].assert_eq(&needed.join(" "));
    }

    #[test]
    fn a_sentence_never_has_a_clip_that_its_plan_did_not_need() {
        let mut plan = Plan::from_toml(include_str!("../../../../plans/zhuzhou.toml")).unwrap();
        for number in 1..=120 {
            plan.windows[0].number = WindowNumber(number);
            let needed = needed_clips(&plan);
            for (service, ordinal) in plan.services.iter().zip([1, 12, 345, 999, 1_000, 6_789]) {
                let ticket = TicketNumber::new(service.prefix.clone(), ordinal);
                for language in [Language::Zh, Language::En] {
                    let said = announcement(&ticket, WindowNumber(number), language);
                    assert!(
                        said.clips.iter().all(|clip| needed.contains(clip)),
                        "{number}"
                    );
                }
            }
        }
    }
}
