//! The context of each page: exactly what its template may use.

use crate::calendar::opening::OpenDay;
use crate::devices::BoardLine;
use crate::printing::PrinterLine;
use crate::voice::VoiceStatus;
use chrono::{Days, NaiveDate};
use hall::Time;
use hall::id::{ActorId, HallId, ServiceId, Token, WindowNumber};
use hall::plan::Plan;
use hall::record::wait::{UnknownWait, Wait};
use hall::state::day_report::{DayReport, Figures};
use hall::state::phase::Phase;
use hall::text::{Language, Text};
use hall::view::{
    ConsoleView, KioskView, NetworkLine, OverviewView, ServiceView, TicketView, WindowState,
};
use serde::Serialize;

/// Something that can be rendered.
pub trait Page: Serialize {
    /// The template's file name.
    const TEMPLATE: &'static str;
    /// What stands around it.
    fn shell(&self) -> &Shell;
}

macro_rules! page {
    ($name:ident, $template:literal) => {
        impl Page for $name {
            const TEMPLATE: &'static str = $template;
            fn shell(&self) -> &Shell {
                &self.shell
            }
        }
    };
}
pub(super) use page;

/// What every page needs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Shell {
    pub language: Language,
    /// A demo says so on every page.
    pub demo: bool,
    /// This page in the other language: path and query.
    pub other_language: String,
    pub signed_in: Option<SignedIn>,
}

/// Who is signed in, for the page's head.
#[derive(Clone, Debug, Serialize)]
pub struct SignedIn {
    pub name: ActorId,
    /// `officer`, `usher`, `manager`.
    pub role: String,
}

/// A service to choose.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceChoice {
    pub id: ServiceId,
    pub name: Text,
}

/// `/`: the halls and what can be opened where; a list of lines once they are many.
#[derive(Clone, Debug, Serialize)]
pub struct IndexPage {
    pub shell: Shell,
    pub halls: Vec<HallInList>,
    pub is_long: bool,
    /// The services that any hall does, to choose from.
    pub services: Vec<ServiceChoice>,
    /// Only halls that do this service, the soonest first.
    pub service: Option<ServiceId>,
    /// What to try first in a demo; empty otherwise.
    pub hints: Vec<DemoHint>,
}
page!(IndexPage, "index.html");

/// A hall in the list.
#[derive(Clone, Debug, Serialize)]
pub struct HallInList {
    #[serde(flatten)]
    pub view: KioskView,
    /// Whether a number of the chosen service, or of any, can be taken now.
    pub open: bool,
    /// How many wait, for the chosen service or in all.
    pub waiting: u32,
    /// The wait for the chosen service, or the longest of those that can be had.
    pub wait: Option<Wait>,
    /// Why there is no wait to say.
    pub wait_unknown: Option<UnknownWait>,
    /// When the chosen service can be had, if not now.
    pub opens_at: Option<Time>,
}

impl HallInList {
    /// A hall as somebody sees it who wants this service, or has not said what he wants.
    pub fn new(view: KioskView, wanted: Option<&ServiceId>) -> HallInList {
        let is_wanted = |service: &&ServiceView| wanted.is_none_or(|wanted| *wanted == service.id);
        let services: Vec<&ServiceView> = view.services.iter().filter(is_wanted).collect();
        let open: Vec<&&ServiceView> = services.iter().filter(|service| service.open).collect();
        let waits = open.iter().filter_map(|service| service.wait);
        let wait = waits.max_by_key(|wait| wait.high);
        let unknown = open.iter().find_map(|service| service.wait_unknown.clone());
        HallInList {
            open: !open.is_empty(),
            waiting: services.iter().map(|service| service.waiting).sum(),
            wait,
            wait_unknown: unknown.filter(|_| wait.is_none()),
            opens_at: services.iter().filter_map(|service| service.opens_at).min(),
            view,
        }
    }
}

/// `/network`: every hall for managers, trouble first.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkPage {
    pub shell: Shell,
    pub now: Time,
    pub lines: Vec<NetworkLine>,
    pub troubled: usize,
    pub waiting: u32,
    pub windows_open: usize,
}
page!(NetworkPage, "network.html");

