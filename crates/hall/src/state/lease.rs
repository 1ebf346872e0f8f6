//! Numbers lent to a kiosk beforehand, so that it goes on giving them out while the server is away.
//!
//! A block lies above the numbers that the server gives out itself, so that these stay without a gap, and a lent number
//! is known by its face. Whatever a kiosk does not report is skipped: it is not given out a second time that day, for
//! nobody knows for certain that it is on no paper.

use crate::id::{ActorId, LeaseId, Prefix, TicketNumber};
use crate::state::day::Day;
use crate::time::Time;
use chrono::Duration;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The name of a kiosk that does not exist: it is lent the numbers that may be on paper and gives them back at once.
const NOBODY: &str = "lost-numbers";
/// After the last session a day waits this long for papers that a kiosk may have given out meanwhile. A kiosk gives numbers
/// for five minutes after it lost the server, and asks again every few seconds: what has not come by then is in a kiosk
/// that is off or cut off, and whoever has its paper is told at the desk.
pub const LENT_WAITED_FOR: Duration = Duration::minutes(30);
/// Around the clock a block goes on into the next day for so long after it was lent.
const CARRIED_LONGEST: Duration = Duration::hours(24);
/// The first block of a series begins above this, or above what the server has given out.
const ABOVE: u32 = 900;
/// How many numbers are skipped beyond those of the lost records, because they may have been on their way to a paper.
const GUARD: u32 = 50;
/// Longer than any series of a day: a large hall issues 5,500 numbers in several.
const SERIES_LONGEST: u32 = 5_000;

/// A block of numbers of one series, of the day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    pub kiosk: ActorId,
    pub at: Time,
    pub numbers: Block,
    /// Those that are on paper, as far as the kiosk has reported.
    pub taken: BTreeSet<u32>,
    /// Given back: the kiosk takes no more of them.
    pub ended: bool,
    /// When the server last gave the kiosk a number or heard of one of its papers: none that it has not heard of is older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Time>,
    /// How many were taken before this day began, if the day before went on into it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub taken_before: u32,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The end of the log that was acknowledged and is not there any more: a disk or a backup did not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TailLost {
    /// The log ended here when it was opened.
    pub found: u64,
    /// So many records had been acknowledged.
    pub acknowledged: u64,
    /// When the last of them was, by the machine's clock.
    pub at: Time,
}

impl TailLost {
    /// Records that nobody has any more.
    pub fn records(&self) -> u64 {
        self.acknowledged.saturating_sub(self.found)
    }
}

/// Consecutive numbers of one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Block {
    pub prefix: Prefix,
    pub first: u32,
    pub last: u32,
}

impl Block {
    /// Whether it has this number.
    pub fn has(&self, number: &TicketNumber) -> bool {
        *number.prefix() == self.prefix && (self.first..=self.last).contains(&number.ordinal())
    }
}

impl Lease {
    /// A block that a kiosk has just been lent.
    pub fn new(kiosk: ActorId, at: Time, numbers: Block) -> Lease {
        Lease {
            kiosk,
            at,
            numbers,
            taken: BTreeSet::new(),
            ended: false,
            seen: None,
            taken_before: 0,
        }
    }

    /// Numbers that nobody gives out: lent to nobody and already given back.
    pub fn to_nobody(at: Time, numbers: Block) -> Lease {
        let nobody = ActorId::parse(NOBODY).expect("the constant is an actor's id");
        Lease {
            ended: true,
            ..Lease::new(nobody, at, numbers)
        }
    }

    /// Whether no kiosk has it.
    pub fn is_nobodys(&self) -> bool {
        self.kiosk.as_str() == NOBODY
    }

    /// Whether a day that goes on from another keeps it: a kiosk that never gives it back is not waited for for ever.
    pub(crate) fn goes_on(&self, at: Time) -> bool {
        !self.is_nobodys() && self.is_out() && at < self.at + CARRIED_LONGEST
    }

    /// The same on the day into which its own went on.
    pub(crate) fn carried(self) -> Lease {
        Lease {
            taken_before: self.taken.len() as u32,
            ..self
        }
    }

    /// Whether there may be papers with its numbers of which nobody has told.
    pub fn is_out(&self) -> bool {
        !self.ended && self.left().next().is_some()
    }

    /// Since when the numbers that the server has not heard of are not on paper.
    pub fn known_until(&self) -> Time {
        self.seen.map_or(self.at, |seen| seen.max(self.at))
    }

    /// The numbers that the kiosk has not reported, in order.
    pub fn left(&self) -> impl Iterator<Item = u32> + '_ {
        let numbers = self.numbers.first..=self.numbers.last;
        numbers.filter(|number| !self.taken.contains(number))
    }

    /// The same as stretches without a gap.
    pub fn left_in_blocks(&self) -> Vec<Block> {
        blocks_of(&self.numbers.prefix, self.left())
    }
}

