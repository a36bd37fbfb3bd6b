//! # The package communicates with other machines
//!
//! ## What it finds
//! Code that opens connections to other machines, outside tests and bundled assets. The finding lists one place for each interface.
//!
//! ## Why it matters
//! It is a permission in Packj's sense: information about what the package can do to your machine, never an accusation.
//! What matters is whether the package needs it, and whether the release before needed it, too.
//!
//! ## Example
//! ```python
//! import requests
//!
//! def get(u):
//!     return requests.get(u)
//! ```
//!
//! ## What to do
//! Ask whether a package of this purpose needs it.
//!
//! ## When it is wrong
//! It is a statement of fact; it decides nothing by itself.
use foretaste_engine::prelude::*;

use super::support::permission;

declare_rule! {
    AccessesNetwork,
    id: "accesses-network",
    title: "communicates with other machines",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for AccessesNetwork {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = |c: Capability| {
            matches!(
                c,
                Capability::NetworkHttp
                    | Capability::NetworkDownload
                    | Capability::NetworkSocket
                    | Capability::NetworkListen
                    | Capability::NetworkDns
                    | Capability::NetworkMail
                    | Capability::NetworkRemote
                    | Capability::NetworkWebsocket
                    | Capability::NetworkMessenger
                    | Capability::NetworkBlockchain
            )
        };
        permission(
            self.finding("communicates with other machines"),
            scene,
            wanted,
        )
    }
}
