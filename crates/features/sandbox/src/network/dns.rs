//! The name server of the run. It never asks anybody: it knows which names may be used, and that is all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use foretaste_behaviour::{Access, Action};
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA};
use hickory_proto::rr::{RData, Record, RecordType};

use super::gatekeeper::Gatekeeper;
use crate::policy::file::Denied;
use crate::policy::hosts::normal;

/// Seconds for which an answer holds.
const TTL: u32 = 60;

/// Answers one question. `None` for what is none.
pub(super) fn answer(
    gatekeeper: &Gatekeeper,
    bytes: &[u8],
    resolver: SocketAddr,
    protocol: &str,
) -> Option<Vec<u8>> {
    let message = Message::from_vec(bytes).ok()?;
    let query = message.queries.first()?.clone();
    let name = normal(&query.name.to_ascii());
    let kind = query.query_type;
    // an address in the place of a name would be taken for a name that was allowed
    let is_allowed = name.parse::<IpAddr>().is_err()
        && (gatekeeper.learns()
            || gatekeeper
                .allowed()
                .iter()
                .any(|pattern| pattern.names(&name)));
    let mut response = Message::response(message.metadata.id, message.metadata.op_code);
    response.metadata.recursion_desired = message.metadata.recursion_desired;
    response.metadata.recursion_available = true;
    let trapped = !is_allowed
        && gatekeeper.denied() != Denied::Refuse
        && matches!(kind, RecordType::A | RecordType::AAAA);
    if name == "localhost" {
        let data = match kind {
            RecordType::A => Some(RData::A(A(Ipv4Addr::LOCALHOST))),
            RecordType::AAAA => Some(RData::AAAA(AAAA(Ipv6Addr::LOCALHOST))),
            _ => None,
        };
        response
            .answers
            .extend(data.map(|data| Record::from_rdata(query.name.clone(), TTL, data)));
    } else if is_allowed || trapped {
        // only addresses of the old kind are given out; a client that asks for others gets none and takes these
        let address = (kind == RecordType::A)
            .then(|| gatekeeper.address(&name))
            .flatten();
        let data = address.map(|address| RData::A(A(address)));
        response
            .answers
            .extend(data.map(|data| Record::from_rdata(query.name.clone(), TTL, data)));
    } else {
        response.metadata.response_code = ResponseCode::NXDomain;
    }
    response.add_query(query);
    note(
        gatekeeper,
        &name,
        kind,
        resolver,
        protocol,
        is_allowed || name == "localhost",
    );
    response.to_vec().ok()
}

fn note(
    gatekeeper: &Gatekeeper,
    name: &str,
    kind: RecordType,
    resolver: SocketAddr,
    protocol: &str,
    is_allowed: bool,
) {
    let process = gatekeeper.process(resolver.ip(), resolver.port());
    let resolver = if resolver.ip() == IpAddr::V4(crate::prepare::RESOLVER) {
        protocol.to_owned()
    } else {
        format!("{protocol} {}", resolver.ip())
    };
    gatekeeper.inspect_name(name, process);
    gatekeeper.add(
        process,
        Action::Name {
            name: name.to_owned(),
            kind: kind.to_string(),
            resolver,
            access: if is_allowed {
                Access::Allowed
            } else {
                Access::Denied
            },
            reason: (!is_allowed).then(|| "not a name that the policy allows".to_owned()),
        },
    );
}
