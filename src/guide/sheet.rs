//! The guide as sheets that people edit: articles and words as CSV, matters as TOML.
//!
//! A sheet is taken whole or not at all. Every fault is named by line and column, so that people find the cell in their
//! spreadsheet. A sheet that is written here reads back unchanged.

use super::catalogue::{Article, EntryId, Guide, Matter, Source, WORDS_MOST, Word, WordKind};
use csv::{ReaderBuilder, StringRecord, Writer};
use hall::id::ServiceId;
use hall::text::Text;
use office::cell::{self, fault, plain};
use office::table::{delimiter, is_remark};
use office::{Encoding, decoded};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Columns of the articles, in the order in which they are written.
pub const OF_ARTICLES: [&str; 14] = [
    "id",
    "category_zh",
    "category_en",
    "subcategory_zh",
    "subcategory_en",
    "service",
    "question_zh",
    "question_en",
    "answer_zh",
    "answer_en",
    "keywords",
    "source",
    "checked_on",
    "note",
];
/// Columns of the words.
pub const OF_WORDS: [&str; 5] = ["kind", "id", "forms", "zh", "en"];
/// Separates several things in one cell; the full-width semicolon is read too.
const BETWEEN: [char; 2] = [';', '\u{ff1b}'];
/// Most faults that are named at once.
const FAULTS_MOST: usize = 100;

/// One of the parts of a guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SheetKind {
    Articles,
    Words,
    Matters,
}

/// A part of a guide that was read; it replaces the same part of the guide.
#[derive(Clone, Debug, PartialEq)]
pub enum GuideSheet {
    Articles(Vec<Article>),
    Words(Vec<Word>),
    Matters(Vec<Matter>),
    Whole(Guide),
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetFault {
    /// From 1; 0 where it is of the sheet as a whole.
    pub line: u64,
    /// The column's name, if it is one cell.
    pub column: String,
    pub reason: String,
}

impl fmt::Display for SheetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column.as_str()) {
            (0, _) => f.write_str(&self.reason),
            (line, "") => write!(f, "{line}: {}", self.reason),
            (line, column) => write!(f, "{line}: {column}: {}", self.reason),
        }
    }
}

impl GuideSheet {
    /// Reads a sheet. TOML has matters; the columns of a CSV say what it has.
    pub fn read(bytes: &[u8]) -> Result<GuideSheet, Vec<SheetFault>> {
        GuideSheet::read_with_encoding(bytes).map(|(sheet, _)| sheet)
    }

    /// The same, and how it was written.
    pub fn read_with_encoding(bytes: &[u8]) -> Result<(GuideSheet, Encoding), Vec<SheetFault>> {
        let read = decoded(bytes, "").map_err(|error| {
            let reason = format!("{} / {}", error.zh(), error.en());
            SheetFault::of_line(error.line as u64, reason)
        })?;
        Ok((GuideSheet::of_text(&read.text)?, read.encoding))
    }

    fn of_text(text: &str) -> Result<GuideSheet, Vec<SheetFault>> {
        let first = text
            .lines()
            .find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        match first.map(|line| line.trim_start_matches('"')) {
            None => Err(SheetFault::of_line(0, "the sheet is empty")),
            Some(line) if line.starts_with('{') => read_whole(text).map(GuideSheet::Whole),
            Some(line) if line.starts_with("[[") => read_matters(text).map(GuideSheet::Matters),
            Some(line) if line.starts_with("kind") => read_words(text).map(GuideSheet::Words),
            Some(line) if line.contains("question_zh") => {
                read_articles(text).map(GuideSheet::Articles)
            }
            Some(_) => Err(SheetFault::of_line(
                0,
                "these are no columns of a guide: the first line of articles has question_zh, that of words begins with kind, and matters are TOML",
            )),
        }
    }

