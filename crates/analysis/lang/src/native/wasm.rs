//! WebAssembly: what a module imports from its host.

use foretaste_model::facts::{BinaryFacts, BinaryFormat};

use super::{blank, symbols};

/// Imports that are looked at.
const MAX_IMPORTS: u32 = 20_000;

const IMPORT_SECTION: u8 = 2;
const CODE_SECTION: u8 = 10;
const START_SECTION: u8 = 8;

/// A reader that never goes past the end.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// An unsigned LEB128 number of at most 32 bits.
    fn number(&mut self) -> Option<u32> {
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(value).ok();
            }
        }
        None
    }

    fn take(&mut self, length: u32) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length as usize)?;
        let slice = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(slice)
    }

    fn name(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 != 0 {
            self.number()?;
        }
        Some(())
    }
}

/// Reads the sections of a module. Imported modules are the libraries, imported functions the symbols.
pub(super) fn read(bytes: &[u8]) -> Result<BinaryFacts, String> {
    let mut facts = blank(BinaryFormat::Wasm);
    facts.architecture = "wasm32".into();
    let mut reader = Reader { bytes, at: 8 };
    while reader.at < bytes.len() {
        let section = (|| {
            let kind = reader.byte()?;
            let size = reader.number()?;
            Some((kind, reader.take(size)?))
        })();
        let Some((kind, content)) = section else {
            return Err("a WebAssembly module that ends within a section".to_owned());
        };
        match kind {
            IMPORT_SECTION => {
                imports(content, &mut facts).ok_or("a malformed WebAssembly import section")?;
            }
            CODE_SECTION => facts.code_entropy = crate::text::entropy(content),
            START_SECTION => facts.executable = true,
            _ => {}
        }
    }
    Ok(facts)
}

fn imports(content: &[u8], facts: &mut BinaryFacts) -> Option<()> {
    let mut reader = Reader {
        bytes: content,
        at: 0,
    };
    let mut symbols = Vec::new();
    for _ in 0..reader.number()?.min(MAX_IMPORTS) {
        let module = reader.name()?;
        let name = reader.name()?;
        match reader.byte()? {
            0 => {
                reader.number()?;
                symbols.push(name);
            }
            1 => {
                reader.byte()?;
                reader.limits()?;
            }
            2 => reader.limits()?,
            3 => {
                reader.byte()?;
                reader.byte()?;
            }
            4 => {
                reader.byte()?;
                reader.number()?;
            }
            _ => return None,
        }
        if !facts.libraries.iter().any(|l| **l == *module) && facts.libraries.len() < 256 {
            facts
                .libraries
                .push(module.chars().take(200).collect::<String>().into());
        }
    }
    facts.symbols = symbols::telling(symbols.into_iter());
    Some(())
}
