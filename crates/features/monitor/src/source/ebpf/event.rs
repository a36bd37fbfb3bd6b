//! The layout of events, as `bpf/monitor.bpf.c` writes them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::super::proc;
use crate::observation::{Connect, Observation, Started};

/// Bytes of a path.
const PATH: usize = 256;

/// Reads an event. Nothing for what is none.
pub(super) fn read(bytes: &[u8]) -> Option<Observation> {
    let pid = word(bytes, 4)?;
    Some(match word(bytes, 0)? {
        1 => exec(bytes, pid)?,
        2 => Observation::Fork {
            parent: word(bytes, 8)?,
            child: pid,
        },
        3 => Observation::Exit { pid },
        4 => connect(bytes, pid)?,
        5 => Observation::Read {
            pid,
            path: text(bytes.get(16..16 + PATH)?),
        },
        6 => Observation::Read {
            pid,
            path: format!("/proc/{}/mem", word(bytes, 16)?),
        },
        7 => Observation::RawSocket {
            pid,
            kind: if word(bytes, 16)? == 17 {
                "packet"
            } else {
                "raw"
            },
        },
        _ => return None,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..at + 4)?
        .try_into()
        .ok()
        .map(u32::from_ne_bytes)
}

fn text(bytes: &[u8]) -> String {
    let end = bytes
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn exec(bytes: &[u8], pid: u32) -> Option<Observation> {
    let length = word(bytes, 12)? as usize;
    let arguments = bytes.get(16 + PATH..)?;
    let arguments = arguments.get(..length).unwrap_or(arguments);
    let arguments = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    let mut program = text(bytes.get(16..16 + PATH)?);
    let directory = proc::directory(pid).unwrap_or_default();
    if !program.starts_with('/') {
        // as the process called it; while it lives the file is known
        program = proc::link(Path::new(&format!("/proc/{pid}/exe"))).unwrap_or(program);
    }
    Some(Observation::Exec(Started {
        pid,
        parent: word(bytes, 8)?,
        program,
        arguments: arguments
            .split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect(),
        directory,
        step: proc::step_of(pid),
    }))
}

fn connect(bytes: &[u8], pid: u32) -> Option<Observation> {
    let address: [u8; 16] = bytes.get(16..32)?.try_into().ok()?;
    let (port, rest) = (word(bytes, 32)?, bytes.get(36..40)?);
    let family = u16::from_ne_bytes([rest[0], rest[1]]);
    let address = if family == 2 {
        IpAddr::V4(Ipv4Addr::new(
            address[0], address[1], address[2], address[3],
        ))
    } else {
        IpAddr::V6(Ipv6Addr::from(address))
    };
    let is_led_to_server = rest[3] == 2;
    Some(Observation::Connect(Connect {
        pid: Some(pid),
        address,
        port: u16::try_from(port).ok()?,
        protocol: match rest[2] {
            6 => "tcp",
            17 => "udp",
            1 | 58 => "icmp",
            _ => "ip",
        },
        denied: rest[3] == 1,
        on_wire: false,
        redirected: is_led_to_server,
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(kind: u32, rest: &[u8]) -> Vec<u8> {
        let words = [kind, 77, 7, rest.len() as u32];
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        bytes.extend(rest);
        bytes
    }

    #[test]
    fn a_connection_is_read() {
        let mut rest = vec![0; 16];
        rest[..4].copy_from_slice(&[192, 0, 2, 1]);
        rest.extend(443_u32.to_ne_bytes());
        rest.extend(2_u16.to_ne_bytes());
        rest.extend([6, 1]);
        let Some(Observation::Connect(connect)) = read(&event(4, &rest)) else {
            panic!("no connection");
        };
        assert_eq!(connect.address.to_string(), "192.0.2.1");
        assert_eq!(
            (connect.port, connect.protocol, connect.denied),
            (443, "tcp", true)
        );
    }

    proptest! {
        #[test]
        fn no_event_breaks_it(kind in 0_u32..9, rest in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&event(kind, &rest));
        }
    }
}