    /// The guide with this part instead of its own.
    pub fn into_guide(self, guide: Guide) -> Guide {
        match self {
            GuideSheet::Articles(articles) => Guide { articles, ..guide },
            GuideSheet::Words(words) => Guide { words, ..guide },
            GuideSheet::Matters(matters) => Guide { matters, ..guide },
            GuideSheet::Whole(guide) => guide,
        }
    }
}

impl SheetFault {
    fn new(line: u64, column: &str, reason: impl Into<String>) -> SheetFault {
        let (column, reason) = (column.into(), reason.into());
        SheetFault {
            line,
            column,
            reason,
        }
    }

    /// Alone, of a line and not of a cell.
    fn of_line(line: u64, reason: impl Into<String>) -> Vec<SheetFault> {
        vec![SheetFault::new(line, "", reason)]
    }
}

fn read_whole(text: &str) -> Result<Guide, Vec<SheetFault>> {
    serde_json::from_str(text)
        .map_err(|error| SheetFault::of_line(error.line() as u64, error.to_string()))
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Matters {
    matters: Vec<Matter>,
}

fn read_matters(text: &str) -> Result<Vec<Matter>, Vec<SheetFault>> {
    let read: Result<Matters, toml::de::Error> = toml::from_str(text);
    read.map(|read| read.matters).map_err(|error| {
        let before = error
            .span()
            .map_or("", |span| &text[..span.start.min(text.len())]);
        SheetFault::of_line(1 + before.matches('\n').count() as u64, error.message())
    })
}

/// The matters as TOML.
pub fn write_matters(matters: &[Matter]) -> String {
    let matters = Matters {
        matters: matters.to_vec(),
    };
    toml::to_string_pretty(&matters).expect("a matter has only what TOML has")
}

/// A row of a sheet, and what is wrong with its cells.
struct SheetRow<'a> {
    line: u64,
    cells: BTreeMap<&'a str, String>,
    faults: Vec<SheetFault>,
    /// Columns whose cell the spreadsheet did not know; that is among the faults.
    broken: BTreeSet<&'a str>,
}

