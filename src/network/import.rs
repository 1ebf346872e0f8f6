//! Reads a network from a spreadsheet and names every wrong cell at once. A wrong cell is replaced by an assumed value
//! while the rest is read, so that one mistake is reported once. With any mistake no network is made.
//!
//! A file has five tables, one below the other, in one sheet or in several. Each table begins with its header, and the
//! first cell of the header says which table it is. Columns may be in any order and named in Chinese, in English or in
//! both.

use super::cells::{
    authorisation_of, count, dates_of, hours_of, kind_of, on_the_spot, parts, window, windows_of,
    word, yes_or_no,
};
use super::sheet::{CellPlace, Sheet};
use super::tables::{AUTHORISED, HALLS, NEIGHBOURS, NETWORK, SERVICES, Table, TableRow, names};
use super::{HallKind, Network, NetworkHall};
use hall::id::{HallId, Prefix, ServiceId};
use hall::plan::authorisation::Neighbour;
use hall::plan::hours::Week;
use hall::plan::policy::Policy;
use hall::plan::{OnlineRoute, Service};
use hall::text::Text;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellError {
    pub place: CellPlace,
    pub reason: String,
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// The network that these sheets describe.
pub fn read_sheets(sheets: &[Sheet]) -> Result<Network, Vec<CellError>> {
    let mut reader = SheetReader::default();
    let rows = reader.rows_of(sheets);
    let network = reader.network(&rows);
    reader.errors.sort();
    reader.errors.dedup();
    match network {
        Some(network) if reader.errors.is_empty() => Ok(network),
        Some(_) | None => Err(reader.errors),
    }
}

#[derive(Default)]
pub(super) struct SheetReader {
    errors: Vec<CellError>,
}

/// A hall while its tables are being read, with the row that it comes from.
struct Draft<'a> {
    hall: NetworkHall,
    row: &'a TableRow<'a>,
    /// Whether it has a row in the table of authorisations.
    authorised: bool,
}

impl SheetReader {
    pub(super) fn wrong(&mut self, place: &CellPlace, reason: impl Into<String>) {
        self.errors.push(CellError {
            place: place.clone(),
            reason: reason.into(),
        });
    }

    fn network(&mut self, rows: &[TableRow<'_>]) -> Option<Network> {
        let of = |table: &'static Table| {
            rows.iter()
                .filter(move |row| std::ptr::eq(row.table, table))
        };
        let services: Vec<Service> = self.services(of(&SERVICES));
        let mut drafts = self.halls(of(&HALLS));
        self.authorisations(of(&AUTHORISED), &services, &mut drafts);
        self.neighbours(of(&NEIGHBOURS), &mut drafts);
        let mut network = self.head(of(&NETWORK));
        let start = CellPlace {
            sheet: None,
            row: 0,
            column: 0,
        };
        if services.is_empty() {
            self.wrong(&start, "there is no service (table 业务代码 service)");
        }
        if drafts.is_empty() {
            self.wrong(&start, "there is no hall (table 大厅代码 hall)");
        }
        network.services = services;
        for draft in &drafts {
            self.check(draft, &network);
        }
        let places: Vec<&CellPlace> = drafts.iter().map(|draft| draft.row.place("hall")).collect();
        network.halls = drafts.iter().map(|draft| draft.hall.clone()).collect();
        if self.errors.is_empty()
            && let Err(left) = network.plans()
        {
            for error in left {
                let place = hall_of(&error.field).and_then(|index| places.get(index).copied());
                self.wrong(place.unwrap_or(&start), error.to_string());
            }
        }
        Some(network)
    }

