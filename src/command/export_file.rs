//! One hall in one file: a line that says what it is, a line per commit, and a line that proves it is whole.

use anyhow::{Context, bail, ensure};
use hall_log::{Commit, Head, StreamId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The form of the file.
const FORM: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Header {
    paihao_export: u32,
    pub hall: StreamId,
    pub head: Head,
    /// The store's secret, so that repeated commands are still recognised after the move. Keep the file as safe as
    /// the store.
    pub secret: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct Footer {
    end: Head,
    /// SHA-256 of every line before this one.
    sha256: String,
}

/// Writes a file that only its owner may read; an existing one is not overwritten.
pub struct Writer {
    file: BufWriter<File>,
    digest: Sha256,
    head: Head,
}

impl Writer {
    /// Begins with the header.
    pub fn create(
        path: &Path,
        hall: &StreamId,
        head: &Head,
        secret: &[u8; 32],
    ) -> anyhow::Result<Writer> {
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        let file = file.with_context(|| format!("cannot make {}", path.display()))?;
        let mut writer = Writer {
            file: BufWriter::new(file),
            digest: Sha256::new(),
            head: head.clone(),
        };
        let header = Header {
            paihao_export: FORM,
            hall: hall.clone(),
            head: head.clone(),
            secret: hex(secret),
        };
        writer.line(&serde_json::to_string(&header)?)?;
        Ok(writer)
    }

    /// The next commit, exactly as it is stored.
    pub fn commit(&mut self, commit: &Commit) -> anyhow::Result<()> {
        self.line(&commit.encode())
    }

    /// Ends with the proof and makes the file durable.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let footer = Footer {
            end: self.head.clone(),
            sha256: hex(&self.digest.clone().finalize()),
        };
        self.line(&serde_json::to_string(&footer)?)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(())
    }

    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        writeln!(self.file, "{line}")?;
        Ok(())
    }
}

/// Reads a whole file and checks that it is whole; errors name the line.
pub fn read(path: &Path) -> anyhow::Result<(Header, Vec<String>)> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot open {name}"))?;
    let lines: Vec<String> = BufReader::new(file)
        .lines()
        .collect::<Result<_, _>>()
        .with_context(|| format!("cannot read {name}"))?;
    let [first, commits @ .., last] = lines.as_slice() else {
        bail!("{name}:1: not an export: it has no header")
    };
    let header: Header =
        serde_json::from_str(first).with_context(|| format!("{name}:1: not an export's header"))?;
    ensure!(
        header.paihao_export == FORM,
        "{name}:1: form {} is not known; this paihao reads {FORM}",
        header.paihao_export
    );
    let place = lines.len();
    let footer: Footer = serde_json::from_str(last)
        .with_context(|| format!("{name}:{place}: the file is cut short"))?;
    let mut digest = Sha256::new();
    for line in &lines[..place - 1] {
        digest.update(line.as_bytes());
        digest.update(b"\n");
    }
    ensure!(
        footer.end == header.head,
        "{name}:{place}: the end is not the head that line 1 names"
    );
    ensure!(
        footer.sha256 == hex(&digest.finalize()),
        "{name}:{place}: the file was changed: its checksum differs"
    );
    Ok((header, commits.to_vec()))
}

/// Reads a secret back.
pub fn secret(hex: &str) -> anyhow::Result<[u8; 32]> {
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .filter_map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok())
        .collect();
    bytes
        .try_into()
        .map_err(|_| anyhow::anyhow!("the export's secret is not 32 bytes in hex"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
