//! What a screen sees: a whole view on connecting and after each change, and never an older one.

use crate::support::{PATIENCE, Start, TestHall, Watcher, until};
use paihao::samples::sample_plans;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

fn waiting(view: &Value, service: &str) -> u64 {
    let rows = view["waiting"].as_array().unwrap();
    let row = rows.iter().find(|row| row["service"] == service);
    row.map_or(0, |row| row["count"].as_u64().unwrap())
}

#[tokio::test]
async fn a_board_shows_the_whole_hall_at_once_and_every_change() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer) = (hall.kiosk().await, hall.officer().await);
    let mut board = hall.board().await;
    let first = board.next_view().await;
    assert_eq!(first["view"]["hall"], "zhuzhou");
    assert_eq!(first["view"]["phase"], "open");
    assert!(first["version"].is_u64() && first["epoch"].is_string());
    assert_eq!(first["at"], "2026-11-23T09:00:00+08:00");

    officer.opens(1).await.given(200);
    kiosk.gives("fine").await;
    board.shows(|view| waiting(view, "fine") == 1).await;
    officer.calls_next(1).await.given(200);
    let view = board
        .shows(|view| view["calls"][0]["number"] == "A001")
        .await;
    assert_eq!(view["calls"][0]["window"], 1);
    assert_eq!(
        view["calls"][0]["speak"]["zh"],
        "请 A 零 零 幺 号,前来一号窗口"
    );
    assert_eq!(waiting(&view, "fine"), 0);

    // served within the minute, the call stays until everyone has read it
    officer.finishes(1).await.given(200);
    hall.clock_to("09:00:59").await;
    assert_eq!(
        hall.board().await.next_view().await["view"]["calls"][0]["number"],
        "A001"
    );
    hall.clock_to("09:01:00").await;
    board.shows(|view| view["calls"] == json!([])).await;
}

#[tokio::test]
async fn two_boards_show_the_same_frame() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    let (mut left, mut right) = (hall.board().await, hall.board().await);
    kiosk.gives("fine").await;
    let one = |frame: &Value| !frame["view"].is_null() && waiting(&frame["view"], "fine") == 1;
    assert_eq!(left.until(one).await, right.until(one).await);
}

#[tokio::test]
async fn a_version_never_goes_back() {
    let hall = TestHall::start_at("09:00:00").await;
    let kiosk = hall.kiosk().await;
    let mut board = hall.board().await;
    let takes = async {
        for _ in 0..30 {
            kiosk.gives("fine").await;
        }
    };
    let mut versions = Vec::new();
    let watches = board.until(|frame| {
        versions.extend(frame["version"].as_u64());
        !frame["view"].is_null() && waiting(&frame["view"], "fine") == 30
    });
    tokio::join!(takes, watches);
    assert!(versions.is_sorted(), "{versions:?}");
}

#[tokio::test]
async fn a_quiet_board_still_beats() {
    let hall = TestHall::start_at("09:00:00").await;
    let mut board = hall.board().await;
    let beat = board.until(|frame| !frame["beat"].is_null()).await;
    assert_eq!(beat, json!({ "beat": "2026-11-23T09:00:00+08:00" }));
}

#[tokio::test]
async fn the_clock_alone_changes_what_is_shown() {
    let hall = TestHall::start_at("08:49:59").await;
    let mut board = hall.board().await;
    board.shows(|view| view["phase"] == "closed").await;
    hall.clock_to("08:50:00").await;
    board.shows(|view| view["phase"] == "early_open").await;
}

