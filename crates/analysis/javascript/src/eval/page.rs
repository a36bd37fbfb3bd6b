//! What pages and their workers are told: requests, keys, scripts from elsewhere.

use foretaste_model::Capability;
use foretaste_model::facts::Resolution;

use super::call::Site;
use super::{Evaluator, Role};
use crate::apis::ApiRef;
use crate::ir::NodeId;
use crate::strings::StrId;
use crate::values::{Value, ValueId};

/// What only the service worker of a page says: servers at the edge listen for `fetch` as well, to answer.
const OF_SERVICE_WORKERS: &[&str] = &["skipWaiting", "importScripts", "activate"];

impl Evaluator<'_> {
    /// `addEventListener(event, listener)`: false if nothing is known of the event.
    pub(super) fn hears_page(&mut self, site: &Site) -> bool {
        let name = self.arg(site, 0).text;
        let Some(kind) = self.event_kind(self.ir.strings.get(name)) else {
            return false;
        };
        let listener = self.arg(site, 1);
        self.tell(site.node, kind, &listener);
        true
    }

    /// `onfetch = listener`, `document.onkeydown = listener`.
    pub(super) fn hears_by_member(&mut self, node: NodeId, name: &str, listener: ValueId) -> bool {
        let event = name.strip_prefix("on").unwrap_or_default();
        let Some(kind) = self.event_kind(event) else {
            return false;
        };
        let listener = self.value(listener);
        self.tell(node, kind, &listener);
        true
    }

    /// The kind of an event that holds what others mean for somebody else.
    fn event_kind(&self, event: &str) -> Option<&'static str> {
        match event {
            "fetch" => OF_SERVICE_WORKERS
                .iter()
                .any(|word| self.ir.strings.find(word).is_some())
                .then_some("FetchEvent"),
            "keydown" | "keyup" | "keypress" => Some("KeyboardEvent"),
            _ => None,
        }
    }

    fn tell(&mut self, node: NodeId, kind: &str, listener: &Value) {
        let kind = ApiRef::new(self.apis.kind(kind), Resolution::Method);
        let event = self.intern(Value::of_api(kind));
        for function in listener.functions() {
            self.call_back(node, function, &[event]);
        }
    }

    /// A script is loaded by its address and run: what another machine gives is code. An address with a version in it names
    /// one release of a library, which stays what it is.
    pub(super) fn load_script(&mut self, api: ApiRef, site: &Site, address: &Value) {
        let text = self.ir.strings.get(address.text);
        let is_far =
            text.starts_with("https://") || text.starts_with("http://") || text.starts_with("//");
        if !is_far || has_version(text) {
            return;
        }
        let taints = self.source(site.node, Capability::NetworkHttp, api.id(), address.text);
        let given = Value::of_taints(taints);
        let code = Capability::CodeEval;
        self.sink_with(
            site.node,
            api,
            code,
            &given,
            Role::Content,
            false,
            StrId::NONE,
        );
    }
}

/// True for an address with a number of three parts: `/9.22.0/`, `@1.2.3/`.
fn has_version(address: &str) -> bool {
    address
        .split(['/', '@', '-'])
        .map(|part| part.strip_prefix('v').unwrap_or(part))
        .any(|part| {
            let numbers: Vec<&str> = part.split('.').collect();
            // an address of a machine has four
            numbers.len() == 3 && numbers.iter().all(|n| n.parse::<u32>().is_ok())
        })
}

#[cfg(test)]
mod tests {
    use super::has_version;

    #[test]
    fn versions_in_addresses_are_told_from_machines() {
        for address in [
            "https://c.invalid/firebasejs/9.22.0/firebase-app.js",
            "https://c.invalid/npm/lib@1.2.3/x.js",
            "//c.invalid/v4.0.1/x.js",
        ] {
            assert!(has_version(address), "{address}");
        }
        for address in [
            "https://c.invalid/r.js",
            "https://10.1.2.3/r.js",
            "https://c.invalid/v2/x.js",
        ] {
            assert!(!has_version(address), "{address}");
        }
    }
}
