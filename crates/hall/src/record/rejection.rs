//! Why the rules say no: typed, and in the words of the person who asked.

use super::redirect::{RedirectReason, when};
use crate::id::{ActorId, AppointmentCode, ServiceId, TicketNumber, WindowNumber};
use crate::plan::slot::AppointmentKind;
use crate::plan::slot::SlotId;
use crate::state::appointment::StandingName;
use crate::state::phase::Phase;
use crate::state::ticket::StageName;
use crate::text::{Text, text};
use crate::time::{DateTime, Time};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal. Nothing has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejection {
    /// No numbers now, but later.
    NotOpen {
        reason: NotOpenReason,
        phase: Phase,
        opens_at: Option<Time>,
    },
    /// The series of numbers is at its end.
    NumbersUsedUp { opens_at: Option<Time> },
    /// The window must stay: these tickets would have nobody.
    WouldStrand { tickets: Vec<TicketNumber> },
    /// The new plan has no place for these bookings, and none could be found for them.
    WouldStrandBookings { bookings: Vec<StrandedBooking> },
    /// No place left there.
    SlotFull { slot: SlotId, may_wait: bool },
    /// Kept not coming: no booking until then. The kiosk and the usher still help.
    Blocked { until: Time },
    /// The appointment is not where the action needs it.
    WrongStanding { standing: StandingName },
    /// The new plan has no hours left today, though the one in force has.
    WouldEndDay { date: NaiveDate },
    /// Another ticket is being served there.
    WindowBusy {
        window: WindowNumber,
        ticket: TicketNumber,
    },
    /// Somebody else, or nobody, staffs that window.
    NotYourWindow {
        window: WindowNumber,
        officer: Option<ActorId>,
    },
    /// The officer sits there already, or at another window.
    AlreadyOpen { window: WindowNumber },
    /// Somebody else does that.
    NotAllowed,
    /// The window is on a break.
    WindowPaused { window: WindowNumber },
    /// Calling is paused in the whole hall.
    CallingPaused { reason: String },
    /// The window does not take that service.
    NotOffered {
        window: WindowNumber,
        service: ServiceId,
    },
    /// The window has no ticket.
    NoTicket { window: WindowNumber },
    /// The ticket is not where the action needs it.
    WrongStage {
        ticket: TicketNumber,
        stage: StageName,
    },
    /// The ticket is on its way to another hall.
    Leaving { ticket: TicketNumber },
    /// Allowed once, and it was.
    LimitReached(Limit),
    /// Not before this time.
    TooEarly { at: Time },
    /// Check-in opens then.
    CheckInNotYet { at: Time },
    /// The slot can be booked from then on.
    BookingOpensLater { at: Time },
    /// Nobody checks in for a visit to his home.
    ComesToYou { kind: AppointmentKind },
    /// It could be done until some moment, and that has passed.
    TooLate(Late),
    /// A field makes no sense here.
    Invalid { pointer: String, message: Text },
    /// There is no such thing.
    NotFound { what: Text },
    /// The plan was changed by somebody else in the meantime.
    StaleRevision { current: u64 },
}

/// A booking in the way of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StrandedBooking {
    pub code: AppointmentCode,
    pub service: ServiceId,
    pub starts_at: DateTime,
}

/// Why no numbers are issued now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NotOpenReason {
    NotYet,
    Between,
    DayOff,
    AppointmentsOnly,
    Suspended,
    NotAuthorised,
}

/// What was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Returns,
    ServiceChange,
    OpenTicketOfPerson,
    Voucher,
    Rating,
    /// One word per ticket.
    Complaint,
    ComplaintAnswer,
    /// One open booking per person and service.
    BookingOfService,
    /// So many open bookings per person.
    Bookings(u32),
    /// So many open bookings per telephone number.
    BookingsOfPhone(u32),
}

/// What came too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    DayClosed,
    Undo,
    Rating,
    Voucher,
    /// Booking ends some time before the slot.
    Booking,
    /// A booking moves until its slot begins.
    Moving,
    /// The appointment's session is over.
    CheckIn,
    /// The offer from the waiting list was not taken in time.
    Offer,
    Arrival,
}

impl Rejection {
    /// A field that makes no sense, named by JSON pointer.
    pub fn invalid(pointer: &str, zh: impl Into<String>, en: impl Into<String>) -> Rejection {
        Rejection::Invalid {
            pointer: pointer.into(),
            message: Text::new(zh, en),
        }
    }

    /// Something that is not there.
    pub fn not_found(zh: impl Into<String>, en: impl Into<String>) -> Rejection {
        Rejection::NotFound {
            what: Text::new(zh, en),
        }
    }

