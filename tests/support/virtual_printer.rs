//! A printer that is not there: it listens on TCP, reads ESC/POS byte by byte, draws what a real one would put on paper,
//! answers in the three dialects, and can be everything that printers are: out of paper, silent, slow, gone.
//!
//! It shares no code with what it tests, so that an agreement of both is one between the bytes and the manuals.

#![allow(dead_code, reason = "the tests and the example use different parts")]

#[path = "virtual_printer/interpreter.rs"]
mod interpreter;
#[path = "virtual_printer/sheet.rs"]
mod sheet;

pub use sheet::Sheet;

use interpreter::{Command, Interpreter};
use serde::Deserialize;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Everything that can be wrong with it; nothing is, by default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    pub near_end: bool,
    pub paper_end: bool,
    /// Then the paper ends, perhaps in the middle of a slip.
    pub paper_left_mm: Option<f64>,
    pub cover_open: bool,
    /// Takes everything and answers nothing.
    pub silent: bool,
    /// It knows only these; all if empty.
    pub speaks: Vec<Speaks>,
    /// Before each answer.
    pub slow_ms: u64,
    /// For one slip each: when it hangs up.
    pub hang_ups: VecDeque<HangUp>,
}

/// A dialect of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaks {
    DleEot,
    GsR,
    EscV,
}

/// When a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUp {
    /// So many bytes into the slip.
    After(usize),
    /// The paper is out, and nobody is told.
    AfterTheCut,
}

/// A printer at work.
pub struct VirtualPrinter {
    pub address: SocketAddr,
    machine: Arc<Mutex<Machine>>,
    task: Option<tokio::task::JoinHandle<()>>,
    socket: Option<TcpSocket>,
}

struct Machine {
    dots: u32,
    faults: Faults,
    papers: Vec<Sheet>,
    sheet: Sheet,
    /// Questions heard, of every dialect.
    questions: usize,
    /// Of the current slip, not counting questions.
    slip_bytes: usize,
    hang_up: Option<HangUp>,
}

impl VirtualPrinter {
    /// With all well, on paper of this width.
    pub async fn start(mm: u16) -> VirtualPrinter {
        let mut printer = VirtualPrinter::unplugged(mm, ([127, 0, 0, 1], 0).into());
        printer.plug_in();
        printer
    }

    /// Has an address, and refuses every connection until it is plugged in.
    pub fn unplugged(mm: u16, listen: SocketAddr) -> VirtualPrinter {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(listen).unwrap();
        let dots = if mm == 58 { 384 } else { 576 };
        VirtualPrinter {
            address: socket.local_addr().unwrap(),
            machine: Arc::new(Mutex::new(Machine {
                dots,
                faults: Faults::default(),
                papers: Vec::new(),
                sheet: Sheet::new(dots),
                questions: 0,
                slip_bytes: 0,
                hang_up: None,
            })),
            task: None,
            socket: Some(socket),
        }
    }

    /// From now on it takes connections, one at a time, as small printers do.
    pub fn plug_in(&mut self) {
        let socket = self.socket.take().expect("it is plugged in once");
        let listener = socket.listen(8).unwrap();
        let machine = self.machine.clone();
        self.task = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                converse(stream, &machine).await.ok();
                lock(&machine).tear_off();
            }
        }));
    }

    /// Makes something wrong with it, or well again.
    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut lock(&self.machine).faults);
    }

    /// What came out of it so far.
    pub fn papers(&self) -> Vec<Sheet> {
        lock(&self.machine).papers.clone()
    }

    /// How often it was asked how it is.
    pub fn questions(&self) -> usize {
        lock(&self.machine).questions
    }
}

impl Drop for VirtualPrinter {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

fn lock(machine: &Mutex<Machine>) -> MutexGuard<'_, Machine> {
    machine.lock().unwrap()
}

