//! Names in zip archives: UTF-8, or code page 437 as DOS had it.

/// Code page 437 from 0x80 on.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The flag that says UTF-8.
const UTF8: u16 = 1 << 11;

/// The text of a name. Many tools write UTF-8 without saying so.
pub(super) fn decode(raw: &[u8], flags: u16) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) if flags & UTF8 != 0 => String::from_utf8_lossy(raw).into_owned(),
        Err(_) => raw
            .iter()
            .map(|byte| match byte.checked_sub(0x80) {
                None => char::from(*byte),
                Some(high) => CP437
                    .chars()
                    .nth(high.into())
                    .unwrap_or(char::REPLACEMENT_CHARACTER),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_as_written() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(decode("ü.txt".as_bytes(), 0), "ü.txt");
        assert_eq!(decode(b"\x81.txt", 0), "ü.txt");
        assert_eq!(decode(b"\x81.txt", UTF8), "\u{FFFD}.txt");
        assert_eq!(decode(b"\xFF", 0), "\u{a0}");
    }
}
