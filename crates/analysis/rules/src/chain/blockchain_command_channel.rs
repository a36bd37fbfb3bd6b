//! # It takes its commands from a blockchain
//!
//! ## What it finds
//! Code that asks a blockchain node (a client library, or a public RPC address) and evaluates or starts something, in one file.
//!
//! ## Why it matters
//! A contract cannot be taken down. GlassWorm (2025) read its next server from Solana transactions, the wave of August 2026
//! from an Ethereum contract.
//!
//! ## Example
//! `exec(fetch(contract.server()).text)`
//!
//! ## What to do
//! Do not run it. Block the address of the node only as a first measure.
//!
//! ## When it is wrong
//! Development tools of blockchains start local nodes; they do so when called.
use foretaste_engine::prelude::*;

declare_rule! {
    BlockchainCommandChannel,
    id: "blockchain-command-channel",
    title: "takes commands from a blockchain",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1102.001", "T1568"],
    since: "0.1.0",
}

const NODES: &[&str] = &[
    "infura.io",
    "alchemy.com/v2",
    "rpc.ankr.com",
    "mainnet-beta.solana.com",
    "bsc-dataseed",
    "publicnode.com",
    "llamarpc.com",
    "cloudflare-eth.com",
    "etherscan.io/api",
    "polygon-rpc.com",
    "1rpc.io",
    "trongrid.io",
    "blockcypher.com",
    "drpc.org",
    "fullnode.mainnet",
    "aptoslabs.com/v1",
];

impl FileRule for BlockchainCommandChannel {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let asks = facts
            .uses
            .iter()
            .find(|u| u.capability == Capability::NetworkBlockchain);
        let node = facts
            .literals
            .iter()
            .find(|l| l.kind == LiteralKind::Url && NODES.iter().any(|n| l.value.contains(n)));
        let evaluates = |u: &&Use| {
            matches!(
                u.capability,
                Capability::CodeEval | Capability::ProcessShell | Capability::ProcessSpawn
            ) && u.kind == foretaste_model::facts::UseKind::Call
                && u.constants.iter().all(|c| c.len() < 8)
        };
        let runs = facts
            .uses
            .iter()
            .filter(evaluates)
            .min_by_key(|u| file.context(u.function));
        let (Some(runs), true) = (runs, asks.is_some() || node.is_some()) else {
            return Vec::new();
        };
        let context = file.context(runs.function);
        if facts.shape.bytes > 400_000 && context > ExecutionContext::Import {
            return Vec::new();
        }
        let mut finding = self
            .finding(format!(
                "asks a blockchain, and runs what is no constant {}",
                context.phrase()
            ))
            .context(context);
        if let Some(used) = asks {
            finding = finding.evidence(file.use_evidence(used, EvidenceRole::Source, &*used.api));
        }
        if let Some(literal) = node {
            finding = finding.evidence(file.literal_evidence(literal, "a blockchain node"));
        }
        vec![finding.evidence(file.use_evidence(runs, EvidenceRole::Sink, &*runs.api))]
    }
}
