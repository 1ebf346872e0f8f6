//! How far the log was when it was last acknowledged, kept outside of the store: in `PATH.mark` beside a database, in a
//! file of each server that works on a Redis.
//!
//! A store that lost its end is whole in itself: SQLite drops a damaged tail of its write-ahead log without a word, and
//! an older copy is as valid as the one it took the place of. Only something beside it can tell. After every commit,
//! and before anybody is answered, one line a stream is added here: version, hash and epoch of its head. So the mark is
//! never ahead of what is durable, and a store that ends before its mark has lost something that was acknowledged.
//!
//! The line is not synced with each commit: what a power cut takes from the mark makes it only less strict, and the
//! kernel keeps it when the process is killed. It is synced when the log rests. A damaged line is passed over and told.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files::{private, sync_directory_of};
use crate::hash::to_hex;
use crate::{Finding, Head, LostTail, OpenError, StreamId};

/// Past this the file is written anew with one line a stream.
const LONGEST: u64 = 256 * 1024;
/// The first line. It is synced with the file, so a mark without it was emptied or garbled by somebody.
const FIRST: &str = "mark 1";
/// Hex digits behind each line, of the hash of what stands before them.
const CHECK_DIGITS: usize = 8;
/// Seconds for which an earlier loss counts: numbers begin anew each day.
const REMEMBERED: u64 = 2 * 24 * 3600;

/// What a mark says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marked {
    pub heads: BTreeMap<StreamId, MarkedHead>,
    /// Tells the secret without giving it away.
    pub secret: Option<String>,
    /// What was lost here and accepted, added up: the numbers that were skipped for it.
    pub losses: BTreeMap<StreamId, MarkedLoss>,
    /// Of a shared store, how many recorded losses were known when the stream's head was marked.
    pub accepted: BTreeMap<StreamId, u64>,
    /// It begins as a mark does.
    pub is_whole: bool,
    /// Lines that are not what was written.
    pub damaged: usize,
}

/// Records that a stream has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MarkedLoss {
    pub records: u64,
    /// When the last of it was accepted, in seconds since 1970.
    pub at: u64,
}

/// How far one stream was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MarkedHead {
    pub head: Head,
    /// Seconds since 1970 by this machine's clock, for people.
    pub at: u64,
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Mark {
    path: PathBuf,
    file: File,
    length: u64,
    marked: Marked,
    is_synced: bool,
    /// The last attempt to write it failed, which was told.
    is_failing: bool,
}

/// What tells a secret from another one: the mark lies in the clear.
pub(crate) fn secret_check(secret: &[u8; 32]) -> String {
    let mut bytes = b"paihao mark\n".to_vec();
    bytes.extend(secret);
    to_hex(&crate::Hash::of(&bytes).as_bytes()[..8])
}

/// Reads a mark; `None` where there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<Marked>> {
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
            if let Some(accepted) = words.next() {
                let accepted = accepted.parse().ok()?;
                marked.accepted.insert(stream.clone(), accepted);
            }
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
    pub(crate) fn create(path: &Path, marked: Marked) -> io::Result<Self> {
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
            add_line(&mut text, &marked.head_line(stream, head, *at));
        }
        let mut file = private().create(true).truncate(true).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        sync_directory_of(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            length: text.len() as u64,
            marked,
            is_synced: true,
            is_failing: false,
        })
    }

    /// All that it says.
    pub(crate) fn marked(&self) -> &Marked {
        &self.marked
    }

    /// Adds how far these streams are now. Whoever is answered after this can rely on it.
    pub(crate) fn add<'a>(&mut self, heads: impl Iterator<Item = (&'a StreamId, &'a Head)>) {
        let (mut text, at) = (String::new(), now());
        for (stream, head) in heads {
            add_line(&mut text, &self.marked.head_line(stream, head, at));
            let (stream, head) = (stream.clone(), head.clone());
            self.marked.heads.insert(stream, MarkedHead { head, at });
        }
        self.append(&text);
    }

    /// So many recorded losses of a stream are known from now on; the next line says it.
    pub(crate) fn knows_accepted(&mut self, stream: &StreamId, accepted: u64) {
        self.marked.accepted.insert(stream.clone(), accepted);
    }

    /// The secret that this store's sealed texts were sealed with.
    pub(crate) fn add_secret(&mut self, secret: &[u8; 32]) {
        let check = secret_check(secret);
        if self.marked.secret.as_ref() == Some(&check) {
            return;
        }
        let mut text = String::new();
        add_line(&mut text, &format!("secret {check}"));
        self.marked.secret = Some(check);
        self.append(&text);
    }

    fn append(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let written = match self.length > LONGEST {
            true => self.begin_anew(),
            false => self.write(text),
        };
        self.tell(written);
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.length += text.len() as u64;
        self.is_synced = false;
        Ok(())
    }

    fn begin_anew(&mut self) -> io::Result<()> {
        *self = Self::create(&self.path, self.marked.clone())?;
        Ok(())
    }

    /// Brings the mark to the disk, and back to its place if somebody took it away; called when the log rests. A long one
    /// is shortened now, so that no commit has to wait for that.
    pub(crate) fn rest(&mut self) {
        let is_in_place = self.path.exists() && self.length <= LONGEST / 2;
        let synced = match (is_in_place, self.is_synced) {
            (false, _) => self.begin_anew(),
            (true, true) => return,
            (true, false) => self.file.sync_data(),
        };
        self.is_synced = synced.is_ok();
        self.tell(synced);
    }

    /// A mark that is behind makes the next start only less strict, so it undoes no commit. It is told once.
    fn tell(&mut self, written: io::Result<()>) {
        let was_failing = std::mem::replace(&mut self.is_failing, written.is_err());
        if let (Err(error), false) = (written, was_failing) {
            let mark = self.path.display();
            tracing::warn!(%mark, %error, "the mark, which knows how far the store is, cannot be written");
        }
    }
}

