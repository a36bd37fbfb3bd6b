//! # Transport security is switched off
//!
//! ## What it finds
//! Certificate checks that are disabled (`verify=False`, `rejectUnauthorized: false`), clear-text protocols (FTP, telnet).
//!
//! ## Why it matters
//! Whoever sits on the way can read and change the traffic.
//!
//! ## Example
//! `requests.get(url, verify=False)`
//!
//! ## What to do
//! Ask for an option to verify, or do not use the function.
//!
//! ## When it is wrong
//! Tests and tools for self-signed devices.
use foretaste_engine::prelude::*;

declare_rule! {
    InsecureNetwork,
    id: "insecure-network",
    title: "switches transport security off",
    group: Hygiene,
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: ["T1557"],
    since: "0.1.0",
}

/// Interfaces whose protocol knows no transport security.
const CLEAR_TEXT: &[&str] = &["telnetlib.", "ftplib.FTP", "tftpy."];

fn is_insecure(used: &Use) -> bool {
    let clear_text =
        CLEAR_TEXT.iter().any(|api| used.api.starts_with(api)) && !used.api.contains("_TLS");
    used.capability == Capability::NetworkInsecure
        || (used.capability == Capability::NetworkRemote && clear_text)
}

impl FileRule for InsecureNetwork {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let Some(used) = file.facts.uses.iter().find(|u| is_insecure(u)) else {
            return Vec::new();
        };
        let context = file.context(used.function);
        vec![
            self.finding("uses the network without transport security")
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api)),
        ]
    }
}