/// Rising numbers as stretches without a gap.
fn blocks_of(prefix: &Prefix, numbers: impl IntoIterator<Item = u32>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for number in numbers {
        match blocks.last_mut() {
            Some(block) if block.last + 1 == number => block.last = number,
            _ => blocks.push(Block {
                prefix: prefix.clone(),
                first: number,
                last: number,
            }),
        }
    }
    blocks
}

impl Day {
    /// The number that the server itself gives out after `last`: the next one that is lent to nobody.
    pub fn following(&self, prefix: &Prefix, last: u32) -> u32 {
        let mut next = last + 1;
        while let Some(lent) = self
            .lent(prefix)
            .find(|lent| (lent.first..=lent.last).contains(&next))
        {
            next = lent.last + 1;
        }
        next
    }

    /// How many numbers are on paper: those that came into the day, what the server gave out itself, and what kiosks have reported.
    pub fn issued(&self) -> u32 {
        let own = self.series.iter().map(|(prefix, last)| {
            let below = self.lent(prefix).filter(|lent| lent.last <= *last);
            last - below.map(|lent| lent.last - lent.first + 1).sum::<u32>()
        });
        let reported = self
            .leases
            .values()
            .map(|lease| lease.taken.len() as u32 - lease.taken_before);
        own.chain(reported).chain([self.carried.len() as u32]).sum()
    }

    /// The next block of a series that can be lent; none once the series is used up.
    pub fn next_block(&self, prefix: &Prefix, length: u32) -> Option<Block> {
        let given = self.series.get(prefix).copied().unwrap_or(0);
        let lent = self.lent(prefix).map(|lent| lent.last).max().unwrap_or(0);
        let first = given.max(lent).max(ABOVE) + 1;
        let last = first + length - 1;
        (last <= TicketNumber::LAST).then(|| Block {
            prefix: prefix.clone(),
            first,
            last,
        })
    }

    /// The numbers of a series that may stand on papers whose records are lost: each of them may have been one number of
    /// the server's own, or a block lent to a kiosk.
    pub fn may_be_on_paper(&self, prefix: &Prefix, lost: &TailLost, block: u32) -> Vec<Block> {
        let records = u32::try_from(lost.records()).unwrap_or(u32::MAX);
        let own = records.saturating_add(GUARD).min(SERIES_LONGEST);
        let given = self.series.get(prefix).copied().unwrap_or(0);
        let mut numbers: Vec<u32> = Vec::new();
        for _ in 0..own {
            let last = numbers.last().copied().unwrap_or(given);
            numbers.push(self.following(prefix, last));
        }
        let lent = self.lent(prefix).map(|lent| lent.last).max().unwrap_or(0);
        let above = numbers
            .last()
            .copied()
            .unwrap_or(given)
            .max(lent)
            .max(ABOVE);
        let spare = records.saturating_mul(block).saturating_add(GUARD);
        numbers.extend((above + 1..).take(spare.min(SERIES_LONGEST) as usize));
        numbers.retain(|number| *number <= TicketNumber::LAST);
        blocks_of(prefix, numbers)
    }

    /// The numbers of every series that were given out or lent.
    pub fn on_paper(&self) -> Vec<Block> {
        let lent = || self.leases.values().map(|lease| &lease.numbers);
        let prefixes = self.series.keys().chain(lent().map(|lent| &lent.prefix));
        let prefixes: BTreeSet<&Prefix> = prefixes.collect();
        let numbers_of = |prefix: &Prefix| {
            let own = 1..=self.series.get(prefix).copied().unwrap_or(0);
            let lent = lent().filter(|lent| lent.prefix == *prefix);
            let lent = lent.flat_map(|lent| lent.first..=lent.last);
            let numbers: BTreeSet<u32> = own.chain(lent).collect();
            blocks_of(prefix, numbers)
        };
        prefixes.into_iter().flat_map(numbers_of).collect()
    }

    /// What a kiosk may still give out of a series.
    pub fn left_at(&self, kiosk: &ActorId, prefix: &Prefix) -> usize {
        let open = self.leases_of(kiosk).map(|(_, lease)| lease);
        let of_series = open.filter(|lease| lease.numbers.prefix == *prefix);
        of_series.map(|lease| lease.left().count()).sum()
    }

    /// The blocks that a kiosk has, in order of lending.
    pub fn leases_of<'a>(
        &'a self,
        kiosk: &'a ActorId,
    ) -> impl Iterator<Item = (LeaseId, &'a Lease)> {
        let leases = self.leases.iter().map(|(id, lease)| (*id, lease));
        leases.filter(move |(_, lease)| lease.kiosk == *kiosk && !lease.ended)
    }

    fn lent<'a>(&'a self, prefix: &'a Prefix) -> impl Iterator<Item = &'a Block> {
        let blocks = self.leases.values().map(|lease| &lease.numbers);
        blocks.filter(move |block| block.prefix == *prefix)
    }
}
