//! Names and addresses in messages of the name service.

use std::net::IpAddr;

use hickory_proto::op::{Message, MessageType};
use hickory_proto::rr::RData;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Somebody asks.
    Question {
        /// For this name, in lower case without the root's dot.
        name: String,
        /// The type of record.
        kind: String,
    },
    /// A server answers.
    Answer {
        /// About this name.
        name: String,
        /// With these addresses.
        addresses: Vec<IpAddr>,
    },
}

/// Reads a message. None for what is none.
pub(crate) fn read(bytes: &[u8]) -> Option<Told> {
    let message = Message::from_vec(bytes).ok()?;
    let query = message.queries.first()?;
    let name = normal(&query.name.to_ascii());
    if message.metadata.message_type == MessageType::Query {
        return Some(Told::Question {
            name,
            kind: query.query_type.to_string(),
        });
    }
    let addresses = message
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })
        .collect();
    Some(Told::Answer { name, addresses })
}

/// Reads the first message of a TCP segment: its length stands before it.
pub(crate) fn read_segment(bytes: &[u8]) -> Option<Told> {
    let length: [u8; 2] = bytes.get(..2)?.try_into().ok()?;
    let length = usize::from(u16::from_be_bytes(length));
    read(bytes.get(2..2 + length)?)
}

/// Lower case, without the root's dot.
pub(crate) fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a.example`, type A, class IN; the answer points to the question's name and gives 192.0.2.7.
    const ANSWER: &[u8] = b"\0\x01\x81\x80\0\x01\0\x01\0\0\0\0\x01a\x07example\0\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x07";

    #[test]
    fn answers_over_udp_and_tcp_tell_name_and_addresses() {
        let told = Told::Answer {
            name: "a.example".to_owned(),
            addresses: vec!["192.0.2.7".parse().expect("an address")],
        };
        assert_eq!(read(ANSWER).as_ref(), Some(&told));
        let mut segment = (ANSWER.len() as u16).to_be_bytes().to_vec();
        segment.extend(ANSWER);
        assert_eq!(read_segment(&segment), Some(told));
        assert_eq!(read_segment(&segment[..20]), None);
    }
}
