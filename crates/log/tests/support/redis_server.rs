//! A real `redis-server` for tests: own process, own directory, own port, gone when the test is.
//!
//! The log's promises are about what a real server does when it is killed, frozen or restarted, so the tests use one
//! and do these things to it. Nothing here waits for time to pass: it asks again until the server is as it should be.

#![allow(
    dead_code,
    reason = "each test binary that includes this file uses a part of it"
)]

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A server that is not there by then will not come.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// Between two looks at a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A running Redis on a loopback port; its data outlives the process until this value is dropped.
#[derive(Debug)]
pub struct TestRedis {
    port: u16,
    settings: Vec<(String, String)>,
    /// No other test takes this port meanwhile, also while the server is down.
    _reserved: File,
    // Before the directory, so that the process has ended when its files are removed.
    server: Server,
    directory: TempDir,
}

impl TestRedis {
    /// One that keeps what it has acknowledged: `appendonly yes`, `appendfsync always`.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With settings in place of or beside those of [`TestRedis::start`], such as `("appendfsync", "everysec")`.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let safe = [
            ("appendonly", "yes"),
            ("appendfsync", "always"),
            ("save", ""),
            ("maxmemory-policy", "noeviction"),
        ];
        let settings = safe
            .iter()
            .chain(settings)
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let directory = tempfile::tempdir().expect("the test needs a directory");
        // Between finding a free port and Redis taking it, somebody else may: then another one is tried.
        let started = (0..5).find_map(|_| {
            let (port, reserved) = free_port();
            spawn(port, &settings, &directory).map(|server| (port, reserved, server))
        });
        let (port, reserved, server) =
            started.expect("redis-server takes a free port within five attempts");
        Self {
            port,
            settings,
            directory,
            server,
            _reserved: reserved,
        }
    }

    /// For `RedisLog::connect` and `StoreUrl`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The loopback port, the same over a restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where the server keeps its files.
    pub fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// Ends the process at once, without a chance to write anything.
    pub fn kill_9(&mut self) {
        self.server.end();
    }

    /// Starts the server on its old port with its old files, after [`TestRedis::kill_9`].
    pub fn restart(&mut self) {
        self.server = spawn(self.port, &self.settings, &self.directory)
            .expect("redis-server takes its old port again");
    }

    /// A copy of its files as they are now.
    pub fn copy(&self) -> TempDir {
        let copy = tempfile::tempdir().expect("the test needs a directory");
        copy_all(self.directory.path(), copy.path()).expect("the files can be copied");
        copy
    }

    /// Ends the process at once and starts it with these files instead of its own.
    pub fn restart_with(&mut self, files: &Path) {
        self.kill_9();
        let exchanged =
            empty(self.directory.path()).and_then(|()| copy_all(files, self.directory.path()));
        exchanged.expect("the files can be exchanged");
        self.restart();
    }

    /// Stops the process without ending it: connections stay open, nothing is answered.
    pub fn freeze(&self) {
        self.signal("-STOP");
        wait_until("redis-server is frozen", || self.is_frozen());
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
        wait_until("redis-server answers", || ping(self.port));
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .arg(signal)
            .arg(self.server.0.id().to_string())
            .status();
        assert!(
            status.expect("kill is installed").success(),
            "kill {signal} failed"
        );
    }

    fn is_frozen(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.server.0.id()))
            .unwrap_or_default();
        stat.rsplit(") ")
            .next()
            .is_some_and(|fields| fields.starts_with('T'))
    }
}

/// The process; it ends with this value, also when a test fails while the server is starting.
#[derive(Debug)]
struct Server(Child);

impl Server {
    fn end(&mut self) {
        // Killing works on a frozen process too; one that is gone already needs nothing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// A server that answers, or `None` if it ended instead, as it does when the port is taken.
fn spawn(port: u16, settings: &Vec<(String, String)>, directory: &TempDir) -> Option<Server> {
    let mut command = Command::new("redis-server");
    command
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    for (name, value) in settings {
        command.arg(format!("--{name}")).args(value.split(' '));
    }
    let server = command.spawn().unwrap_or_else(|error| {
        panic!("redis-server cannot be started ({error}): install it (Debian: apt-get install redis-server)")
    });
    let mut server = Server(server);
    let mut ended = false;
    wait_until("redis-server answers", || {
        ended = server.0.try_wait().is_ok_and(|status| status.is_some());
        ended || ping(port)
    });
    (!ended).then_some(server)
}

fn empty(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => fs::remove_dir_all(path)?,
            false => fs::remove_file(path)?,
        }
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_all(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}

/// One that no other test has: two servers that found the same port free would answer for each other.
fn free_port() -> (u16, File) {
    let reserved = std::env::temp_dir().join("paihao-test-ports");
    fs::create_dir_all(&reserved).expect("a directory for reserved ports can be made");
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr();
        let port = address.expect("a bound socket has an address").port();
        let file = File::create(reserved.join(port.to_string()));
        let file = file.expect("a port can be reserved");
        if file.try_lock().is_ok() {
            return (port, file);
        }
    }
}

/// Whether the server answers and has loaded its files.
fn ping(port: u16) -> bool {
    let ask = || {
        let mut connection = TcpStream::connect(("127.0.0.1", port))?;
        connection.set_read_timeout(Some(Duration::from_millis(500)))?;
        connection.write_all(b"PING\r\n")?;
        let mut answer = [0; 5];
        connection.read_exact(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    // One that wants a password first is up, too; one that is still loading says so instead.
    ask().is_ok_and(|answer| &answer == b"+PONG" || &answer == b"-NOAU")
}

fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(
            started.elapsed() < READY_WITHIN,
            "waited {READY_WITHIN:?} until {what}"
        );
        thread::sleep(LOOK_AGAIN);
    }
}