impl SheetRow<'_> {
    fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn fault(&mut self, column: &str, reason: impl Into<String>) {
        self.faults.push(SheetFault::new(self.line, column, reason));
    }

    fn needed(&mut self, column: &str) -> String {
        let cell = self.cell(column).to_owned();
        if cell.is_empty() && !self.broken.contains(column) {
            self.fault(column, "is empty");
        }
        cell
    }

    /// Names the cells that a spreadsheet could not fill, and empties them.
    fn name_broken(&mut self) {
        let broken = self
            .cells
            .iter()
            .filter_map(|(column, text)| Some((*column, text.clone(), fault(text)?)));
        for (column, text, (zh, en)) in broken.collect::<Vec<_>>() {
            self.fault(column, format!("\"{text}\": {zh} / {en}"));
            self.broken.insert(column);
            self.cells.remove(column);
        }
    }

    fn text(&mut self, name: &str) -> Text {
        Text::new(
            self.needed(&format!("{name}_zh")),
            self.needed(&format!("{name}_en")),
        )
    }

    fn list(&self, column: &str) -> Vec<String> {
        let cells = self.cell(column).split(BETWEEN).map(str::trim);
        cells
            .filter(|cell| !cell.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn parsed<T, E: fmt::Display>(
        &mut self,
        column: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let cell = self.needed(column);
        match parse(&plain(&cell)) {
            Ok(parsed) => Some(parsed),
            Err(_) if cell.is_empty() => None,
            Err(error) => {
                self.fault(column, error.to_string());
                None
            }
        }
    }
}

/// Makes something of every row; answers all of them, or everything that is wrong.
fn rows<T>(
    text: &str,
    columns: &[&'static str],
    optional: &[&str],
    make: impl Fn(&mut SheetRow<'_>) -> Option<T>,
) -> Result<Vec<T>, Vec<SheetFault>> {
    let text = without_remarks_on_top(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(&text))
        .flexible(true)
        .from_reader(text.as_bytes());
    let of_csv = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        SheetFault::of_line(line, error.to_string())
    };
    let header = reader.headers().map_err(of_csv)?.clone();
    let places = places(&header, columns, optional)?;
    let (mut made, mut faults) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(of_csv)?;
        if record.iter().all(|cell| cell.trim().is_empty()) || is_remark(&record) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let cells = places
            .iter()
            .map(|(column, place)| (*column, record.get(*place).unwrap_or("").trim().to_owned()));
        let mut row = SheetRow {
            line,
            cells: cells.collect(),
            faults: Vec::new(),
            broken: BTreeSet::new(),
        };
        row.name_broken();
        if record.len() != header.len() {
            let reason = format!(
                "has {} cells, not {}; put a cell with a comma in quotes",
                record.len(),
                header.len()
            );
            row.fault("", reason);
        }
        made.extend(make(&mut row));
        faults.extend(row.faults);
        // 8 MiB of commas are millions of wrong rows, and no guide has as many right ones
        if faults.len() >= FAULTS_MOST || made.len() > WORDS_MOST {
            break;
        }
    }
    faults.truncate(FAULTS_MOST);
    unless_faulty(made, faults)
}

/// Empties the lines of remarks above the columns; the CSV reader takes the first line that is not empty for those.
fn without_remarks_on_top(text: &str) -> String {
    let mut is_above = true;
    let lines = text.split_inclusive('\n').map(|line| {
        is_above &= line.trim().is_empty() || line.starts_with('#');
        if is_above { "\n" } else { line }
    });
    lines.collect()
}

fn unless_faulty<T>(made: T, faults: Vec<SheetFault>) -> Result<T, Vec<SheetFault>> {
    match faults.is_empty() {
        true => Ok(made),
        false => Err(faults),
    }
}

fn places<'a>(
    header: &StringRecord,
    columns: &[&'a str],
    optional: &[&str],
) -> Result<Vec<(&'a str, usize)>, Vec<SheetFault>> {
    let fault = |column, reason| SheetFault::new(1, column, reason);
    let mut faults: Vec<SheetFault> = header
        .iter()
        .map(str::trim)
        .filter(|column| !columns.contains(column))
        .take(FAULTS_MOST)
        .map(|column| fault(column, "is no column of this sheet"))
        .collect();
    let mut places = Vec::new();
    for column in columns {
        match header.iter().position(|name| name.trim() == *column) {
            Some(place) => places.push((*column, place)),
            None if optional.contains(column) => {}
            None => faults.push(fault(column, "this column is missing")),
        }
    }
    unless_faulty(places, faults)
}

fn read_articles(text: &str) -> Result<Vec<Article>, Vec<SheetFault>> {
    let mut lines: BTreeMap<EntryId, u64> = BTreeMap::new();
    let articles = rows(text, &OF_ARTICLES, &["note"], |row| {
        let id = row.parsed("id", EntryId::parse);
        let checked_on = row.parsed("checked_on", |cell| {
            cell::date(cell).ok_or("write a date as 2026-11-16")
        });
        let service = match row.cell("service") {
            "" => None,
            _ => Some(row.parsed("service", |cell| ServiceId::parse(cell))),
        };
        let texts = ["category", "subcategory", "question", "answer"];
        let [category, subcategory, question, answer] = texts.map(|name| row.text(name));
        let source = row.needed("source");
        Some((
            row.line,
            Article {
                id: id?,
                category,
                subcategory,
                service: service.flatten(),
                question,
                answer,
                keywords: row.list("keywords"),
                source: Source {
                    name: source,
                    checked_on: checked_on?,
                },
            },
        ))
    })?;
    let mut twice = Vec::new();
    for (line, article) in &articles {
        if let Some(first) = lines.insert(article.id.clone(), *line) {
            let reason = format!("{} is there already, in line {first}", article.id);
            twice.push(SheetFault::new(*line, "id", reason));
        }
    }
    let articles = articles.into_iter().map(|(_, article)| article);
    unless_faulty(articles.collect(), twice)
}

fn read_words(text: &str) -> Result<Vec<Word>, Vec<SheetFault>> {
    rows(text, &OF_WORDS, &["zh", "en"], |row| {
        let kind = row.parsed("kind", |cell| {
            WordKind::named(cell).ok_or("write idea, topic, filler, elsewhere or reading")
        });
        let id = row.needed("id");
        let forms = row.list("forms");
        if forms.is_empty() && !row.broken.contains("forms") {
            row.fault("forms", "is empty");
        }
        let says =
            (kind? == WordKind::Elsewhere).then(|| Text::new(row.needed("zh"), row.needed("en")));
        Some(Word {
            kind: kind?,
            id,
            forms,
            says,
        })
    })
}

/// The articles as CSV with a byte order mark, so that spreadsheets read them as UTF-8.
pub fn write_articles(articles: &[Article]) -> String {
    let mut sheet = sheet(&OF_ARTICLES);
    for article in articles {
        let service = article
            .service
            .as_ref()
            .map_or(String::new(), ToString::to_string);
        write(
            &mut sheet,
            &[
                article.id.as_str(),
                &article.category.zh,
                &article.category.en,
                &article.subcategory.zh,
                &article.subcategory.en,
                &service,
                &article.question.zh,
                &article.question.en,
                &article.answer.zh,
                &article.answer.en,
                &article.keywords.join("; "),
                &article.source.name,
                &article.source.checked_on.to_string(),
                "",
            ],
        );
    }
    finished(sheet)
}

/// The words as CSV.
pub fn write_words(words: &[Word]) -> String {
    let mut sheet = sheet(&OF_WORDS);
    for word in words {
        let (kind, forms) = (word.kind.name(), word.forms.join("; "));
        let says = word.says.clone().unwrap_or_default();
        write(&mut sheet, &[kind, &word.id, &forms, &says.zh, &says.en]);
    }
    finished(sheet)
}

fn sheet(columns: &[&str]) -> Writer<Vec<u8>> {
    let mut sheet = Writer::from_writer("\u{feff}".as_bytes().to_vec());
    write(&mut sheet, columns);
    sheet
}

fn write(sheet: &mut Writer<Vec<u8>>, cells: &[&str]) {
    sheet.write_record(cells).expect("memory takes every row");
}

fn finished(sheet: Writer<Vec<u8>>) -> String {
    let bytes = sheet.into_inner().expect("memory takes every row");
    String::from_utf8(bytes).expect("only text was written")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "a-1,违法,Fines,处理,Handling,fine,怎么交,How to pay,在窗口,At the window,罚款;罚单,公安部令第157号,2026-11-16";

    fn header() -> String {
        OF_ARTICLES[..13].join(",")
    }

    fn faults(text: &str) -> String {
        let faults = GuideSheet::read(text.as_bytes()).unwrap_err();
        faults
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn articles_go_out_as_they_came_in() {
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{}\n{ROW}\n\n", header());
            let GuideSheet::Articles(articles) = GuideSheet::read(text.as_bytes()).unwrap() else {
                panic!("{text}")
            };
            assert_eq!(articles[0].keywords, ["罚款", "罚单"]);
            let again = GuideSheet::read(write_articles(&articles).as_bytes());
            assert_eq!(again, Ok(GuideSheet::Articles(articles)));
        }
    }

    #[test]
    fn every_fault_is_named_by_line_and_column() {
        let text = format!(
            "{}\n{ROW}\nA 2,违法,,处理,Handling,fine,怎么交,How,x,y,,s,16.11.2026\n{ROW}\n",
            header()
        );
        expect_test::expect![[r#"
            3: id: "A 2" cannot be an id: use 1 to 60 lowercase letters, digits or `-`
            3: checked_on: write a date as 2026-11-16
            3: category_en: is empty"#]]
        .assert_eq(&faults(&text));
        expect_test::expect!["3: id: a-1 is there already, in line 2"]
            .assert_eq(&faults(&format!("{}\n{ROW}\n{ROW}\n", header())));
        expect_test::expect![[r#"
            1: answers: is no column of this sheet
            1: answer_zh: this column is missing"#]]
        .assert_eq(&faults(&header().replace("answer_zh", "answers")));
        expect_test::expect!["these are no columns of a guide: the first line of articles has question_zh, that of words begins with kind, and matters are TOML"].assert_eq(&faults("a,b\n1,2\n"));
        // what a spreadsheet could not work out is no remark, and is named once
        let unknown = format!(
            "{}\n# a remark, with \"cells\"\n{}\n",
            header(),
            ROW.replacen("a-1", "#REF!", 1)
                .replace("2026-11-16", "#N/A")
        );
        let unknown = faults(&unknown);
        assert!(
            unknown.starts_with("3: checked_on: \"#N/A\": 表格没有算出"),
            "{unknown}"
        );
        assert_eq!(unknown.lines().count(), 2, "{unknown}");
        let latin = GuideSheet::read(b"kind,id,forms\nidea,a,\xff\n").unwrap_err();
        assert_eq!((latin[0].line, latin.len()), (2, 1));
    }

    /// A sheet that was downloaded, opened in a spreadsheet and saved has other dates, and often another encoding.
    #[test]
    fn a_sheet_that_a_spreadsheet_saved_is_the_same() {
        let text = format!("# 说明\n{}\n{ROW}\n", header());
        let as_written = GuideSheet::read(text.as_bytes());
        assert!(as_written.is_ok());
        let utf16 = |text: &str| {
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>()
        };
        let dates = [
            "2026/11/16",
            "2026年11月16日",
            "46342",
            "2026-11-16 00:00:00",
            "２０２６／１１／１６",
        ];
        let mut saved: Vec<Vec<u8>> = dates
            .map(|date| text.replace("2026-11-16", date).into_bytes())
            .into();
        saved.push(encoding_rs::GB18030.encode(&text).0.into_owned());
        saved.push([vec![0xFF, 0xFE], utf16(&text.replace(',', "\t"))].concat());
        saved.push(format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes());
        for bytes in saved {
            assert_eq!(
                GuideSheet::read(&bytes),
                as_written,
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
        let (_, encoding) =
            GuideSheet::read_with_encoding(&encoding_rs::GB18030.encode(&text).0).unwrap();
        assert_eq!(encoding, Encoding::Gb18030);
    }

    /// Thousands of sheets that nobody would write: read or refused with places, never a panic.
    #[test]
    fn no_sheet_panics_whatever_is_in_it() {
        let pieces = [
            ROW,
            "kind,id,forms\n",
            "[[matters]]\n",
            "{",
            "\"",
            ",",
            "\n",
            "\r\n",
            "\t",
            ";",
            "#N/A",
            "# ",
            "2026/3/2",
            "-1",
            "𠮷",
            "\u{feff}",
            "idea",
            "\0",
            "a-1",
            "[]",
            "= ",
        ];
        let mut random = fastrand::Rng::with_seed(9);
        for _ in 0..5_000 {
            let text: String = (0..random.usize(..12))
                .map(|_| *random.choice(&pieces).unwrap())
                .collect();
            let text = match random.bool() {
                true => format!("{}\n{text}", header()),
                false => text,
            };
            let mut bytes = text.into_bytes();
            if random.u8(..4) == 0 && !bytes.is_empty() {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
            if let Err(faults) = GuideSheet::read(&bytes) {
                assert!(
                    !faults.is_empty() && faults.iter().all(|fault| !fault.to_string().is_empty())
                );
            }
        }
    }

    #[test]
    fn a_wrong_matter_is_named_by_line() {
        let fault = &GuideSheet::read(b"[[matters]]\nid = \"a\"\nservice = \"fine\"\ntitle = 3\n")
            .unwrap_err()[0];
        assert_eq!(fault.line, 4, "{fault}");
    }
}
