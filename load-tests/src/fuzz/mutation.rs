//! New inputs from known ones: bytes and pieces changed, doubled, left out, moved, and taken from another input.

use super::Target;
use fastrand::Rng;

/// What makes texts difficult, whatever they are about.
const DIFFICULT: [&str; 40] = [
    "",
    " ",
    "\u{3000}",
    "\u{a0}",
    "\u{200B}",
    "\u{FEFF}",
    "\u{202E}",
    "\u{2066}",
    "\0",
    "\r\n",
    "\n",
    "\t",
    "\"",
    "'",
    ",",
    "；",
    "：",
    "－",
    "—",
    "～",
    "〜",
    "ー",
    "0",
    "９",
    "٣",
    "-1",
    "99999999999999999999",
    "4294967296",
    "1e309",
    "NaN",
    "𠮷",
    "é",
    "e\u{301}",
    "ﬁ",
    "㎡",
    "½",
    "Ⅻ",
    "👨\u{200D}👩\u{200D}👧",
    "]Q3",
    "#REF!",
];

/// Makes inputs for one target, the same ones from the same seed.
#[derive(Debug)]
pub struct Mutator<'a> {
    pub corpus: Vec<Vec<u8>>,
    random: Rng,
    target: &'a Target,
}

impl Mutator<'_> {
    pub fn new(seed: u64, target: &Target) -> Mutator<'_> {
        Mutator {
            corpus: target.seeds.clone(),
            random: Rng::with_seed(seed),
            target,
        }
    }

    /// A known input, changed once or a few times.
    pub fn input(&mut self) -> Vec<u8> {
        let mut input = self.known();
        for _ in 0..=self.random.usize(..4) {
            self.change(&mut input);
        }
        input.truncate(self.target.longest);
        input
    }

    fn known(&mut self) -> Vec<u8> {
        let at = self.random.usize(..self.corpus.len().max(1));
        self.corpus.get(at).cloned().unwrap_or_default()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let (from, to) = self.stretch(input);
        match self.random.u8(..9) {
            0 => input.insert(from, self.random.u8(..)),
            1 if from < input.len() => input[from] ^= 1 << self.random.u8(..8),
            2 => drop(input.drain(from..to)),
            3 => {
                let doubled = input[from..to].to_vec();
                input.splice(to..to, doubled);
            }
            4 => {
                let moved: Vec<u8> = input.drain(from..to).collect();
                let at = self.random.usize(..=input.len());
                input.splice(at..at, moved);
            }
            5 => {
                let other = self.known();
                let (first, last) = self.stretch(&other);
                input.splice(from..to, other[first..last].iter().copied());
            }
            6 => {
                let c = self.random.char(..);
                input.splice(from..from, c.to_string().into_bytes());
            }
            _ => {
                let piece = self.piece();
                let to = if self.random.bool() { to } else { from };
                input.splice(from..to, piece.bytes());
            }
        }
    }

    /// A short stretch of an input, or none of it.
    fn stretch(&mut self, input: &[u8]) -> (usize, usize) {
        let from = self.random.usize(..=input.len());
        let longest = (input.len() - from).min(1 << self.random.u8(..8));
        (from, from + self.random.usize(..=longest))
    }

    fn piece(&mut self) -> &'static str {
        let own = self.target.dictionary;
        let at = self.random.usize(..own.len() + DIFFICULT.len());
        own.get(at)
            .copied()
            .unwrap_or_else(|| DIFFICULT[at - own.len()])
    }
}
