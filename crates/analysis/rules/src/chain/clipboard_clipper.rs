//! # Wallet addresses on the clipboard are replaced
//!
//! ## What it finds
//! Clipboard access next to cryptocurrency addresses as constants.
//!
//! ## Why it matters
//! Clippers wait for a copied address and put the attacker's in its place; `colourama` (PyPI, 2018) was one of the first.
//!
//! ## Example
//! ```python
//! if re.match(BTC, pyperclip.paste()): pyperclip.copy("bc1q...")
//! ```
//!
//! ## What to do
//! Do not install.
//!
//! ## When it is wrong
//! Wallet software shows example addresses; it rarely watches the clipboard.
use foretaste_engine::prelude::*;

declare_rule! {
    ClipboardClipper,
    id: "clipboard-clipper",
    title: "replaces wallet addresses on the clipboard",
    group: Chain,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1115", "T1565.002"],
    since: "0.1.0",
}

impl FileRule for ClipboardClipper {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let mut own = file.facts.uses.iter();
        let Some(clipboard) = own
            .find(|u| u.capability == Capability::Clipboard)
            .or_else(|| by_command(file))
        else {
            return Vec::new();
        };
        let Some(address) = file
            .facts
            .literals
            .iter()
            .find(|l| l.kind == LiteralKind::WalletAddress)
        else {
            return Vec::new();
        };
        let context = file.context(clipboard.function);
        let finding = self
            .finding(format!(
                "uses the clipboard next to a wallet address {}",
                context.phrase()
            ))
            .context(context)
            .evidence(file.use_evidence(clipboard, EvidenceRole::Source, "clipboard"))
            .evidence(file.literal_evidence(address, "wallet address"));
        // what was copied is looked at and replaced, and nobody asked for it
        let also = file
            .facts
            .uses
            .iter()
            .any(|u| u.capability == Capability::Clipboard && u.api != clipboard.api);
        vec![if also && context <= ExecutionContext::Import {
            finding.confidence(Confidence::High)
        } else {
            finding
        }]
    }
}

/// The command with which a file reaches the clipboard: `pbpaste`, `xclip`, `Get-Clipboard`.
fn by_command<'a>(file: &FileView<'a>) -> Option<&'a Use> {
    let facts = file.facts;
    let layer = facts.layers.iter().find(|layer| {
        let inner = layer.facts.layers.iter().flat_map(|l| &l.facts.uses);
        let mut uses = layer.facts.uses.iter().chain(inner);
        layer.executed && uses.any(|u| u.capability == Capability::Clipboard)
    })?;
    facts.uses.iter().find(|u| u.span.line == layer.span.line)
}