    /// What to tell the person: what is the matter, and what to do.
    pub fn detail(&self) -> Text {
        match self {
            Rejection::NotOpen {
                reason, opens_at, ..
            } => not_open(*reason, *opens_at),
            Rejection::NumbersUsedUp { opens_at } => RedirectReason::Full.detail(*opens_at),
            Rejection::WouldStrand { tickets } => {
                let list = list(tickets);
                text!(
                    "还有人等候,暂不能离开窗口:{list}。请先办完,或请负责人转交。",
                    "People would be left without a window: {list}. Serve them first, or ask the manager to hand them on."
                )
            }
            Rejection::WouldStrandBookings { bookings } => stranded(bookings),
            Rejection::SlotFull { may_wait, .. } => slot_full(*may_wait),
            Rejection::Blocked { until } => {
                let (zh, en) = (until.format("%-m月%-d日"), until.format("%-d %B"));
                text!(
                    "因多次预约未到,{zh}前不能预约。可到现场取号,或请导办台帮忙。",
                    "Booked and did not come several times: no booking before {en}. You can take a number at the hall, or ask the usher."
                )
            }
            Rejection::WrongStanding { standing } => {
                let Text { zh, en } = standing.label();
                text!(
                    "该预约目前为「{zh}」,不能这样操作。",
                    "The appointment is \"{en}\", so this cannot be done with it."
                )
            }
            Rejection::WouldEndDay { date } => Text::new(
                format!(
                    "按新方案,今天({})的办公时间已经结束,启用后当天不能再取号。请核对当天时间;要提前下班,请把结束时间定在现在之后。",
                    date.format("%-m月%-d日")
                ),
                format!(
                    "By this plan the hours of today ({date}) are over: the day would end and give no more numbers. Check the hours of that date; to close early, set a closing time that is still to come."
                ),
            ),
            Rejection::WindowBusy { window, ticket } => text!(
                "{window}号窗口正在办理{ticket},请先办结。",
                "Window {window} still has {ticket}. Finish it first."
            ),
            Rejection::NotYourWindow {
                window,
                officer: Some(officer),
            } => text!(
                "{window}号窗口由{officer}值守,请先接班。",
                "Window {window} is staffed by {officer}. Take it over first (open)."
            ),
            Rejection::NotYourWindow {
                window,
                officer: None,
            } => text!(
                "{window}号窗口尚未开窗,请先开窗。",
                "Window {window} is not open. Open it first."
            ),
            Rejection::AlreadyOpen { window } => text!(
                "您已在{window}号窗口值守。",
                "You already staff window {window}. Close it before you open another."
            ),
            Rejection::NotAllowed => {
                Text::new("您的身份不能这样操作。", "Your role may not do that.")
            }
            Rejection::WindowPaused { window } => text!(
                "{window}号窗口暂停中,请先恢复。",
                "Window {window} is on a break. Resume it first."
            ),
            Rejection::CallingPaused { reason } => text!(
                "全厅暂停叫号:{reason}。号码保留。",
                "Calling is paused in the hall: {reason}. Numbers are kept."
            ),
            Rejection::NotOffered { window, service } => text!(
                "{window}号窗口不办理该业务({service})。",
                "Window {window} does not take {service}. Transfer the ticket or call another."
            ),
            Rejection::NoTicket { window } => text!(
                "{window}号窗口当前没有号码,请先叫号。",
                "Window {window} has no ticket. Call one first."
            ),
            Rejection::WrongStage { ticket, stage } => {
                let Text { zh, en } = stage.label();
                text!(
                    "{ticket}目前为「{zh}」,不能这样操作。",
                    "{ticket} is \"{en}\", so this cannot be done with it."
                )
            }
            Rejection::Leaving { ticket } => text!(
                "{ticket}正在转往另一大厅,请稍候再看。",
                "{ticket} is on its way to another hall. Look again in a moment."
            ),
            Rejection::LimitReached(limit) => limit.detail(),
            Rejection::TooEarly { at } => {
                let at = at.format("%H:%M:%S");
                text!("请在{at}之后再操作。", "Not before {at}.")
            }
            Rejection::CheckInNotYet { at } => {
                let (zh, en) = (at.format("%-m月%-d日%H:%M"), at.format("%H:%M on %-d %B"));
                text!(
                    "还没到签到时间,请在{zh}以后签到。",
                    "Too early: check in from {en}."
                )
            }
            Rejection::BookingOpensLater { at } => {
                let (zh, en) = (at.format("%-m月%-d日"), at.format("%-d %B"));
                text!(
                    "该日期尚未开放预约,{zh}起可约。",
                    "That date can be booked from {en}."
                )
            }
            Rejection::ComesToYou { kind } => {
                let Text { zh, en } = kind.label();
                text!(
                    "该预约为「{zh}」,无需到厅签到。",
                    "This is a \"{en}\" appointment: no check-in at the hall."
                )
            }
            Rejection::TooLate(what) => what.detail(),
            Rejection::Invalid { message, .. } => message.clone(),
            Rejection::NotFound { what } => {
                let Text { zh, en } = what;
                text!("没有找到{zh}。", "There is no such {en}.")
            }
            Rejection::StaleRevision { current } => text!(
                "方案已被他人修改(现为第{current}版),请重新载入后再改。",
                "The plan was changed meanwhile (revision {current}). Load it again and repeat your change."
            ),
        }
    }
}

