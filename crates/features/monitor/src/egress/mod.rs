//! The allow-list in the words of those who enforce it elsewhere.

mod cilium;
mod falco;
mod kubernetes;
mod learned;
mod nftables;
mod squid;

use std::collections::BTreeSet;

use crate::policy::{Endpoint, Host, Policy};

pub use self::learned::{LearnError, learned};

/// Who is to enforce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A `NetworkPolicy` of Kubernetes.
    Kubernetes,
    /// A `CiliumNetworkPolicy`, which knows names.
    Cilium,
    /// A set of rules for nftables.
    Nftables,
    /// Access lists of the proxy squid.
    Squid,
    /// Rules for Falco, which tells.
    Falco,
    /// `monitor.toml`
    Monitor,
}

impl Target {
    /// Every target with its name on the command line.
    pub const ALL: [(&'static str, Self); 6] = [
        ("k8s", Self::Kubernetes),
        ("cilium", Self::Cilium),
        ("iptables", Self::Nftables),
        ("squid", Self::Squid),
        ("falco", Self::Falco),
        ("monitor", Self::Monitor),
    ];

    /// The target with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, target)| *target)
    }
}

/// A rendered list, and what the target cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The file.
    pub text: String,
    /// One sentence each.
    pub remarks: Vec<String>,
}

/// Entries with their ports.
pub(crate) struct List {
    pub(crate) names: BTreeSet<(String, u16)>,
    /// Domains whose names are all allowed.
    pub(crate) domains: BTreeSet<(String, u16)>,
    /// Networks in the notation with a prefix; port 0 is every port.
    pub(crate) networks: BTreeSet<(String, u16)>,
}

impl List {
    fn of(policy: &Policy) -> Self {
        let mut list = Self {
            names: BTreeSet::new(),
            domains: BTreeSet::new(),
            networks: BTreeSet::new(),
        };
        for endpoint in policy.endpoints() {
            for port in endpoint.ports().unwrap_or(&[0]) {
                match &endpoint.host {
                    Host::Name(name) => list.names.insert((name.clone(), *port)),
                    Host::Below(domain) => list.domains.insert((domain.clone(), *port)),
                    Host::Network(address, bits) => {
                        list.networks.insert((format!("{address}/{bits}"), *port))
                    }
                };
            }
        }
        list
    }
}

/// Renders the list of a policy. `name` is what the result is called where it needs a name.
pub fn render(policy: &Policy, target: Target, name: &str) -> Rendered {
    let list = List::of(policy);
    let mut rendered = match target {
        Target::Kubernetes => kubernetes::render(&list, name),
        Target::Cilium => cilium::render(&list, name),
        Target::Nftables => nftables::render(&list, name),
        Target::Squid => squid::render(&list),
        Target::Falco => falco::render(policy, &list),
        Target::Monitor => Rendered {
            text: toml::to_string_pretty(policy).unwrap_or_default(),
            remarks: Vec::new(),
        },
    };
    if !policy.only.is_empty() && target != Target::Monitor {
        rendered.remarks.push(
            "entries of [[only]] hold for everybody there: the target knows no programs and steps"
                .to_owned(),
        );
    }
    rendered
}

/// A name that Kubernetes takes: lower-case letters, digits and hyphens.
fn label(name: &str) -> String {
    let plain: String = name
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(60)
        .collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() {
        "foretaste".to_owned()
    } else {
        plain.to_owned()
    }
}

/// The endpoints of a policy that were given, sorted, each once.
pub fn sorted(endpoints: impl IntoIterator<Item = Endpoint>) -> Vec<Endpoint> {
    endpoints
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}
