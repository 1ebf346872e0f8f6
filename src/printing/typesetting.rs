//! What is printed on each kind of paper, in which order and how large.
//!
//! People read a slip while they stand, often without glasses. So the number comes first and is the largest, then how
//! long it takes, then what to bring. If that does not fit on [`SLIP_LONGEST`], first the QR code shrinks, then
//! documents are counted instead of named, then the lines that help least are left out.

use super::layout::{
    Code, LINE, Layout, PaperLine, SLIP_LONGEST, Scale, TAIL_LINES, Width, packed, width, wrapped,
};
use super::paper::{Checklist, Paper, Slip, TestPage};
use crate::words::Words;
use hall::text::{Language, Text};

/// The code shrinks below this, in dots a module, only if nothing else makes room for documents: 4 dots are half a
/// millimetre.
const MODULE_COMFORTABLE: u8 = 4;
/// For so many lines of documents the code may shrink.
const DOCUMENT_LINES: usize = 2;
/// Lines that stay at the foot: what the code is for, and that a missed number is not lost.
const FOOT_LINES: usize = 2;
/// A checklist's heading and each of its lines may take this many lines.
const CHECKLIST_LINES: usize = 3;

/// Sets papers for one width.
#[derive(Clone, Copy, Debug)]
pub struct Typesetter<'a> {
    pub width: Width,
    pub words: &'a Words,
}

/// Whether a paper may be the second one of its slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// No other paper is known.
    First,
    /// The connection broke while it was printed, so there may be another: 「重打」.
    Again,
}

/// The parts of a slip while the sizes of documents and code are being chosen.
struct Parts {
    head: Vec<PaperLine>,
    documents: Vec<PaperLine>,
    code: Option<Code>,
    foot: Vec<PaperLine>,
}

