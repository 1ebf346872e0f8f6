//! One conversation with a printer over TCP: ask, print, ask again. Every wait in it has a deadline.
//!
//! A connection is opened for each conversation and closed after it. Small printers accept one connection at a time and
//! drop idle ones, and another program may want to print too.

use super::status::{Condition, Dialect, StatusQuestion};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// How long each step may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub connect: Duration,
    /// For one answer. A printer that takes longer will not answer.
    pub answer: Duration,
    /// For the printer to take the bytes of a paper.
    pub take: Duration,
    /// For one millimetre of paper. The slowest printer that a hall would buy prints 50 mm a second.
    pub millimetre: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(2),
            answer: Duration::from_millis(800),
            take: Duration::from_secs(10),
            millimetre: Duration::from_millis(20),
        }
    }
}

/// A printer on the network, and the dialect that it was found to speak.
#[derive(Debug)]
pub struct Printer {
    address: String,
    dialect: Option<Dialect>,
    patience: Patience,
}

/// The bytes of one paper, and how long the paper is.
#[derive(Clone, Debug)]
pub struct PrintJob {
    pub bytes: Vec<u8>,
    pub millimetres: f64,
}

/// How a conversation about one paper ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintOutcome {
    /// The printer reported after the last byte that all is well.
    Printed(Condition),
    /// No byte of the paper was sent.
    NotBegun(Condition),
    /// The printer took the bytes and then stopped or ran out of paper.
    Stopped(Condition),
    /// The printer took the bytes and did not answer.
    Unconfirmed,
    /// The connection broke after the first byte.
    Cut,
}

impl Printer {
    /// At HOST:PORT; without a dialect, the first conversation finds it out.
    pub fn at(address: String, dialect: Option<Dialect>, patience: Patience) -> Printer {
        Printer {
            address,
            dialect,
            patience,
        }
    }

    /// The printer's condition; none if it accepts the connection and does not answer.
    pub async fn look(&mut self) -> Option<Condition> {
        let Ok(mut stream) = self.connect().await else {
            return Some(Condition::Offline);
        };
        let answer = self.ask(&mut stream, self.patience.answer).await;
        answer.unwrap_or(Some(Condition::Offline))
    }

    /// Prints once; with `blindly`, even if the printer does not answer. Calls `begins` before the first byte is sent.
    pub async fn print(
        &mut self,
        job: &PrintJob,
        blindly: bool,
        begins: impl FnOnce(),
    ) -> PrintOutcome {
        let Ok(mut stream) = self.connect().await else {
            return PrintOutcome::NotBegun(Condition::Offline);
        };
        match self.ask(&mut stream, self.patience.answer).await {
            Ok(Some(condition)) if condition.prints() => {}
            Ok(Some(Condition::Unknown)) => {}
            Ok(Some(condition)) => return PrintOutcome::NotBegun(condition),
            Ok(None) if blindly => {}
            Ok(None) | Err(_) => return PrintOutcome::NotBegun(Condition::Offline),
        }
        begins();
        match self.send(&mut stream, &job.bytes).await {
            Ok(()) => self.confirm(&mut stream, job).await,
            Err(_) => PrintOutcome::Cut,
        }
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let connecting = TcpStream::connect(&self.address);
        let stream = timeout(self.patience.connect, connecting).await??;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn send(&self, stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
        timeout(self.patience.take, stream.write_all(bytes)).await?
    }

    /// Whether the paper came out. A dialect that answers in its turn answers when the paper is printed. A dialect that
    /// answers at once is asked until the paper must be out, so that a roll which ends in the middle is noticed.
    async fn confirm(&self, stream: &mut TcpStream, job: &PrintJob) -> PrintOutcome {
        let printing = self.patience.millimetre.mul_f64(job.millimetres);
        let Some(dialect) = self.dialect else {
            return match closed(stream, self.patience.answer).await {
                true => PrintOutcome::Cut,
                false => PrintOutcome::Unconfirmed,
            };
        };
        let until = Instant::now() + printing / 2; // usual printers are twice as fast as the slowest
        loop {
            let patience = self.patience.answer + printing;
            match self.hear(stream, dialect, patience).await {
                Ok(Some(condition)) if condition.prints() => {
                    if !dialect.answers_at_once() || Instant::now() >= until {
                        return PrintOutcome::Printed(condition);
                    }
                    sleep(printing / 8).await;
                }
                Ok(Some(Condition::Unknown)) => {
                    stream.shutdown().await.ok(); // what was sent arrives before the end
                    return PrintOutcome::Printed(Condition::Unknown);
                }
                Ok(Some(condition)) => return PrintOutcome::Stopped(condition),
                Ok(None) => return PrintOutcome::Unconfirmed,
                Err(_) => return PrintOutcome::Cut,
            }
        }
    }

    /// Asks for the printer's condition, in every dialect if its own is not known yet; none if it does not answer.
    async fn ask(
        &mut self,
        stream: &mut TcpStream,
        patience: Duration,
    ) -> io::Result<Option<Condition>> {
        if let Some(dialect) = self.dialect {
            return self.hear(stream, dialect, patience).await;
        }
        for dialect in Dialect::TRIED {
            if let Some(condition) = self.hear(stream, dialect, patience).await? {
                let printer = &self.address;
                tracing::info!(printer, ?dialect, "a printer's dialect is known");
                self.dialect = Some(dialect);
                return Ok(Some(condition));
            }
        }
        Ok(None)
    }

    async fn hear(
        &self,
        stream: &mut TcpStream,
        dialect: Dialect,
        patience: Duration,
    ) -> io::Result<Option<Condition>> {
        let mut answers = Vec::new();
        for question in dialect.questions() {
            match timeout(patience, answer(stream, question)).await {
                Ok(byte) => answers.push(byte?),
                Err(_) => return Ok(None),
            }
        }
        Ok(Some(dialect.read(&answers)))
    }
}

/// Asks one question and reads until there is an answer to it.
async fn answer(stream: &mut TcpStream, question: &StatusQuestion) -> io::Result<u8> {
    stream.write_all(question.bytes).await?;
    loop {
        let byte = stream.read_u8().await?;
        if question.accepts(byte) {
            return Ok(byte);
        }
    }
}

/// Whether the other end hangs up within this time.
async fn closed(stream: &mut TcpStream, within: Duration) -> bool {
    let mut byte = [0];
    match timeout(within, stream.read(&mut byte)).await {
        Ok(Ok(0)) | Ok(Err(_)) => true,
        Ok(Ok(_)) | Err(_) => false,
    }
}
