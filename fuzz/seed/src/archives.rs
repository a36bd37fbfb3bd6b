//! Starting points for `unpack`.

use foretaste_hostile_archives::{corpus, honest};

pub fn seeds() -> Vec<Vec<u8>> {
    let mut cases = honest();
    cases.extend(corpus(1 << 16));
    let mut seeds = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        for choice in [number as u8 & 0x7F, 0x80 | number as u8] {
            let bytes = [&[choice], &case.bytes[..]].concat();
            if bytes.len() < 1 << 17 {
                seeds.push(bytes);
            }
        }
    }
    seeds
}
