//! The name servers that this machine is configured to use.

use std::net::IpAddr;
use std::path::Path;

use foretaste_io::files;

/// Files that name them: what programs use, and what a local resolver uses in turn.
const FILES: &[&str] = &["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

/// The name servers of this machine, each once.
pub(crate) fn of_machine() -> Vec<IpAddr> {
    let mut found = Vec::new();
    for file in FILES {
        let text = files::read_config(Path::new(file))
            .ok()
            .flatten()
            .unwrap_or_default();
        for address in read(&text) {
            if !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found
}

fn read(text: &str) -> Vec<IpAddr> {
    text.lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("nameserver")?
                .split('%')
                .next()?
                .trim()
                .parse()
                .ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_with_and_without_an_interface() {
        let text = "# x\nnameserver 192.0.2.53\nsearch a.example\nnameserver fe80::1%eth0\n";
        let found: Vec<String> = read(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["192.0.2.53", "fe80::1"]);
    }
}