impl NetworkPage {
    /// The lines in the order in which they need somebody.
    pub fn new(shell: Shell, now: Time, mut lines: Vec<NetworkLine>) -> NetworkPage {
        lines.sort_by_cached_key(NetworkLine::urgency);
        NetworkPage {
            shell,
            now,
            troubled: lines.iter().filter(|line| line.trouble.is_some()).count(),
            waiting: lines.iter().map(|line| line.waiting).sum(),
            windows_open: lines.iter().map(|line| line.windows_open).sum(),
            lines,
        }
    }
}

/// One thing to open, and where in the hall it stands.
#[derive(Clone, Debug, Serialize)]
pub struct DemoHint {
    /// 门口, 窗口, 墙上 …
    pub place: Text,
    pub what: Text,
    /// What to do there first.
    pub how: Text,
    pub url: String,
    /// Its address as a code, for what is opened on another device.
    pub qr: Option<String>,
}

/// `/{hall}`: what anybody may want to know of a hall.
#[derive(Clone, Debug, Serialize)]
pub struct HallPage {
    pub shell: Shell,
    pub view: KioskView,
    /// When the session ends that is on now, if whoever walks in is served in it.
    pub open_until: Option<Time>,
    /// When numbers are next given out, on a day off.
    pub numbers_from: Option<Time>,
    /// Today and the days that follow.
    pub days: Vec<OpenDay>,
    /// Whether whoever reads this may take a number without coming.
    pub numbers_by_phone: bool,
    /// JSON-LD, as a script element holds it.
    pub structured: String,
}
page!(HallPage, "hall.html");

/// `/{hall}/kiosk`.
#[derive(Clone, Debug, Serialize)]
pub struct KioskPage {
    pub shell: Shell,
    pub view: KioskView,
    /// What the addresses on a slip begin with: the kiosk makes them itself while the server is away.
    pub origin: String,
    /// Where this kiosk's paper goes when its printer hangs at its own machine.
    pub agent: Option<String>,
}
page!(KioskPage, "kiosk.html");

/// `/{hall}/window`: the console, or the choice of a window.
#[derive(Clone, Debug, Serialize)]
pub struct ConsolePage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub windows: Vec<WindowState>,
    /// The console of the chosen window; the choice when there is none.
    pub view: Option<ConsoleView>,
}
page!(ConsolePage, "console.html");

/// `/t/{token}`.
#[derive(Clone, Debug, Serialize)]
pub struct TicketPage {
    pub shell: Shell,
    pub token: Token,
    pub view: TicketView,
    /// The halls where it would be served sooner.
    pub elsewhere: Vec<OtherHall>,
    /// Fresh for each rendering: a form sent twice is one command.
    pub idempotency_key: String,
    /// What the last form was answered, if it was refused.
    pub message: Option<Text>,
    /// The page of the number it became in another hall.
    pub moved_page: Option<String>,
    /// Whether a new number can be had by phone.
    pub phone_tickets: bool,
    /// Its holder does not want to rate.
    pub skips_rating: bool,
    /// Until what was left in writing has to be answered.
    pub word_days: i64,
}
page!(TicketPage, "ticket.html");

/// A hall where a ticket would be served sooner.
#[derive(Clone, Debug, Serialize)]
pub struct OtherHall {
    pub hall: HallId,
    pub name: Text,
    pub wait: Option<Wait>,
    pub walking_minutes: Option<u32>,
    pub driving_minutes: Option<u32>,
}

/// Two times that do not fit together.
#[derive(Clone, Debug, Serialize)]
pub struct ClockDoubt {
    /// `ahead`, `ahead-at-start`, `behind`: the wall clock to the hall's time; `hall-ahead`: the last record to the clock.
    pub kind: &'static str,
    pub wall: Time,
    pub hall: Time,
}

