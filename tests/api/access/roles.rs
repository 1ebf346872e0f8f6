//! Who may call which route: every row of the URL table, tried by everybody, must do exactly what its WHO says.

use crate::support::{Someone, TestHall, send};
use paihao::web::routes::table;
use reqwest::Method;
use std::time::Duration;

/// Who tries, and whether it is at home in Zhuzhou.
struct Trier {
    name: &'static str,
    role: Option<&'static str>,
    is_at_home: bool,
    someone: Someone,
}

/// What a route may answer to somebody.
#[derive(Debug, PartialEq)]
enum Expected {
    /// Anything but a word about rights.
    Admitted,
    Status(u16),
}

fn expected(who: &str, trier: &Trier, is_of_hall: bool) -> Expected {
    let roles: &[&str] = match who {
        "anyone" => return Expected::Admitted,
        // a board that nobody enrolled is answered, and not noted; whoever is somebody else is told so
        "display; others are not noted" => match trier.role {
            None | Some("display") => return Expected::Admitted,
            Some(_) => return Expected::Status(403),
        },
        // whoever may book for others here is a citizen elsewhere; a window or a machine books for nobody
        "anyone, usher, manager" => match trier.role {
            None | Some("usher" | "manager") => return Expected::Admitted,
            Some(_) => return Expected::Status(403),
        },
        "officer, usher, manager" => &["officer", "usher", "manager"],
        "the holder of the token" | "whoever has the family's link" => {
            return Expected::Status(404);
        } // nobody here holds it
        "this machine, in a demo" => return Expected::Status(404), // not a demo
        "kiosk, usher, manager" => &["kiosk", "usher", "manager"],
        "kiosk, usher, manager, phone if the plan allows it" => &["kiosk", "usher", "manager"],
        "kiosk" => &["kiosk"],
        "kiosk, officer" => &["kiosk", "officer"],
        "officer" => &["officer"],
        "officer, manager" => &["officer", "manager"],
        "usher, manager" => &["usher", "manager"],
        "manager" => &["manager"],
        _ => panic!("nobody said who \"{who}\" is"),
    };
    match trier.role {
        None => Expected::Status(401),
        Some(role) if !roles.contains(&role) => Expected::Status(403),
        // whoever acts in another hall is nobody here, as a phone is
        Some(_) if is_of_hall && !trier.is_at_home && who.contains("phone") => {
            Expected::Status(401)
        }
        Some(_) if is_of_hall && !trier.is_at_home => Expected::Status(403),
        Some(_) => Expected::Admitted,
    }
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    without_phones(&staff.manager).await;
    let foreigners = foreigners(&hall, &staff.manager).await;
    let at_home = |name, role, someone: &Someone| Trier {
        name,
        role: Some(role),
        is_at_home: true,
        someone: someone.clone(),
    };
    let mut triers = vec![
        Trier {
            name: "nobody",
            role: None,
            is_at_home: true,
            someone: hall.someone(),
        },
        at_home("officer", "officer", &staff.officer.0),
        at_home("usher", "usher", &staff.usher.0),
        at_home("manager", "manager", &staff.manager.0),
        at_home("kiosk", "kiosk", &staff.kiosk.0),
        at_home("display", "display", &staff.display),
    ];
    triers.extend(foreigners);

    let mut wrong = Vec::new();
    let rows = table();
    for row in rows
        .iter()
        .filter(|row| row.described || row.path.starts_with("/ws/"))
    {
        if row.path == "/api/v1/sign-out" {
            continue; // everybody may, and it worked: see signing_in
        }
        let path = filled(&row.path);
        for trier in &triers {
            let is_of_hall = row.path.contains("{hall}");
            let expected = expected(row.who, trier, is_of_hall);
            let status = tries(&trier.someone, row.method.as_ref(), &path).await;
            let is_right = match expected {
                Expected::Admitted => status != 401 && status != 403 && status < 500,
                // while the token is looked up the empty body is looked at, and may be refused first
                Expected::Status(404) => status == 404 || status == 422 && row.body.is_some(),
                Expected::Status(expected) => status == expected,
            };
            if !is_right {
                let name = trier.name;
                wrong.push(format!(
                    "{row:?}: {name} got {status}, expected {expected:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_token_that_nobody_has_opens_nothing() {
    let hall = TestHall::serve().await;
    hall.set_up().await;
    let stranger = hall.bearing("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for row in table().iter().filter(|row| row.described) {
        let is_open = [
            "anyone",
            "anyone, usher, manager",
            "the holder of the token",
            "whoever has the family's link",
            "this machine, in a demo",
        ]
        .contains(&row.who);
        let status = tries(&stranger, row.method.as_ref(), &filled(&row.path)).await;
        // while the register catches up the empty body is looked at, and may be refused first
        let is_refused = status == 401 || status == 422 && row.body.is_some();
        assert!(is_open || is_refused, "{row:?} answered {status}");
    }
}

/// The path with something in every place; actions are such that they do nothing at that moment.
fn filled(path: &str) -> String {
    let action = match path {
        "/api/v1/tickets/{token}/{action}" => "cancel",
        "/api/v1/appointments/{token}/{action}" => "cancel",
        "/api/v1/halls/{hall}/appointments/{code}/{action}" => "cancel",
        "/api/v1/halls/{hall}/windows/{n}/{action}" => "recall",
        "/api/v1/halls/{hall}/usher/{action}" => "reprint",
        "/api/v1/halls/{hall}/webhooks/{action}" => "dismiss",
        _ => "resume",
    };
    path.replace("{hall}", "zhuzhou")
        .replace("{n}", "1")
        .replace("{code}", "000000")
        .replace("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        .replace("{action}", action)
        .replace("{sheet}", "words")
        .replace("{id}", "1")
        .replace("{date}", "2026-11-23")
}

/// The status of a request with an empty body; one that came too fast is sent again.
async fn tries(someone: &Someone, method: &str, path: &str) -> u16 {
    loop {
        let method: Method = method.parse().unwrap();
        let reply = send(someone.request(method, path)).await;
        if reply.status != 429 {
            return reply.status;
        }
        tokio::time::sleep(Duration::from_millis(200)).await; // the limit regains fifty a second
    }
}

async fn without_phones(manager: &crate::support::Manager) {
    let (mut plan, tag) = manager.plan().await;
    plan["policy"]["phone_tickets"] = false.into();
    manager.adopts(&plan, &tag).await.given(200);
}

/// The people of another hall.
async fn foreigners(hall: &TestHall, manager: &crate::support::Manager) -> Vec<Trier> {
    manager.creates("3001", "officer", Some("lusong")).await;
    manager.creates("3002", "manager", Some("lusong")).await;
    let kiosk = manager.enrols("kiosk-2", "kiosk", "lusong").await;
    let away = |name, role, someone| Trier {
        name,
        role: Some(role),
        is_at_home: false,
        someone,
    };
    let officer = hall.signs_in("3001", crate::support::PIN).await;
    let chief = hall.signs_in("3002", crate::support::PASSWORD).await;
    vec![
        away("officer of another hall", "officer", officer),
        away("manager of another hall", "manager", chief),
        away("kiosk of another hall", "kiosk", hall.bearing(&kiosk)),
    ]
}