impl Typesetter<'_> {
    /// The paper, line by line.
    pub fn set(&self, paper: &Paper, edition: Edition) -> Layout {
        let lines = match paper {
            Paper::Ticket(slip) => self.slip(slip, edition),
            Paper::Checklist(list) => self.checklist(list, edition),
            Paper::Test(test) => self.test_page(test),
        };
        Layout {
            width: self.width,
            lines,
        }
    }

    fn slip(&self, slip: &Slip, edition: Edition) -> Vec<PaperLine> {
        let mut parts = Parts {
            head: self.head(slip, edition),
            documents: Vec::new(),
            code: slip.url.as_deref().and_then(Code::largest),
            foot: self.foot(slip),
        };
        self.fit(slip, &mut parts);
        parts.lines()
    }

    fn head(&self, slip: &Slip, edition: Edition) -> Vec<PaperLine> {
        let language = slip.language;
        let mut lines = self.marks(slip.reprint, edition, language);
        lines.extend(self.centred(self.text(&slip.hall, language), Scale::PLAIN));
        lines.push(PaperLine::centred(slip.number.to_string(), Scale::FOURFOLD));
        if slip.reserve {
            let said = self.words.say(language, "slip-reserve", &[]);
            lines.push(PaperLine::centred(said, Scale::PLAIN));
        }
        lines.extend(self.heading(self.text(&slip.service, language)));
        lines.extend(self.waiting(slip));
        if let Some(unknown) = &slip.wait_unknown {
            let why = [("why", self.text(&unknown.text, language).to_string())];
            let said = self.words.say(language, "slip-wait-unknown", &why);
            lines.extend(self.centred(&said, Scale::PLAIN));
        }
        let mut place = slip.at.format("%Y-%m-%d %H:%M").to_string();
        if let Some(zone) = &slip.zone {
            place = format!("{place}  {}", self.text(zone, language));
        }
        lines.extend(self.centred(&place, Scale::PLAIN));
        lines
    }

    /// 「补打」: somebody asked for it again. 「重打」: we doubt that the first came out whole. A paper can have both.
    fn marks(&self, reprint: bool, edition: Edition, language: Language) -> Vec<PaperLine> {
        let marks = [
            (reprint, "slip-reprinted"),
            (edition == Edition::Again, "slip-repeated"),
        ];
        let said = marks.into_iter().filter(|(holds, _)| *holds);
        let said: Vec<String> = said
            .map(|(_, key)| self.words.say(language, key, &[]))
            .collect();
        if said.is_empty() {
            return Vec::new();
        }
        let said = format!("* {} *", said.join(" "));
        vec![PaperLine::centred(said, Scale::PLAIN)]
    }

    fn waiting(&self, slip: &Slip) -> Vec<PaperLine> {
        let language = slip.language;
        let ahead = slip.ahead.map(|ahead| match ahead {
            0 => self.words.say(language, "slip-first", &[]),
            ahead => {
                let count = [("n", ahead.to_string())];
                self.words.say(language, "slip-ahead", &count)
            }
        });
        let wait = slip.wait.filter(|wait| wait.high > 0).map(|wait| {
            let (low, high) = (minutes(wait.low), minutes(wait.high));
            let key = match low == 0 || low == high {
                true => "slip-wait-at-most",
                false => "slip-wait",
            };
            let times = [("low", low.to_string()), ("high", high.to_string())];
            self.words.say(language, key, &times)
        });
        let said = ahead.into_iter().chain(wait);
        if slip.large {
            return said.map(|said| self.large(said)).collect();
        }
        let said: Vec<String> = said.collect();
        let one_line = said.join("  ");
        if width(&one_line) <= self.width.dots() {
            return vec![self.large(one_line)];
        }
        let lines = said.into_iter();
        lines
            .map(|said| PaperLine::centred(said, Scale::TALL))
            .collect()
    }

    fn foot(&self, slip: &Slip) -> Vec<PaperLine> {
        let language = slip.language;
        let mut lines = Vec::new();
        let mut add = |said: String| lines.extend(self.centred(&said, Scale::PLAIN));
        let key = match slip.url {
            Some(_) => "slip-scan",
            None => "slip-no-code",
        };
        add(self.words.say(language, key, &[]));
        add(self.words.say(language, "slip-missed", &[]));
        if let Some(quiet) = &slip.quiet {
            let time = self.text(quiet, language).to_string();
            add(self.words.say(language, "slip-quiet", &[("time", time)]));
        }
        lines
    }

    /// Chooses the sizes: first a comfortable code with the documents that fit, then a smaller code, then fewer words.
    fn fit(&self, slip: &Slip, parts: &mut Parts) {
        let wanted = self.documents(slip, DOCUMENT_LINES).len();
        loop {
            let room = SLIP_LONGEST.saturating_sub(parts.dots()) / LINE;
            let fits = parts.dots() <= SLIP_LONGEST;
            let documents = self.documents(slip, room as usize);
            let is_enough = fits && documents.len() >= wanted;
            let gave_way = !is_enough
                && (parts.shrink(MODULE_COMFORTABLE)
                    || parts.spare(FOOT_LINES)
                    || parts.shrink(0)
                    || (!fits && parts.spare(1)));
            if !gave_way {
                parts.documents = documents;
                return;
            }
        }
    }

    /// What to bring, in at most `most` lines. Documents are named if they fit and counted if they do not.
    fn documents(&self, slip: &Slip, most: usize) -> Vec<PaperLine> {
        let language = slip.language;
        let names = slip.documents.iter();
        let names: Vec<&str> = names.map(|name| self.text(name, language)).collect();
        if names.is_empty() || most == 0 {
            return Vec::new();
        }
        let comma = match language {
            Language::Zh => "、",
            Language::En => ", ",
        };
        let total = [("n", names.len().to_string())];
        for named in (1..=names.len()).rev() {
            let first = [("list", names[0].to_string())];
            let mut items = vec![self.words.say(language, "slip-documents", &first)];
            items.extend(names[1..named].iter().map(|name| name.to_string()));
            if named < names.len() {
                items.push(self.words.say(language, "slip-documents-more", &total));
            }
            let lines = packed(&items, comma, self.width.dots());
            if lines.len() <= most {
                return lines.into_iter().map(PaperLine::left).collect();
            }
        }
        let key = match slip.url {
            Some(_) => "slip-documents-page",
            None => "slip-documents-ask",
        };
        let said = self.words.say(language, key, &total);
        let lines = wrapped(&said, self.width.dots(), most).into_iter();
        lines.map(PaperLine::left).collect()
    }

    fn checklist(&self, list: &Checklist, edition: Edition) -> Vec<PaperLine> {
        let language = list.language;
        let mut lines = self.marks(false, edition, language);
        lines.extend(self.heading(self.text(&list.title, language)));
        let dots = self.width.dots();
        for item in &list.lines {
            let item = format!("[ ] {}", self.text(item, language));
            let item = wrapped(&item, dots, CHECKLIST_LINES).into_iter();
            lines.extend(item.map(PaperLine::left));
        }
        if let Some(code) = list.url.as_deref().and_then(Code::largest) {
            lines.push(PaperLine::Code(code));
            let said = self.words.say(language, "checklist-scan", &[]);
            lines.push(PaperLine::centred(said, Scale::PLAIN));
        }
        lines
    }

    fn test_page(&self, test: &TestPage) -> Vec<PaperLine> {
        let say = |key| self.words.say(test.language, key, &[]);
        let dots = self.width.dots();
        let across = match test.language {
            Language::Zh => ("汉", dots / 24),
            Language::En => ("W", dots / 12),
        };
        let count = [("n", across.1.to_string())];
        let mut lines = self.heading(&say("paper-test"));
        let width = self.words.say(test.language, "paper-test-width", &count);
        lines.push(PaperLine::left(width));
        lines.push(PaperLine::left(across.0.repeat(across.1 as usize)));
        lines.push(PaperLine::centred("A012", Scale::FOURFOLD));
        let rest = [say("paper-test-rare"), say("paper-test-end")];
        for said in rest {
            lines.extend(wrapped(&said, dots, 2).into_iter().map(PaperLine::left));
        }
        lines.extend(Code::largest("https://example.invalid/t/paihao").map(PaperLine::Code));
        lines
    }

    /// Double size if that fits on one line, else tall and on two lines.
    fn heading(&self, text: &str) -> Vec<PaperLine> {
        if width(text) * 2 <= self.width.dots() {
            return vec![PaperLine::centred(text, Scale::DOUBLE)];
        }
        self.centred(text, Scale::TALL)
    }

    /// In the middle, on two lines if need be.
    fn centred(&self, text: &str, scale: Scale) -> Vec<PaperLine> {
        let lines = wrapped(text, self.width.dots(), 2).into_iter();
        lines.map(|line| PaperLine::centred(line, scale)).collect()
    }

    fn large(&self, said: String) -> PaperLine {
        let scale = match width(&said) * 2 <= self.width.dots() {
            true => Scale::DOUBLE,
            false => Scale::TALL,
        };
        PaperLine::centred(said, scale)
    }

    fn text<'a>(&self, text: &'a Text, language: Language) -> &'a str {
        text.in_language(language)
    }
}

impl Parts {
    fn lines(&self) -> Vec<PaperLine> {
        let code = self.code.clone().map(PaperLine::Code);
        let lines = self.head.iter().chain(&self.documents).cloned();
        lines.chain(code).chain(self.foot.iter().cloned()).collect()
    }

    /// How long it is without the documents, which are put in at the end.
    fn dots(&self) -> u32 {
        let lines: u32 = self.lines().iter().map(PaperLine::height).sum();
        lines + u32::from(TAIL_LINES) * LINE
    }

    /// Makes the code smaller, but not below `smallest` dots a module.
    fn shrink(&mut self, smallest: u8) -> bool {
        let smaller = self.code.as_ref().and_then(Code::smaller);
        match smaller.filter(|code| code.module >= smallest) {
            Some(code) => {
                self.code = Some(code);
                true
            }
            None => false,
        }
    }

    /// Removes the last line of the foot if it has more than `keep` lines.
    fn spare(&mut self, keep: usize) -> bool {
        let can = self.foot.len() > keep;
        if can {
            self.foot.pop();
        }
        can
    }
}

/// Whole minutes, as on the screens.
fn minutes(seconds: u32) -> u32 {
    seconds.div_ceil(60)
}
