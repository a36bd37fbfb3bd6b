//! The two encodings of string tables.

/// Base64 with the small letters first, of UTF-8.
pub(super) fn swapped_base64(text: &str) -> Option<String> {
    let swapped: Vec<u8> = text
        .bytes()
        .map(|b| {
            if b.is_ascii_lowercase() {
                b.to_ascii_uppercase()
            } else {
                b.to_ascii_lowercase()
            }
        })
        .collect();
    String::from_utf8(foretaste_observe::decode::base64(&swapped)?).ok()
}

/// RC4 over characters, as the obfuscator has it.
pub(super) fn rc4(text: &str, key: &str) -> Option<String> {
    let key: Vec<u32> = key.chars().map(u32::from).collect();
    if key.is_empty() {
        return None;
    }
    let mut state: Vec<u32> = (0..256).collect();
    let mut j = 0_usize;
    for i in 0..256 {
        j = (j + state[i] as usize + key[i % key.len()] as usize) % 256;
        state.swap(i, j);
    }
    let (mut i, mut j) = (0_usize, 0_usize);
    text.chars()
        .map(|c| {
            i = (i + 1) % 256;
            j = (j + state[i] as usize) % 256;
            state.swap(i, j);
            char::from_u32(u32::from(c) ^ state[(state[i] + state[j]) as usize % 256])
        })
        .collect()
}