/// Refuses a mark that was emptied or garbled: it would let everything pass. One that a power cut left at its beginning is
/// whole.
pub(crate) fn tells_something(
    mark: &Path,
    marked: Option<&Marked>,
    heads: &BTreeMap<StreamId, Head>,
) -> Result<(), OpenError> {
    let has_history = heads.values().any(|head| head.version > 0);
    let is_mute = marked
        .is_some_and(|marked| !marked.is_whole || marked.heads.is_empty() && marked.damaged > 0);
    if !(has_history && is_mute) {
        return Ok(());
    }
    Err(OpenError::Damaged {
        store: mark.display().to_string(),
        damage: "it does not say any more how far the store was. If the store itself is surely the newest one, remove \
                 the mark; it is made anew"
            .to_owned(),
    })
}

impl Marked {
    /// What is lost of a stream when its marked head is not in the store, which ends at `found` if it has the stream.
    pub(crate) fn lost(&self, stream: &StreamId, found: Option<&Head>) -> Option<LostTail> {
        let MarkedHead { head, at } = self.heads.get(stream)?;
        Some(LostTail {
            stream: stream.clone(),
            found: found.map_or(0, |found| found.version),
            acknowledged: head.version,
            is_another_history: found
                .is_some_and(|found| found.version >= head.version || found.epoch != head.epoch),
            at: *at,
        })
    }

    /// Whether a store's secret is the one that its sealed texts were sealed with.
    pub(crate) fn is_secret(&self, found: Option<&[u8; 32]>) -> bool {
        let expected = self.secret.as_ref();
        expected.is_none_or(|expected| found.map(secret_check).as_ref() == Some(expected))
    }

    /// How far everything is. A stream that lost its end keeps its old mark until something is appended to it, so that the
    /// loss is not forgotten before it was recorded.
    pub(crate) fn renewed(
        &self,
        heads: &BTreeMap<StreamId, Head>,
        secret: Option<&[u8; 32]>,
        lost: &[LostTail],
    ) -> Marked {
        let at = now();
        let head = |(stream, head): (&StreamId, &Head)| {
            let head = head.clone();
            (stream.clone(), MarkedHead { head, at })
        };
        let mut renewed: BTreeMap<_, _> = heads.iter().map(head).collect();
        let mut losses = self.losses.clone();
        for lost in lost {
            let old = self.heads.get_key_value(&lost.stream);
            renewed.extend(old.map(|(stream, head)| (stream.clone(), head.clone())));
            let earlier = losses
                .get(&lost.stream)
                .filter(|loss| loss.at + REMEMBERED > at);
            let records = earlier.map_or(0, |loss| loss.records)
                + lost.acknowledged.saturating_sub(lost.found);
            losses.insert(lost.stream.clone(), MarkedLoss { records, at });
        }
        Marked {
            heads: renewed,
            secret: secret.map(secret_check),
            losses,
            accepted: self.accepted.clone(),
            is_whole: true,
            damaged: 0,
        }
    }

    /// What was lost now, with what was lost before in this place and skipped for: an older copy that is put back twice
    /// knows nothing of the first time.
    pub(crate) fn with_earlier_losses(&self, mut lost: Vec<LostTail>) -> Vec<LostTail> {
        for lost in &mut lost {
            if let Some(loss) = self.losses.get(&lost.stream) {
                lost.acknowledged = lost.found + loss.records;
            }
        }
        lost
    }

    fn head_line(&self, stream: &StreamId, head: &Head, at: u64) -> String {
        let Head {
            version,
            hash,
            epoch,
        } = head;
        let accepted = self.accepted.get(stream).filter(|accepted| **accepted > 0);
        let accepted = accepted.map_or_else(String::new, |accepted| format!(" {accepted}"));
        format!("head {stream} {version} {hash} {epoch} {at}{accepted}")
    }

    /// For the operator, if some of it could not be read.
    pub(crate) fn finding(&self, mark: &Path) -> Option<Finding> {
        let (count, mark) = (self.damaged, mark.display());
        let damaged = || {
            Finding::warning(format!(
                "{count} damaged lines in {mark} were passed over, and it was written anew: look at the disk"
            ))
        };
        (count > 0).then(damaged)
    }
}

/// Whether exactly what is missing was accepted by name.
pub(crate) fn is_accepted(missing: &[LostTail], accepted: &[LostTail]) -> bool {
    let place = |tail: &LostTail| (tail.stream.clone(), tail.found, tail.acknowledged);
    let is_accepted = |lost: &LostTail| accepted.iter().any(|one| place(one) == place(lost));
    missing.iter().all(is_accepted)
}

fn add_line(text: &mut String, said: &str) {
    text.push_str(&format!("{said} {}\n", check_of(said)));
}

fn check_of(said: &str) -> String {
    to_hex(crate::Hash::of(said.as_bytes()).as_bytes())[..CHECK_DIGITS].to_owned()
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
