//! Old logs mean what they meant.
//!
//! `golden/old_records/` holds the logs of two halls over three days, written by a version whose records lack fields that
//! later ones have. Beside each log stands what that version folded it to: the state's hash at some versions, or how it
//! begins. The logs are never edited. Whoever changes what is hashed (a field of the state, its name) writes the hashes
//! anew with a version of which this test says that it folds the same.

use hall::{Event, Hall, Record};
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn an_old_log_folds_to_the_state_it_had() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/old_records");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let logs: Vec<_> = paths
        .filter(|path| path.extension().unwrap() == "jsonl")
        .collect();
    assert!(!logs.is_empty());
    for log in logs {
        let hashes = std::fs::read_to_string(log.with_extension("txt")).unwrap();
        let hashes = hashes.lines().map(|line| {
            let (version, hash) = line.split_once(' ').unwrap();
            (version.parse::<u64>().unwrap(), hash)
        });
        let hashes: BTreeMap<u64, &str> = hashes.collect();
        let mut hall = Hall::empty();
        for line in std::fs::read_to_string(&log).unwrap().lines() {
            let record: Record<Event> = serde_json::from_str(line).unwrap();
            hall::apply(&mut hall, &record);
            if let Some(hash) = hashes.get(&record.version) {
                let is_the_same = hall.hash().starts_with(hash);
                assert!(is_the_same, "{} at {}", log.display(), record.version);
            }
        }
        assert_eq!(hashes.last_key_value().unwrap().0, &hall.version());
    }
}
