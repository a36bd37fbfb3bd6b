//! `NetworkPolicy`: addresses and ports alone.

use std::fmt::Write as _;

use super::{List, Rendered, label};

pub(super) fn render(list: &List, name: &str) -> Rendered {
    let mut text = format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: {}\nspec:\n  podSelector: {{}}\n  policyTypes: [Egress]\n  egress:\n    # names are looked up in the cluster\n    - to:\n        - namespaceSelector: {{}}\n          podSelector:\n            matchLabels:\n              k8s-app: kube-dns\n      ports:\n        - {{protocol: UDP, port: 53}}\n        - {{protocol: TCP, port: 53}}\n",
        label(name)
    );
    for (network, port) in &list.networks {
        let _ = write!(
            text,
            "    - to:\n        - ipBlock: {{cidr: \"{network}\"}}\n"
        );
        if *port != 0 {
            let _ = write!(
                text,
                "      ports:\n        - {{protocol: TCP, port: {port}}}\n        - {{protocol: UDP, port: {port}}}\n"
            );
        }
    }
    let mut remarks = Vec::new();
    let names: Vec<String> = list
        .names
        .iter()
        .map(|(name, _)| name.clone())
        .chain(list.domains.iter().map(|(domain, _)| format!("*.{domain}")))
        .collect();
    if !names.is_empty() {
        let mut unique = names;
        unique.sort();
        unique.dedup();
        for name in &unique {
            let _ = writeln!(text, "    # not expressible: {name}");
        }
        remarks.push(format!(
            "a NetworkPolicy knows no names: {} left out; lead them through a proxy (--target squid) and allow its address, or use --target cilium",
            unique.join(", ")
        ));
    }
    Rendered { text, remarks }
}
