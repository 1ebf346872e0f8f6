//! Looks at a Redis before anything is trusted to it, and names what an acknowledged append is worth there.
//!
//! Looking ([`examine`]) and judging ([`judge`]) are apart, so that the judgement is read and tested as a table. What
//! cannot be looked at is not assumed: a server that hides its settings is R0.

use std::collections::BTreeMap;

use redis::{RedisError, aio::ConnectionLike};

use crate::{Durability, Finding, Grade, Report};

/// What a server says about itself.
#[derive(Debug)]
struct Facts {
    /// Fields of `INFO`.
    info: BTreeMap<String, String>,
    /// Settings, or why they cannot be read.
    settings: Result<BTreeMap<String, String>, String>,
}

/// Settings that [`judge`] looks at.
const SETTINGS: [&str; 4] = [
    "appendonly",
    "appendfsync",
    "no-appendfsync-on-rewrite",
    "maxmemory-policy",
];

/// Asks the server and judges. `replicas` is how many must confirm each append, 0 for none.
pub(super) async fn examine(
    connection: &mut impl ConnectionLike,
    replicas: u32,
) -> Result<Report, RedisError> {
    let info: String = redis::cmd("INFO").query_async(connection).await?;
    let info = info
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.into(), value.into()));
    let facts = Facts {
        info: info.collect(),
        settings: read_settings(connection).await?,
    };
    Ok(judge(&facts, replicas))
}

/// One at a time: asking for several at once needs Redis 7.
async fn read_settings(
    connection: &mut impl ConnectionLike,
) -> Result<Result<BTreeMap<String, String>, String>, RedisError> {
    let mut settings = BTreeMap::new();
    for name in SETTINGS {
        match redis::cmd("CONFIG")
            .arg("GET")
            .arg(name)
            .query_async::<BTreeMap<String, String>>(connection)
            .await
        {
            Ok(found) => settings.extend(found),
            Err(error) if error.is_io_error() => return Err(error),
            Err(refused) => return Ok(Err(refused.to_string())),
        }
    }
    Ok(Ok(settings))
}

fn judge(facts: &Facts, replicas: u32) -> Report {
    let mut findings = vec![version(facts), role(facts)];
    match &facts.settings {
        Ok(settings) => findings.extend(SETTINGS.map(|name| setting(name, settings.get(name).map_or("", String::as_str)))),
        Err(refused) => findings.push(Finding::weak(format!(
            "the settings may not be read ({refused}), so nobody can tell what a write is worth: allow CONFIG GET to this \
             user (ACL: +config|get)"
        ))),
    }
    findings.extend(failing_disk(facts));
    if replicas > 0 {
        findings.push(connected_replicas(facts, replicas));
    }
    let weak = findings.iter().any(|finding| finding.grade == Grade::Weak);
    let durability = match (weak, replicas) {
        (true, _) => Durability::R0,
        (false, 0) => Durability::R1,
        (false, _) => Durability::R2,
    };
    Report {
        durability,
        findings,
    }
}

impl Facts {
    fn info(&self, name: &str) -> &str {
        self.info.get(name).map_or("", String::as_str)
    }
}

/// Streams came with 5.0; the XINFO field the scripts read came with it.
fn version(facts: &Facts) -> Finding {
    let version = facts.info("redis_version");
    match version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok())
    {
        Some(0..=4) => Finding::weak(format!("Redis {version} has no streams: use 6.2 or newer")),
        Some(_) => Finding::good(format!("Redis {version}")),
        None => Finding::warning("the server does not tell its version"),
    }
}

fn role(facts: &Facts) -> Finding {
    match facts.info("role") {
        "master" => Finding::good("it is a primary"),
        "" => Finding::warning("the server does not tell whether it is a primary"),
        role => Finding::weak(format!(
            "it is no primary (its role is {role}) and will refuse writes: give the primary's address"
        )),
    }
}

fn setting(name: &str, value: &str) -> Finding {
    let loss = match (name, value) {
        ("appendonly", "yes")
        | ("appendfsync", "always")
        | ("no-appendfsync-on-rewrite", "no")
        | ("maxmemory-policy", "noeviction") => return Finding::good(format!("{name} {value}")),
        ("appendonly", _) => "a restart loses everything since the last snapshot: set it to yes",
        ("appendfsync", "everysec") => "a power cut may lose the last second: set it to always",
        ("appendfsync", _) => "a power cut may lose the last half minute: set it to always",
        ("no-appendfsync-on-rewrite", _) => {
            "nothing is synced while the file is rewritten: set it to no"
        }
        ("maxmemory-policy", _) => "a full memory may drop a hall's log: set it to noeviction",
        (_, _) => "it is not known here",
    };
    Finding::weak(format!("{name} {value}: {loss}"))
}

fn failing_disk(facts: &Facts) -> Option<Finding> {
    let failing = !matches!(facts.info("aof_last_write_status"), "ok" | "");
    failing
        .then(|| Finding::weak("its last write to the append-only file failed: look at the disk"))
}

/// Only a note: every append is checked with `WAIT` anyhow, and refused when replicas are missing.
fn connected_replicas(facts: &Facts, wanted: u32) -> Finding {
    let connected: u32 = facts.info("connected_slaves").parse().unwrap_or(0);
    let text = format!("{connected} replicas are connected, each append waits for {wanted}");
    if connected >= wanted {
        Finding::good(text)
    } else {
        Finding::warning(format!("{text}: none can be answered yet"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(settings: [&str; 4]) -> Facts {
        let info = [
            ("redis_version", "7.0.15"),
            ("role", "master"),
            ("connected_slaves", "1"),
        ];
        Facts {
            info: info
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            settings: Ok(SETTINGS
                .iter()
                .zip(settings)
                .map(|(name, value)| ((*name).to_owned(), value.to_owned()))
                .collect()),
        }
    }

    const SAFE: [&str; 4] = ["yes", "always", "no", "noeviction"];

    #[test]
    fn only_a_server_that_syncs_and_keeps_everything_is_r1() {
        assert_eq!(judge(&facts(SAFE), 0).durability, Durability::R1);
        assert_eq!(judge(&facts(SAFE), 1).durability, Durability::R2);
        for (at, value) in [
            (0, "no"),
            (1, "everysec"),
            (1, "no"),
            (2, "yes"),
            (3, "allkeys-lru"),
            (0, ""),
        ] {
            let mut settings = SAFE;
            settings[at] = value;
            let report = judge(&facts(settings), 1);
            assert_eq!(report.durability, Durability::R0, "{report}");
        }
    }

    #[test]
    fn a_server_that_hides_its_settings_is_r0_and_says_why() {
        let report = judge(
            &Facts {
                settings: Err("NOPERM".to_owned()),
                ..facts(SAFE)
            },
            0,
        );
        expect_test::expect![[r"
            durability R0
              good: Redis 7.0.15
              good: it is a primary
              WEAK: the settings may not be read (NOPERM), so nobody can tell what a write is worth: allow CONFIG GET to this user (ACL: +config|get)
        "]]
        .assert_eq(&report.to_string());
    }

    #[test]
    fn replicas_and_old_servers_are_r0() {
        for (name, value) in [
            ("role", "slave"),
            ("redis_version", "4.0.9"),
            ("aof_last_write_status", "err"),
        ] {
            let mut facts = facts(SAFE);
            facts.info.insert(name.to_owned(), value.to_owned());
            assert_eq!(
                judge(&facts, 0).durability,
                Durability::R0,
                "{name} {value}"
            );
        }
    }
}
