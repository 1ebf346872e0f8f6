//! How far the log was when it was last acknowledged, kept outside of the database in `PATH.mark`.
//!
//! A database that lost its end is whole in itself: SQLite drops a damaged tail of its write-ahead log without a word, and
//! an older copy is as valid as the one it took the place of. Only something beside it can tell. After every commit,
//! and before anybody is answered, one line a stream is added here: version, hash and epoch of its head. So the mark is
//! never ahead of what is on the disk, and a store that ends before its mark has lost something that was acknowledged.
//!
//! The line is not synced with each commit: what a power cut takes from the mark makes it only less strict, and the
//! kernel keeps it when the process is killed. It is synced when the log rests. A damaged line is passed over and told.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::hash::to_hex;
use crate::{Head, StreamId};

/// Past this the file is written anew with one line a stream.
const LONGEST: u64 = 256 * 1024;
/// The first line. It is synced with the file, so a mark without it was emptied or garbled by somebody.
const FIRST: &str = "mark 1";
/// Hex digits behind each line, of the hash of what stands before them.
const CHECK_DIGITS: usize = 8;

/// What a mark says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marked {
    pub heads: BTreeMap<StreamId, MarkedHead>,
    /// Tells the secret without giving it away.
    pub secret: Option<String>,
    /// What was lost here and accepted, added up: the numbers that were skipped for it.
    pub losses: BTreeMap<StreamId, MarkedLoss>,
    /// It begins as a mark does.
    pub is_whole: bool,
    /// Lines that are not what was written.
    pub damaged: usize,
}

/// Records that a stream has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MarkedLoss {
    pub records: u64,
    /// When the last of it was accepted, in seconds since 1970.
    pub at: u64,
}

/// How far one stream was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MarkedHead {
    pub head: Head,
    /// Seconds since 1970 by this machine's clock, for people.
    pub at: u64,
}

/// The open file.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    file: File,
    length: u64,
    marked: Marked,
    is_synced: bool,
}

/// What tells a secret from another one: the mark lies in the clear.
pub(super) fn secret_check(secret: &[u8; 32]) -> String {
    let mut bytes = b"paihao mark\n".to_vec();
    bytes.extend(secret);
    to_hex(&crate::Hash::of(&bytes).as_bytes()[..8])
}

/// Where the mark of a database is.
pub(super) fn path_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".mark");
    name.into()
}

/// Reads a mark; `None` where there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<Marked>> {
    let mut text = Vec::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_end(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut marked = Marked::default();
    // behind the last line end is what a power cut left of a line
    let whole = text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    for line in text[..whole].split(|byte| *byte == b'\n') {
        if take_line(&mut marked, line).is_none() {
            marked.damaged += 1;
        }
    }
    Ok(Some(marked))
}

fn take_line(marked: &mut Marked, line: &[u8]) -> Option<()> {
    let line = str::from_utf8(line).ok()?;
    let (said, check) = line.rsplit_once(' ')?;
    if check_of(said) != check {
        return None;
    }
    let mut words = said.split(' ');
    match words.next()? {
        "mark" => marked.is_whole = said == FIRST,
        "head" => {
            let stream = StreamId::parse(words.next()?).ok()?;
            let head = Head {
                version: words.next()?.parse().ok()?,
                hash: words.next()?.parse().ok()?,
                epoch: words.next()?.parse().ok()?,
            };
            let at = words.next()?.parse().ok()?;
            marked.heads.insert(stream, MarkedHead { head, at });
        }
        "lost" => {
            let stream = StreamId::parse(words.next()?).ok()?;
            let records = words.next()?.parse().ok()?;
            let at = words.next()?.parse().ok()?;
            marked.losses.insert(stream, MarkedLoss { records, at });
        }
        "secret" => marked.secret = Some(words.next()?.to_owned()),
        _ => return None,
    }
    Some(())
}

impl Mark {
    /// Begins a mark anew with what is true now, in place of what was there.
    pub(super) fn create(path: &Path, marked: Marked) -> io::Result<Self> {
        let temporary = path.with_extension("mark.new");
        let mut text = String::new();
        add_line(&mut text, FIRST);
        if let Some(secret) = &marked.secret {
            add_line(&mut text, &format!("secret {secret}"));
        }
        for (stream, MarkedLoss { records, at }) in &marked.losses {
            add_line(&mut text, &format!("lost {stream} {records} {at}"));
        }
        for (stream, MarkedHead { head, at }) in &marked.heads {
            add_line(&mut text, &head_line(stream, head, *at));
        }
        let mut file = super::file::private()
            .create(true)
            .truncate(true)
            .open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        super::file::sync_directory_of(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            length: text.len() as u64,
            marked,
            is_synced: true,
        })
    }

    /// All that it says.
    pub(super) fn marked(&self) -> &Marked {
        &self.marked
    }

    /// Adds how far these streams are now. Whoever is answered after this can rely on it.
    pub(super) fn add<'a>(
        &mut self,
        heads: impl Iterator<Item = (&'a StreamId, &'a Head)>,
    ) -> io::Result<()> {
        let (mut text, at) = (String::new(), now());
        for (stream, head) in heads {
            add_line(&mut text, &head_line(stream, head, at));
            let (stream, head) = (stream.clone(), head.clone());
            self.marked.heads.insert(stream, MarkedHead { head, at });
        }
        self.append(&text)
    }

    /// The secret that this store's sealed texts were sealed with.
    pub(super) fn add_secret(&mut self, secret: &[u8; 32]) -> io::Result<()> {
        let check = secret_check(secret);
        if self.marked.secret.as_ref() == Some(&check) {
            return Ok(());
        }
        let mut text = String::new();
        add_line(&mut text, &format!("secret {check}"));
        self.marked.secret = Some(check);
        self.append(&text)
    }

    fn append(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if self.length > LONGEST {
            *self = Self::create(&self.path, self.marked.clone())?;
            return Ok(());
        }
        self.file.write_all(text.as_bytes())?;
        self.length += text.len() as u64;
        self.is_synced = false;
        Ok(())
    }

    /// Brings the mark to the disk; called when the log rests.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if !self.is_synced {
            self.file.sync_data()?;
            self.is_synced = true;
        }
        Ok(())
    }
}

fn head_line(stream: &StreamId, head: &Head, at: u64) -> String {
    let Head {
        version,
        hash,
        epoch,
    } = head;
    format!("head {stream} {version} {hash} {epoch} {at}")
}

fn add_line(text: &mut String, said: &str) {
    text.push_str(&format!("{said} {}\n", check_of(said)));
}

fn check_of(said: &str) -> String {
    to_hex(crate::Hash::of(said.as_bytes()).as_bytes())[..CHECK_DIGITS].to_owned()
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
