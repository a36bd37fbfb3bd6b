//! Falco: the same policy as rules for those who run it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use foretaste_behaviour::DOWNLOADERS;

use super::{List, Rendered};
use crate::policy::Policy;

/// Programs that install packages, as Falco sees them.
const MANAGERS: &str =
    "pip, pip3, pipx, uv, poetry, pdm, npm, npx, pnpm, yarn, bun, cargo, gem, bundle";

pub(super) fn render(policy: &Policy, list: &List) -> Rendered {
    let names: BTreeSet<&str> = list.names.iter().map(|(name, _)| name.as_str()).collect();
    let networks: BTreeSet<&str> = list
        .networks
        .iter()
        .map(|(network, _)| network.as_str())
        .collect();
    let ports: BTreeSet<u16> = list.names.iter().map(|(_, port)| *port).collect();
    let joined = |items: Vec<String>| items.join(", ");
    let tools: Vec<String> = DOWNLOADERS
        .iter()
        .chain(&["ssh"])
        .filter(|tool| !policy.expected.iter().any(|expected| expected == *tool))
        .map(|tool| (*tool).to_owned())
        .collect();
    let mut text = String::new();
    let _ = write!(
        text,
        "- list: foretaste_allowed_names\n  items: [{}]\n- list: foretaste_allowed_networks\n  items: [{}]\n- list: foretaste_allowed_ports\n  items: [{}]\n- list: foretaste_package_managers\n  items: [{MANAGERS}]\n- list: foretaste_unexpected_programs\n  items: [{}]\n\n",
        joined(names.iter().map(|name| format!("'\"{name}\"'")).collect()),
        joined(
            networks
                .iter()
                .map(|network| format!("'\"{network}\"'"))
                .collect()
        ),
        joined(ports.iter().map(ToString::to_string).collect()),
        joined(tools),
    );
    let mut allowed = vec![
        "(fd.sip.name in (foretaste_allowed_names) and fd.sport in (foretaste_allowed_ports))"
            .to_owned(),
    ];
    if !networks.is_empty() {
        allowed.push("fd.snet in (foretaste_allowed_networks)".to_owned());
    }
    let _ = write!(
        text,
        "- macro: foretaste_in_package_manager\n  condition: >\n    proc.pname in (foretaste_package_managers) or proc.aname[2] in (foretaste_package_managers)\n    or proc.aname[3] in (foretaste_package_managers) or proc.aname[4] in (foretaste_package_managers)\n    or proc.aname[5] in (foretaste_package_managers)\n\n"
    );
    let _ = write!(
        text,
        "- rule: Egress that is not on the allow-list\n  desc: A connection to somebody whom the policy of the job does not name\n  condition: >\n    evt.type in (connect, sendto, sendmsg, sendmmsg) and fd.typechar in (4, 6) and fd.l4proto in (tcp, udp)\n    and not fd.snet in (\"127.0.0.0/8\", \"::1/128\") and fd.sport != 53\n    and not ({})\n  output: >\n    Egress that is not on the allow-list (to=%fd.sip:%fd.sport name=%fd.sip.name proto=%fd.l4proto exe=%proc.exepath\n    command=%proc.cmdline parent=%proc.pcmdline container=%container.id)\n  priority: WARNING\n  tags: [foretaste, network, mitre_exfiltration, T1041]\n\n",
        allowed.join(" or ")
    );
    text += "- rule: Unexpected program below a package manager\n  desc: Installing a package started a program that installing does not need\n  condition: >\n    evt.type in (execve, execveat) and evt.dir = <\n    and proc.name in (foretaste_unexpected_programs) and foretaste_in_package_manager\n  output: >\n    Unexpected program below a package manager (exe=%proc.exepath command=%proc.cmdline parent=%proc.pcmdline\n    container=%container.id)\n  priority: WARNING\n  tags: [foretaste, process, mitre_execution, T1059]\n";
    let mut remarks = vec!["Falco tells, it stops nothing, and holds every name to the ports of all; names are those that an address resolves to when its rules are loaded".to_owned()];
    if !list.domains.is_empty() {
        let domains: BTreeSet<String> = list
            .domains
            .iter()
            .map(|(domain, _)| format!("*.{domain}"))
            .collect();
        remarks.push(format!(
            "Falco knows no wildcards of names: {} left out",
            domains.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    Rendered { text, remarks }
}
