//! Decoders, operators and unbound methods by their names.

use foretaste_observe::decode;
use ruff_python_ast::Operator;

use super::builtin::int;
use super::call::Keywords;
use super::value::{HIDDEN, Val};
use super::{Eval, Evaluator};

/// What a decoder of the library undoes.
pub(super) fn decoder_step(name: &str) -> Option<&'static str> {
    Some(match name {
        "base64.b64decode"
        | "base64.standard_b64decode"
        | "base64.urlsafe_b64decode"
        | "base64.decodebytes"
        | "base64.decodestring"
        | "binascii.a2b_base64"
        | "pybase64.b64decode" => "base64",
        "base64.b32decode" | "base64.b32hexdecode" => "base32",
        "base64.b16decode" | "binascii.unhexlify" | "binascii.a2b_hex" => "hex",
        "base64.b85decode" | "base64.z85decode" => "base85",
        "base64.a85decode" => "ascii85",
        "zlib.decompress" | "zlib.decompressobj.decompress" => "zlib",
        "gzip.decompress" => "gzip",
        "bz2.decompress" | "bz2.BZ2Decompressor.decompress" => "bz2",
        "lzma.decompress" | "lzma.LZMADecompressor.decompress" => "lzma",
        "binascii.a2b_uu" => "uu",
        "quopri.decodestring" | "binascii.a2b_qp" => "quoted-printable",
        "urllib.parse.unquote"
        | "urllib.parse.unquote_plus"
        | "urllib.unquote"
        | "urllib.parse.unquote_to_bytes" => "percent",
        "html.unescape" => "escapes",
        _ => return None,
    })
}

/// What a codec undoes, if it is more than a character set.
pub(super) fn codec_step(codec: &str) -> Option<&'static str> {
    let codec = codec.replace('-', "_");
    Some(match codec.strip_suffix("_codec").unwrap_or(&codec) {
        "rot13" | "rot_13" => "rot13",
        "hex" => "hex",
        "base64" => "base64",
        "zlib" | "zip" => "zlib",
        "bz2" => "bz2",
        "uu" => "uu",
        "quopri" | "quoted_printable" => "quoted-printable",
        "unicode_escape" | "raw_unicode_escape" | "string_escape" => "escapes",
        _ => return None,
    })
}

/// The bytes, or the text as UTF-8, that a codec makes of bytes.
pub(super) fn codec(codec: &str, data: &[u8]) -> Option<Vec<u8>> {
    let name = codec.replace('-', "_");
    match name.strip_suffix("_codec").unwrap_or(&name) {
        "bz2" => decode::bunzip2(data),
        "uu" => decode::uu(data),
        "utf_16_be" | "utf_16be" => {
            let units: Vec<u16> = data
                .chunks_exact(2)
                .filter_map(|c| c.try_into().ok())
                .map(u16::from_be_bytes)
                .collect();
            Some(String::from_utf16_lossy(&units).into_bytes())
        }
        "quopri" | "quoted_printable" => Some(quoted_printable(data)),
        _ => crate::interpreter::codec_decode(codec, data, false),
    }
}

fn quoted_printable(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut rest = data;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'=' {
            out.push(*first);
            continue;
        }
        if let [b'\n', tail @ ..] | [b'\r', b'\n', tail @ ..] = rest {
            rest = tail;
        } else if let Some(byte) = rest.get(..2).and_then(decode::hex) {
            out.extend(byte);
            rest = rest.get(2..).unwrap_or(&[]);
        } else {
            out.push(b'=');
        }
    }
    out
}

