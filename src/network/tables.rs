//! The tables of a network's spreadsheet: which columns each has, and how sheets are cut into rows.

use super::import::SheetReader;
use super::sheet::{CellPlace, Sheet};
use office::cell::{fault, plain};
use office::table::is_remark;
use std::collections::{BTreeMap, BTreeSet};

/// A column: its English and its Chinese name, and whether each row must fill it.
pub(super) type Column = (&'static str, &'static str, bool);

/// A table and its columns; the first column's name tells which table it is. The table of authorisations also has a
/// column for each service.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) columns: &'static [Column],
    pub(super) by_service: bool,
}

pub(super) const NETWORK: Table = Table {
    columns: &[
        ("network", "网络名称", true),
        ("name_en", "英文名称", true),
        ("time_zone", "时区", false),
        ("services_least", "最少业务数", false),
        ("services_most", "最多业务数", false),
    ],
    by_service: false,
};

pub(super) const SERVICES: Table = Table {
    columns: &[
        ("service", "业务代码", true),
        ("name_zh", "中文名称", true),
        ("name_en", "英文名称", true),
        ("prefix", "号码前缀", true),
        ("minutes", "平均分钟", false),
        ("documents_zh", "所需材料", false),
        ("documents_en", "材料英文", false),
        ("online_zh", "网办渠道", false),
        ("online_en", "网办英文", false),
        ("url", "网址", false),
        ("identify", "须凭证件", false),
    ],
    by_service: false,
};

pub(super) const HALLS: Table = Table {
    columns: &[
        ("hall", "大厅代码", true),
        ("kind", "类型", true),
        ("name_zh", "中文名称", true),
        ("name_en", "英文名称", true),
        ("address_zh", "中文地址", false),
        ("address_en", "英文地址", false),
        ("hotline", "咨询电话", false),
        ("windows", "窗口", true),
        ("monday", "周一", false),
        ("tuesday", "周二", false),
        ("wednesday", "周三", false),
        ("thursday", "周四", false),
        ("friday", "周五", false),
        ("saturday", "周六", false),
        ("sunday", "周日", false),
        ("dates", "流动日期", false),
        ("phone_tickets", "手机取号", false),
    ],
    by_service: false,
};

pub(super) const AUTHORISED: Table = Table {
    columns: &[("authorised", "授权大厅", true)],
    by_service: true,
};

pub(super) const NEIGHBOURS: Table = Table {
    columns: &[
        ("neighbour", "相邻大厅", true),
        ("other", "另一大厅", true),
        ("walking", "步行分钟", false),
        ("driving", "驾车分钟", false),
    ],
    by_service: false,
};

pub(super) const TABLES: [&Table; 5] = [&NETWORK, &SERVICES, &HALLS, &AUTHORISED, &NEIGHBOURS];

/// One row of a table: its cells by their columns' names.
#[derive(Debug)]
pub(super) struct TableRow<'a> {
    pub(super) table: &'static Table,
    pub(super) start: CellPlace,
    pub(super) cells: BTreeMap<&'a str, (CellPlace, &'a str)>,
    /// Columns whose cell the spreadsheet did not know; that is said already.
    pub(super) broken: BTreeSet<&'a str>,
}

impl<'a> TableRow<'a> {
    /// The cell of a column, if it is filled with something that can be read.
    pub(super) fn cell(&self, column: &str) -> Option<(&CellPlace, &'a str)> {
        let (place, text) = self.cells.get(column)?;
        let is_filled = !text.is_empty() && !self.broken.contains(column);
        is_filled.then_some((place, *text))
    }

    /// Whether anything stands in a column.
    pub(super) fn says(&self, column: &str) -> bool {
        self.cell(column).is_some() || self.broken.contains(column)
    }

    /// Where a column's cell is; the row's beginning if the sheet has no such column.
    pub(super) fn place(&self, column: &str) -> &CellPlace {
        self.cells
            .get(column)
            .map_or(&self.start, |(place, _)| place)
    }
}

impl SheetReader {
    /// Cuts the sheets into the rows of their tables. Skips empty rows and remarks, which begin with #.
    pub(super) fn rows_of<'a>(&mut self, sheets: &'a [Sheet]) -> Vec<TableRow<'a>> {
        let mut rows = Vec::new();
        for sheet in sheets {
            let mut open: Option<(&'static Table, BTreeMap<usize, &'a str>)> = None;
            for (number, cells) in sheet.rows.iter().enumerate() {
                let place = |column| CellPlace {
                    sheet: sheet.name.clone(),
                    row: number,
                    column,
                };
                let first = cells.first().map_or("", String::as_str);
                if cells.iter().all(String::is_empty) || is_remark(cells.iter().map(String::as_str))
                {
                    continue;
                }
                if let Some(table) = TABLES
                    .into_iter()
                    .find(|table| names(first, &table.columns[0]))
                {
                    open = Some((table, self.header(table, cells, place)));
                    continue;
                }
                let Some((table, columns)) = &open else {
                    self.wrong(
                        &place(0),
                        "a table begins with its header: network, service, hall, authorised or neighbour in the first cell",
                    );
                    break;
                };
                let cells = columns.iter().map(|(column, name)| {
                    let text = cells.get(*column).map_or("", String::as_str);
                    (*name, (place(*column), text))
                });
                rows.push(self.row(table, place(0), cells.collect()));
            }
        }
        rows
    }

    /// A row, each cell of which the spreadsheet knew, or is named.
    fn row<'a>(
        &mut self,
        table: &'static Table,
        start: CellPlace,
        cells: BTreeMap<&'a str, (CellPlace, &'a str)>,
    ) -> TableRow<'a> {
        let mut broken = BTreeSet::new();
        for (column, (place, text)) in &cells {
            if let Some((zh, en)) = fault(text) {
                self.wrong(place, format!("{column} \"{text}\": {zh} / {en}"));
                broken.insert(*column);
            }
        }
        TableRow {
            table,
            start,
            cells,
            broken,
        }
    }

    /// The columns of a table by their position.
    fn header<'a>(
        &mut self,
        table: &'static Table,
        cells: &'a [String],
        place: impl Fn(usize) -> CellPlace,
    ) -> BTreeMap<usize, &'a str> {
        let mut columns: BTreeMap<usize, &'a str> = BTreeMap::new();
        for (index, cell) in cells.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
            let known = table.columns.iter().find(|column| names(cell, column));
            match known {
                Some((name, _, _)) if columns.values().any(|seen| seen == name) => {
                    self.wrong(&place(index), format!("the column {name} is there twice"));
                }
                Some((name, _, _)) => {
                    columns.insert(index, name);
                }
                None if table.by_service => {
                    columns.insert(index, cell);
                }
                None => {
                    let known: Vec<&str> = table.columns.iter().map(|(name, ..)| *name).collect();
                    let reason = format!("no column \"{cell}\"; there are {}", known.join(", "));
                    self.wrong(&place(index), reason);
                }
            }
        }
        for (name, zh, _) in table.columns.iter().filter(|(.., required)| *required) {
            if !columns.values().any(|seen| seen == name) {
                self.wrong(&place(0), format!("the column {name} ({zh}) is missing"));
            }
        }
        columns
    }
}

/// Whether a header's cell means this column: its name in either language is one of the cell's words.
pub(super) fn names(cell: &str, (name, zh, _): &(&str, &str, bool)) -> bool {
    let cell = plain(cell);
    let mut words = cell.split(|c: char| c.is_whitespace() || "/|·()".contains(c));
    words.any(|word| word.eq_ignore_ascii_case(name) || word == *zh)
}