    fn head<'a>(&mut self, rows: impl Iterator<Item = &'a TableRow<'a>>) -> Network {
        let mut network = Network {
            name: Text::new("大厅网络", "Network of halls"),
            time_zone: chrono_tz::Asia::Shanghai,
            services_least: super::services_least(),
            services_most: super::services_most(),
            policy: Policy::default(),
            calendar_years: Vec::new(),
            special_days: Vec::new(),
            services: Vec::new(),
            halls: Vec::new(),
        };
        for (index, row) in rows.enumerate() {
            if index > 0 {
                self.wrong(&row.start, "the network has one row");
            }
            network.name = self.words(row, "network", "name_en");
            let zone = self.optional(row, "time_zone", |text| {
                let zone = word(text);
                zone.map_err(|_| "not a time zone such as Asia/Shanghai".to_string())
            });
            network.time_zone = zone.unwrap_or(network.time_zone);
            let least = self.optional(row, "services_least", |text| count(text, 1, 200));
            network.services_least = least.map_or(network.services_least, |n| n as usize);
            let most = self.optional(row, "services_most", |text| count(text, 1, 200));
            network.services_most = most.map_or(network.services_most, |n| n as usize);
        }
        network
    }

    fn services<'a>(&mut self, rows: impl Iterator<Item = &'a TableRow<'a>>) -> Vec<Service> {
        let mut services: Vec<Service> = Vec::new();
        for row in rows {
            let id = self.required(row, "service", word::<ServiceId>);
            let prefix = self.required(row, "prefix", word::<Prefix>);
            let minutes = self.optional(row, "minutes", |text| count(text, 1, 480));
            let name = self.words(row, "name_zh", "name_en");
            let documents = self.documents(row);
            let online = self.online(row);
            let identify = self.optional(row, "identify", yes_or_no);
            let Some(id) = id else { continue };
            let wrong_already = || Prefix::parse("A").expect("a letter is a prefix");
            if services.iter().any(|known| known.id == id) {
                self.wrong(row.place("service"), format!("{id} is listed twice"));
                continue;
            }
            services.push(Service {
                id,
                name,
                prefix: prefix.unwrap_or_else(wrong_already),
                typical_minutes: minutes.unwrap_or(6),
                documents,
                ask_documents: false,
                online,
                week: None,
                identify: identify.unwrap_or(false),
                authorisation: None,
            });
        }
        services
    }

    /// Both languages' lists, one paper each: 身份证;驾驶证 and Identity card; Driving licence.
    fn documents(&mut self, row: &TableRow<'_>) -> Vec<Text> {
        let list = |column| -> Vec<&str> { row.cell(column).map_or(Vec::new(), |(_, t)| parts(t)) };
        let (zh, en) = (list("documents_zh"), list("documents_en"));
        if zh.len() != en.len() {
            let reason = format!("{} papers in Chinese, {} in English", zh.len(), en.len());
            self.wrong(row.place("documents_en"), reason);
        }
        let both = zh.into_iter().zip(en);
        both.map(|(zh, en)| Text::new(zh, en)).collect()
    }

    fn online(&mut self, row: &TableRow<'_>) -> Option<OnlineRoute> {
        let names = ["online_zh", "online_en"];
        if row.cell("url").is_none() {
            for column in names.into_iter().filter(|name| row.cell(name).is_some()) {
                let reason = format!("{column} is given without an address");
                self.wrong(row.place("url"), reason);
            }
            return None;
        }
        let url = self.required(row, "url", |text| {
            match text.starts_with("https://") || text.starts_with("http://") {
                true => Ok(text.to_string()),
                false => Err("must begin with https:// or http://".to_string()),
            }
        });
        let name = self.words(row, "online_zh", "online_en");
        url.map(|url| OnlineRoute { name, url })
    }

    fn halls<'a>(&mut self, rows: impl Iterator<Item = &'a TableRow<'a>>) -> Vec<Draft<'a>> {
        let mut drafts: Vec<Draft<'a>> = Vec::new();
        for row in rows {
            let hall = self.required(row, "hall", word::<HallId>);
            let kind = self.required(row, "kind", kind_of);
            let name = self.words(row, "name_zh", "name_en");
            let has_address = row.cell("address_zh").or(row.cell("address_en")).is_some();
            let address = has_address.then(|| self.words(row, "address_zh", "address_en"));
            let windows = self.required(row, "windows", windows_of);
            let week = self.week(row);
            let special_days = self.optional(row, "dates", dates_of).unwrap_or_default();
            let phone_tickets = self.optional(row, "phone_tickets", yes_or_no);
            if kind == Some(HallKind::Mobile) && special_days.is_empty() {
                self.wrong(row.place("dates"), "a mobile stop needs its dates");
            }
            if kind.is_some_and(|kind| kind != HallKind::Mobile) && !special_days.is_empty() {
                self.wrong(row.place("dates"), "only a mobile stop has dates");
            }
            let Some(hall) = hall else { continue };
            if drafts.iter().any(|known| known.hall.hall == hall) {
                self.wrong(row.place("hall"), format!("{hall} is listed twice"));
                continue;
            }
            let hotline = row.cell("hotline").map(|(_, text)| text.to_string());
            drafts.push(Draft {
                hall: NetworkHall {
                    hall,
                    kind: kind.unwrap_or(HallKind::Branch),
                    name,
                    address,
                    hotline,
                    phone_tickets,
                    week,
                    special_days,
                    windows: windows.unwrap_or_else(|| vec![window(1, Vec::new())]),
                    zones: Vec::new(),
                    appointments: Vec::new(),
                    services: BTreeMap::new(),
                    neighbours: Vec::new(),
                },
                row,
                authorised: false,
            });
        }
        drafts
    }

    fn week(&mut self, row: &TableRow<'_>) -> Week {
        let mut day = |column| self.optional(row, column, hours_of).unwrap_or_default();
        Week {
            monday: day("monday"),
            tuesday: day("tuesday"),
            wednesday: day("wednesday"),
            thursday: day("thursday"),
            friday: day("friday"),
            saturday: day("saturday"),
            sunday: day("sunday"),
        }
    }

    fn authorisations<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a TableRow<'a>>,
        services: &[Service],
        drafts: &mut [Draft<'_>],
    ) {
        let mut unknown: BTreeSet<&str> = BTreeSet::new();
        for row in rows {
            let id = self.required(row, "authorised", word::<HallId>);
            let columns = row.cells.iter().filter(|(name, _)| **name != "authorised");
            let mut granted = BTreeMap::new();
            for (name, (place, text)) in columns {
                let called = |service: &&Service| {
                    names(name, &(service.id.as_str(), &service.name.zh, false))
                };
                match services.iter().find(called) {
                    None if unknown.insert(name) => {
                        self.wrong(place, format!("the column \"{name}\" is no service"));
                    }
                    Some(service) if row.broken.contains(name) => {
                        granted.insert(service.id.clone(), on_the_spot());
                    }
                    Some(service) if !text.is_empty() => match authorisation_of(text) {
                        Ok(authorisation) => {
                            granted.insert(service.id.clone(), authorisation);
                        }
                        Err(reason) => {
                            self.wrong(place, reason);
                            granted.insert(service.id.clone(), on_the_spot());
                        }
                    },
                    Some(_) | None => {}
                }
            }
            let Some(id) = id else { continue };
            match drafts.iter_mut().find(|draft| draft.hall.hall == id) {
                Some(draft) if draft.authorised => {
                    self.wrong(row.place("authorised"), format!("{id} is listed twice"));
                }
                Some(draft) => {
                    draft.authorised = true;
                    draft.hall.services = granted;
                }
                None => self.wrong(row.place("authorised"), format!("there is no hall {id}")),
            }
        }
    }

    /// Each pair is given once, because the way back is as long.
    fn neighbours<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a TableRow<'a>>,
        drafts: &mut [Draft<'_>],
    ) {
        for row in rows {
            let one = self.known_hall(row, "neighbour", drafts);
            let other = self.known_hall(row, "other", drafts);
            let walking = self.optional(row, "walking", |text| count(text, 1, 600));
            let driving = self.optional(row, "driving", |text| count(text, 1, 600));
            if !row.says("walking") && !row.says("driving") {
                self.wrong(row.place("walking"), "give minutes on foot or by car");
            }
            let (Some(one), Some(other)) = (one, other) else {
                continue;
            };
            if one == other {
                self.wrong(row.place("other"), "is the same hall");
                continue;
            }
            for (from, to) in [(&one, &other), (&other, &one)] {
                let Some(draft) = drafts.iter_mut().find(|draft| draft.hall.hall == *from) else {
                    continue;
                };
                if draft.hall.neighbours.iter().any(|known| known.hall == *to) {
                    let reason = format!("{one} and {other} are listed twice");
                    self.wrong(row.place("other"), reason);
                    break;
                }
                draft.hall.neighbours.push(Neighbour {
                    hall: to.clone(),
                    walking_minutes: walking,
                    driving_minutes: driving,
                });
            }
        }
    }

    fn known_hall(
        &mut self,
        row: &TableRow<'_>,
        column: &str,
        drafts: &[Draft<'_>],
    ) -> Option<HallId> {
        let id = self.required(row, column, word::<HallId>)?;
        let is_known = drafts.iter().any(|draft| draft.hall.hall == id);
        if !is_known {
            self.wrong(row.place(column), format!("there is no hall {id}"));
        }
        is_known.then_some(id)
    }

    /// Mistakes that can be seen only when a hall is complete.
    fn check(&mut self, draft: &Draft<'_>, network: &Network) {
        let Draft {
            hall,
            row,
            authorised,
        } = draft;
        let (least, most) = (network.services_least, network.services_most);
        let count = hall.services.len();
        if !authorised {
            let reason = format!("{} is missing in the table of authorisations", hall.hall);
            self.wrong(row.place("hall"), reason);
        } else if !(least..=most).contains(&count) {
            let reason = format!(
                "{} is authorised for {count} services, not {least} to {most}",
                hall.hall
            );
            self.wrong(row.place("hall"), reason);
        }
        if hall.kind == HallKind::Mobile && hall.week != Week::default() {
            self.wrong(row.place("monday"), "a mobile stop has dates only");
        }
        for window in &hall.windows {
            let is_foreign = |service: &&ServiceId| !hall.services.contains_key(*service);
            let (number, name) = (window.number, &hall.hall);
            for service in window.services.iter().filter(is_foreign) {
                let reason = format!("window {number}: {name} is not authorised for {service}");
                self.wrong(row.place("windows"), reason);
            }
        }
        for service in hall.services.keys() {
            if !hall.windows.iter().any(|window| window.offers(service)) {
                self.wrong(row.place("windows"), format!("no window does {service}"));
            }
        }
    }

    fn required<T, E: ToString>(
        &mut self,
        row: &TableRow<'_>,
        column: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !row.says(column) {
            self.wrong(row.place(column), format!("{column} is empty"));
        }
        self.optional(row, column, read)
    }

    fn optional<T, E: ToString>(
        &mut self,
        row: &TableRow<'_>,
        column: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let (place, text) = row.cell(column)?;
        match read(text) {
            Ok(value) => Some(value),
            Err(reason) => {
                let reason = reason.to_string();
                self.wrong(place, format!("{column} \"{text}\": {reason}"));
                None
            }
        }
    }

    /// A text in both languages.
    fn words(&mut self, row: &TableRow<'_>, zh: &str, en: &str) -> Text {
        let mut read = |column| {
            let text = self.required(row, column, |text| Ok::<_, String>(text.to_string()));
            text.unwrap_or_default()
        };
        Text::new(read(zh), read(en))
    }
}

