//! Numbers as texts, and powers.

use super::expression::integer_of;
use super::value::Val;

/// `int(text, radix)`
pub(super) fn parse_int(text: &str, radix: Option<i128>) -> Option<Val> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let written = match radix {
        None | Some(10) => {
            if !digits.bytes().all(|b| b.is_ascii_digit() || b == b'_') || digits.is_empty() {
                return None;
            }
            digits.trim_start_matches('0').to_owned()
        }
        Some(16) => format!("0x{}", digits.trim_start_matches("0x")),
        Some(8) => format!("0o{}", digits.trim_start_matches("0o")),
        Some(2) => format!("0b{}", digits.trim_start_matches("0b")),
        Some(0) => digits.to_owned(),
        Some(radix) => {
            let radix = u32::try_from(radix).ok().filter(|r| (2..=36).contains(r))?;
            return i128::from_str_radix(digits, radix)
                .ok()
                .map(|i| Val::Int(sign * i));
        }
    };
    let written = if written.is_empty() {
        "0".to_owned()
    } else {
        written
    };
    match integer_of(&written) {
        Val::Int(i) => Some(Val::Int(sign * i)),
        Val::Big(bytes) if sign == 1 => Some(Val::Big(bytes)),
        _ => None,
    }
}

/// `pow(a, b, m)`
pub(super) fn power(a: i128, b: i128, m: i128) -> Option<i128> {
    if !(1..1 << 62).contains(&m) || b < 0 {
        return None;
    }
    let (mut base, mut exponent, mut result) = (a.rem_euclid(m), b, 1 % m);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % m;
        }
        base = base * base % m;
        exponent >>= 1;
    }
    Some(result)
}
