//! One conversation with a printer over TCP: ask, print, ask again. Every wait in it has an end.
//!
//! A connection is opened for each conversation and closed after it: small printers take one at a time, forget idle ones,
//! and another program may want to print too.

use super::status::{Condition, Dialect, Question};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// How long each step may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    pub connect: Duration,
    /// A printer that has not answered by then is not going to.
    pub answer: Duration,
    /// For the bytes of a paper to be taken.
    pub take: Duration,
    /// For a millimetre to be printed by the slowest printer that a hall would buy, 50 mm a second.
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

/// A printer on the network, and what was found out about it.
#[derive(Debug)]
pub struct Printer {
    address: String,
    dialect: Option<Dialect>,
    patience: Patience,
}

/// The bytes of one paper and how much of it there is.
#[derive(Clone, Debug)]
pub struct Job {
    pub bytes: Vec<u8>,
    pub millimetres: f64,
}

/// How a conversation about one paper ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It says that all is well after the last byte.
    Printed(Condition),
    /// Not a byte of the paper was sent.
    NotBegun(Condition),
    /// It took the paper and then had none, or stopped.
    Stopped(Condition),
    /// It took the paper and says nothing.
    Unconfirmed,
    /// The connection broke after the first byte.
    Cut,
}

/// What came back of a question.
enum Heard {
    Answer(Condition),
    Nothing,
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

    /// How it is; none if it takes the connection and says nothing.
    pub async fn look(&mut self) -> Option<Condition> {
        let Ok(mut stream) = self.connect().await else {
            return Some(Condition::Offline);
        };
        match self.ask(&mut stream, self.patience.answer).await {
            Ok(Heard::Answer(condition)) => Some(condition),
            Ok(Heard::Nothing) => None,
            Err(_) => Some(Condition::Offline),
        }
    }

    /// Prints once; `blindly` also when it does not say how it is. Before the first byte is sent, it says so.
    pub async fn print(&mut self, job: &Job, blindly: bool, begins: impl FnOnce()) -> Outcome {
        let Ok(mut stream) = self.connect().await else {
            return Outcome::NotBegun(Condition::Offline);
        };
        match self.ask(&mut stream, self.patience.answer).await {
            Ok(Heard::Answer(condition)) if condition.prints() => {}
            Ok(Heard::Answer(Condition::Unknown)) => {}
            Ok(Heard::Answer(condition)) => return Outcome::NotBegun(condition),
            Ok(Heard::Nothing) if blindly => {}
            Ok(Heard::Nothing) | Err(_) => return Outcome::NotBegun(Condition::Offline),
        }
        begins();
        match self.send(&mut stream, &job.bytes).await {
            Ok(()) => self.confirm(&mut stream, job).await,
            Err(_) => Outcome::Cut,
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

    /// Whether the paper came out. A dialect that answers in its turn answers when it is printed; one that answers at
    /// once is asked until the paper must be out, so that paper which ends in the middle is noticed.
    async fn confirm(&self, stream: &mut TcpStream, job: &Job) -> Outcome {
        let printing = self.patience.millimetre.mul_f64(job.millimetres);
        let Some(dialect) = self.dialect else {
            return match closed(stream, self.patience.answer).await {
                true => Outcome::Cut,
                false => Outcome::Unconfirmed,
            };
        };
        let until = Instant::now() + printing / 2; // usual printers are twice as fast as the slowest
        loop {
            let heard = self
                .hear(stream, dialect, self.patience.answer + printing)
                .await;
            match heard {
                Ok(Heard::Answer(condition)) if condition.prints() => {
                    if !dialect.answers_at_once() || Instant::now() >= until {
                        return Outcome::Printed(condition);
                    }
                    sleep(printing / 8).await;
                }
                Ok(Heard::Answer(Condition::Unknown)) => {
                    stream.shutdown().await.ok(); // what was sent arrives before the end
                    return Outcome::Printed(Condition::Unknown);
                }
                Ok(Heard::Answer(condition)) => return Outcome::Stopped(condition),
                Ok(Heard::Nothing) => return Outcome::Unconfirmed,
                Err(_) => return Outcome::Cut,
            }
        }
    }

    /// Asks how it is, in every dialect if its own is not known yet.
    async fn ask(&mut self, stream: &mut TcpStream, patience: Duration) -> io::Result<Heard> {
        if let Some(dialect) = self.dialect {
            return self.hear(stream, dialect, patience).await;
        }
        for dialect in Dialect::TRIED {
            if let Heard::Answer(condition) = self.hear(stream, dialect, patience).await? {
                tracing::info!(
                    printer = self.address,
                    ?dialect,
                    "a printer's dialect is known"
                );
                self.dialect = Some(dialect);
                return Ok(Heard::Answer(condition));
            }
        }
        Ok(Heard::Nothing)
    }

    async fn hear(
        &self,
        stream: &mut TcpStream,
        dialect: Dialect,
        patience: Duration,
    ) -> io::Result<Heard> {
        let mut answers = Vec::new();
        for question in dialect.questions() {
            match timeout(patience, answer(stream, question)).await {
                Ok(byte) => answers.push(byte?),
                Err(_) => return Ok(Heard::Nothing),
            }
        }
        Ok(Heard::Answer(dialect.read(&answers)))
    }
}

/// Asks one question and reads until there is an answer to it.
async fn answer(stream: &mut TcpStream, question: &Question) -> io::Result<u8> {
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
