//! Everything that strangers could use too much of, in one table: how much is allowed, why, and what somebody reads who
//! meets the limit.
//!
//! Others at the same address never use up what is counted by somebody's own identity. Limits that folders below this
//! one keep by themselves (the line before the hashes, the sizes of sheets) are named here too.

use crate::access::secret;
use crate::files;
use crate::network::sheet;
use crate::push::Shares;
use crate::web::http::problem::{Problem, ProblemKind};
use std::time::Duration;

/// A line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is counted, and in what.
    pub what: &'static str,
    pub most: u64,
    pub why: &'static str,
    pub told: Told,
}

/// What the one who meets a limit is told.
#[derive(Clone, Copy, Debug)]
pub enum Told {
    /// A problem, in Chinese and English; `{n}` is the seconds to wait.
    Problem(ProblemKind, &'static str, &'static str),
    /// A line of a command's output.
    Line(&'static str, &'static str),
    /// Nothing: the connection is closed, and nothing was asked on it.
    Closed,
}

macro_rules! limits {
    ($($NAME:ident: $most:expr, $what:literal, $why:literal, $told:expr;)+) => {
        $(pub const $NAME: Limit = Limit { what: $what, most: $most as u64, why: $why, told: $told };)+
        /// Every line.
        pub const ALL: &[Limit] = &[$($NAME),+];
    };
}

use ProblemKind::{RequestTimeout, TooManyRequests, Unavailable, Validation};

limits! {
    HEAD: 10, "seconds until a request's head is there",
        "a hall's worst line needs one", Told::Closed;
    BODY: 10, "seconds until a body is there, and one more for each 32 KiB that came",
        "a form needs one; a guide of 8 MiB over a slow line four minutes",
        Told::Problem(RequestTimeout, "请求内容没有及时送达,连接已关闭,请重新提交。",
            "The body did not arrive in time and the connection was closed. Send it again.");
    KEEP_ALIVE: 5, "seconds that an idle connection stays open",
        "a page asks for its parts within one", Told::Closed;
    CHANGES: 200, "changes at once by one person, device or strange address, then 50 a second",
        "it only protects the machine: kiosks of a hall share an address behind its router",
        Told::Problem(TooManyRequests, "操作过于频繁,请{n}秒后再试。",
            "Too many requests from this address; try again in {n} s.");
    NUMBERS: 30, "numbers by nobody in particular from an address, then six a minute",
        "a waiting room's own Wi-Fi, or a carrier's address: a crowd at the doors, then as fast as a busy hall gives numbers",
        Told::Problem(TooManyRequests, "取号过于频繁，请{n}秒后再试，或到取号机取号。",
            "Too many requests from this address; try again in {n} s, or go to the kiosk.");
    NUMBERS_IN_HALL: 200, "numbers by nobody in particular from a network that the plan calls the hall's own, then one a second",
        "everybody in a full waiting room, and nobody who is not there",
        Told::Problem(TooManyRequests, "取号过于频繁，请{n}秒后再试，或到取号机取号。",
            "Too many requests from this address; try again in {n} s, or go to the kiosk.");
    BOOKINGS: 20, "holds and bookings by a stranger from an address, then one in 30 s",
        "each try holds a place, and holding is what a robot would do",
        Told::Problem(TooManyRequests, "预约操作过于频繁,请{n}秒后再试。",
            "Too many requests from this address; try again in {n} s.");
    UNKNOWN_TOKENS: 50, "look-ups of tokens that nobody here knows, then 5 a second",
        "phones with yesterday's number; each makes the halls ask the store",
        Told::Problem(TooManyRequests, "查询过于频繁,请{n}秒后再试。",
            "Too many requests from this address; try again in {n} s.");
    QUESTIONS: 300, "searches of a guide and looks at /readyz, then 30 a second",
        "phones behind one router that search while they type",
        Told::Problem(TooManyRequests, "查询过于频繁,请{n}秒后再试。",
            "Too many requests from this address; try again in {n} s.");
    WRONG_SIGN_INS: 5, "wrong secrets of an account at a place; each further one waits twice as long",
        "who guesses slows himself; from her own place the person is let in",
        Told::Problem(TooManyRequests, "尝试次数过多,请{n}秒后再试。",
            "Too many attempts; try again in {n} s.");
    SIGN_INS_WAITING: secret::WAITING_MOST, "sign-ins that wait, twelve of them from known places",
        "a second and a half of hashing, in two buffers of 19 MiB",
        Told::Problem(TooManyRequests, "登录繁忙,请稍后再试。",
            "Too many sign-ins at once; try again.");
    SOCKETS_AT_ADDRESS: Shares::AT_ADDRESS, "boards of nobody in particular at an address",
        "a hall without enrolled displays has fewer screens",
        Told::Problem(TooManyRequests, "同一地址打开的大屏太多,请关掉一些再试;登记过的大屏不受此限。",
            "Too many boards are open at this address. Close some, or enrol the display.");
    SOCKETS_OF_ONE: Shares::OF_ONE, "sockets of one person or device",
        "a manager of a city watches each of its halls",
        Told::Problem(TooManyRequests, "您打开的页面太多,请关掉一些再试。",
            "Too many of your pages are open. Close some.");
    SOCKETS_OF_TICKET: Shares::OF_TICKET, "sockets of one number's phones",
        "the citizen's and those of the family",
        Told::Problem(TooManyRequests, "关注这个号码的手机太多,页面会定时刷新。",
            "Too many phones watch this number.");
    SOCKETS: Shares::MOST, "sockets in all: a quarter for staff and devices, a half for phones, the rest for others",
        "some 60 KiB each, and one descriptor",
        Told::Problem(Unavailable, "同时查看的人太多,请稍后再试;叫号不受影响。",
            "Too many are watching; try again in a moment. Numbers are called as ever.");
    ADDRESS: 512, "characters of an address that becomes a code",
        "a code with more is too fine for a phone, and dear to draw",
        Told::Problem(Validation, "地址太长,无法生成二维码。", "The address is too long for a code.");
    SHEET: files::LARGEST, "bytes of a sheet, a calendar or a plan",
        "ten times a guide with 2,000 articles", Told::Line(files::TOO_LARGE.0, files::TOO_LARGE.1);
    SHEET_CELLS: sheet::CELLS_MOST, "cells of a spreadsheet in 20,000 rows and 256 columns",
        "a city with some hundred halls has a tenth", Told::Line(sheet::TOO_LARGE.0, sheet::TOO_LARGE.1);
    SHEET_UNPACKED: sheet::UNPACKED_MOST, "bytes of a spreadsheet unpacked",
        "an honest one shrinks to a tenth", Told::Line(sheet::TOO_LARGE.0, sheet::TOO_LARGE.1);
}

