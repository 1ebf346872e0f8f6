//! `paihao demo` and `redis-server` as child processes: own folder, own port, killed when their value is dropped.

use anyhow::{Context, bail, ensure};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A process that is not there by then will not come; generous, because other work may share the machine.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Between two looks at a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(2);
/// Every storm's day: a Monday, an hour that issues numbers, and a clock that stands still.
pub const CLOCK: &str = "2026-11-23T09:00:00+08:00";

/// A running `paihao demo`.
#[derive(Debug)]
pub struct Server {
    child: Killed,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Server {
    /// Starts a process on a store and waits until it says where it listens. What it complains about goes to `errors`.
    pub fn start(binary: &Path, store: &str, errors: &Path) -> anyhow::Result<Server> {
        Server::start_with(binary, store, errors, &["--clock", CLOCK])
    }

    /// Starts one with further options; its clock stands still.
    pub fn start_with(
        binary: &Path,
        store: &str,
        errors: &Path,
        options: &[&str],
    ) -> anyhow::Result<Server> {
        Server::start_in(binary, store, errors, options, &[])
    }

    /// Starts one with further options and in an environment of its own.
    pub fn start_in(
        binary: &Path,
        store: &str,
        errors_of: &Path,
        options: &[&str],
        environment: &[(&str, PathBuf)],
    ) -> anyhow::Result<Server> {
        let mut command = demo(binary, store, options, environment);
        let mut child = spawned(&mut command, errors_of)?;
        let url = printed_url(&mut child.0)?;
        Ok(Server { child, url })
    }

    /// Starts a hall as it is served to people, with the limits that strangers have there, and answers the token that
    /// makes its first manager.
    pub fn serve(
        binary: &Path,
        store: &str,
        plan: &Path,
        errors: &Path,
    ) -> anyhow::Result<(Server, String)> {
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--store", store])
            .args(["--demo-clock", "--clock", CLOCK, "--plan"])
            .arg(plan);
        let mut child = spawned(&mut command, errors)?;
        let link = printed_url(&mut child.0)?;
        let (url, token) = link
            .split_once("/setup?token=")
            .context("a new store has no manager")?;
        let server = Server {
            child,
            url: url.to_owned(),
        };
        Ok((server, token.to_owned()))
    }

    /// Ends the process at once, without a chance to write anything.
    pub fn kill_9(&mut self) {
        self.child.end();
    }

    /// Stops it without ending it: connections stay open, nothing is answered.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.child.freeze("the server is frozen")
    }

    /// Lets it go on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.child.signal("-CONT")
    }

    /// How many descriptors it has open, and how many it may have.
    pub fn descriptors(&self) -> anyhow::Result<(usize, String)> {
        let of_process = format!("/proc/{}", self.child.0.id());
        let open = std::fs::read_dir(format!("{of_process}/fd"))?.count();
        let limits = std::fs::read_to_string(format!("{of_process}/limits"))?;
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max open files"));
        let most = line.and_then(|line| line.split_whitespace().nth(3));
        Ok((
            open,
            most.context("the kernel names open files")?.to_owned(),
        ))
    }

    /// Sets a limit of the process, as `prlimit` names it: `fsize`, `nofile`. What was allowed at most stays.
    pub fn limit(&self, name: &str, most: &str) -> anyhow::Result<()> {
        let process = self.child.0.id().to_string();
        let set = Command::new("prlimit")
            .args(["--pid", &process, &format!("--{name}={most}:")])
            .status()?;
        ensure!(set.success(), "prlimit failed");
        Ok(())
    }

    /// Resident memory, in KiB.
    pub fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.context("the kernel names VmRSS")?.parse()?)
    }

    /// Asks the process to end in order, and waits until it has.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.child.signal("-TERM")?;
        wait_until("the server ends", || {
            matches!(self.child.0.try_wait(), Ok(Some(_)))
        })
    }
}

/// Begins to start one, and kills it after a while, however far it came.
pub fn start_and_kill(
    binary: &Path,
    store: &str,
    errors_of: &Path,
    environment: &[(&str, PathBuf)],
    after: Duration,
) -> anyhow::Result<()> {
    let mut command = demo(binary, store, &["--clock", CLOCK], environment);
    let child = spawned(&mut command, errors_of)?;
    std::thread::sleep(after);
    drop(child);
    Ok(())
}

fn demo(binary: &Path, store: &str, options: &[&str], environment: &[(&str, PathBuf)]) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["demo", "--listen", "127.0.0.1:0", "--store", store])
        .args(["--speed", "0"])
        .args(options)
        .envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// What it complains about goes to `errors`, and marks of a Redis lie beside that.
fn spawned(command: &mut Command, errors_of: &Path) -> anyhow::Result<Killed> {
    let errors = File::options().create(true).append(true).open(errors_of)?;
    let folder = errors_of.parent().unwrap_or(Path::new("."));
    let child = command
        .env("STATE_DIRECTORY", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn();
    let child = child.with_context(|| format!("{command:?} cannot be started"))?;
    Ok(Killed(child))
}

/// Reads the first line with an address, and goes on emptying the pipe.
fn printed_url(child: &mut Child) -> anyhow::Result<String> {
    let stdout = child.stdout.take().context("stdout is piped")?;
    let (sender, addresses) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let word = line.split_whitespace().next().unwrap_or_default();
            if word.starts_with("http://") {
                sender.send(word.trim_end_matches('/').to_owned()).ok();
            }
        }
    });
    match addresses.recv_timeout(READY_WITHIN) {
        Ok(url) => Ok(url),
        Err(_) => bail!("paihao ended or did not listen within {READY_WITHIN:?}"),
    }
}