fn not_open(reason: NotOpenReason, opens_at: Option<Time>) -> Text {
    let (zh, en) = when(opens_at);
    match reason {
        NotOpenReason::NotYet => text!("尚未开始取号。{zh}", "Numbers are not given out yet. {en}"),
        NotOpenReason::Between => text!("午间休息。{zh}", "Closed between sessions. {en}"),
        NotOpenReason::DayOff => {
            text!("今日不办公。{zh}", "Closed today. {en}")
        }
        NotOpenReason::AppointmentsOnly => {
            text!("今日仅限预约办理。{zh}", "Today by appointment only. {en}")
        }
        NotOpenReason::Suspended => {
            text!("该业务暂停办理。{zh}", "This service is suspended. {en}")
        }
        NotOpenReason::NotAuthorised => text!(
            "本大厅今天不能办理该业务。{zh}",
            "This hall may not do this service today. {en}"
        ),
    }
}

fn slot_full(may_wait: bool) -> Text {
    match may_wait {
        true => Text::new(
            "该时段已约满。请选其他时段,或加入候补。",
            "No place left at that time. Choose another, or join the waiting list.",
        ),
        false => Text::new(
            "该时段已约满。请选其他时段。",
            "No place left at that time. Choose another.",
        ),
    }
}

fn stranded(bookings: &[StrandedBooking]) -> Text {
    let named = |booking: &StrandedBooking| {
        let starts_at = booking.starts_at.format("%m-%d %H:%M");
        format!("{} ({starts_at})", booking.code)
    };
    let shown: Vec<String> = bookings.iter().take(10).map(named).collect();
    let (list, count) = (shown.join(", "), bookings.len());
    text!(
        "新方案里有{count}个预约没有位置:{list}。请保留这些时段,或选择自动改到最近的空位。",
        "The new plan has no place for {count} bookings: {list}. Keep their slots, or have them moved to the nearest free ones."
    )
}

fn list(tickets: &[TicketNumber]) -> String {
    let shown: Vec<String> = tickets.iter().take(10).map(ToString::to_string).collect();
    let more = match tickets.len() > shown.len() {
        true => " …",
        false => "",
    };
    shown.join(" ") + more
}

impl Limit {
    fn detail(self) -> Text {
        match self {
            Limit::Returns => Text::new(
                "已多次过号,请到导办台。",
                "Missed too often. Please ask the usher.",
            ),
            Limit::ServiceChange => Text::new(
                "业务只能更改一次,请到导办台。",
                "The service can be changed once. Please ask the usher.",
            ),
            Limit::OpenTicketOfPerson => Text::new(
                "您已有该业务的号码,请使用原号。",
                "You already hold a number for this service. Please use it.",
            ),
            Limit::BookingOfService => Text::new(
                "您已预约该业务,请先取消或改期。",
                "You have already booked this service. Cancel or move that booking first.",
            ),
            Limit::Bookings(most) => text!(
                "每人最多同时预约{most}项,请先取消一项。",
                "At most {most} open bookings per person. Cancel one first."
            ),
            Limit::BookingsOfPhone(most) => text!(
                "一个电话号码最多同时预约{most}项，请先取消一项，或填写本人的电话号码。",
                "At most {most} open bookings per telephone number. Cancel one first, or give your own number."
            ),
            Limit::Voucher => Text::new("该凭证已使用。", "This voucher has been used."),
            Limit::Complaint => Text::new(
                "您已留言,我们会在期限内答复。",
                "You have left word; it will be answered in time.",
            ),
            Limit::ComplaintAnswer => Text::new("该留言已答复。", "This has been answered."),
            Limit::Rating => Text::new(
                "已评价,谢谢。",
                "You have already rated this service. Thank you.",
            ),
        }
    }
}

impl Late {
    fn detail(self) -> Text {
        match self {
            Late::DayClosed => Text::new(
                "今日已结束,不能再操作。",
                "The day is closed; this can no longer be done.",
            ),
            Late::Undo => Text::new(
                "已超过可撤销的时间,或情况已变化。",
                "Too late to take it back, or something has changed since.",
            ),
            Late::Rating => Text::new("已超过评价期限。", "The time for rating is over."),
            Late::Booking => Text::new(
                "该时段已停止预约,剩余名额现场发放。请选其他时段。",
                "Too late to book this time; what is left is given at the hall. Choose another time.",
            ),
            Late::Moving => Text::new(
                "预约时段已开始,不能改期。请到现场签到,或取消后重新预约。",
                "The time of this booking has begun, so it cannot be moved. Check in at the hall, or cancel and book again.",
            ),
            Late::CheckIn => Text::new(
                "预约时段已过,请到导办台。",
                "The time of this appointment is over. Please ask the usher.",
            ),
            Late::Offer => Text::new(
                "候补名额已过确认时间。",
                "The time to accept this place is over.",
            ),
            Late::Arrival => Text::new(
                "转厅已超时,请重新选择。",
                "That took too long; choose again.",
            ),
            Late::Voucher => Text::new("该凭证已过期。", "This voucher has expired."),
        }
    }
}
