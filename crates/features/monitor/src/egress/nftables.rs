//! nftables: a table of its own that drops what leaves and is not allowed. Names are sets, which a resolver fills.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{List, Rendered, label};

pub(super) fn render(list: &List, name: &str) -> Rendered {
    let table = label(name).replace('-', "_");
    let named: BTreeSet<&str> = list
        .names
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(list.domains.iter().map(|(domain, _)| domain.as_str()))
        .collect();
    let set = |name: &str, family: u8| format!("{}_{family}", name.replace(['.', '-'], "_"));
    let mut text = format!(
        "#!/usr/sbin/nft -f\ntable inet {table}\ndelete table inet {table}\ntable inet {table} {{\n"
    );
    for name in &named {
        for (family, kind) in [(4, "ipv4_addr"), (6, "ipv6_addr")] {
            let _ = writeln!(
                text,
                "    set {} {{ type {kind}; flags timeout; }}",
                set(name, family)
            );
        }
    }
    text += "    chain output {\n        type filter hook output priority filter; policy drop;\n        oif lo accept\n        ct state established,related accept\n        icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept\n        # the name servers that this machine uses: put their addresses here\n        meta l4proto { tcp, udp } th dport 53 accept\n";
    for (network, port) in &list.networks {
        let family = if network.contains(':') { "ip6" } else { "ip" };
        let port = if *port == 0 {
            String::new()
        } else {
            format!(" meta l4proto {{ tcp, udp }} th dport {port}")
        };
        let _ = writeln!(text, "        {family} daddr {network}{port} accept");
    }
    for (name, port) in list.names.iter().chain(&list.domains) {
        for (family, word) in [(4, "ip"), (6, "ip6")] {
            let _ = writeln!(
                text,
                "        {word} daddr @{} meta l4proto {{ tcp, udp }} th dport {port} accept",
                set(name, family)
            );
        }
    }
    text += "        log prefix \"egress-denied: \" counter\n    }\n}\n";
    let mut remarks = Vec::new();
    if !named.is_empty() {
        remarks.push(
            "nftables knows no names: have the resolver fill the sets, for example with dnsmasq:"
                .to_owned(),
        );
        for name in &named {
            remarks.push(format!(
                "nftset=/{name}/4#inet#{table}#{},6#inet#{table}#{}",
                set(name, 4),
                set(name, 6)
            ));
        }
        if !list.domains.is_empty() {
            remarks.push("a wildcard allows the domain itself there too".to_owned());
        }
    }
    Rendered { text, remarks }
}
