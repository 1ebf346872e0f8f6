//! Who comes in a flood, what each of them wants, and what he is told.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// One kind of flood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flood {
    /// Boards from many addresses that stay and read nothing.
    Boards,
    /// The same from one address.
    BoardsOfOne,
    /// Connections that ask nothing.
    Idle,
    /// One byte of a body, and then nothing.
    HalfBodies,
    /// One byte of a head now and then.
    SlowHeads,
    /// Secrets are guessed, from many addresses.
    WrongSignIns,
    /// Numbers without a device, from one address.
    Numbers,
    /// What costs most to read, from one address.
    Reads,
    /// Boards that say "are you there?" as fast as they can.
    Pings,
}

/// How a flood comes.
struct Size {
    /// How many strangers do one thing after the other.
    at_once: usize,
    /// How many tries there are at least.
    tries: usize,
    /// Tries from one address.
    of_one_address: usize,
}

/// The longest that a stranger waits for an answer; longer than the server waits for him.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);
/// Between two bytes of somebody slow.
const SLOW: Duration = Duration::from_millis(200);
/// What is said in a ping.
const PING_BYTES: usize = 100;

impl Flood {
    pub const ALL: [Flood; 9] = [
        Flood::Boards,
        Flood::BoardsOfOne,
        Flood::Idle,
        Flood::HalfBodies,
        Flood::SlowHeads,
        Flood::WrongSignIns,
        Flood::Numbers,
        Flood::Reads,
        Flood::Pings,
    ];

