//! squid: names by what clients ask the proxy for, and by the name in TLS.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{List, Rendered};

pub(super) fn render(list: &List) -> Rendered {
    let mut text = "# who may be reached; include it before other http_access lines\n".to_owned();
    let mut by_port: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for (name, port) in &list.names {
        by_port.entry(*port).or_default().push(name.clone());
    }
    for (domain, port) in &list.domains {
        by_port
            .entry(*port)
            .or_default()
            .push(format!("*.{domain}"));
    }
    for (port, names) in &by_port {
        let _ = writeln!(text, "acl foretaste_port_{port} port {port}");
        for name in names {
            match name.strip_prefix("*.") {
                // `.domain` of squid is the domain too; a wildcard here is not
                Some(domain) => {
                    let _ = writeln!(
                        text,
                        "acl foretaste_names_{port}_below dstdom_regex -n \\.{}$",
                        domain.replace('.', "\\.")
                    );
                }
                None => {
                    let _ = writeln!(text, "acl foretaste_names_{port} dstdomain -n {name}");
                }
            }
        }
    }
    for (network, port) in &list.networks {
        let _ = writeln!(text, "acl foretaste_networks_{port} dst {network}");
    }
    text += "# CONNECT leads anywhere unless its port is one of HTTPS\nacl foretaste_connect method CONNECT\n";
    for (port, names) in &by_port {
        let connect = if *port == 80 {
            " !foretaste_connect"
        } else {
            ""
        };
        if names.iter().any(|name| !name.starts_with("*.")) {
            let _ = writeln!(
                text,
                "http_access allow foretaste_names_{port} foretaste_port_{port}{connect}"
            );
        }
        if names.iter().any(|name| name.starts_with("*.")) {
            let _ = writeln!(
                text,
                "http_access allow foretaste_names_{port}_below foretaste_port_{port}{connect}"
            );
        }
    }
    let mut ports: Vec<u16> = list.networks.iter().map(|(_, port)| *port).collect();
    ports.sort_unstable();
    ports.dedup();
    for port in ports {
        if port == 0 {
            text += "http_access allow foretaste_networks_0\n";
        } else {
            if !by_port.contains_key(&port) {
                let _ = writeln!(text, "acl foretaste_port_{port} port {port}");
            }
            let _ = writeln!(
                text,
                "http_access allow foretaste_networks_{port} foretaste_port_{port}"
            );
        }
    }
    text += "http_access deny all\n";
    let remarks = vec![
        "a proxy sees what is sent to it: let nothing else leave, with --target k8s or iptables"
            .to_owned(),
    ];
    Rendered { text, remarks }
}
