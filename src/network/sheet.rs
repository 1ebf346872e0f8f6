//! Spreadsheets as rows of texts, from CSV or XLSX. Each cell has a place, such as `C17`.
//!
//! Both are refused beyond sizes that no network of halls has, before memory is asked for: the file's own bytes, what a
//! compressed one unpacks to, and the places and number of its cells. A few kilobytes can name a cell at the far end
//! of a sheet, or unpack to gigabytes.

use crate::files;
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use office::table::delimiter;
use office::{Encoding, decoded};
use std::fmt;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// A city has some hundred halls, each with its services as rows.
pub const ROWS_MOST: usize = 20_000;
/// The widest of our tables has some thirty.
pub const COLUMNS_MOST: usize = 256;
/// Filled cells in all sheets of a file.
pub const CELLS_MOST: usize = 500_000;
/// Sheets of a file.
const SHEETS_MOST: usize = 64;
/// What a compressed file may come to. An honest sheet shrinks to a tenth.
pub const UNPACKED_MOST: u64 = 64 * 1024 * 1024;

/// What somebody reads whose sheet is larger, in Chinese and English.
pub const TOO_LARGE: (&str, &str) = (
    "表格太大:最多20000行、256列、500000个单元格,解压后不超过64MiB。",
    "The sheet is too large: at most 20,000 rows, 256 columns, 500,000 cells, and 64 MiB unpacked.",
);

/// One sheet: rows and columns from the first, empty cells as empty texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name, where a file has several.
    pub name: Option<String>,
    pub rows: Vec<Vec<String>>,
}

/// Where a cell is, counted from 0; written as spreadsheets do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellPlace {
    pub sheet: Option<String>,
    pub row: usize,
    pub column: usize,
}

/// Why a file is no spreadsheet.
#[derive(Debug, thiserror::Error)]
pub enum NotASheet {
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{0}: a spreadsheet ends in .csv, .txt or .xlsx")]
    Kind(PathBuf),
}

impl fmt::Display for CellPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(sheet) = &self.sheet {
            write!(f, "{sheet}!")?;
        }
        write!(f, "{}{}", letters(self.column), self.row + 1)
    }
}

/// A, B, … Z, AA, AB, …
fn letters(column: usize) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letters(before - 1)),
    }
}

/// A made-up network of 5 main and 26 branch halls, as the spreadsheet that a city would fill in.
pub fn sample() -> Sheet {
    let csv = include_str!("../../plans/sample-network.csv");
    table_of(csv).expect("the sample is a table of texts")
}

/// Reads the sheets of a file, and says how a text was written.
pub fn read_file(path: &Path) -> Result<(Vec<Sheet>, Encoding), NotASheet> {
    let bytes = files::read(path).map_err(|error| NotASheet::File {
        path: path.into(),
        reason: error.to_string(),
    })?;
    read_bytes(bytes, path)
}

/// The same of what was read already, from a file of this name.
pub fn read_bytes(bytes: Vec<u8>, path: &Path) -> Result<(Vec<Sheet>, Encoding), NotASheet> {
    let unreadable = |reason: String| NotASheet::File {
        path: path.into(),
        reason,
    };
    match extension(path).as_deref() {
        // what Excel calls "Unicode text" ends in .txt
        Some("csv" | "txt" | "tsv") => {
            let read = decoded(&bytes, &path.display().to_string());
            let read = read.map_err(|error| unreadable(error.to_string()))?;
            let sheet = table_of(&read.text).map_err(unreadable)?;
            Ok((vec![sheet], read.encoding))
        }
        Some("xlsx") => {
            let sheets = read_xlsx(bytes).map_err(unreadable)?;
            Ok((sheets, Encoding::Utf8))
        }
        _ => Err(NotASheet::Kind(path.into())),
    }
}

/// Writes a sheet as CSV or XLSX, as the file's name says.
pub fn write_file(path: &Path, sheet: &Sheet) -> Result<(), NotASheet> {
    let failed = |reason: String| NotASheet::File {
        path: path.into(),
        reason,
    };
    match extension(path).as_deref() {
        Some("csv") => std::fs::write(path, as_csv(sheet)).map_err(|e| failed(e.to_string())),
        Some("xlsx") => write_xlsx(path, sheet).map_err(|error| failed(error.to_string())),
        _ => Err(NotASheet::Kind(path.into())),
    }
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

fn table_of(text: &str) -> Result<Sheet, String> {
    let text = with_blank_lines_kept(text.trim_start_matches('\u{feff}'));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(&text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut rows, mut size) = (Vec::new(), Size::default());
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        size.grow(rows.len(), record.len().saturating_sub(1), record.len())?;
        rows.push(record.iter().map(|cell| cell.trim().to_string()).collect());
    }
    Ok(Sheet { name: None, rows })
}

