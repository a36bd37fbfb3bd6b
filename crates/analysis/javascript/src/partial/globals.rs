//! What the language itself offers: characters, numbers, encodings.

use foretaste_observe::decode;

use super::Evaluation;
use super::value::{Text, Unknown, Val, to_int};

/// Globals and their members that are known.
const NAMES: &[&str] = &[
    "String",
    "String.fromCharCode",
    "String.fromCodePoint",
    "Number",
    "parseInt",
    "parseFloat",
    "Number.parseInt",
    "Math",
    "Math.floor",
    "Math.ceil",
    "Math.round",
    "Math.trunc",
    "Math.abs",
    "Math.min",
    "Math.max",
    "Math.pow",
    "Array",
    "Array.from",
    "Uint8Array",
    "Uint8Array.from",
    "Uint16Array",
    "Buffer",
    "Buffer.from",
    "atob",
    "unescape",
    "decodeURIComponent",
];

impl<'a> Evaluation<'a, '_> {
    /// A global by its name.
    pub(super) fn global(name: &str) -> Result<Val<'a>, Unknown> {
        match name {
            "undefined" => Ok(Val::Undefined),
            "NaN" => Ok(Val::Number(f64::NAN)),
            name if NAMES.contains(&name) => Ok(Val::Name(name.into())),
            _ => Err(Unknown),
        }
    }

    /// True for a function that looks at its first argument only.
    pub(super) fn takes_one(function: &Val<'a>) -> bool {
        matches!(function, Val::Name(name)
            if matches!(&**name, "String" | "Number" | "parseFloat" | "atob" | "unescape"))
    }

    pub(super) fn call_global(&mut self, name: &str, args: &[Val<'a>]) -> Result<Val<'a>, Unknown> {
        let first = args.first().cloned().unwrap_or(Val::Undefined);
        let number = |at: usize| args.get(at).unwrap_or(&Val::Undefined).number();
        Ok(match name {
            "String.fromCharCode" | "String.fromCodePoint" => {
                self.spend(args.len() / 4)?;
                let mut units = Vec::with_capacity(args.len());
                for arg in args {
                    let code = to_int(arg.number()?).cast_unsigned();
                    match char::from_u32(code).filter(|_| name.ends_with('t')) {
                        Some(c) => units.extend_from_slice(c.encode_utf16(&mut [0; 2])),
                        None => units.push(code as u16),
                    }
                }
                Val::Text(Text::unpacked(units))
            }
            "String" => Val::Text(first.as_text()?),
            "Number" | "parseFloat" => Val::Number(first.number()?),
            "parseInt" | "Number.parseInt" => {
                let radix = args.get(1).map_or(Ok(10.0), Val::number)?;
                Val::Number(leading(&first.as_text()?.to_utf8(), radix))
            }
            "Math.floor" => Val::Number(number(0)?.floor()),
            "Math.ceil" => Val::Number(number(0)?.ceil()),
            "Math.round" => Val::Number((number(0)? + 0.5).floor()),
            "Math.trunc" => Val::Number(number(0)?.trunc()),
            "Math.abs" => Val::Number(number(0)?.abs()),
            "Math.min" => Val::Number(number(0)?.min(number(1)?)),
            "Math.max" => Val::Number(number(0)?.max(number(1)?)),
            "Math.pow" => Val::Number(number(0)?.powf(number(1)?)),
            "Array.from" | "Uint8Array.from" => {
                let items = self.elements(&first)?;
                match args.get(1) {
                    None => Val::list(items),
                    Some(function) => {
                        let list = Val::list(items);
                        self.method(&list, "map", vec![function.clone()])?
                    }
                }
            }
            "Array" => self.make(name, args)?,
            "Buffer.from" => match &first {
                Val::Text(text) => {
                    let encoding = match args.get(1) {
                        Some(encoding) => encoding.as_text()?.to_utf8(),
                        None => String::new(),
                    };
                    let plain = text.to_utf8();
                    self.spend(plain.len() / 4)?;
                    let bytes = match &*encoding {
                        "base64" | "base64url" => {
                            decode::base64(plain.as_bytes()).ok_or(Unknown)?
                        }
                        "hex" => decode::hex(plain.as_bytes()).ok_or(Unknown)?,
                        "latin1" | "binary" => text.to_bytes().ok_or(Unknown)?,
                        "" | "utf8" | "utf-8" => plain.into_bytes(),
                        _ => return Err(Unknown),
                    };
                    Val::buffer(&bytes)
                }
                list => {
                    let mut bytes = Vec::new();
                    for item in self.elements(list)? {
                        bytes.push(to_int(item.number()?).cast_unsigned() as u8);
                    }
                    Val::buffer(&bytes)
                }
            },
            "atob" => {
                let text = first.as_text()?.to_utf8();
                self.spend(text.len() / 8)?;
                let bytes = decode::base64(text.as_bytes()).ok_or(Unknown)?;
                let units = bytes.into_iter().map(u16::from).collect();
                Val::Text(Text::unpacked(units))
            }
            "unescape" | "decodeURIComponent" => {
                let text = first.as_text()?;
                let plain = text.to_utf8();
                if plain.contains("%u") || !plain.is_ascii() {
                    return Err(Unknown);
                }
                self.spend(plain.len() / 8)?;
                let bytes = decode::percent(plain.as_bytes());
                if name == "unescape" {
                    let units = bytes.into_iter().map(u16::from).collect();
                    Val::Text(Text::of_units(units, text.decoded))
                } else {
                    let plain = String::from_utf8(bytes).map_err(|_| Unknown)?;
                    Val::Text(Text::new(&plain, text.decoded))
                }
            }
            _ => return Err(Unknown),
        })
    }

    /// `new Uint8Array([…])`, `new Array(3)`.
    pub(super) fn make(&mut self, name: &str, args: &[Val<'a>]) -> Result<Val<'a>, Unknown> {
        match (name, args) {
            ("Array" | "Uint8Array" | "Uint16Array", [Val::Number(length)])
                if (0.0..1e5).contains(length) =>
            {
                let filling = if name == "Array" {
                    Val::Undefined
                } else {
                    Val::Number(0.0)
                };
                self.spend(*length as usize)?;
                Ok(Val::list(vec![filling; *length as usize]))
            }
            ("Uint8Array" | "Uint16Array", [list @ Val::List(_)]) => {
                Ok(Val::list(self.elements(list)?))
            }
            ("Array", []) => Ok(Val::list(Vec::new())),
            _ => Err(Unknown),
        }
    }
}

/// The whole number at the beginning of a text.
fn leading(text: &str, radix: f64) -> f64 {
    let radix = if (2.0..=36.0).contains(&radix) {
        radix as u32
    } else {
        10
    };
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let (radix, text) = match text.strip_prefix("0x") {
        Some(rest) if radix == 10 || radix == 16 => (16, rest),
        _ => (radix, text),
    };
    let digits = text.chars().map_while(|c| c.to_digit(radix));
    let mut value = None;
    for digit in digits {
        value = Some(value.unwrap_or(0.0) * f64::from(radix) + f64::from(digit));
    }
    value.map_or(f64::NAN, |value: f64| sign * value)
}
