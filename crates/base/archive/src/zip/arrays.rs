//! Archives of arrays (`.npz`): numbers, often of enormous size when unpacked, and no code.

use memchr::memmem;

use super::{CENTRAL, LOCAL, Signature, starts};
use crate::tar;

/// True if every header anywhere in a zip, listed or not, is that of an array (`.npy`), so that no reading of it gives
/// anything else. Headers that stand in compressed data by chance have no such names: then the archive is opened. So is
/// what only holds such a zip: a tar, or a compressed file with one behind it.
pub(crate) fn only_arrays(bytes: &[u8]) -> bool {
    if tar::is_header(bytes) || !starts(bytes) {
        return false;
    }
    // where a header keeps the length of its name, and where the name begins
    let all = |signature: Signature, length: usize, name: usize| {
        let mut seen = false;
        memmem::find_iter(bytes, &signature).all(|at| {
            seen = true;
            let field = |offset: usize| bytes.get(at + offset).copied().map(usize::from);
            let (Some(low), Some(high)) = (field(length), field(length + 1)) else {
                return false;
            };
            bytes
                .get(at + name..at + name + (low | high << 8))
                .is_some_and(|n| n.ends_with(b".npy"))
        }) && seen
    };
    all(LOCAL, 26, 30) && all(CENTRAL, 28, 46)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip(local: &str, central: &str) -> Vec<u8> {
        let mut bytes = LOCAL.to_vec();
        bytes.extend([0; 22]);
        bytes.extend((local.len() as u16).to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend(local.as_bytes());
        bytes.extend(CENTRAL);
        bytes.extend([0; 24]);
        bytes.extend((central.len() as u16).to_le_bytes());
        bytes.extend([0; 16]);
        bytes.extend(central.as_bytes());
        bytes
    }

    #[test]
    fn one_other_name_anywhere_opens_the_archive() {
        assert!(only_arrays(&zip("a.npy", "a.npy")));
        assert!(!only_arrays(&zip("a.npy", "a.py")));
        assert!(!only_arrays(&zip("a.py", "a.npy")));
        assert!(!only_arrays(&LOCAL));
        assert!(!only_arrays(b""));
        let mut hidden = zip("a.npy", "a.npy");
        hidden.extend(zip("run.py", "a.npy"));
        assert!(!only_arrays(&hidden));
        let behind = [b"\x1f\x8b\x08", &*zip("a.npy", "a.npy")].concat();
        assert!(!only_arrays(&behind));
    }
}
