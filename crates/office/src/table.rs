//! How rows are cut: what stands between two cells, and which lines are remarks.

use crate::cell;

/// What stands between two cells: the comma; the tab where a spreadsheet saved "Unicode text"; the semicolon of a
/// computer whose comma is for decimals. The first line with any of them tells, because it names
/// the columns.
pub fn delimiter(text: &str) -> u8 {
    let names_several = |line: &&str| !line.starts_with('#') && line.contains([',', '\t', ';']);
    let header = text.lines().find(names_several).unwrap_or_default();
    let count = |mark: char| {
        let mut is_quoted = false;
        let outside = header.chars().filter(|c| {
            is_quoted ^= *c == '"';
            !is_quoted && *c == mark
        });
        outside.count()
    };
    let candidates = [(b',', ','), (b'\t', '\t'), (b';', ';')];
    let most = candidates.iter().rev().max_by_key(|(_, mark)| count(*mark));
    match most {
        Some((byte, mark)) if count(*mark) > 0 => *byte,
        Some(_) | None => b',',
    }
}

/// Whether this row is a remark: it begins with `#`. What a spreadsheet could not work out begins so too, and is none.
pub fn is_remark<'a>(cells: impl IntoIterator<Item = &'a str>) -> bool {
    let mut cells = cells.into_iter().map(str::trim);
    let first = cells.next().unwrap_or_default();
    let mut stands_alone = || cells.all(str::is_empty);
    first.starts_with('#') && (cell::fault(first).is_none() || is_line_of(first) && stands_alone())
}

/// `########`: a column that was too narrow, or a line between two tables.
fn is_line_of(cell: &str) -> bool {
    cell.chars().all(|c| c == '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_what_stands_between_cells() {
        let cases = [
            ("a,b,c\n1;2;3", b','),
            ("# remark; with; marks\na\tb\tc\n", b'\t'),
            ("\n\na;b;c\n", b';'),
            ("\"a;b;c;d\",b\n", b','),
            ("a\n", b','),
            ("", b','),
        ];
        for (text, expected) in cases {
            assert_eq!(delimiter(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_could_not_be_worked_out_is_no_remark() {
        for remark in [&["# halls", "x"][..], &["#"], &["########", "", ""]] {
            assert!(is_remark(remark.iter().copied()), "{remark:?}");
        }
        for row in [
            &["#N/A", "x"][..],
            &["#REF!"],
            &["########", "x"],
            &["a", "#"],
        ] {
            assert!(!is_remark(row.iter().copied()), "{row:?}");
        }
    }
}