    /// In reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Flood::Boards => "boards",
            Flood::BoardsOfOne => "boards-of-one",
            Flood::Idle => "idle",
            Flood::HalfBodies => "half-bodies",
            Flood::SlowHeads => "slow-heads",
            Flood::WrongSignIns => "wrong-sign-ins",
            Flood::Numbers => "numbers",
            Flood::Reads => "reads",
            Flood::Pings => "pings",
        }
    }

    fn size(self) -> Size {
        let (at_once, tries, of_one_address) = match self {
            Flood::Boards => (16, 11_000, 60),
            Flood::BoardsOfOne => (8, 1_000, usize::MAX),
            Flood::Idle => (16, 10_000, 500),
            Flood::HalfBodies => (150, 150, usize::MAX),
            Flood::SlowHeads => (300, 300, usize::MAX),
            Flood::WrongSignIns => (32, 10_000, 50),
            Flood::Numbers => (16, 2_000, usize::MAX),
            Flood::Reads => (16, 5_000, usize::MAX),
            Flood::Pings => (8, 8, usize::MAX),
        };
        Size {
            at_once,
            tries,
            of_one_address,
        }
    }

    /// More come than can be let in, and each of the others is told why not.
    pub fn is_bounded_in_words(self) -> bool {
        !matches!(
            self,
            Flood::Idle | Flood::Reads | Flood::Pings | Flood::SlowHeads
        )
    }

    /// Whoever is let in stays.
    fn stays(self) -> bool {
        matches!(self, Flood::Boards | Flood::BoardsOfOne | Flood::Idle)
    }

    /// What the nth stranger hears, in a word or two; and his connection, if he may stay.
    async fn tries(self, door: &Door, nth: usize) -> std::io::Result<(String, Option<TcpStream>)> {
        let mut connection = door.opens(nth / self.size().of_one_address).await?;
        let asks = |method: &str, path: &str, body: &str| {
            format!(
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nIdempotency-Key: stranger-{nth}-{}\r\n\
                 Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                door.address,
                fastrand::u64(..),
                body.len()
            )
        };
        let request = match self {
            Flood::Boards | Flood::BoardsOfOne => upgrade(door.address),
            Flood::Idle => return Ok(("let in".to_owned(), Some(connection))),
            Flood::HalfBodies => format!(
                "POST /api/v1/sign-in HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
                 Content-Length: 50000\r\n\r\n{{",
                door.address
            ),
            Flood::SlowHeads => return drips(connection, &upgrade(door.address)).await,
            Flood::WrongSignIns => {
                let body = format!(r#"{{"account":"x{nth}","secret":"wrong"}}"#);
                asks("POST", "/api/v1/sign-in", &body)
            }
            Flood::Numbers => {
                let body = r#"{"service":"fine"}"#;
                asks("POST", "/api/v1/halls/zhuzhou/tickets", body)
            }
            Flood::Reads => asks("GET", COSTLY[nth % COSTLY.len()], ""),
            Flood::Pings => return pings(connection, door).await,
        };
        connection.write_all(request.as_bytes()).await?;
        let told = hears(&mut connection).await?;
        let stays = self.stays() && told == "let in";
        Ok((told, stays.then_some(connection)))
    }
}

const COSTLY: [&str; 4] = [
    "/api/v1/openapi.json",
    "/zhuzhou/guide?q=%E6%8D%A2%E9%A9%BE%E9%A9%B6%E8%AF%81",
    "/zhuzhou",
    "/api/v1/halls/zhuzhou",
];

/// The server's address, with who is there of the strangers.
#[derive(Debug)]
struct Door {
    address: SocketAddr,
    came: AtomicUsize,
    is_over: AtomicBool,
}

impl Door {
    /// A connection from one of many addresses of this machine.
    async fn opens(&self, nth: usize) -> std::io::Result<TcpStream> {
        let from = Ipv4Addr::new(127, 9, (nth / 200) as u8, (nth % 200 + 1) as u8);
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::V4(SocketAddrV4::new(from, 0)))?;
        socket.connect(self.address).await
    }
}

/// All strangers of one flood. They have a runtime of their own: the officer does not wait for them in this process.
#[derive(Debug)]
pub struct Crowd {
    door: Arc<Door>,
    strangers: std::thread::JoinHandle<std::io::Result<Told>>,
}

/// How often what was heard.
pub type Told = BTreeMap<String, usize>;

impl Crowd {
    pub fn comes(flood: Flood, address: SocketAddr, is_short: bool) -> std::io::Result<Crowd> {
        let door = Arc::new(Door {
            address,
            came: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let at_door = door.clone();
        let name = std::thread::Builder::new().name("strangers".to_owned());
        let strangers = name.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            Ok(runtime.block_on(all_come(flood, at_door, is_short)))
        })?;
        Ok(Crowd { door, strangers })
    }

    /// How many have come.
    pub fn came(&self) -> usize {
        self.door.came.load(Ordering::Relaxed)
    }

    /// The officer has done her calls: whoever still has to come comes, then all leave. What they were told.
    pub async fn leaves(self) -> anyhow::Result<Told> {
        self.door.is_over.store(true, Ordering::Relaxed);
        let left = tokio::task::spawn_blocking(|| self.strangers.join()).await?;
        let told = left.map_err(|_| anyhow::anyhow!("the strangers panicked"))?;
        Ok(told?)
    }
}

async fn all_come(flood: Flood, door: Arc<Door>, is_short: bool) -> Told {
    let Size { at_once, tries, .. } = flood.size();
    let tries = match is_short {
        true => (tries / 10).max(at_once),
        false => tries,
    };
    let mut strangers = JoinSet::new();
    for _ in 0..at_once {
        strangers.spawn(goes_on(flood, door.clone(), tries));
    }
    let mut told = Told::new();
    for each in strangers.join_all().await {
        for (what, count) in each {
            *told.entry(what).or_default() += count;
        }
    }
    told
}

/// One stranger after the other, until enough have come and the officer has done her calls.
async fn goes_on(flood: Flood, door: Arc<Door>, tries: usize) -> Told {
    let mut told = Told::new();
    let mut staying = Vec::new();
    loop {
        let nth = door.came.fetch_add(1, Ordering::Relaxed);
        if nth >= tries && (flood.stays() || door.is_over.load(Ordering::Relaxed)) {
            break;
        }
        let what = match timeout(ANSWER_WITHIN, flood.tries(&door, nth)).await {
            Ok(Ok((what, stays))) => {
                staying.extend(stays);
                what
            }
            Ok(Err(error)) => error.kind().to_string(),
            Err(_) => "no answer".to_owned(),
        };
        *told.entry(what).or_default() += 1;
    }
    // who was let in stays as long as the officer works
    while !door.is_over.load(Ordering::Relaxed) {
        tokio::time::sleep(SLOW).await;
    }
    told
}

fn upgrade(host: SocketAddr) -> String {
    format!(
        "GET /ws/halls/zhuzhou/board HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// The answer in a word or two: a status, and whether a refusal says in words what it is about.
async fn hears(connection: &mut TcpStream) -> std::io::Result<String> {
    let mut heard = Vec::new();
    loop {
        let count = connection.read_buf(&mut heard).await?;
        let text = String::from_utf8_lossy(&heard);
        let status = text.split(' ').nth(1).unwrap_or_default();
        if status == "101" {
            return Ok("let in".to_owned());
        }
        let is_refusal = status.starts_with(['4', '5']);
        if is_refusal && text.contains("\"detail\"") {
            return Ok(format!("{status} in words"));
        }
        if count == 0 {
            return Ok(match status {
                "" => "cut".to_owned(),
                "408" => status.to_owned(), // to a head that never came: nobody is there to read words
                status if is_refusal => format!("{status} without a word"),
                status => status.to_owned(),
            });
        }
    }
}

/// A head that comes a byte at a time.
async fn drips(
    mut connection: TcpStream,
    head: &str,
) -> std::io::Result<(String, Option<TcpStream>)> {
    for byte in head.as_bytes().chunks(1).take(head.len() - 1) {
        if connection.write_all(byte).await.is_err() {
            return Ok(("cut".to_owned(), None));
        }
        if let Ok(told) = timeout(SLOW, hears(&mut connection)).await {
            return Ok((told?, None));
        }
    }
    Ok(("waited for to the end".to_owned(), None))
}

/// As fast as it goes, until the server has enough or the officer has done her calls.
async fn pings(
    mut connection: TcpStream,
    door: &Door,
) -> std::io::Result<(String, Option<TcpStream>)> {
    connection
        .write_all(upgrade(door.address).as_bytes())
        .await?;
    hears(&mut connection).await?;
    // FIN and ping, masked with zeros
    let mut ping = vec![0x89, 0x80 | PING_BYTES as u8, 0, 0, 0, 0];
    ping.resize(ping.len() + PING_BYTES, b'x');
    let mut heard = Vec::new();
    while !door.is_over.load(Ordering::Relaxed) {
        if connection.write_all(&ping).await.is_err() {
            return Ok(("cut".to_owned(), None));
        }
        door.came.fetch_add(1, Ordering::Relaxed);
        heard.clear();
        match connection.try_read_buf(&mut heard) {
            Ok(0) => return Ok(("cut".to_owned(), None)),
            _ => tokio::task::yield_now().await,
        }
    }
    Ok(("heard to the end".to_owned(), None))
}
