//! Files that people hand in: read only as far as makes sense, so that a wrong or hostile one is refused by its size.

use office::{Decoded, Encoding, decoded};
use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

/// Largest sheet, calendar or plan: ten times a guide with 2,000 articles of ordinary length.
pub const LARGEST: usize = 8 * MEBIBYTE;
const MEBIBYTE: usize = 1024 * 1024;

/// What somebody reads whose file is larger, in Chinese and English.
pub const TOO_LARGE: (&str, &str) = (
    "文件超过8MiB,没有读取。",
    "The file is larger than 8 MiB and was not read.",
);

/// The file's bytes, if they are no more than [`LARGEST`].
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    at_most(File::open(path)?, LARGEST)
}

/// The same as text, in whichever of the encodings that office programs write; an error names the line.
pub fn read_text(path: &Path) -> Result<Decoded, Error> {
    let bytes = read(path)?;
    let text = decoded(&bytes, &path.display().to_string());
    text.map_err(|error| Error::new(ErrorKind::InvalidData, error))
}

/// A sentence on an encoding that people may not expect; nothing on UTF-8.
pub fn read_as(path: &Path, encoding: Encoding) -> Option<String> {
    let file = path.display();
    (encoding != Encoding::Utf8).then(|| format!("{file}: read as {encoding} / 按 {encoding} 读取"))
}

fn at_most(from: impl Read, most: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        let (zh, en) = TOO_LARGE;
        return Err(Error::new(ErrorKind::FileTooLarge, format!("{zh} {en}")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_read_no_further_than_its_limit() {
        let error = at_most(std::io::repeat(b'a'), 1_000).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(at_most(&b"abc"[..], 3).unwrap(), b"abc");
        assert_eq!(TOO_LARGE.0.contains("8MiB"), LARGEST == 8 * MEBIBYTE);
    }
}
