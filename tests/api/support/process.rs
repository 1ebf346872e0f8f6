//! The binary as it is typed: run to its end, or served until the test ends it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Where the marks of a Redis lie: not in the repository, and not where an earlier run has left some for the same port.
static MARKS: LazyLock<PathBuf> = LazyLock::new(|| {
    let name = format!("marks-{}", std::process::id());
    let marks = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::remove_dir_all(&marks).ok();
    std::fs::create_dir_all(&marks).unwrap();
    marks
});

/// The binary, with an environment that says nothing.
pub fn paihao(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paihao"));
    command
        .args(arguments)
        .env_clear()
        .env("NO_COLOR", "1")
        .env("STATE_DIRECTORY", &*MARKS)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Sixteen days of a clinic take half a minute on an idle machine.
const RUNS_AT_MOST: Duration = Duration::from_secs(600);

/// Runs it to its end.
pub async fn run(arguments: &[&str]) -> Output {
    let ended = tokio::time::timeout(RUNS_AT_MOST, paihao(arguments).output());
    ended.await.expect("the command ends in time").unwrap()
}

/// A server of the binary that has said where it listens.
pub struct Process {
    pub child: Child,
    pub lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub fn start(arguments: &[&str]) -> Process {
        Process::start_with(arguments, &[])
    }

    /// With further variables of its environment.
    pub fn start_with(arguments: &[&str], environment: &[(&str, &Path)]) -> Process {
        let mut command = paihao(arguments);
        command.envs(environment.iter().copied());
        command.stderr(Stdio::null());
        Process::of(command)
    }

    /// With all that a command says.
    pub fn of(mut command: Command) -> Process {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Process { child, lines }
    }

    /// The first line that has this in it.
    pub async fn says(&mut self, part: &str) -> String {
        let found = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if line.contains(part) {
                    return line;
                }
            }
            panic!("it never said \"{part}\"")
        };
        tokio::time::timeout(crate::support::PATIENCE, found)
            .await
            .unwrap_or_else(|_| panic!("it does not say \"{part}\""))
    }

    /// Ends it as a service manager does, and waits until it has.
    pub async fn terminate(&mut self) {
        let id = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status();
        assert!(status.await.unwrap().success());
        let ended = tokio::time::timeout(crate::support::PATIENCE, self.child.wait());
        assert!(ended.await.expect("it stops in time").unwrap().success());
    }
}
