//! Plans: those that ship are read, and whatever is wrong with one is said with its place and a reason, all at once.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use expect_test::{Expect, expect};
use hall::Plan;
use hall::id::ServiceId;
use hall::plan::hours::FromTo;
use std::collections::BTreeSet;

const ZHUZHOU: &str = include_str!("../../../plans/zhuzhou.toml");
const LUSONG: &str = include_str!("../../../plans/lusong.toml");

/// The smallest plan there is.
const SMALL: &str = r#"
hall = "small"
name = { zh = "小厅", en = "Small hall" }
time_zone = "Asia/Shanghai"
week = { monday = ["09:00-12:00", "13:30-17:00"] }

[[services]]
id = "fine"
name = { zh = "违法处理", en = "Fines" }
prefix = "A"

[[windows]]
number = 1
services = ["fine"]
"#;

#[test]
fn the_model_hall_is_as_described() {
    let plan = Plan::from_toml(ZHUZHOU).unwrap();
    let services = plan.services.iter().map(|service| {
        let online = if service.online.is_some() {
            ", online"
        } else {
            ""
        };
        format!(
            "{} {} {}{online}",
            service.prefix.as_str(),
            service.id,
            service.name.zh
        )
    });
    let windows = plan.windows.iter().map(|window| {
        let offers = plan
            .services
            .iter()
            .filter(|service| window.offers(&service.id));
        let ids: Vec<&str> = offers.map(|service| service.id.as_str()).collect();
        format!("{}: {}", window.number, ids.join(" "))
    });
    let told: Vec<String> = services.chain(windows).collect();
    expect![[r#"
        A fine 违法处理, online
        F licence 驾驶证业务, online
        Y vehicle 行驶证业务, online
        W mark 检验标志, online
        U registration 机动车登记
        C exam 考试预约, online
        H other 综合咨询
        1: fine
        2: fine
        3: licence exam
        4: vehicle mark
        5: registration
        6: fine licence vehicle mark registration exam other
        7: fine licence vehicle mark registration exam other"#]]
    .assert_eq(&told.join("\n"));
    assert!(
        plan.services
            .iter()
            .all(|service| !service.documents.is_empty())
    );
}

#[test]
fn the_small_hall_is_read() {
    let plan = Plan::from_toml(LUSONG).unwrap();
    let ids: Vec<&str> = plan
        .services
        .iter()
        .map(|service| service.id.as_str())
        .collect();
    assert_eq!(
        (ids, plan.windows.len()),
        (vec!["fine", "licence", "mark"], 2)
    );
}

#[test]
fn a_plan_written_as_a_file_is_the_same_plan() {
    for text in [ZHUZHOU, LUSONG, SMALL] {
        let plan = Plan::from_toml(text).unwrap();
        assert_eq!(Plan::from_toml(&plan.to_toml()).unwrap(), plan);
    }
}

/// Changes the small plan and tells what is wrong with it then.
fn broken(from: &str, to: &str, expected: Expect) {
    assert!(SMALL.contains(from), "{from} is not in the plan");
    let told = match Plan::from_toml(&SMALL.replacen(from, to, 1)) {
        Ok(_) => "nothing is wrong".into(),
        Err(errors) => errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    };
    expected.assert_eq(&told);
}

#[test]
fn what_is_not_a_plan_is_named_with_its_line() {
    broken(
        "hall = \"small\"",
        "hall = \"Small Hall\"",
        expect![[r#"
        TOML parse error at line 2, column 8
          |
        2 | hall = "Small Hall"
          |        ^^^^^^^^^^^^
        not a hall id: expected 1 to 40 of a-z, 0-9 and -, not starting with -"#]],
    );
    broken(
        "hall = \"small\"",
        "hall = ",
        expect![[r#"
        TOML parse error at line 2, column 8
          |
        2 | hall = 
          |        ^
        string values must be quoted, expected literal string"#]],
    );
    broken(
        "hall = \"small\"\n",
        "",
        expect![[r#"
        TOML parse error at line 1, column 1
          |
        1 | 
          | ^
        missing field `hall`"#]],
    );
    broken(
        "hall = \"small\"",
        "hall = \"small\"\nhal = 1",
        expect![[r#"
            TOML parse error at line 3, column 1
              |
            3 | hal = 1
              | ^^^
            unknown field `hal`, expected one of `hall`, `revision`, `name`, `address`, `hotline`, `time_zone`, `calendar_years`, `policy`, `week`, `special_days`, `services`, `windows`, `zones`, `appointments`, `neighbours`"#]],
    );
    broken(
        "Asia/Shanghai",
        "Asia/Zhuzhou",
        expect![[r#"
        TOML parse error at line 4, column 13
          |
        4 | time_zone = "Asia/Zhuzhou"
          |             ^^^^^^^^^^^^^^
        failed to parse timezone: 'Asia/Zhuzhou'"#]],
    );
    broken(
        "\"09:00-12:00\"",
        "\"9 to 12\"",
        expect![[r#"
        TOML parse error at line 5, column 19
          |
        5 | week = { monday = ["9 to 12", "13:30-17:00"] }
          |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^
        "9 to 12" is not a session: write it like "09:00-12:00""#]],
    );
    broken(
        "\"09:00-12:00\"",
        "\"09:00-24:30\"",
        expect![[r#"
        TOML parse error at line 5, column 19
          |
        5 | week = { monday = ["09:00-24:30", "13:30-17:00"] }
          |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        "09:00-24:30" is not a session: write it like "09:00-12:00""#]],
    );
    broken(
        "prefix = \"A\"",
        "prefix = \"A1\"",
        expect![[r#"
        TOML parse error at line 10, column 10
           |
        10 | prefix = "A1"
           |          ^^^^
        not a ticket prefix: expected 1 to 3 of A-Z"#]],
    );
    broken(
        "prefix = \"A\"",
        "prefix = \"号\"",
        expect![[r#"
        TOML parse error at line 10, column 10
           |
        10 | prefix = "号"
           |          ^^^^^
        not a ticket prefix: expected 1 to 3 of A-Z"#]],
    );
    broken(
        "number = 1",
        "number = -1",
        expect![[r#"
        TOML parse error at line 13, column 10
           |
        13 | number = -1
           |          ^^
        invalid value: integer `-1`, expected a window number from 0 to 65535"#]],
    );
    broken(
        "number = 1",
        "number = \"eins\"",
        expect![[r#"
        TOML parse error at line 13, column 10
           |
        13 | number = "eins"
           |          ^^^^^^
        invalid value: string "eins", expected a window number from 0 to 65535"#]],
    );
    broken(
        "services = [\"fine\"]",
        "services = [\"Fine!\"]",
        expect![[r#"
            TOML parse error at line 14, column 12
               |
            14 | services = ["Fine!"]
               |            ^^^^^^^^^
            not a service id: expected 1 to 40 of a-z, 0-9 and -, not starting with -"#]],
    );
    broken(
        "services = [\"fine\"]",
        "services = [\"fine\"]\nprefers = \"vip\"",
        expect![[r#"
            TOML parse error at line 15, column 11
               |
            15 | prefers = "vip"
               |           ^^^^^
            unknown variant `vip`, expected one of `normal`, `elderly`, `disabled`, `pregnant`, `military`, `appointment`"#]],
    );
    broken(
        "\"Small hall\"",
        "\"Small hall\", fr = \"Petite salle\"",
        expect![[r#"
            TOML parse error at line 3, column 40
              |
            3 | name = { zh = "小厅", en = "Small hall", fr = "Petite salle" }
              |                                        ^^
            unknown field `fr`, expected `zh` or `en`"#]],
    );
    broken(
        "week = {",
        "policy = { returns = 300 }\nweek = {",
        expect![[r#"
            TOML parse error at line 5, column 22
              |
            5 | policy = { returns = 300 }
              |                      ^^^
            invalid value: integer `300`, expected u8"#]],
    );
    broken(
        "week = { monday",
        "week = { montag",
        expect![[r#"
        TOML parse error at line 5, column 10
          |
        5 | week = { montag = ["09:00-12:00", "13:30-17:00"] }
          |          ^^^^^^
        unknown field `montag`, expected one of `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, `sunday`"#]],
    );
}

#[test]
fn words_are_there_in_both_languages() {
    broken(
        "\"Small hall\"",
        "\" \"",
        expect!["name.en: must not be empty"],
    );
    broken(
        "\"违法处理\"",
        "\"\"",
        expect!["services[0].name.zh: must not be empty"],
    );
    broken(
        "services = [\"fine\"]",
        "services = [\"fine\"]\nlabel = { zh = \"\", en = \"x\" }",
        expect!["windows[0].label.zh: must not be empty"],
    );
}

#[test]
fn services_make_sense() {
    let service = |more: &str| format!("prefix = \"A\"\n{more}");
    let service = |more: &str, expected| broken("prefix = \"A\"", &service(more), expected);
    service(
        "typical_minutes = 0",
        expect!["services[0].typical_minutes: must be between 1 and 480 minutes"],
    );
    service(
        "typical_minutes = 481",
        expect!["services[0].typical_minutes: must be between 1 and 480 minutes"],
    );
    service(
        "online = { name = { zh = \"\", en = \"App\" }, url = \"gab.122.gov.cn\" }",
        expect![[r#"
            services[0].online.name.zh: must not be empty
            services[0].online.url: must begin with https:// or http://"#]],
    );
    service(
        "documents = [{ zh = \"\", en = \"Card\" }]",
        expect!["services[0].documents[0].zh: must not be empty"],
    );
    service(
        "week = { monday = [\"12:00-09:00\"] }",
        expect!["services[0].week.monday: 12:00-09:00 closes before it opens"],
    );
    let twice = "[[services]]\nid = \"fine\"\nname = { zh = \"又\", en = \"Again\" }\nprefix = \"B\"\n\n[[windows]]";
    broken(
        "[[windows]]",
        twice,
        expect!["services[1].id: fine is listed twice"],
    );
    let unoffered = "[[services]]\nid = \"mark\"\nname = { zh = \"检\", en = \"Mark\" }\nprefix = \"W\"\n\n[[windows]]";
    broken(
        "[[windows]]",
        unoffered,
        expect!["services[1].id: no window offers mark"],
    );
}

#[test]
fn a_hall_has_services_and_windows() {
    let none = "hall = \"none\"\nname = { zh = \"空\", en = \"Empty\" }\ntime_zone = \"Asia/Shanghai\"\nweek = {}\nservices = []\nwindows = []";
    let errors = Plan::from_toml(none).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    expect![[r#"
        services: a hall needs at least one service
        windows: a hall needs at least one window"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn windows_make_sense() {
    let window = |to: &str, expected| broken("number = 1\nservices = [\"fine\"]", to, expected);
    window(
        "number = 0\nservices = [\"fine\"]",
        expect!["windows[0].number: must be between 1 and 999"],
    );
    window(
        "number = 1000\neverything = true",
        expect!["windows[0].number: must be between 1 and 999"],
    );
    window(
        "number = 1",
        expect![[r#"
        services[0].id: no window offers fine
        windows[0].services: name at least one service, or set everything = true"#]],
    );
    window(
        "number = 1\nservices = [\"fine\", \"mark\"]",
        expect!["windows[0].services: there is no service mark"],
    );
    window(
        "number = 1\nservices = [\"fine\"]\nprimary = [\"mark\"]",
        expect!["windows[0].primary: mark is not offered at this window"],
    );
    window(
        "number = 1\nservices = [\"fine\"]\n\n[[windows]]\nnumber = 1\neverything = true",
        expect!["windows[1].number: window 1 is listed twice"],
    );
}

/// Over midnight, until midnight, around the clock: as people write them, and written again in one way.
#[test]
fn a_session_may_end_on_the_next_day() {
    for (written, again, hours) in [
        ("22:00-02:00", "22:00-02:00", 4),
        ("22:00-次日02:00", "22:00-02:00", 4),
        ("18:00-24:00", "18:00-24:00", 6),
        ("00:00-24:00", "00:00-24:00", 24),
        ("09:00-17:00", "09:00-17:00", 8),
    ] {
        let session = FromTo::parse(written).unwrap();
        assert_eq!(session.to_string(), again);
        assert_eq!(FromTo::parse(again).unwrap(), session);
        assert_eq!(session.length().num_hours(), hours, "{written}");
    }
    for wrong in ["24:00-06:00", "09:00-24:30", "09:00-次日12:00"] {
        assert!(FromTo::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn hours_make_sense() {
    let monday = |to: &str, expected| broken("[\"09:00-12:00\", \"13:30-17:00\"]", to, expected);
    monday(
        "[\"09:00-09:00\"]",
        expect!["week.monday: 09:00-09:00 closes before it opens"],
    );
    monday(
        "[\"09:00-12:00\", \"11:30-17:00\"]",
        expect!["week.monday: 09:00-12:00 and 11:30-17:00 overlap or are out of order"],
    );
    monday(
        "[\"13:30-17:00\", \"09:00-12:00\"]",
        expect!["week.monday: 13:30-17:00 and 09:00-12:00 overlap or are out of order"],
    );
    monday(
        "{ sessions = [\"17:00-13:30\"], appointments_only = true }",
        expect!["week.monday: 17:00-13:30 closes before it opens"],
    );
    monday(
        "[\"22:00-09:30\"], tuesday = [\"09:00-12:00\"]",
        expect!["week.monday: 22:00-09:30 runs into 09:00-12:00 of the next day"],
    );
    monday(
        "[\"22:00-02:00\", \"23:00-23:30\"]",
        expect!["week.monday: 22:00-02:00 and 23:00-23:30 overlap or are out of order"],
    );
    monday(
        "{ sessions = [\"09:00-12:00\"], appointment_only = true }",
        expect![[r#"
            TOML parse error at line 5, column 49
              |
            5 | week = { monday = { sessions = ["09:00-12:00"], appointment_only = true } }
              |                                                 ^^^^^^^^^^^^^^^^
            unknown field `appointment_only`, expected `sessions` or `appointments_only`"#]],
    );
    let special = |days: &str, expected| {
        broken(
            "week = {",
            &format!("special_days = [{days}]\nweek = {{"),
            expected,
        )
    };
    special("{ date = 2026-10-01 }", expect!["nothing is wrong"]);
    special(
        "{ date = 2026-10-01T09:00:00 }",
        expect![[r#"
        TOML parse error at line 5, column 26
          |
        5 | special_days = [{ date = 2026-10-01T09:00:00 }]
          |                          ^^^^^^^^^^^^^^^^^^^
        expected a date such as 2026-10-01"#]],
    );
    special(
        "{ date = \"1. Oktober\" }",
        expect![[r#"
            TOML parse error at line 5, column 26
              |
            5 | special_days = [{ date = "1. Oktober" }]
              |                          ^^^^^^^^^^^^
            expected a date such as 2026-10-01"#]],
    );
    special(
        "{ date = \"2026-10-01\" }, { date = \"2026-10-01\" }",
        expect!["special_days[1].date: 2026-10-01 is listed twice"],
    );
    special(
        "{ date = \"2026-10-10\", as = \"Wed\", hours = [\"09:00-12:00\"] }",
        expect!["special_days[0]: give either `as` (another weekday) or `hours`, not both"],
    );
    special(
        "{ date = \"2026-10-10\", as = \"someday\" }",
        expect![[r#"
        TOML parse error at line 5, column 45
          |
        5 | special_days = [{ date = "2026-10-10", as = "someday" }]
          |                                             ^^^^^^^^^
        short or long weekday names expected"#]],
    );
    special(
        "{ date = \"2026-10-10\", hours = [\"12:00-09:00\"] }",
        expect!["special_days[0].hours: 12:00-09:00 closes before it opens"],
    );
}

#[test]
fn authorisations_and_neighbours_make_sense() {
    let near = |list: &str, expected| {
        broken(
            "week = {",
            &format!("neighbours = [{list}]\nweek = {{"),
            expected,
        )
    };
    near(
        "{ hall = \"east\", walking_minutes = 5 }, { hall = \"east\", driving_minutes = 700 }, { hall = \"west\" }",
        expect![[r#"
            neighbours[1].hall: east is listed twice
            neighbours[1]: east is more than ten hours away
            neighbours[2]: west needs walking_minutes or driving_minutes"#]],
    );
    near(
        "{ hall = \"small\", walking_minutes = 5 }",
        expect!["neighbours[0]: small is this hall itself"],
    );
    broken(
        "[[windows]]",
        "authorisation = { mode = \"by_proxy\", from = 2026-12-01, until = \"2026-11-01\" }\n[[windows]]",
        expect!["services[0].authorisation: ends before it begins"],
    );
    broken(
        "[[windows]]",
        "authorisation = { mode = \"somehow\" }\n[[windows]]",
        expect![[r#"
            TOML parse error at line 12, column 26
               |
            12 | authorisation = { mode = "somehow" }
               |                          ^^^^^^^^^
            unknown variant `somehow`, expected one of `on_the_spot`, `by_proxy`, `by_network`"#]],
    );
}

#[test]
fn policies_have_limits() {
    let policy = |rule: &str, expected| {
        broken(
            "week = {",
            &format!("policy = {{ {rule} }}\nweek = {{"),
            expected,
        )
    };
    policy(
        "early_open_minutes = 241",
        expect!["policy.early_open_minutes: must be between 0 and 240, not 241"],
    );
    policy(
        "near_closing_minutes = 241",
        expect!["policy.near_closing_minutes: must be between 0 and 240, not 241"],
    );
    policy(
        "missed_grace_minutes = 121",
        expect!["policy.missed_grace_minutes: must be between 0 and 120, not 121"],
    );
    policy(
        "parked_grace_minutes = 241",
        expect!["policy.parked_grace_minutes: must be between 0 and 240, not 241"],
    );
    policy(
        "walking_seconds = 4",
        expect!["policy.walking_seconds: must be between 5 and 600, not 4"],
    );
    policy(
        "recall_pause_seconds = 0",
        expect!["policy.recall_pause_seconds: must be between 1 and 120, not 0"],
    );
    policy(
        "priority_rate = 0",
        expect!["policy.priority_rate: must be between 1 and 100, not 0"],
    );
    policy(
        "prioritised_in_a_row = 0",
        expect!["policy.prioritised_in_a_row: must be between 1 and 100, not 0"],
    );
    policy(
        "undo_seconds = 121",
        expect!["policy.undo_seconds: must be between 0 and 120, not 121"],
    );
    policy(
        "voucher_working_days = 0",
        expect!["policy.voucher_working_days: must be between 1 and 30, not 0"],
    );
    policy(
        "rating_hours = 721",
        expect!["policy.rating_hours: must be between 1 and 720, not 721"],
    );
    policy(
        "returns = 101",
        expect!["policy.returns: must be between 0 and 100, not 101"],
    );
    policy(
        "return_after_calls = 1001",
        expect!["policy.return_after_calls: must be between 0 and 1000, not 1001"],
    );
    policy(
        "defer_after_calls = 1001",
        expect!["policy.defer_after_calls: must be between 0 and 1000, not 1001"],
    );
    policy(
        "primary_patience_minutes = 601",
        expect!["policy.primary_patience_minutes: must be between 0 and 600, not 601"],
    );
    policy(
        "resume_elsewhere_minutes = 241",
        expect!["policy.resume_elsewhere_minutes: must be between 0 and 240, not 241"],
    );
    policy(
        "recalls_before_missed = 21",
        expect!["policy.recalls_before_missed: must be between 0 and 20, not 21"],
    );
    policy(
        "walking_seconds = 1, priority_rate = 0, rating_hours = 0",
        expect![[r#"
            policy.walking_seconds: must be between 5 and 600, not 1
            policy.priority_rate: must be between 1 and 100, not 0
            policy.rating_hours: must be between 1 and 720, not 0"#]],
    );
}

#[test]
fn a_year_without_an_official_calendar_is_missed_from_60_days_before_it() {
    let missing = |years: &str, today: &str| {
        let text = SMALL.replacen("week =", &format!("calendar_years = [{years}]\nweek ="), 1);
        let plan = Plan::from_toml(&text).unwrap();
        plan.missing_calendar_years(today.parse().unwrap())
    };
    assert_eq!(missing("2026", "2026-11-01"), [0; 0]);
    assert_eq!(missing("2026", "2026-11-02"), [2027]);
    assert_eq!(missing("2026", "2027-03-01"), [2027]);
    assert_eq!(missing("2024, 2025", "2026-12-31"), [2026, 2027]);
    assert_eq!(missing("2026, 2027", "2026-12-31"), [0; 0]);
    // a hall that follows no official calendar misses none
    assert_eq!(missing("", "2026-12-31"), [0; 0]);
}

/// A rule as it should be; each test spoils one line of it.
const RULE: &str = r#"
[[windows]]
number = 2
services = ["visit"]

[[services]]
id = "visit"
name = { zh = "上门", en = "Visit" }
prefix = "V"

[[appointments]]
id = "monday"
name = { zh = "周一", en = "Monday" }
services = ["fine"]
weekdays = ["Mon"]
hours = "09:00-12:00"
slot_minutes = 30
places = 4
takes = { fine = 2 }
windows = [1]
horizon_days = 14
cut_off_minutes = 120
"#;

/// Changes the rule and tells what is wrong with the plan then.
fn rule(from: &str, to: &str, expected: Expect) {
    assert!(RULE.contains(from), "{from} is not in the rule");
    let told = match Plan::from_toml(&(SMALL.to_string() + &RULE.replacen(from, to, 1))) {
        Ok(_) => "nothing is wrong".into(),
        Err(errors) => errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n"),
    };
    expected.assert_eq(&told);
}

#[test]
fn what_can_be_booked_makes_sense() {
    rule("cut_off", "cut_off", expect!["nothing is wrong"]);
    rule(
        "\"monday\"",
        "\"Mon day\"",
        expect![[r#"
        TOML parse error at line 26, column 6
           |
        26 | id = "Mon day"
           |      ^^^^^^^^^
        not an appointment rule id: expected 1 to 40 of a-z, 0-9 and -, not starting with -"#]],
    );
    rule(
        "name = { zh = \"周一\"",
        "name = { zh = \"\"",
        expect!["appointments[0].name.zh: must not be empty"],
    );
    rule(
        "services = [\"fine\"]",
        "services = []",
        expect![[r#"
            appointments[0].services: name at least one service
            appointments[0].takes: fine must be one of the services, with 1 to 12 slots
            appointments[0].windows: window 1 offers none of the services"#]],
    );
    rule(
        "services = [\"fine\"]",
        "services = [\"fine\", \"fin\"]",
        expect![[r#"
            appointments[0].services: there is no service fin
            appointments[0].windows: none of these windows offers fin"#]],
    );
    rule(
        "weekdays = [\"Mon\"]",
        "weekdays = []",
        expect!["appointments[0].weekdays: name weekdays or dates"],
    );
    rule(
        "weekdays = [\"Mon\"]",
        "weekdays = [\"Moon\"]",
        expect![[r#"
            TOML parse error at line 29, column 13
               |
            29 | weekdays = ["Moon"]
               |             ^^^^^^
            short or long weekday names expected"#]],
    );
    rule(
        "weekdays = [\"Mon\"]",
        "dates = [2026-13-01]",
        expect![[r#"
            TOML parse error at line 29, column 10
               |
            29 | dates = [2026-13-01]
               |          ^^^^^^^^^^
            invalid date, expected month between 01 and 12"#]],
    );
    rule(
        "weekdays = [\"Mon\"]",
        "dates = [2026-08-08]",
        expect!["nothing is wrong"],
    );
    rule(
        "09:00-12:00",
        "9 to 12",
        expect![[r#"
        TOML parse error at line 30, column 9
           |
        30 | hours = "9 to 12"
           |         ^^^^^^^^^
        "9 to 12" is not a session: write it like "09:00-12:00""#]],
    );
    rule(
        "09:00-12:00",
        "09:00-09:20",
        expect!["appointments[0].hours: 09:00-09:20 has no room for a slot of 30 minutes"],
    );
    rule(
        "09:00-12:00",
        "12:00-09:00",
        expect!["appointments[0].hours: 12:00-09:00 has no room for a slot of 30 minutes"],
    );
    rule(
        "09:00-12:00",
        "12:00-13:00",
        expect![
            "appointments[0].hours: no slot lies within a session of these services on these weekdays"
        ],
    );
    rule(
        "[\"Mon\"]",
        "[\"Mon\", \"Sat\"]",
        expect!["nothing is wrong"],
    );
    rule(
        "slot_minutes = 30",
        "slot_minutes = 4",
        expect!["appointments[0].slot_minutes: must be between 5 and 480 minutes"],
    );
    rule(
        "slot_minutes = 30",
        "slot_minutes = 481",
        expect!["appointments[0].slot_minutes: must be between 5 and 480 minutes"],
    );
    rule(
        "places = 4",
        "places = 0",
        expect!["appointments[0].places: must be between 1 and 500"],
    );
    rule(
        "places = 4",
        "places = 501",
        expect!["appointments[0].places: must be between 1 and 500"],
    );
    rule(
        "fine = 2",
        "fine = 0",
        expect!["appointments[0].takes: fine must be one of the services, with 1 to 12 slots"],
    );
    rule(
        "fine = 2",
        "fine = 13",
        expect!["appointments[0].takes: fine must be one of the services, with 1 to 12 slots"],
    );
    rule(
        "fine = 2",
        "visit = 2",
        expect!["appointments[0].takes: visit must be one of the services, with 1 to 12 slots"],
    );
    rule(
        "windows = [1]",
        "windows = [9]",
        expect![[r#"
        appointments[0].windows: window 9 offers none of the services
        appointments[0].windows: none of these windows offers fine"#]],
    );
    rule(
        "windows = [1]",
        "windows = [1, 2]",
        expect!["appointments[0].windows: window 2 offers none of the services"],
    );
    rule(
        "services = [\"fine\"]",
        "services = [\"fine\", \"visit\"]",
        expect!["appointments[0].windows: none of these windows offers visit"],
    );
    rule(
        "windows = [1]",
        "windows = [1]\nkind = \"home_visit\"",
        expect!["appointments[0].windows: nobody comes to a window for this kind"],
    );
    rule(
        "windows = [1]",
        "officers = [\"Mr Wang\"]",
        expect![[r#"
        TOML parse error at line 34, column 12
           |
        34 | officers = ["Mr Wang"]
           |            ^^^^^^^^^^^
        not a name of an account or device: expected 1 to 64 visible ASCII characters"#]],
    );
    rule(
        "windows = [1]",
        "kind = \"at_home\"",
        expect![[r#"
        TOML parse error at line 34, column 8
           |
        34 | kind = "at_home"
           |        ^^^^^^^^^
        unknown variant `at_home`, expected one of `window`, `home_visit`, `proxy_help`"#]],
    );
    rule(
        "horizon_days = 14",
        "horizon_days = 0",
        expect!["appointments[0].horizon_days: must be between 1 and 365 days"],
    );
    rule(
        "horizon_days = 14",
        "horizon_days = 366",
        expect!["appointments[0].horizon_days: must be between 1 and 365 days"],
    );
    rule(
        "cut_off_minutes = 120",
        "cut_off_minutes = 10081",
        expect!["appointments[0].cut_off_minutes: must be a week at most"],
    );
    rule(
        "places = 4",
        "place = 4",
        expect![[r#"
        TOML parse error at line 32, column 1
           |
        32 | place = 4
           | ^^^^^
        unknown field `place`, expected one of `id`, `name`, `kind`, `services`, `weekdays`, `dates`, `hours`, `slot_minutes`, `places`, `takes`, `windows`, `officers`, `horizon_days`, `cut_off_minutes`"#]],
    );
    rule(
        "number = 2",
        "number = 2\nprefers = \"appointment\"",
        expect!["nothing is wrong"],
    );
}

#[test]
fn a_rule_is_named_once() {
    let twice = RULE.rsplit_once("[[appointments]]").unwrap().1;
    let text = format!("{SMALL}{RULE}[[appointments]]{twice}");
    let errors = Plan::from_toml(&text).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "appointments[1].id: monday is listed twice"
    );
}

#[test]
fn policies_of_appointments_and_near_closing_have_limits() {
    let policy = |line: &str, expected: Expect| {
        let line = format!("policy = {{ {line} }}\nweek =");
        broken("week =", &line, expected);
    };
    policy(
        "appointment_rate = 0",
        expect!["policy.appointment_rate: must be between 1 and 100, not 0"],
    );
    policy(
        "latest_call_minutes = 241",
        expect!["policy.latest_call_minutes: must be between 0 and 240, not 241"],
    );
    policy(
        "check_in_early_minutes = 241",
        expect!["policy.check_in_early_minutes: must be between 0 and 240, not 241"],
    );
    policy(
        "check_in_late_minutes = 241",
        expect!["policy.check_in_late_minutes: must be between 0 and 240, not 241"],
    );
    policy(
        "hold_minutes = 0",
        expect!["policy.hold_minutes: must be between 1 and 60, not 0"],
    );
    policy(
        "offer_minutes = 4",
        expect!["policy.offer_minutes: must be between 5 and 1440, not 4"],
    );
    policy(
        "bookings_per_person = 0",
        expect!["policy.bookings_per_person: must be between 1 and 50, not 0"],
    );
    policy(
        "places_per_booking = 51",
        expect!["policy.places_per_booking: must be between 1 and 50, not 51"],
    );
    policy(
        "no_show_limit = { count = 0, within_days = 366, blocked_days = 0 }",
        expect![[r#"
            policy.no_show_limit.count: must be between 1 and 100, not 0
            policy.no_show_limit.within_days: must be between 1 and 365, not 366
            policy.no_show_limit.blocked_days: must be between 1 and 365, not 0"#]],
    );
    policy(
        "no_show_limit = { count = 3 }",
        expect![[r#"
        TOML parse error at line 5, column 28
          |
        5 | policy = { no_show_limit = { count = 3 } }
          |                            ^^^^^^^^^^^^^
        missing field `within_days`"#]],
    );
    policy(
        "overrun_begins_minutes = 0",
        expect![[r#"
        policy.overrun_begins_minutes: must be between 1 and 600, not 0
        policy.overrun_ends_minutes: must be between 0 and 0, not 20"#]],
    );
    policy(
        "overrun_begins_minutes = 20, overrun_ends_minutes = 21",
        expect!["policy.overrun_ends_minutes: must be between 0 and 20, not 21"],
    );
    policy(
        "redirect = \"always\"",
        expect![[r#"
        TOML parse error at line 5, column 23
          |
        5 | policy = { redirect = "always" }
          |                       ^^^^^^^^
        unknown variant `always`, expected `offer` or `require`"#]],
    );
}

/// A hall that is open through the night, with a slot every so many minutes of every day.
fn nightly(zone: &str, slot_minutes: u32) -> Plan {
    let night = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let week: String = night
        .map(|day| format!("{day} = [\"00:00-05:00\"]\n"))
        .concat();
    let text = SMALL.replace("Asia/Shanghai", zone).replace(
        "week = { monday = [\"09:00-12:00\", \"13:30-17:00\"] }\n",
        &format!("\n[week]\n{week}"),
    );
    let rule = format!(
        "[[appointments]]\nid = \"all\"\nservices = [\"fine\"]\nweekdays = [\"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"]\n\
         hours = \"00:00-05:00\"\nslot_minutes = {slot_minutes}\nplaces = 1\ntakes = {{ fine = 2 }}\n"
    );
    Plan::from_toml(&format!("{text}\n{rule}")).expect("a small plan and a rule make a plan")
}

/// In spring the slots of the hour that is skipped were once those of the next hour over again. In autumn the hour that
/// comes twice has its slots once.
#[test]
fn every_slot_is_there_once_also_when_clocks_change() {
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Asia/Shanghai",
        "Africa/Casablanca",
    ];
    let fine = ServiceId::parse("fine").unwrap();
    for (zone, minutes) in zones
        .into_iter()
        .flat_map(|zone| [15, 30, 45, 60].map(|m| (zone, m)))
    {
        let plan = nightly(zone, minutes);
        let days = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap().iter_days();
        for date in days.take_while(|date| date.year() == 2027) {
            let slots = plan.slots(date, &fine);
            let starts: BTreeSet<_> = slots.iter().map(|slot| slot.starts_at).collect();
            let names: BTreeSet<_> = slots.iter().map(|slot| slot.id.to_string()).collect();
            assert_eq!(
                (starts.len(), names.len()),
                (slots.len(), slots.len()),
                "{zone} {date}"
            );
            for slot in &slots {
                assert!(
                    !slots
                        .iter()
                        .any(|other| other.starts_at < slot.ends_at
                            && slot.starts_at < other.starts_at),
                    "{zone} {date}: {} overlaps",
                    slot.id
                );
                assert_eq!(plan.slot(&slot.id, &fine).as_ref(), Some(slot));
                // and a row of them is one stretch of time
                if let Some(row) = plan.row_of_slots(&slot.id, &fine) {
                    assert!(
                        row.windows(2).all(|two| two[0].ends_at == two[1].starts_at),
                        "{zone} {date}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_hour_that_is_skipped_has_no_slots() {
    let plan = nightly("Europe/Berlin", 60);
    let of_day = |date: &str| {
        let slots = plan.slots(date.parse().unwrap(), &ServiceId::parse("fine").unwrap());
        let starts: Vec<String> = slots
            .iter()
            .map(|slot| slot.starts_at.format("%H:%M%:z").to_string())
            .collect();
        starts.join(" ")
    };
    expect!["00:00+01:00 01:00+01:00 03:00+02:00 04:00+02:00"].assert_eq(&of_day("2027-03-28"));
    expect!["00:00+02:00 01:00+02:00 02:00+01:00 03:00+01:00 04:00+01:00"]
        .assert_eq(&of_day("2027-10-31"));
}

/// A zone may skip a whole day, and a plan may be asked for any date.
#[test]
fn no_date_is_too_far_for_a_clock() {
    for zone in [
        "Pacific/Apia",
        "Pacific/Kwajalein",
        "Asia/Shanghai",
        "Europe/Berlin",
    ] {
        let plan = nightly(zone, 30);
        let skipped = NaiveDate::from_ymd_opt(2011, 12, 30).unwrap();
        let far = [
            NaiveDate::MIN,
            NaiveDate::MAX,
            skipped,
            skipped + Days::new(1),
        ];
        for date in far
            .into_iter()
            .chain(["1900-01-01", "2200-12-31"].map(|text| text.parse().unwrap()))
        {
            for time in [NaiveTime::MIN, NaiveTime::from_hms_opt(23, 59, 59).unwrap()] {
                plan.at(date, time);
            }
            plan.special_day(date);
        }
        assert_eq!(
            plan.slots(skipped, &ServiceId::parse("fine").unwrap())
                .is_empty(),
            zone == "Pacific/Apia"
        );
    }
}

#[test]
fn dates_that_no_hall_has_are_refused() {
    for (wrong, field) in [
        (
            "[[special_days]]\ndate = \"+262142-12-31\"\n",
            "special_days[0].date",
        ),
        (
            "[[special_days]]\ndate = \"1899-12-31\"\n",
            "special_days[0].date",
        ),
    ] {
        let errors = Plan::from_toml(&format!("{SMALL}\n{wrong}")).unwrap_err();
        assert_eq!(
            (errors[0].field.as_str(), errors[0].reason.as_str()),
            (field, "must be of the years 1900 to 2200")
        );
    }
    let years = SMALL.replacen("week =", "calendar_years = [20260]\nweek =", 1);
    assert_eq!(
        Plan::from_toml(&years).unwrap_err()[0].field,
        "calendar_years"
    );
}

/// Thousands of plans that nobody would write: read or refused with a reason, never a panic.
#[test]
fn no_plan_panics_whatever_is_in_it() {
    let pieces = [
        "2026-11-23",
        "+262142-12-31",
        "-1",
        "99999999999",
        "\"\"",
        "[]",
        "{}",
        "= ",
        "[[special_days]]\n",
        "date = ",
        "hours = ",
        "\"09:00-12:00\"",
        "\"9：00－12：00\"",
        "\n",
        "\"Asia/Shanghai\"",
        "\"Pacific/Apia\"",
        "slot_minutes = 0\n",
        "𠮷",
        "\u{feff}",
        "\"",
        "0",
        "5",
        "480",
    ];
    let mut random = 8_u64;
    let mut next = |below: usize| {
        // a small generator of its own: the crate of the rules draws nothing
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % below
    };
    let whole = nightly("Europe/Berlin", 30).to_toml();
    for _ in 0..4_000 {
        let mut lines: Vec<String> = whole.lines().map(str::to_string).collect();
        for _ in 0..=next(3) {
            let at = next(lines.len());
            let piece = pieces[next(pieces.len())];
            match next(3) {
                0 => lines[at] = piece.to_string(),
                1 => lines.insert(at, piece.to_string()),
                _ => {
                    let key = lines[at].split('=').next().unwrap_or_default().to_string();
                    lines[at] = format!("{key}= {piece}");
                }
            }
        }
        if let Ok(plan) = Plan::from_toml(&lines.join("\n")) {
            let date = NaiveDate::from_ymd_opt(2027, 3, 28).unwrap();
            for service in &plan.services {
                plan.slots(date, &service.id);
                plan.next_issuing(&service.id, plan.at(date, NaiveTime::MIN));
            }
            plan.span(date);
        }
    }
}