/// `/{hall}/overview`.
#[derive(Clone, Debug, Serialize)]
pub struct OverviewPage {
    pub shell: Shell,
    pub printers: Vec<PrinterLine>,
    pub view: OverviewView,
    pub notices: Vec<Text>,
    /// Why nothing can be kept now.
    pub trouble: Option<StoreTrouble>,
    /// What a manager has to say about the clock.
    pub clock: Option<ClockDoubt>,
    /// What the store has lost in the last days.
    pub lost: Vec<LostRecords>,
    pub devices: HallDevices,
}
page!(OverviewPage, "overview.html");

/// Acknowledged records that the store has no more.
#[derive(Clone, Debug, Serialize)]
pub struct LostRecords {
    pub records: u64,
    /// When the last of them was written.
    pub at: Time,
}

/// `/{hall}/stats`: one day.
#[derive(Clone, Debug, Serialize)]
pub struct StatsPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub date: NaiveDate,
    pub previous: Option<NaiveDate>,
    /// The next day, unless it has not come yet.
    pub next: Option<NaiveDate>,
    /// The day has not closed yet: its sums still grow.
    pub running: bool,
    /// `None` when nothing was recorded that day.
    pub report: Option<DayReport>,
    /// How long after closing each window finished its last ticket, in seconds.
    pub overtime: Vec<(WindowNumber, u32)>,
    pub by_service: StatsTable,
    pub by_window: StatsTable,
    pub by_hour: StatsTable,
}
page!(StatsPage, "stats.html");

/// Figures side by side.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StatsTable {
    /// Whether its rows count issued numbers; windows give out none.
    pub counts_issued: bool,
    /// The longest bar.
    pub most: u32,
    pub rows: Vec<StatsRow>,
}

/// One line of figures.
#[derive(Clone, Debug, Serialize)]
pub struct StatsRow {
    pub label: Text,
    pub figures: Figures,
    /// The length of its bar.
    pub bar: u32,
}

impl StatsTable {
    fn new<'a, K: 'a>(
        counts_issued: bool,
        rows: impl Iterator<Item = (&'a K, &'a Figures)>,
        label: impl Fn(&K) -> Text,
    ) -> StatsTable {
        let row = |(key, figures): (&K, &Figures)| StatsRow {
            label: label(key),
            figures: figures.clone(),
            bar: match counts_issued {
                true => figures.issued,
                false => figures.finished,
            },
        };
        let rows: Vec<StatsRow> = rows.map(row).collect();
        StatsTable {
            counts_issued,
            most: rows.iter().map(|row| row.bar).max().unwrap_or(0),
            rows,
        }
    }
}

impl StatsPage {
    /// Puts the day's figures into rows that can be read.
    pub fn new(
        shell: Shell,
        plan: &Plan,
        date: NaiveDate,
        today: NaiveDate,
        running: bool,
        report: Option<DayReport>,
    ) -> StatsPage {
        let service = |id: &ServiceId| match plan.service(id) {
            Some(service) => service.name.clone(),
            None => Text::new(id.as_str(), id.as_str()),
        };
        let window = |n: &WindowNumber| Text::new(format!("{n}号窗口"), format!("Window {n}"));
        let hour = |hour: &u32| Text::new(format!("{hour}点"), format!("{hour:02}:00"));
        let of_day = || report.iter();
        let next = date.checked_add_days(Days::new(1));
        StatsPage {
            shell,
            hall: plan.hall.clone(),
            hall_name: plan.name.clone(),
            date,
            previous: date.checked_sub_days(Days::new(1)),
            next: next.filter(|next| *next <= today),
            running,
            overtime: of_day()
                .flat_map(|day| day.closing.overtime_seconds.clone())
                .collect(),
            by_service: StatsTable::new(true, of_day().flat_map(|day| &day.by_service), service),
            by_window: StatsTable::new(false, of_day().flat_map(|day| &day.by_window), window),
            by_hour: StatsTable::new(true, of_day().flat_map(|day| &day.by_hour), hour),
            report,
        }
    }
}

/// `/sign-in`.
#[derive(Clone, Debug, Serialize)]
pub struct SignInPage {
    pub shell: Shell,
    /// Where to go afterwards; a path of this site.
    pub next: String,
    /// What was typed before.
    pub name: String,
    /// Why it did not work.
    pub message: Option<Text>,
}
page!(SignInPage, "sign-in.html");

