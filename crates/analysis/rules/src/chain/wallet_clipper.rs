//! # It replaces the addresses of payments
//!
//! ## What it finds
//! A browser wallet object or the page's request functions are replaced, or the clipboard is used, in a file that carries
//! addresses of cryptocurrencies.
//!
//! ## Why it matters
//! The chalk and debug releases of 8 September 2025 (two billion downloads a week) hooked `window.ethereum`, `fetch` and
//! `XMLHttpRequest` and exchanged each address for the most similar one of their own list.
//!
//! ## Example
//! `window.ethereum.request = async (args) => { args.params[0].to = "0x..."; ... }`
//!
//! ## What to do
//! Remove the release from every bundle, and look for payments made since.
//!
//! ## When it is wrong
//! Wallet libraries use the objects and name well-known contracts; they do not replace the functions.
use foretaste_engine::prelude::*;

declare_rule! {
    WalletClipper,
    id: "wallet-clipper",
    title: "replaces the addresses of payments",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1565.002"],
    since: "0.1.0",
}

use foretaste_model::facts::UseKind;
use std::collections::BTreeSet;

impl FileRule for WalletClipper {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        if !facts.language.is_program_text() {
            return Vec::new();
        }
        let addresses: BTreeSet<&str> = facts
            .literals
            .iter()
            .filter(|l| l.kind == LiteralKind::WalletAddress)
            .map(|l| &*l.value)
            .collect();
        let Some(first) = facts
            .literals
            .iter()
            .find(|l| l.kind == LiteralKind::WalletAddress)
        else {
            return Vec::new();
        };
        let wallet = |u: &&Use| u.capability == Capability::Wallet;
        let hook = facts.uses.iter().find(|u| {
            u.kind == UseKind::Write
                && (u.capability == Capability::Wallet
                    || ["fetch", "XMLHttpRequest", "ethereum", "solana"]
                        .iter()
                        .any(|api| u.api.contains(api)))
        });
        let formats: BTreeSet<char> = addresses.iter().filter_map(|a| a.chars().next()).collect();
        let (used, confidence) = match hook {
            Some(hook) => (hook, Confidence::High),
            // one list of addresses for each currency is what clippers carry
            None if addresses.len() >= 8 && formats.len() >= 3 => {
                let Some(used) = facts
                    .uses
                    .iter()
                    .find(|u| wallet(u) || u.capability == Capability::Clipboard)
                else {
                    return Vec::new();
                };
                (used, Confidence::Medium)
            }
            None => return Vec::new(),
        };
        let context = file.context(used.function);
        vec![
            self.finding(format!(
                "takes hold of a wallet and carries {} addresses {}",
                addresses.len(),
                context.phrase()
            ))
            .confidence(confidence)
            .context(context)
            .evidence(file.use_evidence(used, EvidenceRole::Sink, &*used.api))
            .evidence(file.literal_evidence(first, "an address")),
        ]
    }
}