/// The hall that a plan's error is about: `halls[3].windows` is about the fourth.
fn hall_of(field: &str) -> Option<usize> {
    let index = field.strip_prefix("halls[")?.split(']').next()?;
    index.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(csv: &str) -> Sheet {
        let rows = csv
            .lines()
            .map(|line| line.split(',').map(str::to_string).collect());
        Sheet {
            name: None,
            rows: rows.collect(),
        }
    }

    /// The sample with one cell changed: what it says of that.
    fn errors(from: &str, to: &str) -> Vec<String> {
        let mut sample = super::super::sample();
        let mut changed = false;
        for cell in sample.rows.iter_mut().flatten() {
            if !changed && cell == from {
                (*cell, changed) = (to.to_string(), true);
            }
        }
        assert!(changed, "the sample has no cell {from}");
        let errors = read_sheets(&[sample]).err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }

    /// A formula without a result in a first column once made a row a remark, and a hall was missing without a word.
    #[test]
    fn what_a_spreadsheet_does_not_know_is_named_once_with_its_cell() {
        for (from, to) in [
            ("6", "#VALUE!"),
            ("当场", "#N/A"),
            ("09:00-12:00", "########"),
            ("A", "1.2E+11"),
        ] {
            let Some(found) = super::super::sample()
                .rows
                .iter()
                .flatten()
                .find(|cell| *cell == from)
                .cloned()
            else {
                continue;
            };
            let errors = errors(&found, to);
            let named = errors
                .iter()
                .filter(|error| error.contains(&format!("\"{to}\"")));
            assert_eq!(named.count(), 1, "{errors:?}");
        }
        let rows = super::super::sample().rows;
        let header = rows.iter().position(|row| row[0].starts_with("大厅代码"));
        let hall = &rows[header.unwrap() + 1][0];
        let found = errors(hall, "#REF!");
        assert!(
            found.iter().any(|error| error.contains("\"#REF!\"")),
            "the row is no remark: {found:?}"
        );
    }

    /// Thousands of spreadsheets that nobody would make: a network or errors with places, never a panic.
    #[test]
    fn no_spreadsheet_panics_whatever_is_in_it() {
        let pieces = [
            "network",
            "service",
            "hall",
            "authorised",
            "neighbour",
            "name_zh",
            "name_en",
            "kind",
            "windows",
            "monday",
            "dates",
            "主厅",
            "流动",
            "fine",
            "A",
            "4",
            "1=fine",
            "当场",
            "2026/3/2 9:00-12:00",
            "9：00－12：00",
            "#N/A",
            "#",
            "",
            "",
            "east",
            "-1",
            "99999999999",
            "\u{feff}",
            "prefix",
        ];
        let mut random = fastrand::Rng::with_seed(10);
        for _ in 0..4_000 {
            // the whole sample takes a while to be read
            let mut rows: Vec<Vec<String>> = match random.u8(..20) == 0 {
                true => super::super::sample().rows,
                false => Vec::new(),
            };
            for _ in 0..random.usize(..12) {
                let row =
                    (0..random.usize(..8)).map(|_| random.choice(&pieces).unwrap().to_string());
                let row: Vec<String> = row.collect();
                match rows.is_empty() || random.bool() {
                    true => rows.push(row),
                    false => {
                        let at = random.usize(..rows.len());
                        rows[at] = row;
                    }
                }
            }
            if let Err(errors) = read_sheets(&[Sheet { name: None, rows }]) {
                assert!(!errors.is_empty());
            }
        }
    }

    #[test]
    fn a_table_is_known_by_its_header_however_it_is_typed() {
        let csv = "ｎｅｔｗｏｒｋ（网络名称）,name_en\n云江,Yunjiang\n";
        let errors = read_sheets(&[sheet(csv)]).unwrap_err();
        let told: Vec<String> = errors.iter().map(|error| error.reason.clone()).collect();
        assert_eq!(
            told,
            [
                "there is no hall (table 大厅代码 hall)",
                "there is no service (table 业务代码 service)"
            ]
        );
    }
}
