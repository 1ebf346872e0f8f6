//! Spreadsheets as rows of texts, from CSV or XLSX. Each cell has a place, such as `C17`.

use calamine::{Data, Reader, Xlsx, open_workbook};
use std::fmt;
use std::path::{Path, PathBuf};

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
    #[error("{0}: a spreadsheet ends in .csv or .xlsx")]
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
    read_csv(csv.into()).expect("the sample is a table of texts")
}

/// Reads the sheets of a file.
pub fn read_file(path: &Path) -> Result<Vec<Sheet>, NotASheet> {
    let unreadable = |reason: String| NotASheet::File {
        path: path.into(),
        reason,
    };
    match extension(path).as_deref() {
        Some("csv") => {
            let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
            read_csv(bytes).map(|sheet| vec![sheet]).map_err(unreadable)
        }
        Some("xlsx") => read_xlsx(path).map_err(unreadable),
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

fn read_csv(bytes: Vec<u8>) -> Result<Sheet, String> {
    let text = String::from_utf8(bytes).map_err(|_| {
        "is not UTF-8; save it as \"CSV UTF-8\" or as .xlsx (请另存为 CSV UTF-8 或 .xlsx)"
            .to_string()
    })?;
    let text = with_blank_lines_kept(text.trim_start_matches('\u{feff}'));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
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

fn read_xlsx(path: &Path) -> Result<Vec<Sheet>, String> {
    let mut workbook: Xlsx<_> =
        open_workbook(path).map_err(|error: calamine::XlsxError| error.to_string())?;
    let names = workbook.sheet_names();
    let several = names.len() > 1;
    let mut sheets = Vec::new();
    for name in names {
        let range = workbook
            .worksheet_range(&name)
            .map_err(|error| format!("{name}: {error}"))?;
        let (above, before) = range.start().unwrap_or_default();
        let mut rows = vec![Vec::new(); above as usize];
        rows.extend(range.rows().map(|row| {
            let margin = std::iter::repeat_n(String::new(), before as usize);
            margin.chain(row.iter().map(text_of)).collect()
        }));
        let name = several.then_some(name);
        sheets.push(Sheet { name, rows });
    }
    Ok(sheets)
}

/// A cell as a person would type it.
fn text_of(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Data::DateTime(moment) if moment.as_f64() < 1.0 => moment
            .as_datetime()
            .map(|at| at.format("%H:%M").to_string())
            .unwrap_or_default(),
        Data::DateTime(moment) => moment
            .as_datetime()
            .map(|at| at.format("%Y-%m-%d").to_string())
            .unwrap_or_default(),
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
            match cell.parse::<u32>() {
                Ok(number) => page.write_number(row, column, number)?,
                Err(_) => page.write_string(row, column, cell)?,
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
        let sheet = read_csv("\u{feff}a,b\n\n\"x\n\ny\",z\r\n\r\nlast\n".into()).unwrap();
        let rows = sheet.rows;
        assert_eq!(rows.len(), 5);
        assert_eq!(rows[2], ["x\n\ny", "z"]);
        assert_eq!(rows[4], ["last"]);
        assert!(read_csv(vec![0xd6, 0xd0]).unwrap_err().contains("UTF-8"));
    }
}