impl Evaluator {
    pub(super) fn decode_data(
        &mut self,
        name: &str,
        step: &str,
        data: &[u8],
        args: &[Val],
    ) -> Eval {
        let made = match step {
            "base64" => decode::base64(data),
            "base32" => decode::base32(data),
            "hex" => decode::hex(data),
            "base85" => decode::base85(data),
            "ascii85" => decode::ascii85(data),
            "zlib" | "gzip" => decode::inflate(data),
            "bz2" => decode::bunzip2(data),
            "lzma" => decode::unlzma(data),
            "uu" => decode::uu(data),
            "quoted-printable" => Some(quoted_printable(data)),
            "percent" => Some(decode::percent(data)),
            _ => None,
        };
        let Some(made) = made else {
            let trace = args.iter().fold(0, |t, a| t | a.trace());
            return Ok(Val::Unknown(if data.len() >= 200 {
                trace | HIDDEN
            } else {
                trace
            }));
        };
        self.afford(made.len())?;
        if step == "percent" && !name.ends_with("bytes") {
            return Ok(Val::str(String::from_utf8_lossy(&made).into_owned()));
        }
        Ok(Val::bytes(made))
    }

    /// `str.join("", x)` and the constructors that hang on types.
    pub(super) fn call_unbound(
        &mut self,
        class: &str,
        method: &str,
        args: &[Val],
        keywords: &Keywords,
    ) -> Eval<Option<Val>> {
        Ok(Some(match (class, method, args) {
            ("bytes" | "bytearray", "fromhex", [Val::Str(text), ..]) => {
                match decode::hex(text.text.as_bytes()) {
                    Some(bytes) => {
                        self.trail("hex");
                        Val::bytes(bytes)
                    }
                    None => return self.raise("ValueError"),
                }
            }
            ("str" | "bytes", "maketrans", args) => self.make_translation(args)?,
            ("int", "from_bytes", [Val::Bytes(bytes), rest @ ..]) => {
                let little = rest
                    .first()
                    .or_else(|| super::builtin::keyword(keywords, "byteorder"))
                    .and_then(Val::as_str)
                    == Some("little");
                let mut bytes = bytes.to_vec();
                if little {
                    bytes.reverse();
                }
                let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
                let bytes = bytes.get(start..).unwrap_or(&[]);
                if bytes.len() < 16 {
                    Val::Int(bytes.iter().fold(0, |n, b| n << 8 | i128::from(*b)))
                } else {
                    Val::Big(bytes.into())
                }
            }
            ("dict", "fromkeys", [items, rest @ ..]) => {
                let Some(items) = self.iterate(items)? else {
                    return Ok(None);
                };
                let mut dict = super::value::Dict::default();
                for item in items {
                    dict.set(item, rest.first().cloned().unwrap_or(Val::None));
                }
                Val::Dict(std::rc::Rc::new(dict.into()))
            }
            (_, method, [base, rest @ ..]) => self.call_method(base, method, rest, keywords)?,
            _ => return Ok(None),
        }))
    }

    /// `operator.xor(a, b)` and relatives.
    pub(super) fn call_operator(&mut self, name: &str, args: &[Val]) -> Eval<Option<Val>> {
        let Some(name) = name.strip_prefix("operator.") else {
            return Ok(None);
        };
        let op = match name.trim_matches('_') {
            "add" | "concat" | "iadd" => Operator::Add,
            "sub" => Operator::Sub,
            "mul" => Operator::Mult,
            "mod" => Operator::Mod,
            "xor" => Operator::BitXor,
            "and" => Operator::BitAnd,
            "or" => Operator::BitOr,
            "lshift" => Operator::LShift,
            "rshift" => Operator::RShift,
            "floordiv" => Operator::FloorDiv,
            "pow" => Operator::Pow,
            "getitem" => {
                return match args {
                    [base, key] => self.item(base, key).map(Some),
                    _ => Ok(None),
                };
            }
            "length_hint" => {
                return Ok(match args.first() {
                    Some(value) => self.iterate(value)?.map(|i| int(i.len())),
                    None => None,
                });
            }
            _ => return Ok(None),
        };
        match args {
            [a, b] => self.binary(op, a, b).map(Some),
            _ => Ok(None),
        }
    }
}
