//! # It pays to an address in its own code
//!
//! ## What it finds
//! A transfer of cryptocurrency whose receiver is a constant in a library's code: `{ to: "0x…", value }` of Ethereum,
//! `SystemProgram.transfer({ toPubkey, lamports })` of Solana. What is asked of a contract (a transaction with `data`) is no transfer.
//!
//! ## Why it matters
//! Drainers need no server: a helper that "validates" a key, or a bot that "buys", signs one transaction more, and the money is gone
//! for good. `pancake_uniswap_validators_utils_snipe` and three more (npm, 2025) sent 80–85 % of the wallet's balance to one address;
//! copies of trading bots on PyPI and npm do the same with Solana.
//!
//! ## Example
//! ```javascript
//! const value = (await wallet.getBalance()).mul(85).div(100);
//! await wallet.sendTransaction({ to: "0x5290…9EE7", value });
//! ```
//!
//! ## What to do
//! Do not use it. If it was used with a wallet, move what is left with another tool.
//!
//! ## When it is wrong
//! A service may charge its fee, or tip whoever builds the block, at an address that its code names; a `review` asks whether the
//! documentation says so. Tests and examples are not reported.
use foretaste_engine::prelude::*;
use foretaste_model::facts::{Callee, FIXED_PAYEE};

declare_rule! {
    FixedPayee,
    id: "fixed-payee",
    title: "pays to an address in its own code",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1657"],
    since: "0.1.0",
}

impl FileRule for FixedPayee {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let paid = file.facts.uses.iter().filter(|u| *u.api == *FIXED_PAYEE);
        let found = paid.filter_map(|used| {
            let context = file.context(used.function);
            if context > ExecutionContext::Called {
                return None;
            }
            let address = used.constants.first().map_or("", |c| c);
            // a fee has its amount; who asks what there is takes it
            let (what, confidence) = if asks_balance(file, used.function) {
                ("pays what a wallet holds to", Confidence::Certain)
            } else {
                ("pays to", Confidence::Medium)
            };
            let finding = self
                .finding(format!("{what} {address} {}", context.phrase()))
                .confidence(confidence)
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Sink, "who is paid"));
            Some(finding)
        });
        found.take(3).collect()
    }
}

/// True if a function asks for the balance of an account.
fn asks_balance(file: &FileView<'_>, function: u32) -> bool {
    let asks = |name: &str| {
        let method = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
        matches!(&*method, "getbalance" | "get_balance")
    };
    let called = file
        .facts
        .functions
        .get(function as usize)
        .is_some_and(|f| {
            f.calls
                .iter()
                .any(|c| matches!(c, Callee::External(name) if asks(name)))
        });
    let mut uses = file.facts.uses.iter();
    called || uses.any(|u| u.function == function && asks(&u.api))
}
