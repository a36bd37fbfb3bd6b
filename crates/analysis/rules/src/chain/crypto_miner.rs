//! # It mines cryptocurrency
//!
//! ## What it finds
//! Mining pool protocols, pool hosts or miner programs in constants of code that can start programs or reach the network.
//!
//! ## Why it matters
//! Miners burn the CPU of CI machines and servers.
//!
//! ## Example
//! `stratum+tcp://pool.example.invalid:3333`
//!
//! ## What to do
//! Do not install.
//!
//! ## When it is wrong
//! Block lists and detectors name the same words.
use foretaste_engine::prelude::*;

declare_rule! {
    CryptoMiner,
    id: "crypto-miner",
    title: "mines cryptocurrency",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1496"],
    since: "0.1.0",
}

/// Words that stand in miners' command lines and configurations.
const WORDS: &[&str] = &[
    "stratum+tcp://",
    "stratum+ssl://",
    "stratum2+tcp://",
    "xmrig",
    "--donate-level",
    "nicehash",
    "cryptonight",
    "--coin=monero",
    "minergate",
    "xmr-stak",
    "cpuminer",
];

impl FileRule for CryptoMiner {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let acts = |u: &&Use| {
            matches!(
                u.capability,
                Capability::ProcessShell | Capability::ProcessSpawn
            ) || u.capability.is_network_source()
        };
        if !file.facts.uses.iter().any(|u| acts(&u)) {
            return Vec::new();
        }
        let from_literals = file
            .facts
            .literals
            .iter()
            .map(|l| (&*l.value, l.function, l.span));
        let from_uses = file
            .facts
            .uses
            .iter()
            .flat_map(|u| u.constants.iter().map(|c| (&**c, u.function, u.span)));
        for (text, function, span) in from_literals.chain(from_uses) {
            let lower = text.to_lowercase();
            if let Some(word) = WORDS.iter().find(|w| lower.contains(**w)) {
                let context = file.context(function);
                let finding = self.finding(format!(
                    "starts or configures a miner (`{word}`) {}",
                    context.phrase()
                ));
                return vec![finding.context(context).evidence(file.evidence(
                    span,
                    EvidenceRole::Site,
                    *word,
                ))];
            }
        }
        Vec::new()
    }
}
