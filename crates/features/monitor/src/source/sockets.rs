//! Who has a socket: `/proc/net` tells the socket's number, `/proc/*/fd` who holds it.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use foretaste_io::files;

use super::proc;

/// Bytes of a table of sockets.
const MAX_TABLE: u64 = 16 << 20;
/// Holders that are remembered.
const MAX_KNOWN: usize = 4096;

/// A cache of who holds which socket.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    holders: HashMap<u64, u32>,
}

impl Sockets {
    /// The process that sent a packet.
    pub(super) fn owner(
        &mut self,
        protocol: &str,
        from: (IpAddr, u16),
        to: (IpAddr, u16),
    ) -> Option<u32> {
        let tables: &[&str] = match (protocol, from.0) {
            ("tcp", IpAddr::V4(_)) => &["tcp", "tcp6"],
            ("tcp", IpAddr::V6(_)) => &["tcp6"],
            ("udp", IpAddr::V4(_)) => &["udp", "udp6"],
            ("udp", IpAddr::V6(_)) => &["udp6"],
            _ => return None,
        };
        let socket = tables
            .iter()
            .find_map(|table| socket(&table_text(table)?, from, to))?;
        if let Some(pid) = self.holders.get(&socket) {
            return Some(*pid);
        }
        let pid = holder(socket)?;
        if self.holders.len() >= MAX_KNOWN {
            self.holders.clear();
        }
        self.holders.insert(socket, pid);
        Some(pid)
    }
}

fn table_text(name: &str) -> Option<String> {
    let (bytes, _) =
        files::read_start(&PathBuf::from(format!("/proc/net/{name}")), MAX_TABLE).ok()?;
    String::from_utf8(bytes).ok()
}

/// The number of the socket that has these ends: a connected one, else one that has the port.
fn socket(table: &str, from: (IpAddr, u16), to: (IpAddr, u16)) -> Option<u64> {
    let mut by_port = None;
    for line in table.lines().skip(1) {
        let mut words = line.split_whitespace().skip(1);
        let local = words.next().and_then(end);
        let remote = words.next().and_then(end);
        // state, queues, timer, retransmits, user, timeout
        let Some(number) = words.nth(6).and_then(|word| word.parse::<u64>().ok()) else {
            continue;
        };
        let Some(local) = local.filter(|local| local.1 == from.1 && number != 0) else {
            continue;
        };
        if remote == Some(to) && local.0 == from.0 {
            return Some(number);
        }
        // whoever asks only knows where a question came from
        if remote.is_none_or(|remote| remote.1 == 0) || to.1 == 0 {
            by_port = Some(number);
        }
    }
    by_port
}

/// `0100007F:0035`: words of the address in the machine's order.
fn end(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::with_capacity(16);
    for at in (0..address.len()).step_by(8) {
        let word = u32::from_str_radix(address.get(at..at + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let address = if let Ok(four) = <[u8; 4]>::try_from(&*bytes) {
        IpAddr::V4(Ipv4Addr::from(four))
    } else {
        IpAddr::from(<[u8; 16]>::try_from(&*bytes).ok()?).to_canonical()
    };
    Some((address, port))
}

fn holder(socket: u64) -> Option<u32> {
    let wanted = format!("socket:[{socket}]");
    // the youngest first: who just connected just began
    proc::all().into_iter().rev().find(|pid| {
        let folder = PathBuf::from(format!("/proc/{pid}/fd"));
        files::list(&folder)
            .unwrap_or_default()
            .iter()
            .any(|name| proc::link(&folder.join(Path::new(name))).as_deref() == Some(&*wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:9C40 070200C0:01BB 02 00000001:00000000 01:00000064 00000000  1000        0 777 2
   1: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 888 2
";

    #[test]
    fn a_socket_is_found_by_both_ends_or_by_its_port() {
        let here = "127.0.0.1".parse().expect("an address");
        let there = "192.0.2.7".parse().expect("an address");
        assert_eq!(socket(TABLE, (here, 40_000), (there, 443)), Some(777));
        assert_eq!(socket(TABLE, (here, 40_000), (there, 80)), None);
        assert_eq!(socket(TABLE, (here, 5353), (there, 53)), Some(888));
    }
}
