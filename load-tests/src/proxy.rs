//! A TCP link that goes wrong as it is told, between a server and its Redis or between clients and a server.
//!
//! What it draws it draws from a seed. A link carries a stream, so nothing on it can be missing in the middle: a connection
//! of which something was swallowed is cut when the fault is over, as the two ends of a real one would find out then.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::sleep;

/// Bytes that are carried at once.
const CHUNK: usize = 16 * 1024;
/// A slow link takes so long, and up to so much longer.
const DELAY_MS: u64 = 20;
const JITTER_MS: u64 = 60;
/// A throttled link carries so many bytes each so many milliseconds: 32 KiB/s.
const TRICKLE: usize = 512;
const TRICKLE_MS: u64 = 16;

/// What a link does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// Each chunk comes late, and not always equally late.
    Slow,
    /// Each byte comes by itself.
    Sliced,
    /// Few bytes a second.
    Throttled,
    /// Nothing comes, and nobody is told; later all of it does.
    BlackHole,
    /// Every connection is reset, also new ones.
    Reset,
    /// The answering side says that it has nothing more to say; what is asked still arrives.
    HalfClosed,
    /// What is asked arrives, the answers never do.
    SwallowedAnswers,
}

impl LinkFault {
    /// All of them.
    pub const ALL: [LinkFault; 7] = [
        LinkFault::Slow,
        LinkFault::Sliced,
        LinkFault::Throttled,
        LinkFault::BlackHole,
        LinkFault::Reset,
        LinkFault::HalfClosed,
        LinkFault::SwallowedAnswers,
    ];

    /// Whether answers come through it all the same.
    pub fn lets_through(self) -> bool {
        match self {
            LinkFault::Slow | LinkFault::Sliced | LinkFault::Throttled => true,
            LinkFault::BlackHole
            | LinkFault::Reset
            | LinkFault::HalfClosed
            | LinkFault::SwallowedAnswers => false,
        }
    }
}

/// A running link.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    link: Arc<Link>,
    accepting: AbortHandle,
}

#[derive(Debug)]
struct Link {
    target: Mutex<SocketAddr>,
    fault: watch::Sender<Option<LinkFault>>,
    /// Chunks and connections that a fault has met.
    touched: AtomicU64,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    There,
    Back,
}

impl Proxy {
    /// A link to `target` that works.
    pub async fn start(target: SocketAddr, seed: u64) -> io::Result<Proxy> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let link = Arc::new(Link {
            target: Mutex::new(target),
            fault: watch::Sender::new(None),
            touched: AtomicU64::new(0),
        });
        let accepting = tokio::spawn(accept(listener, link.clone(), seed)).abort_handle();
        Ok(Proxy {
            address,
            link,
            accepting,
        })
    }

    /// New connections lead there.
    pub fn leads_to(&self, target: SocketAddr) {
        *self.link.lock_target() = target;
    }

    /// From now on this goes wrong.
    pub fn begin(&self, fault: LinkFault) {
        self.link.fault.send_replace(Some(fault));
    }

    /// The link works again.
    pub fn end(&self) {
        self.link.fault.send_replace(None);
    }

    /// How many chunks and connections a fault has met; one that met none has tested nothing.
    pub fn touched(&self) -> u64 {
        self.link.touched.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, link: Arc<Link>, seed: u64) {
    for number in 0.. {
        let Ok((asker, _)) = listener.accept().await else {
            return;
        };
        let dice = fastrand::Rng::with_seed(seed.wrapping_add(number));
        let link = link.clone();
        // it ends with its connection, or with the runtime
        tokio::spawn(async move { link.connect(asker, dice).await });
    }
}

impl Link {
    fn lock_target(&self) -> std::sync::MutexGuard<'_, SocketAddr> {
        self.target.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Option<LinkFault> {
        *self.fault.borrow()
    }

    fn touch(&self) {
        self.touched.fetch_add(1, Ordering::Relaxed);
    }

    /// Carries both ways until one end closes or the link cuts it.
    async fn connect(&self, mut asker: TcpStream, mut dice: fastrand::Rng) -> Option<()> {
        let target = *self.lock_target();
        let mut target = TcpStream::connect(target).await.ok()?;
        asker.set_nodelay(true).ok()?;
        target.set_nodelay(true).ok()?;
        let ended = {
            let ((from_asker, to_asker), (from_target, to_target)) =
                (asker.split(), target.split());
            let there = self.carry(from_asker, to_target, Way::There, dice.fork());
            let back = self.carry(from_target, to_asker, Way::Back, dice);
            let mut faults = self.fault.subscribe();
            tokio::select! {
                carried = async { tokio::try_join!(there, back) } => carried.map(drop),
                _ = faults.wait_for(|fault| *fault == Some(LinkFault::Reset)) => {
                    self.touch();
                    Err(io::ErrorKind::ConnectionReset.into())
                }
            }
        };
        if ended.is_err() {
            asker.set_zero_linger().ok()?;
            target.set_zero_linger().ok()?;
        }
        Some(())
    }

    /// Carries one way; an error means that the connection is of no more use.
    async fn carry(
        &self,
        mut from: ReadHalf<'_>,
        mut to: WriteHalf<'_>,
        way: Way,
        mut dice: fastrand::Rng,
    ) -> io::Result<()> {
        let (mut chunk, mut is_broken) = (vec![0; CHUNK], false);
        let mut faults = self.fault.subscribe();
        loop {
            let fault = *faults.borrow_and_update();
            if fault == Some(LinkFault::HalfClosed) && way == Way::Back && !is_broken {
                self.touch();
                to.shutdown().await?;
                is_broken = true;
            }
            if fault.is_none() && is_broken {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            let count = tokio::select! {
                count = from.read(&mut chunk) => count?,
                _ = faults.changed() => continue,
            };
            if count == 0 {
                return if is_broken {
                    Ok(())
                } else {
                    to.shutdown().await
                };
            }
            let bytes = &chunk[..count];
            if is_broken {
                continue;
            }
            let fault = self.now();
            if fault.is_some() {
                self.touch();
            }
            match fault {
                Some(LinkFault::SwallowedAnswers) if way == Way::Back => is_broken = true,
                Some(LinkFault::BlackHole) => {
                    faults
                        .wait_for(|fault| *fault != Some(LinkFault::BlackHole))
                        .await
                        .ok();
                    to.write_all(bytes).await?;
                }
                fault => deliver(&mut to, bytes, fault, &mut dice).await?,
            }
        }
    }
}

/// Writes all of it, in the manner of a link that lets everything through.
async fn deliver(
    to: &mut WriteHalf<'_>,
    bytes: &[u8],
    fault: Option<LinkFault>,
    dice: &mut fastrand::Rng,
) -> io::Result<()> {
    match fault {
        Some(LinkFault::Slow) => {
            sleep(Duration::from_millis(DELAY_MS + dice.u64(..JITTER_MS))).await;
            to.write_all(bytes).await
        }
        Some(LinkFault::Sliced) => {
            for byte in bytes.chunks(1) {
                to.write_all(byte).await?;
                tokio::task::yield_now().await;
            }
            Ok(())
        }
        Some(LinkFault::Throttled) => {
            for part in bytes.chunks(TRICKLE) {
                to.write_all(part).await?;
                sleep(Duration::from_millis(TRICKLE_MS)).await;
            }
            Ok(())
        }
        None
        | Some(
            LinkFault::BlackHole
            | LinkFault::Reset
            | LinkFault::HalfClosed
            | LinkFault::SwallowedAnswers,
        ) => to.write_all(bytes).await,
    }
}