#[tokio::test]
async fn each_place_has_its_own_view() {
    let hall = TestHall::start_at("09:00:00").await;
    let (kiosk, officer, manager) = (
        hall.kiosk().await,
        hall.officer().await,
        hall.manager().await,
    );
    let token = kiosk.gives("fine").await;
    let mut tiles = hall.watches("/ws/halls/zhuzhou/kiosk").await;
    let mut phone = hall.watches(&format!("/ws/tickets/{token}")).await;
    let mut console = officer.0.watches("/ws/halls/zhuzhou/windows/1").await;
    let mut overview = manager.0.watches("/ws/halls/zhuzhou/overview").await;
    tiles
        .shows(|view| view["services"][0]["waiting"] == 1)
        .await;
    phone
        .shows(|view| view["number"] == "A001" && view["stage"] == "waiting")
        .await;
    console
        .shows(|view| view["window"] == 1 && view["officer"].is_null())
        .await;
    overview.shows(|view| view["sums"]["issued"] == 1).await;

    officer.opens(1).await.given(200);
    officer.calls_next(1).await.given(200);
    tiles
        .shows(|view| view["services"][0]["waiting"] == 0)
        .await;
    phone.shows(|view| view["window"] == 1).await;
    console
        .shows(|view| view["current"]["number"] == "A001")
        .await;
    overview
        .shows(|view| view["officers"][0]["window"] == 1)
        .await;
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_watched() {
    let hall = TestHall::start_at("09:00:00").await;
    let officer = hall.officer().await;
    for path in [
        "/ws/halls/atlantis/board",
        "/ws/halls/atlantis/windows/1",
        "/ws/halls/zhuzhou/windows/99",
        "/ws/halls/zhuzhou/windows/one",
        "/ws/halls/zhuzhou/ceiling",
        "/ws/tickets/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let refused = officer.0.tries_to_watch(path, &[]).await;
        assert_eq!(refused.err(), Some(404), "{path}");
    }
    let without_upgrade = officer
        .0
        .request(reqwest::Method::GET, "/ws/halls/zhuzhou/board");
    crate::support::send(without_upgrade)
        .await
        .refused("validation");
}

#[tokio::test]
async fn a_console_is_for_officers_and_an_overview_for_managers() {
    let hall = TestHall::start_at("09:00:00").await;
    let (nobody, kiosk, officer, manager) = (
        hall.someone(),
        hall.kiosk().await.0,
        hall.officer().await.0,
        hall.manager().await.0,
    );
    let (console, overview) = ("/ws/halls/zhuzhou/windows/1", "/ws/halls/zhuzhou/overview");
    assert_eq!(nobody.tries_to_watch(console, &[]).await.err(), Some(401));
    assert_eq!(nobody.tries_to_watch(overview, &[]).await.err(), Some(401));
    assert_eq!(kiosk.tries_to_watch(console, &[]).await.err(), Some(403));
    assert_eq!(officer.tries_to_watch(overview, &[]).await.err(), Some(403));
    officer.watches(console).await.next_view().await;
    manager.watches(console).await.next_view().await;
    manager.watches(overview).await.next_view().await;
}

#[tokio::test]
async fn a_strange_page_cannot_watch_with_our_cookies() {
    let hall = TestHall::start_at("09:00:00").await;
    let someone = hall.someone();
    let board = "/ws/halls/zhuzhou/board";
    let cookie = ("cookie", "paihao-officer=whatever");
    let strange = ("origin", "https://evil.example");
    let ours = ("origin", hall.url.as_str());
    let refused = someone.tries_to_watch(board, &[cookie, strange]).await;
    assert_eq!(refused.err(), Some(403));
    let nearly = format!("{}.evil.example", hall.url);
    let refused = someone
        .tries_to_watch(board, &[cookie, ("origin", &nearly)])
        .await;
    assert_eq!(refused.err(), Some(403));
    assert!(someone.tries_to_watch(board, &[cookie, ours]).await.is_ok());
    // a display that is served from elsewhere has no cookie
    assert!(someone.tries_to_watch(board, &[strange]).await.is_ok());
}

#[tokio::test]
async fn a_server_that_stops_says_that_it_goes_away() {
    let hall = TestHall::start_at("09:00:00").await;
    let token = hall.kiosk().await.gives("fine").await;
    let mut boards = [
        hall.board().await,
        hall.watches(&format!("/ws/tickets/{token}")).await,
    ];
    for board in &mut boards {
        board.next_view().await;
    }
    let goodbyes = async {
        for board in &mut boards {
            assert_eq!(board.closed().await, Some(CloseCode::Away));
        }
    };
    tokio::join!(hall.stop(), goodbyes);
}

#[tokio::test]
async fn whoever_says_too_much_is_shown_out() {
    let hall = TestHall::start_at("09:00:00").await;
    let mut board = hall.board().await;
    board.says(&"x".repeat(64)).await; // nobody listens, and nothing happens
    hall.kiosk().await.gives("fine").await;
    board.shows(|view| waiting(view, "fine") == 1).await;
    board.says(&"x".repeat(64 * 1024)).await;
    board.closed().await;
}

#[tokio::test]
async fn who_is_signed_out_sees_nothing_more() {
    let hall = TestHall::serve().await;
    let staff = hall.set_up().await;
    let mut console = staff.officer.0.watches("/ws/halls/zhuzhou/windows/1").await;
    let mut chief = staff.manager.0.watches("/ws/halls/zhuzhou/overview").await;
    console.next_view().await;
    let body = json!({ "id": "1024" });
    staff
        .manager
        .0
        .posts("/accounts/disable", body)
        .await
        .given(200);
    assert_eq!(console.closed().await, Some(CloseCode::Policy));
    chief.next_view().await;
}

/// A screen with a broken network card takes nothing. What is sent to it piles up in buffers of a few megabytes, so
/// the hall's tiles are made large; then the server waits ten seconds for it and lets it go.
#[tokio::test]
async fn a_screen_that_takes_nothing_is_dropped_and_the_others_go_on() {
    let mut plans = sample_plans();
    let long = "办事须知".repeat(20_000);
    plans[0].services[0].documents = vec![hall::text::Text::new(long.clone(), long)];
    let hall = TestHall::start_as(Start {
        plans,
        clock: "09:00:00",
        ..Start::default()
    })
    .await;
    let id = hall::id::HallId::parse("zhuzhou").unwrap();
    let publisher = hall.application.app.publisher(&id).unwrap();
    let mut stuck = stuck_watcher(&hall, "/ws/halls/zhuzhou/kiosk").await;
    let mut board: Watcher = hall.board().await;
    assert_eq!(publisher.topics(), 2);

    let kiosk = hall.kiosk().await;
    let mut taken = 0;
    until("the screen that takes nothing is dropped", async || {
        kiosk.gives("fine").await;
        taken += 1;
        // the others see every change while it is stuck
        board.shows(|view| waiting(view, "fine") == taken).await;
        publisher.topics() == 1
    })
    .await;
    let drained = tokio::time::timeout(PATIENCE, drain(&mut stuck)).await;
    assert!(drained.is_ok(), "its connection is closed");
}

/// A client with a small buffer that opens a socket and reads nothing of it.
async fn stuck_watcher(hall: &TestHall, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut stream = socket.connect(hall.application.address()).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        hall.application.address()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 101");
    stream
}

/// Reads whatever is left until the connection ends.
async fn drain(stream: &mut TcpStream) {
    let mut bytes = vec![0; 1 << 20];
    while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A client's frame with this first byte, masked with zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ ..126 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// What is against the protocol is answered with the code that RFC 6455 has for it, and costs the hall nothing.
#[tokio::test]
async fn whoever_breaks_the_protocol_is_shown_out_with_its_code() {
    const TEXT: u8 = 0x81;
    const PING: u8 = 0x89;
    let hall = TestHall::start_at("09:00:00").await;
    let unmasked = vec![TEXT, 2, b'h', b'i'];
    // a terabyte is announced, and then it comes
    let mut lie = vec![TEXT, 0x80 | 127];
    lie.extend((1_u64 << 40).to_be_bytes());
    lie.extend(vec![0; 4 * 1024 * 1024]);
    let mut negative = vec![TEXT, 0x80 | 127];
    negative.extend([0xff; 12]);
    let fragments = [frame(0x01, b"a"), frame(0x00, b"fragment").repeat(1_000)].concat();
    for (name, sent, code) in [
        ("unmasked", unmasked, 1002),
        ("reserved bits", frame(TEXT | 0x40, b"hi"), 1002),
        ("an opcode that there is not", frame(0x83, b"hi"), 1002),
        ("a fragment of nothing", frame(0x80, b"hi"), 1002),
        ("a ping in fragments", frame(0x09, b"hi"), 1002),
        ("text that is none", frame(TEXT, &[0xff, 0xfe]), 1007),
        ("too large", frame(TEXT, &[b'x'; 8 * 1024]), 1009),
        ("larger than anything", negative, 1009),
        ("larger than it is", lie, 1009),
        ("a thousand fragments", fragments, 1009),
        ("a flood of pings", frame(PING, b"").repeat(5_000), 1008),
        ("a flood of words", frame(TEXT, b"hi").repeat(5_000), 1008),
    ] {
        let mut stream = stuck_watcher(&hall, "/ws/halls/zhuzhou/board").await;
        let (mut reads, mut writes) = stream.split();
        // whoever is shown out may not be able to send the rest
        let sends = async { writes.write_all(&sent).await.ok() };
        let (_, said) = tokio::join!(sends, code_of_close(&mut reads));
        assert_eq!(said, Some(code), "{name}");
        hall.board().await.next_view().await;
    }
}

/// Reads a server's frames to the one that says goodbye.
async fn code_of_close(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<u16> {
    let closed = async {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        loop {
            let opcode = stream.read_u8().await.ok()? & 0x0f;
            let length = match stream.read_u8().await.ok()? {
                126 => stream.read_u16().await.ok()?.into(),
                127 => stream.read_u64().await.ok()?,
                short => short.into(),
            };
            let mut payload = vec![0; length as usize];
            stream.read_exact(&mut payload).await.ok()?;
            if opcode == 8 {
                return Some(u16::from_be_bytes(payload.get(..2)?.try_into().unwrap()));
            }
        }
    };
    tokio::time::timeout(PATIENCE, closed)
        .await
        .expect("the server closes the socket in time")
}
