//! From bytes to commands, as the printers' manuals have them. A command that is not whole yet waits for the rest.

/// What a printer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Initialise,
    Chinese,
    Align(u8),
    Size {
        wide: u8,
        high: u8,
    },
    LineSpacing(u8),
    FeedDots(u8),
    FeedLines(u8),
    LineFeed,
    Character(char),
    CodeModule(u8),
    CodeData(Vec<u8>),
    CodePrint,
    /// A setting of the code that is not looked at.
    CodeOther,
    Cut,
    Ask(Question),
    /// Not a command of ours: it is put on paper by many printers.
    Unknown(u8),
}

/// A question for its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    DleEot(u8),
    GsR,
    EscV,
}

/// What has arrived and was not understood yet.
#[derive(Default)]
pub struct Interpreter {
    pending: Vec<u8>,
}

impl Interpreter {
    pub fn take(&mut self, bytes: &[u8]) {
        self.pending.extend(bytes);
    }

    /// The next whole command, and its bytes.
    pub fn next_command(&mut self) -> Option<(Command, Vec<u8>)> {
        let (command, length) = command(&self.pending)?;
        let bytes = self.pending.drain(..length).collect();
        Some((command, bytes))
    }
}

fn command(bytes: &[u8]) -> Option<(Command, usize)> {
    let at = |index: usize| bytes.get(index).copied();
    Some(match at(0)? {
        0x0A => (Command::LineFeed, 1),
        0x10 => match (at(1)?, at(2)?) {
            (0x04, n) => (Command::Ask(Question::DleEot(n)), 3),
            _ => (Command::Unknown(0x10), 1),
        },
        0x1B => match at(1)? {
            b'@' => (Command::Initialise, 2),
            b'v' => (Command::Ask(Question::EscV), 2),
            b'a' => (Command::Align(at(2)?), 3),
            b'3' => (Command::LineSpacing(at(2)?), 3),
            b'J' => (Command::FeedDots(at(2)?), 3),
            b'd' => (Command::FeedLines(at(2)?), 3),
            _ => (Command::Unknown(0x1B), 1),
        },
        0x1C if at(1)? == b'&' => (Command::Chinese, 2),
        0x1D => match at(1)? {
            b'!' => {
                let size = at(2)?;
                let (wide, high) = ((size >> 4) + 1, (size & 0x07) + 1);
                (Command::Size { wide, high }, 3)
            }
            b'r' => (
                match at(2)? {
                    1 => Command::Ask(Question::GsR),
                    _ => Command::Unknown(0x1D),
                },
                3,
            ),
            b'V' if at(2)? == 66 => {
                at(3)?;
                (Command::Cut, 4)
            }
            b'(' if at(2)? == b'k' => {
                let length = usize::from(u16::from_le_bytes([at(3)?, at(4)?]));
                let body = bytes.get(5..5 + length)?;
                (code(body), 5 + length)
            }
            _ => (Command::Unknown(0x1D), 1),
        },
        byte if byte < 0x20 => (Command::Unknown(byte), 1),
        byte if byte < 0x80 => (Command::Character(char::from(byte)), 1),
        _ => {
            let length = if (0x30..=0x39).contains(&at(1)?) {
                4
            } else {
                2
            };
            let hanzi = bytes.get(..length)?;
            let (text, _, wrong) = encoding_rs::GB18030.decode(hanzi);
            match (wrong, text.chars().next()) {
                (false, Some(c)) => (Command::Character(c), length),
                _ => (Command::Unknown(hanzi[0]), length),
            }
        }
    })
}

/// GS ( k of a QR code.
fn code(body: &[u8]) -> Command {
    match body {
        [49, 67, module] => Command::CodeModule(*module),
        [49, 80, 48, data @ ..] => Command::CodeData(data.to_vec()),
        [49, 81, 48] => Command::CodePrint,
        [49, 65 | 69, ..] => Command::CodeOther,
        _ => Command::Unknown(b'k'),
    }
}
