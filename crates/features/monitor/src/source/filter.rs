//! The filter that the kernel applies to the wire before a packet is copied: classic BPF, assembled from labelled steps.

use socket2::SockFilter;

const LD_WORD: u16 = 0x20;
const LD_HALF: u16 = 0x28;
const LD_BYTE: u16 = 0x30;
/// Half word and byte behind the header of IPv4, whose length is in X.
const LD_HALF_X: u16 = 0x48;
const LD_BYTE_X: u16 = 0x50;
/// X = 4 * (low half of a byte)
const LDX_HEADER: u16 = 0xb1;
const AND: u16 = 0x54;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_BITS: u16 = 0x45;
const RETURN: u16 = 0x06;

/// Where the kernel shows the protocol and the direction of a packet.
const PROTOCOL: u32 = 0xffff_f000;
const DIRECTION: u32 = 0xffff_f004;
/// `PACKET_OUTGOING`
const OUTGOING: u32 = 4;

enum Step {
    Label(&'static str),
    Do(u16, u32),
    /// Goes to one label if it holds, to the next step otherwise.
    If(u16, u32, &'static str),
    /// Goes to a label always.
    Else(&'static str),
}

/// Lets through what begins a TCP connection from here, name service in both directions and over both protocols,
/// other protocols from here and, if wanted, every datagram from here.
pub(super) fn program(datagrams: bool) -> Vec<SockFilter> {
    assemble(&steps(datagrams))
}

fn steps(datagrams: bool) -> Vec<Step> {
    use Step::{Do, Else, If, Label};
    let other_datagrams = if datagrams { "from-here" } else { "drop" };
    vec![
        Do(LD_WORD, PROTOCOL),
        If(JUMP_EQUAL, 0x0800, "four"),
        If(JUMP_EQUAL, 0x86dd, "six"),
        Else("drop"),
        Label("four"),
        Do(LD_HALF, 6),
        // a fragment behind the first has no ports
        If(JUMP_BITS, 0x1fff, "drop"),
        Do(LDX_HEADER, 0),
        Do(LD_BYTE, 9),
        If(JUMP_EQUAL, 6, "four-tcp"),
        If(JUMP_EQUAL, 17, "four-ports"),
        Else("from-here"),
        Label("four-tcp"),
        Do(LD_BYTE_X, 13),
        Do(AND, 0x12),
        If(JUMP_EQUAL, 0x02, "from-here"),
        Do(LD_HALF_X, 0),
        If(JUMP_EQUAL, 53, "keep"),
        Do(LD_HALF_X, 2),
        If(JUMP_EQUAL, 53, "keep"),
        Else("drop"),
        Label("four-ports"),
        Do(LD_HALF_X, 0),
        If(JUMP_EQUAL, 53, "keep"),
        Do(LD_HALF_X, 2),
        If(JUMP_EQUAL, 53, "keep"),
        Else(other_datagrams),
        Label("six"),
        Do(LD_BYTE, 6),
        If(JUMP_EQUAL, 6, "six-tcp"),
        If(JUMP_EQUAL, 17, "six-ports"),
        // the neighbours of a machine talk all the time
        If(JUMP_EQUAL, 58, "drop"),
        If(JUMP_EQUAL, 0, "drop"),
        Else("from-here"),
        Label("six-tcp"),
        Do(LD_BYTE, 53),
        Do(AND, 0x12),
        If(JUMP_EQUAL, 0x02, "from-here"),
        Do(LD_HALF, 40),
        If(JUMP_EQUAL, 53, "keep"),
        Do(LD_HALF, 42),
        If(JUMP_EQUAL, 53, "keep"),
        Else("drop"),
        Label("six-ports"),
        Do(LD_HALF, 40),
        If(JUMP_EQUAL, 53, "keep"),
        Do(LD_HALF, 42),
        If(JUMP_EQUAL, 53, "keep"),
        Else(other_datagrams),
        Label("from-here"),
        Do(LD_WORD, DIRECTION),
        If(JUMP_EQUAL, OUTGOING, "keep"),
        Else("drop"),
        Label("drop"),
        Do(RETURN, 0),
        Label("keep"),
        Do(RETURN, 0xffff),
    ]
}

fn assemble(steps: &[Step]) -> Vec<SockFilter> {
    let mut places = Vec::new();
    let mut place = 0_u32;
    for step in steps {
        match step {
            Step::Label(name) => places.push((*name, place)),
            _ => place += 1,
        }
    }
    let to = |label: &str, from: u32| {
        let at = places.iter().find(|(name, _)| *name == label);
        // labels are constants above; a test looks for each of both programs
        at.map_or(0, |(_, at)| at - from - 1)
    };
    let mut code = Vec::new();
    for step in steps {
        let here = code.len() as u32;
        code.push(match step {
            Step::Label(_) => continue,
            Step::Do(operation, value) => SockFilter::new(*operation, 0, 0, *value),
            Step::If(operation, value, label) => {
                SockFilter::new(*operation, to(label, here) as u8, 0, *value)
            }
            Step::Else(label) => SockFilter::new(0x05, 0, 0, to(label, here)),
        });
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel takes jumps forwards alone, those that hang on something over 255 instructions at most.
    #[test]
    fn every_jump_of_both_programs_leads_forwards_to_a_label() {
        for datagrams in [false, true] {
            let steps = steps(datagrams);
            let mut places = Vec::new();
            let mut length = 0_u32;
            for step in &steps {
                match step {
                    Step::Label(name) => places.push((*name, length)),
                    _ => length += 1,
                }
            }
            let mut here = 0_u32;
            for step in &steps {
                let (label, most) = match step {
                    Step::Label(_) => continue,
                    Step::Do(..) => {
                        here += 1;
                        continue;
                    }
                    Step::If(_, _, label) => (*label, 255),
                    Step::Else(label) => (*label, length),
                };
                here += 1;
                let found: Vec<u32> = places
                    .iter()
                    .filter(|(name, _)| *name == label)
                    .map(|(_, place)| *place)
                    .collect();
                let [place] = *found else {
                    panic!("{} places are called {label}", found.len());
                };
                assert!(
                    place < length && place.checked_sub(here).is_some_and(|over| over <= most),
                    "{label}"
                );
            }
            assert!(matches!(steps.last(), Some(Step::Do(RETURN, _))));
            assert_eq!(program(datagrams).len(), length as usize);
        }
    }
}