/// Keeps blank lines as rows. The CSV reader drops them, and every later place would be one row too high.
fn with_blank_lines_kept(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut quoted = false;
    for line in text.split_inclusive('\n') {
        if !quoted && line.trim_end().is_empty() {
            kept.push_str("\"\"\n");
        } else {
            kept.push_str(line);
        }
        quoted ^= line.matches('"').count() % 2 == 1;
    }
    kept
}

fn read_xlsx(bytes: Vec<u8>) -> Result<Vec<Sheet>, String> {
    unpacks_to_little(&bytes)?;
    let mut workbook: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))
        .map_err(|error: calamine::XlsxError| error.to_string())?;
    let names = workbook.sheet_names();
    if names.len() > SHEETS_MOST {
        return Err(too_large());
    }
    let several = names.len() > 1;
    let (mut sheets, mut size) = (Vec::new(), Size::default());
    for name in names {
        // cell by cell: the rectangle around all of them may be huge
        let failed = |error: calamine::XlsxError| format!("{name}: {error}");
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(failed)?;
        let mut rows: Vec<Vec<String>> = Vec::new();
        while let Some(cell) = cells.next_cell().map_err(failed)? {
            let (row, column) = cell.get_position();
            let (row, column) = (row as usize, column as usize);
            let text = text_of(&cell.get_value().clone().into());
            if text.is_empty() {
                continue; // only formatted, as whole columns often are
            }
            // what has to be kept: empty cells before it too
            let missing = (column + 1).saturating_sub(rows.get(row).map_or(0, Vec::len));
            size.grow(row, column, missing)?;
            let needed = rows.len().max(row + 1);
            rows.resize_with(needed, Vec::new);
            let cells = &mut rows[row];
            let needed = cells.len().max(column + 1);
            cells.resize_with(needed, String::new);
            cells[column] = text;
        }
        let name = several.then_some(name);
        sheets.push(Sheet { name, rows });
    }
    Ok(sheets)
}

/// Unpacks every part once and keeps nothing: what the archive declares may be a lie.
fn unpacks_to_little(bytes: &[u8]) -> Result<(), String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        format!("不是 .xlsx 工作簿，请在表格程序中另存为 .xlsx。 / is no .xlsx workbook ({error}); save it as .xlsx")
    })?;
    let mut left = UNPACKED_MOST;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| error.to_string())?;
        if part.size() > left {
            return Err(too_large());
        }
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(|error| error.to_string())?;
        left = left.checked_sub(unpacked).ok_or_else(too_large)?;
    }
    Ok(())
}

/// How many cells were read so far.
#[derive(Default)]
struct Size {
    cells: usize,
}

impl Size {
    /// Counts some cells more, up to this place.
    fn grow(&mut self, row: usize, column: usize, cells: usize) -> Result<(), String> {
        self.cells += cells;
        let fits = row < ROWS_MOST && column < COLUMNS_MOST && self.cells <= CELLS_MOST;
        fits.then_some(()).ok_or_else(too_large)
    }
}

fn too_large() -> String {
    let (zh, en) = TOO_LARGE;
    format!("{zh} {en}")
}

/// A cell as a person would type it.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Data::DateTime(moment) => {
            let days = moment.as_f64();
            let form = match days {
                ..1.0 => "%H:%M",
                _ if days.fract() == 0.0 => "%Y-%m-%d",
                _ => "%Y-%m-%d %H:%M",
            };
            let at = moment.as_datetime().map(|at| at.format(form).to_string());
            at.unwrap_or_else(|| days.to_string()) // something stands there, and is not to pass for nothing
        }
        other => other.to_string().trim().to_string(),
    }
}

