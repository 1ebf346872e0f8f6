//! The agent beside a kiosk: it prints what the page sends it, for that page alone.

use super::papers::slip_of;
use super::slips::complaint;
use super::{SITE, habits, hall_with, printer_of};
use crate::support::process::Process;
use crate::support::{send, until};
use crate::virtual_printer::VirtualPrinter;
use paihao::config::Printing;
use paihao::printing::layout::Width;
use paihao::printing::paper::Paper;
use paihao::printing::place::{NetworkPrinter, PrinterLink, PrinterPlace};
use paihao::printing::queue::PrintQueue;
use paihao::printing::status::Dialect;
use paihao::site::PublicUrl;
use paihao::web::Agent;
use paihao::words::Words;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

/// An agent for pages of `origin`, and where it listens.
async fn agent_on(printer: &VirtualPrinter, origin: &str) -> (Agent, String) {
    let words = Arc::new(Words::load().unwrap());
    let device = NetworkPrinter {
        address: printer.address.to_string(),
        width: Width::Mm58,
        dialect: Some(Dialect::DleEot),
        charset: paihao::printing::charset::Charset::default(),
    };
    let outbox = PrintQueue::start(device, words, habits());
    let origin = PublicUrl::parse(origin).unwrap();
    let agent = Agent::start(outbox, ([127, 0, 0, 1], 0).into(), &origin).unwrap();
    let url = format!("http://{}", agent.address);
    (agent, url)
}

#[tokio::test]
async fn the_agent_prints_what_the_page_sends_once_for_each_id() {
    let printer = VirtualPrinter::start(58).await;
    let (agent, url) = agent_on(&printer, "http://hall:8080").await;
    let client = reqwest::Client::new();
    let post = |body: Value| {
        let request = client.post(format!("{url}/slips"));
        send(request.header("origin", "http://hall:8080").json(&body))
    };
    let mut offline = slip_of(&[]);
    (offline.reserve, offline.url) = (true, None);
    let body = json!({ "id": "kiosk-1-77", "paper": Paper::Ticket(offline) });
    let first = post(body.clone()).await;
    assert_eq!(first.given(202)["slip"], "kiosk-1-77");
    assert_eq!(
        first.header("access-control-allow-origin"),
        "http://hall:8080"
    );
    until("it is printed", async || {
        post(body.clone()).await.given(202)["state"] == "printed"
    })
    .await;
    assert_eq!(printer.papers().len(), 1);
    let answer = send(client.get(format!("{url}/printer"))).await.given(200);
    assert_eq!(answer["printer"], "ready");
    assert_eq!(answer["slips"][0]["number"], "A012");

    let other = json!({ "id": "kiosk-1-77", "paper": { "kind": "test" } });
    post(other).await.refused("key-reused");
    assert_eq!(
        post(json!({ "id": "x", "paper": { "kind": "poem" } }))
            .await
            .wrong_fields(),
        ["/paper/kind"]
    );
    assert_eq!(
        post(json!({ "id": "", "paper": { "kind": "test" } }))
            .await
            .wrong_fields(),
        ["/id"]
    );
    agent.stop().await;
}

#[tokio::test]
async fn the_agent_serves_one_page_only_and_under_its_own_name() {
    let printer = VirtualPrinter::start(58).await;
    let (agent, url) = agent_on(&printer, "http://hall:8080").await;
    let client = reqwest::Client::new();
    let asks = |origin: &'static str| {
        let request = client.request(Method::OPTIONS, format!("{url}/slips"));
        let request = request.header("access-control-request-private-network", "true");
        send(
            request
                .header("access-control-request-method", "POST")
                .header("origin", origin),
        )
    };
    let own = asks("http://hall:8080").await;
    assert_eq!(own.status, 204);
    assert_eq!(
        own.header("access-control-allow-origin"),
        "http://hall:8080"
    );
    assert_eq!(own.header("access-control-allow-private-network"), "true");
    assert_eq!(own.header("access-control-allow-headers"), "content-type");
    for foreign in [
        "http://hall",
        "https://hall:8080",
        "http://evil.example",
        "null",
    ] {
        let answer = asks(foreign).await;
        answer.refused("forbidden");
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    let by_another_name = client.get(format!("{url}/printer"));
    send(by_another_name.header("host", "evil.example:9123"))
        .await
        .refused("forbidden");
    agent.stop().await;
}