/// `paihao verify`: what it prints, and whether everything holds.
pub fn verify(binary: &Path, store: &str) -> anyhow::Result<(bool, String)> {
    let output = Command::new(binary)
        .args(["verify", "--store", store])
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), said))
}

/// A running Redis that syncs before it answers.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    /// Nobody else who tests takes this port meanwhile, also while it is down.
    _reserved: File,
    folder: PathBuf,
    environment: Vec<(&'static str, PathBuf)>,
    child: Killed,
}

/// One that nobody else who tests has: two servers that found the same port free would answer for each other.
fn free_port() -> anyhow::Result<(u16, File)> {
    let reserved = std::env::temp_dir().join("paihao-test-ports");
    std::fs::create_dir_all(&reserved)?;
    loop {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let file = File::create(reserved.join(port.to_string()))?;
        if file.try_lock().is_ok() {
            return Ok((port, file));
        }
    }
}

impl Redis {
    /// Starts one with its files in `folder`.
    pub fn start(folder: &Path) -> anyhow::Result<Redis> {
        let folder = folder.join("redis");
        std::fs::create_dir_all(&folder)?;
        // Between finding a free port and Redis taking it, somebody else may: then another one is tried.
        for _ in 0..5 {
            let (port, reserved) = free_port()?;
            if let Some(child) = spawn_redis(port, &folder, &[])? {
                return Ok(Redis {
                    port,
                    _reserved: reserved,
                    folder,
                    environment: Vec::new(),
                    child,
                });
            }
        }
        bail!("redis-server took none of five free ports")
    }

    /// For `--store`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stops it without ending it: connections stay open, nothing is answered.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.child.freeze("redis-server is frozen")
    }

    /// Lets it go on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.child.signal("-CONT")
    }

    /// What it answers to a line of `redis-cli`: a word, or one text.
    pub fn answers(&self, line: &str) -> anyhow::Result<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.write_all(format!("{line}\r\n").as_bytes())?;
        let mut lines = BufReader::new(connection).lines();
        let mut line = || {
            lines
                .next()
                .context("Redis closed the connection")?
                .map_err(anyhow::Error::from)
        };
        let first = line()?;
        ensure!(!first.starts_with('-'), "Redis refused: {first}");
        if first.starts_with('$') {
            line()
        } else {
            Ok(first)
        }
    }

    /// Ends the process at once.
    pub fn kill_9(&mut self) {
        self.child.end();
    }

    /// Starts it on its old port with its old files.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        ensure!(self.try_restart()?, "redis-server does not start again");
        Ok(())
    }

    /// The same, if it takes its files; whether it did.
    pub fn try_restart(&mut self) -> anyhow::Result<bool> {
        let child = spawn_redis(self.port, &self.folder, &self.environment)?;
        let is_there = child.is_some();
        if let Some(child) = child {
            self.child = child;
        }
        Ok(is_there)
    }

    /// From the next start on it has these variables.
    pub fn write_through(&mut self, environment: impl Into<Vec<(&'static str, PathBuf)>>) {
        self.environment = environment.into();
    }
}

/// Whether a Redis can be started here.
pub fn has_redis() -> bool {
    let asked = Command::new("redis-server").arg("--version").output();
    asked.is_ok_and(|output| output.status.success())
}

/// The store of a storm, a Redis or a SQLite file in `folder`, and how many processes serve it.
pub fn store_in(folder: &Path, is_redis: bool) -> anyhow::Result<(Option<Redis>, String, usize)> {
    if !is_redis {
        let file = folder.join("hall.db");
        return Ok((None, format!("sqlite:{}", file.display()), 1));
    }
    let redis = Redis::start(folder)?;
    let url = redis.url();
    Ok((Some(redis), url, 2))
}

/// A server that answers, or `None` if it ended instead.
fn spawn_redis(
    port: u16,
    folder: &Path,
    environment: &[(&'static str, PathBuf)],
) -> anyhow::Result<Option<Killed>> {
    let child = Command::new("redis-server")
        .current_dir(folder)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .args(["--save", "", "--maxmemory-policy", "noeviction"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child =
        Killed(child.context("install redis-server (Debian: apt install redis-server)")?);
    let mut ended = false;
    wait_until("redis-server answers", || {
        ended = matches!(child.0.try_wait(), Ok(Some(_)));
        ended || ping(port)
    })?;
    Ok((!ended).then_some(child))
}

fn ping(port: u16) -> bool {
    let ask = || {
        let mut connection = TcpStream::connect(("127.0.0.1", port))?;
        connection.set_read_timeout(Some(Duration::from_millis(500)))?;
        connection.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        connection.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| &answer == b"+PONG")
}

/// A child that does not outlive its value.
#[derive(Debug)]
struct Killed(Child);

impl Killed {
    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let process = self.0.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status()?;
        ensure!(sent.success(), "kill {signal} failed");
        Ok(())
    }

    fn freeze(&self, what: &str) -> anyhow::Result<()> {
        self.signal("-STOP")?;
        wait_until(what, || self.is_frozen().unwrap_or(false))
    }

    /// Each thread hears the signal when it is next given the processor.
    fn is_frozen(&self) -> std::io::Result<bool> {
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            let stat = std::fs::read_to_string(thread?.path().join("stat"))?;
            let fields = stat.rsplit(") ").next();
            if !fields.is_some_and(|fields| fields.starts_with('T')) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn end(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        self.end();
    }
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !condition() {
        ensure!(
            begun.elapsed() < READY_WITHIN,
            "waited {READY_WITHIN:?} until {what}"
        );
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}