fn as_csv(sheet: &Sheet) -> String {
    let quoted = |cell: &String| match cell.contains(['"', ',', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let lines = sheet.rows.iter().map(|row| {
        let cells: Vec<String> = row.iter().map(quoted).collect();
        cells.join(",") + "\n"
    });
    // the mark at the beginning makes spreadsheet programs read it as UTF-8
    std::iter::once("\u{feff}".to_string())
        .chain(lines)
        .collect()
}

fn write_xlsx(path: &Path, sheet: &Sheet) -> Result<(), rust_xlsxwriter::XlsxError> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let page = workbook.add_worksheet();
    for (row, cells) in (0..).zip(&sheet.rows) {
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            // a text of digits, such as 0731, is no number
            match cell.parse::<u32>().ok().filter(|n| n.to_string() == *cell) {
                Some(number) => page.write_number(row, column, number)?,
                None => page.write_string(row, column, cell)?,
            };
        }
    }
    workbook.save(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_spreadsheets_do() {
        let place = |row, column| CellPlace {
            sheet: None,
            row,
            column,
        };
        assert_eq!(place(16, 2).to_string(), "C17");
        assert_eq!(place(0, 25).to_string(), "Z1");
        assert_eq!(place(0, 26).to_string(), "AA1");
        let elsewhere = CellPlace {
            sheet: Some("授权".into()),
            ..place(3, 0)
        };
        assert_eq!(elsewhere.to_string(), "授权!A4");
    }

    #[test]
    fn blank_lines_and_lines_in_a_cell_keep_the_rows_where_they_are() {
        let sheet = table_of("\u{feff}a,b\n\n\"x\n\ny\",z\r\n\r\nlast\n").unwrap();
        let rows = sheet.rows;
        assert_eq!(rows.len(), 5);
        assert_eq!(rows[2], ["x\n\ny", "z"]);
        assert_eq!(rows[4], ["last"]);
    }

    #[test]
    fn a_workbooks_cells_are_read_as_they_are_seen() {
        let mut workbook = rust_xlsxwriter::Workbook::new();
        let page = workbook.add_worksheet();
        let as_date = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
        let as_time = rust_xlsxwriter::Format::new().set_num_format("h:mm");
        page.write_number_with_format(0, 0, 46_342, &as_date)
            .unwrap();
        page.write_number_with_format(0, 1, 0.375, &as_time)
            .unwrap();
        page.write_number_with_format(0, 2, 46_342.375, &as_date)
            .unwrap();
        page.write_number_with_format(0, 3, 9e9, &as_date).unwrap();
        page.write_string(0, 4, "00731").unwrap();
        page.write_number(0, 5, 46_342).unwrap();
        let unknown = rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A");
        page.write_formula(0, 6, unknown).unwrap();
        let rows = read_xlsx(workbook.save_to_buffer().unwrap())
            .unwrap()
            .remove(0)
            .rows;
        let read = [
            "2026-11-16",
            "09:00",
            "2026-11-16 09:00",
            "9000000000",
            "00731",
            "46342",
            "#N/A",
        ];
        assert_eq!(rows, [read]);
        assert!(read_xlsx(b"a,b".to_vec()).unwrap_err().contains("另存为"));
    }

    #[test]
    fn digits_that_are_no_number_stay_a_text_in_a_workbook() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xlsx");
        let row = ["00731", "731", "+86", "A001"].map(str::to_string).to_vec();
        let sheet = Sheet {
            name: None,
            rows: vec![row],
        };
        write_file(&path, &sheet).unwrap();
        assert_eq!(read_file(&path).unwrap().0, [sheet]);
    }

    /// A sheet of 12 KiB with one cell at its far end once asked for 549 GB.
    #[test]
    fn a_far_cell_is_refused_and_a_near_one_is_where_it_was() {
        let with_cell_at = |row, column| {
            let mut workbook = rust_xlsxwriter::Workbook::new();
            let page = workbook.add_worksheet();
            page.write_string(row, column, "x").unwrap();
            read_xlsx(workbook.save_to_buffer().unwrap())
        };
        assert_eq!(with_cell_at(1_048_575, 16_383), Err(too_large()));
        assert_eq!(with_cell_at(ROWS_MOST as u32, 0), Err(too_large()));
        assert_eq!(with_cell_at(0, COLUMNS_MOST as u16), Err(too_large()));
        let rows = with_cell_at(2, 1).unwrap().remove(0).rows;
        let nothing: &[&str] = &[];
        assert_eq!(rows, [nothing, nothing, &["", "x"]]);
    }

    #[test]
    fn what_unpacks_to_more_than_it_may_is_refused() {
        use std::io::Write;
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive
            .start_file(
                "xl/sharedStrings.xml",
                zip::write::SimpleFileOptions::default(),
            )
            .unwrap();
        let block = vec![b'a'; 1 << 20];
        for _ in 0..=UNPACKED_MOST >> 20 {
            archive.write_all(&block).unwrap();
        }
        let bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20);
        assert_eq!(read_xlsx(bytes), Err(too_large()));
    }

    #[test]
    fn a_table_of_texts_has_no_more_rows_and_columns_either() {
        assert_eq!(table_of(&"a\n".repeat(ROWS_MOST + 1)), Err(too_large()));
        assert_eq!(table_of(&",".repeat(COLUMNS_MOST)), Err(too_large()));
        let sum = [ROWS_MOST, COLUMNS_MOST, CELLS_MOST].map(|most| most.to_string());
        assert!(sum.iter().all(|most| TOO_LARGE.0.contains(most)));
    }
}