#[tokio::test]
async fn the_kiosks_page_knows_its_agent_and_may_speak_to_it() {
    let agent = "http://127.0.0.1:9123";
    let place = PrinterPlace {
        hall: Some("zhuzhou".parse().unwrap()),
        kiosk: Some(hall::id::ActorId::parse("demo-kiosk").unwrap()),
        link: PrinterLink::Agent(agent.into()),
    };
    let hall = hall_with(Printing {
        places: vec![place],
        habits: habits(),
    })
    .await;
    let kiosk = hall.kiosk().await;
    let page = send(kiosk.0.request(Method::GET, "/zhuzhou/kiosk")).await;
    assert!(page.text().contains("data-agent=\"http://127.0.0.1:9123\""));
    let policy = page.header("content-security-policy");
    assert!(policy.contains(&format!(" {agent};")), "{policy}");
    // nobody else's page may
    let page = hall.someone().gets("/halls/zhuzhou").await;
    assert!(!page.header("content-security-policy").contains(agent));
    let page = send(hall.someone().request(Method::GET, "/zhuzhou/kiosk")).await;
    assert!(!page.text().contains("data-agent"));

    assert_eq!(printer_of(&kiosk).await["agent"], agent);
    let token = kiosk.takes("fine").await.token();
    let refusal = kiosk
        .0
        .posts("/halls/zhuzhou/slips", json!({ "token": token }))
        .await;
    let problem = refusal.refused("not-found");
    assert!(
        problem["detail"].as_str().unwrap().contains(agent),
        "{problem}"
    );
    let paper = hall
        .someone()
        .gets(&format!("/tickets/{token}/slip"))
        .await
        .given(200);
    let paper: Paper = serde_json::from_value(paper).unwrap();
    let Paper::Ticket(slip) = paper.checked().unwrap() else {
        panic!("not a ticket");
    };
    assert_eq!(slip.url, Some(format!("{SITE}/t/{token}")));
}

#[tokio::test]
async fn the_agent_is_a_command_for_this_machine_only() {
    let printer = VirtualPrinter::start(80).await;
    let address = printer.address.to_string();
    let origin = "http://hall:8080";
    let agent = ["agent", "--printer", &address, "--allow-origin", origin];
    let said = complaint(&[&agent[..], &["--listen", "0.0.0.0:0"]].concat()).await;
    assert!(said.contains("this machine only"), "{said}");
    let said = complaint(&["agent", "--printer", "p", "--allow-origin", origin]).await;
    assert!(
        said.contains("--printer") && said.contains("192.168.1.50:9100"),
        "{said}"
    );
    let said = complaint(&["agent", "--printer", &address, "--allow-origin", "hall"]).await;
    assert!(said.contains("--allow-origin"), "{said}");

    let mut process = Process::start(&[&agent[..], &["--listen", "127.0.0.1:0"]].concat());
    let line = process.says("paihao agent on").await;
    let url = line
        .split(' ')
        .find(|word| word.starts_with("http://127"))
        .unwrap();
    let client = reqwest::Client::new();
    let body = json!({ "id": "1", "paper": { "kind": "test" } });
    send(client.post(format!("{url}/slips")).json(&body))
        .await
        .given(202);
    until("the test page is out", async || {
        !printer.papers().is_empty()
    })
    .await;
    assert!(printer.papers()[0].says("打印测试"));
    process.terminate().await;
}