/// One connection, from the first byte to its end.
async fn converse(mut stream: TcpStream, machine: &Mutex<Machine>) -> io::Result<()> {
    let mut interpreter = Interpreter::default();
    let mut chunk = [0; 1024];
    loop {
        while let Some((command, bytes)) = interpreter.next_command() {
            let (answer, slow) = {
                let mut machine = lock(machine);
                let slow = Duration::from_millis(machine.faults.slow_ms);
                match machine.obeys(command, &bytes) {
                    Obeyed::HangsUp => return Ok(()),
                    Obeyed::Answers(byte) => (Some(byte), slow),
                    Obeyed::Done => (None, slow),
                }
            };
            if let Some(byte) = answer {
                tokio::time::sleep(slow).await;
                stream.write_u8(byte).await?;
            }
        }
        match stream.read(&mut chunk).await? {
            0 => return Ok(()),
            count => interpreter.take(&chunk[..count]),
        }
    }
}

enum Obeyed {
    Done,
    Answers(u8),
    HangsUp,
}

impl Machine {
    fn obeys(&mut self, command: Command, bytes: &[u8]) -> Obeyed {
        if let Command::Ask(question) = command {
            self.questions += 1;
            return match self.answer(question) {
                Some(byte) => Obeyed::Answers(byte),
                None => Obeyed::Done,
            };
        }
        if self.slip_bytes == 0 {
            self.hang_up = self.faults.hang_ups.pop_front();
        }
        self.slip_bytes += bytes.len();
        if matches!(self.hang_up, Some(HangUp::After(most)) if self.slip_bytes > most) {
            self.slip_bytes = 0;
            return Obeyed::HangsUp;
        }
        let is_cut = matches!(command, Command::Cut);
        if !self.has_paper() {
            return Obeyed::Done; // what comes now is lost
        }
        let used = self.sheet.obeys(command, bytes);
        self.use_paper(used);
        if is_cut {
            self.sheet.whole = self.has_paper();
            self.tear_off();
            self.slip_bytes = 0;
            if self.hang_up.take() == Some(HangUp::AfterTheCut) {
                return Obeyed::HangsUp;
            }
        }
        Obeyed::Done
    }

    fn has_paper(&self) -> bool {
        !self.faults.paper_end
    }

    fn use_paper(&mut self, dots: u32) {
        if let Some(left) = &mut self.faults.paper_left_mm {
            *left -= f64::from(dots) / 8.0;
            self.faults.paper_end |= *left <= 0.0;
        }
    }

    /// What is out of the slot is somebody's paper, whole or not.
    fn tear_off(&mut self) {
        let sheet = std::mem::replace(&mut self.sheet, Sheet::new(self.dots));
        self.slip_bytes = 0;
        if sheet.dots_used > 0 {
            self.papers.push(sheet);
        }
    }

    fn answer(&self, question: interpreter::Question) -> Option<u8> {
        use interpreter::Question;
        let faults = &self.faults;
        let speaks = match question {
            Question::DleEot(_) => Speaks::DleEot,
            Question::GsR => Speaks::GsR,
            Question::EscV => Speaks::EscV,
        };
        let knows = faults.speaks.is_empty() || faults.speaks.contains(&speaks);
        if faults.silent || !knows {
            return None;
        }
        let (low, end, open) = (faults.near_end, faults.paper_end, faults.cover_open);
        let bits = |base: u8, signs: &[(bool, u8)]| {
            let set = signs.iter().filter(|(holds, _)| *holds);
            set.fold(base, |byte, (_, bit)| byte | bit)
        };
        Some(match question {
            Question::DleEot(1) => bits(0x12, &[(end || open, 0x08)]),
            Question::DleEot(2) => bits(0x12, &[(end, 0x20), (open, 0x04)]),
            Question::DleEot(4) => bits(0x12, &[(low || end, 0x0C), (end, 0x60)]),
            Question::DleEot(_) => 0x12,
            Question::GsR | Question::EscV => bits(0, &[(low, 0x03), (end, 0x0C)]),
        })
    }
}
