//! Programs that do nothing but the limiting thing, to be measured in the same round as the service: a bare HTTP POST,
//! and append + fdatasync. Absolute figures of a shared machine move by half from hour to hour; ratios move less.

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// What one sync carries in the comparison: a commit of a few records.
const APPENDED_BYTES: usize = 4_096;

/// A server that answers any POST with its body.
#[derive(Debug)]
pub struct Echo {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    handle: actix_web::dev::ServerHandle,
    thread: Option<std::thread::JoinHandle<std::io::Result<()>>>,
}

impl Echo {
    /// Starts one with as many workers as the service has, on a thread of its own.
    pub fn start() -> anyhow::Result<Echo> {
        let (ready, started) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || serve(&ready));
        let (address, handle) = started.recv().context("the bare server listens")?;
        Ok(Echo {
            url: format!("http://{address}"),
            handle,
            thread: Some(thread),
        })
    }
}

type Started = (std::net::SocketAddr, actix_web::dev::ServerHandle);

fn serve(ready: &std::sync::mpsc::Sender<Started>) -> std::io::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let app = || App::new().default_service(web::to(echo));
        let server = HttpServer::new(app)
            .workers(std::thread::available_parallelism().map_or(2, usize::from))
            .tcp_nodelay(true)
            .disable_signals()
            .bind("127.0.0.1:0")?;
        let address = server.addrs()[0];
        let server = server.run();
        ready.send((address, server.handle())).ok();
        server.await
    })
}

async fn echo(body: web::Bytes) -> HttpResponse {
    HttpResponse::Created()
        .content_type("application/json")
        .body(body)
}

impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// The median time of one append + fdatasync, one after the other for as long as said.
pub fn sync_median(folder: &Path, during: Duration) -> anyhow::Result<Duration> {
    let mut file = File::create(folder.join("appended"))?;
    let bytes = [b'x'; APPENDED_BYTES];
    let begun = Instant::now();
    let mut times = Vec::new();
    while begun.elapsed() < during {
        let one = Instant::now();
        file.write_all(&bytes)?;
        file.sync_data()?;
        times.push(one.elapsed());
    }
    times.sort_unstable();
    times
        .get(times.len() / 2)
        .copied()
        .context("there was time for one")
}
