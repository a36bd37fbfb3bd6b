//! # Mines
//!
//! ## What it finds
//! Arguments, names or ports of coin mining.
//!
//! ## Why it matters
//! The machine's time is sold.
//!
//! ## What to do
//! Do not use the package.
//!
//! ## When it is wrong
//! None known in installations.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule("miner", "mines", Verdict::Block, &["T1496"], test);

fn test(at: At<'_>) -> Option<String> {
    match &at.event.action {
        Action::Exec => {
            let process = at.started()?;
            let line = process.arguments.join(" ").to_ascii_lowercase();
            let is_miner = [
                "stratum+tcp://",
                "stratum+ssl://",
                "--donate-level",
                "--coin=",
            ]
            .iter()
            .any(|word| line.contains(word))
                || [
                    "xmrig", "minerd", "cpuminer", "ethminer", "t-rex", "nbminer",
                ]
                .contains(&words::name(&process.program));
            is_miner.then(|| words::line(process))
        }
        Action::Name {
            name,
            access: Access::Denied,
            ..
        } => [
            "minexmr",
            "nanopool",
            "supportxmr",
            "moneroocean",
            "2miners",
            "hashvault",
            "nicehash",
            "f2pool",
        ]
        .iter()
        .any(|pool| name.contains(pool))
        .then(|| name.clone()),
        Action::Connection {
            port,
            address,
            access: Access::Denied,
            ..
        } => [3333, 4444, 5555, 7777, 14444, 45700]
            .contains(port)
            .then(|| format!("{address}:{port}")),
        _ => None,
    }
}
