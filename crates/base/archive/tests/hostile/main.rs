//! Hostile archives, honest ones that look odd, and archives broken at random: none may crash, hang, grow without
//! bound, hide its content, or be accused without reason.

mod corpus;
mod limits;
mod mutation;
mod streaming;

use std::time::Duration;

use foretaste_model::Limits;

/// Bytes that the bombs of these tests unpack to.
const BOMB_BYTES: usize = 4 << 20;

/// The usual limits in small, so that bombs go off in debug builds too.
fn limits() -> Limits {
    Limits {
        unpacked_bytes: 16 << 20,
        member_bytes: 8 << 20,
        ratio: 100,
        ratio_floor: 1 << 20,
        entries: 2000,
        unpack_time: Duration::from_secs(10),
        ..Limits::default()
    }
}