impl Limit {
    /// What is answered to the one who met it.
    pub fn problem(&self) -> Problem {
        self.problem_until(Duration::ZERO)
    }

    /// The same, if there is a time to wait.
    pub fn problem_until(&self, wait: Duration) -> Problem {
        let Told::Problem(kind, zh, en) = self.told else {
            unreachable!("what has no problem is not asked for one: {}", self.what)
        };
        let seconds = (wait.as_secs() + 1).to_string();
        kind.because(zh.replace("{n}", &seconds), en.replace("{n}", &seconds))
    }

    /// As seconds.
    pub const fn seconds(&self) -> Duration {
        Duration::from_secs(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hall::text::Language;

    fn is_sentence(zh: &str, en: &str) {
        assert!(zh.ends_with('。') && en.ends_with('.'), "{zh} {en}");
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        assert!(
            zh.chars().any(is_han) && !en.chars().any(is_han),
            "{zh} {en}"
        );
    }

    #[test]
    fn whoever_meets_a_limit_reads_what_to_do() {
        for limit in ALL {
            assert!(limit.most > 0 && !limit.what.is_empty() && !limit.why.is_empty());
            match limit.told {
                Told::Closed => {}
                Told::Line(zh, en) => is_sentence(zh, en),
                Told::Problem(kind, zh, en) => {
                    is_sentence(zh, en);
                    let problem = limit.problem_until(Duration::from_secs(6));
                    let body = problem.body(Language::Zh);
                    assert_eq!(body["type"], format!("urn:paihao:{}", kind.name()));
                    assert_eq!(body["status"], kind.status().as_u16());
                    assert_eq!(body["detail"], zh.replace("{n}", "7"));
                    assert_eq!(problem.body(Language::En)["detail"], en.replace("{n}", "7"));
                    assert!(body["title"].is_string());
                    let response = problem.respond(Language::Zh);
                    let content_type = response.headers().get("content-type").unwrap();
                    assert_eq!(content_type, "application/problem+json");
                }
            }
        }
    }
}