/// `/setup`: the first manager.
#[derive(Clone, Debug, Serialize)]
pub struct SetupPage {
    pub shell: Shell,
    /// From the link on the server's console.
    pub token: String,
    pub name: String,
    pub message: Option<Text>,
}
page!(SetupPage, "setup.html");

/// `/{hall}/accounts`: officers and devices.
#[derive(Clone, Debug, Serialize)]
pub struct AccountsPage {
    pub shell: Shell,
    pub hall: HallId,
    pub hall_name: Text,
    pub officers: Vec<OfficerRow>,
    pub devices: Vec<DeviceRow>,
    /// A device that was enrolled just now.
    pub enrolled: Option<Enrolled>,
    pub message: Option<Text>,
}
page!(AccountsPage, "accounts.html");

/// A person who signs in.
#[derive(Clone, Debug, Serialize)]
pub struct OfficerRow {
    pub number: ActorId,
    pub name: String,
    /// `officer`, `usher`, `manager`.
    pub role: String,
    pub window: Option<WindowNumber>,
}

/// A kiosk or a display.
#[derive(Clone, Debug, Serialize)]
pub struct DeviceRow {
    pub id: ActorId,
    /// `kiosk` or `display`.
    pub kind: String,
    pub last_seen_at: Option<Time>,
}

/// What a new device needs, shown once.
#[derive(Clone, Debug, Serialize)]
pub struct Enrolled {
    pub id: ActorId,
    pub kind: String,
    pub token: String,
    /// To be opened on the device, once, within a day.
    pub url: String,
}

/// `/status`: for the technician.
#[derive(Clone, Debug, Serialize)]
pub struct StatusPage {
    pub shell: Shell,
    pub version: String,
    /// Where the log is, without a password.
    pub store: String,
    /// What an acknowledged command is worth there: `E`, `R1`, `R2`, `R0`.
    pub durability: String,
    pub now: Time,
    /// What a manager has to say about the clock.
    pub clock: Option<ClockDoubt>,
    pub uptime_seconds: u64,
    pub ready: bool,
    /// Why nothing can be kept now.
    pub trouble: Option<StoreTrouble>,
    /// What is worth knowing about the store, for the technician.
    pub notes: Vec<String>,
    pub halls: Vec<HallStatus>,
    /// What this process sends to other programs.
    pub webhooks: Vec<WebhookStatus>,
    /// The halls that have boards, or whose voice is not as it should be.
    pub devices: Vec<HallDevices>,
    /// What this process prints on.
    pub printers: Vec<PrinterStatus>,
}
page!(StatusPage, "status.html");

/// What is the matter with the store.
#[derive(Clone, Debug, Serialize)]
pub struct StoreTrouble {
    pub cause: Text,
    /// Kind, place, what the system said and what to do, for the technician.
    pub detail: String,
}

/// One hall of this process.
#[derive(Clone, Debug, Serialize)]
pub struct HallStatus {
    pub hall: HallId,
    pub name: Text,
    pub phase: Phase,
    /// Records in its log.
    pub version: u64,
    /// Open connections of boards, consoles, kiosks and phones.
    pub sockets: u64,
    pub ready: bool,
}

/// One hall's notifications to one endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct WebhookStatus {
    pub hall: Text,
    pub endpoint: String,
    /// This process sends; if not, another one does.
    pub here: bool,
    /// Records that are not settled.
    pub behind: u64,
    /// Since when the receiver takes nothing.
    pub failing_since: Option<Time>,
}

/// What one hall's boards speak with, and how they are.
#[derive(Clone, Debug, Serialize)]
pub struct HallDevices {
    pub hall: HallId,
    pub name: Text,
    pub voice: VoiceStatus,
    pub boards: Vec<BoardLine>,
}

/// One printer of a hall.
#[derive(Clone, Debug, Serialize)]
pub struct PrinterStatus {
    pub hall: Text,
    #[serde(flatten)]
    pub line: PrinterLine,
}

/// What could not be shown, and what to do.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    pub shell: Shell,
    pub status: u16,
    pub title: Text,
    pub detail: Text,
}
page!(ErrorPage, "error.html");
