//! The bytes of a paper: ESC/POS, as small printers of every make understand it.
//!
//! The printer itself draws the QR code (`GS ( k`). Texts are sent in the printer's own character set, and nothing that
//! it lacks ([`Charset`]).

use super::charset::Charset;
use super::layout::{Code, Layout, PaperLine, Scale, TAIL_LINES};

const ESC: u8 = 0x1B;
const FS: u8 = 0x1C;
const GS: u8 = 0x1D;
const LF: u8 = 0x0A;

/// ESC @: forgets what an earlier job left behind, also half a line.
const INITIALISE: [u8; 2] = [ESC, b'@'];
/// FS &: bytes above 0x7F are hanzi.
const CHINESE: [u8; 2] = [FS, b'&'];
/// GS V 66 0: feeds to the blade and cuts, leaving a corner; printers without a blade pass over it.
const CUT: [u8; 4] = [GS, b'V', 66, 0];

/// A laid out paper as bytes, from `ESC @` to the cut.
pub fn encode(layout: &Layout, charset: Charset) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend(INITIALISE);
    bytes.extend(CHINESE);
    for line in &layout.lines {
        match line {
            PaperLine::Text {
                text,
                scale,
                centred,
            } => write_text(&mut bytes, &charset.encode(text), *scale, *centred),
            PaperLine::Code(code) => write_code(&mut bytes, code),
        }
    }
    write_scale(&mut bytes, Scale::PLAIN);
    bytes.extend([ESC, b'd', TAIL_LINES]);
    bytes.extend(CUT);
    bytes
}

fn write_text(bytes: &mut Vec<u8>, text: &[u8], scale: Scale, centred: bool) {
    bytes.extend([ESC, b'a', u8::from(centred)]);
    write_scale(bytes, scale);
    bytes.extend(text);
    bytes.push(LF);
}

/// GS ! for the letters, ESC 3 for the distance to the next line, because the default distance differs by make.
fn write_scale(bytes: &mut Vec<u8>, scale: Scale) {
    bytes.extend([GS, b'!', (scale.wide - 1) << 4 | (scale.high - 1)]);
    bytes.extend([ESC, b'3', scale.line() as u8]);
}

fn write_code(bytes: &mut Vec<u8>, code: &Code) {
    let margin = code.margin() as u8;
    bytes.extend([ESC, b'a', 1]);
    bytes.extend([ESC, b'J', margin]);
    write_code_function(bytes, &[65, 50, 0]); // model 2
    write_code_function(bytes, &[67, code.module]);
    write_code_function(bytes, &[69, 49]); // error correction M
    let mut store = vec![80, 48];
    store.extend(code.data.bytes());
    write_code_function(bytes, &store);
    write_code_function(bytes, &[81, 48]); // print it
    bytes.extend([ESC, b'J', margin]);
}

/// GS ( k, for a QR code (49): length, function, parameters.
fn write_code_function(bytes: &mut Vec<u8>, parameters: &[u8]) {
    let length = parameters.len() as u16 + 1;
    bytes.extend([GS, b'(', b'k']);
    bytes.extend(length.to_le_bytes());
    bytes.push(49);
    bytes.extend(parameters);
}
