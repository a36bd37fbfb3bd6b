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
    const PART: usize = 512;
    if address == 0 {
        return None;
    }
    let mut all = Vec::new();
    let mut address = address;
    let mut buffer = [0; PART];
    while all.len() < MAX_TEXT {
        let to_page = PAGE - (address as usize & (PAGE - 1));
        let length = read(pid, address, buffer.get_mut(..to_page.min(PART))?)?;
        let part = buffer.get(..length)?;
        if let Some(end) = memchr::memchr(0, part) {
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
    let texts = pointers(pid, address).into_iter();
    texts.map_while(|pointer| text(pid, pointer)).collect()
}

/// Reads an array of addresses that ends with a null, many at once.
fn pointers(pid: u32, address: u64) -> Vec<u64> {
    let mut all = Vec::new();
    let mut address = address;
    let mut buffer = [0; 512];
    while address != 0 && all.len() < MAX_ARGUMENTS {
        let to_page = PAGE - (address as usize & (PAGE - 1));
        let part = buffer.get_mut(..to_page.min(512)).unwrap_or_default();
        let Some(length) = read(pid, address, part).filter(|length| *length >= 8) else {
            break;
        };
        let (numbers, _) = buffer.get(..length).unwrap_or(&[]).as_chunks::<8>();
        for number in numbers {
            match u64::from_ne_bytes(*number) {
                0 => return all,
                pointer => all.push(pointer),
            }
        }
        address += numbers.len() as u64 * 8;
    }
    all.truncate(MAX_ARGUMENTS);
    all
}

/// Reads a number of 64 bits.
pub(super) fn number(pid: u32, address: u64) -> Option<u64> {
    let mut bytes = [0; 8];
    (read(pid, address, &mut bytes)? == 8).then(|| u64::from_ne_bytes(bytes))
}
