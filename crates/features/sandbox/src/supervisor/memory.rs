//! Reading the memory of a process that waits for an answer. What comes out is hostile and may be half of something.

use std::io::IoSliceMut;

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

/// The size of a page, beyond which memory may end.
const PAGE: usize = 4096;
/// The longest text that is read.
const MAX_TEXT: usize = 4096;
/// The most arguments that are read.
const MAX_ARGUMENTS: usize = 256;

/// Reads `buffer.len()` bytes, or as many as there are.
pub(super) fn read(pid: u32, address: u64, buffer: &mut [u8]) -> Option<usize> {
    let remote = RemoteIoVec {
        base: usize::try_from(address).ok()?,
        len: buffer.len(),
    };
    process_vm_readv(
        Pid::from_raw(pid.cast_signed()),
        &mut [IoSliceMut::new(buffer)],
        &[remote],
    )
    .ok()
}

/// Reads bytes up to a null.
pub(super) fn text(pid: u32, address: u64) -> Option<Vec<u8>> {
    if address == 0 {
        return None;
    }
    let mut all = Vec::new();
    let mut address = address;
    while all.len() < MAX_TEXT {
        let to_page = PAGE - (address as usize & (PAGE - 1));
        let mut part = vec![0; to_page.min(512)];
        let length = read(pid, address, &mut part)?;
        let part = part.get(..length)?;
        if let Some(end) = part.iter().position(|byte| *byte == 0) {
            all.extend_from_slice(part.get(..end)?);
            return Some(all);
        }
        if part.is_empty() {
            return None;
        }
        all.extend_from_slice(part);
        address += length as u64;
    }
    Some(all)
}

/// Reads an array of texts that ends with a null.
pub(super) fn texts(pid: u32, address: u64) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while address != 0 && all.len() < MAX_ARGUMENTS {
        let Some(pointer) =
            number(pid, address + 8 * all.len() as u64).filter(|pointer| *pointer != 0)
        else {
            break;
        };
        let Some(text) = text(pid, pointer) else {
            break;
        };
        all.push(text);
    }
    all
}

/// Reads a number of 64 bits.
pub(super) fn number(pid: u32, address: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    (read(pid, address, &mut bytes)? == 8).then(|| u64::from_ne_bytes(bytes))
}
