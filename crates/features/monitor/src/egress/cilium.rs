//! `CiliumNetworkPolicy`: names by what the cluster's name service answered (`toFQDNs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{List, Rendered, label};

pub(super) fn render(list: &List, name: &str) -> Rendered {
    let mut text = format!(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: {}\nspec:\n  endpointSelector: {{}}\n  egress:\n    # names are looked up in the cluster, and only these\n    - toEndpoints:\n        - matchLabels:\n            \"k8s:io.kubernetes.pod.namespace\": kube-system\n            \"k8s:k8s-app\": kube-dns\n      toPorts:\n        - ports:\n            - {{port: \"53\", protocol: ANY}}\n          rules:\n            dns:\n",
        label(name)
    );
    // one `*` of Cilium is one label; `**.` is any number of them
    let patterns: BTreeSet<String> = list
        .names
        .iter()
        .map(|(name, _)| format!("matchName: \"{name}\""))
        .chain(
            list.domains
                .iter()
                .map(|(domain, _)| format!("matchPattern: \"**.{domain}\"")),
        )
        .collect();
    if patterns.is_empty() {
        text.truncate(text.len() - "          rules:\n            dns:\n".len());
    }
    for pattern in &patterns {
        let _ = writeln!(text, "              - {pattern}");
    }
    let mut by_port: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for (name, port) in &list.names {
        by_port
            .entry(*port)
            .or_default()
            .insert(format!("matchName: \"{name}\""));
    }
    for (domain, port) in &list.domains {
        by_port
            .entry(*port)
            .or_default()
            .insert(format!("matchPattern: \"**.{domain}\""));
    }
    for (port, names) in by_port {
        text += "    - toFQDNs:\n";
        for name in names {
            let _ = writeln!(text, "        - {name}");
        }
        let _ = write!(
            text,
            "      toPorts:\n        - ports:\n            - {{port: \"{port}\", protocol: ANY}}\n"
        );
    }
    for (network, port) in &list.networks {
        let _ = write!(text, "    - toCIDR:\n        - \"{network}\"\n");
        if *port != 0 {
            let _ = write!(
                text,
                "      toPorts:\n        - ports:\n            - {{port: \"{port}\", protocol: ANY}}\n"
            );
        }
    }
    Rendered {
        text,
        remarks: Vec::new(),
    }
}
