//! # It searches files for the keys of wallets
//!
//! ## What it finds
//! Code that holds a pattern for private keys, seed phrases' hashes or addresses of cryptocurrencies, reads files or folders, and
//! reaches the network, all in one file.
//!
//! ## Why it matters
//! The crates `faster_log` and `async_println` (2025) searched the source files of whoever used them for Solana and Ethereum
//! keys and posted what they found. Whoever has the key has the money.
//!
//! ## Example
//! `Regex::new("0x[0-9a-fA-F]{64}")`, `read_to_string(entry.path())`, `client.post(url).body(found)`
//!
//! ## What to do
//! Do not install. If its code ran, move the funds of every wallet whose key lay in a file it could read.
//!
//! ## When it is wrong
//! Scanners that look for leaked secrets have such patterns among many others; they send nothing.
use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    WalletKeySearch,
    id: "wallet-key-search",
    title: "searches files for the keys of wallets",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1552.001", "T1657", "T1041"],
    since: "0.1.0",
}

/// Patterns of so many kinds of secrets make a scanner.
const SCANNER: usize = 12;

impl FileRule for WalletKeySearch {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let patterns: Vec<&Literal> = facts
            .literals
            .iter()
            .filter(|l| l.kind == LiteralKind::WalletPattern)
            .collect();
        let reads = facts.uses.iter().find(|u| {
            matches!(
                u.capability,
                Capability::FileRead | Capability::FileList | Capability::Clipboard
            )
        });
        let sends = facts.uses.iter().find(|u| code::talks(u));
        let (Some(first), Some(reads), Some(sends)) = (patterns.first(), reads, sends) else {
            return Vec::new();
        };
        if patterns.len() >= SCANNER {
            return Vec::new();
        }
        let context = file.context(sends.function);
        let mut finding = self
            .finding(format!(
                "searches files for the keys of wallets and reaches the network {}",
                context.phrase()
            ))
            .context(context)
            .evidence(file.literal_evidence(first, "a pattern of keys"))
            .evidence(file.use_evidence(reads, EvidenceRole::Source, &*reads.api))
            .evidence(file.use_evidence(sends, EvidenceRole::Sink, &*sends.api));
        // two kinds of keys, and files: there is nothing else that it could be for
        if patterns.len() >= 2 && context <= ExecutionContext::Called {
            finding = finding.confidence(Confidence::Certain);
        }
        vec![finding]
    }
}
