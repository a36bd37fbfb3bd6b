//! Java class files: the constant pool names every method that a class calls and every string it contains
//! (<https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html>).

use foretaste_model::Limits;
use foretaste_model::facts::{
    FileFacts, FunctionKind, Language, ParseOutcome, ProblemKind, Resolution, UseKind,
};
use foretaste_observe::{Budget, FactsBuilder, UseSite};

#[expect(unused_imports, reason = "its methods have no arguments with roles")]
mod table {
    include!(concat!(env!("OUT_DIR"), "/jvm.rs"));
}

/// Constants of a class that matter.
enum Constant<'a> {
    Text(&'a [u8]),
    Class(u16),
    String(u16),
    Member(u16, u16),
    NameAndType(u16),
    Other,
}

/// Reads a class file. Places are those of a file of bytes: line 1 and the offset of the constant.
pub(crate) fn observe(bytes: &[u8], limits: &Limits) -> FileFacts {
    // constants have no lines; the builder needs a text for its places only
    let mut facts = FactsBuilder::new(Language::Bytecode, "");
    facts.function("<module>", FunctionKind::Module, (0, 0), None);
    let mut budget = Budget::for_file(bytes.len(), limits);
    let (pool, complete) = pool(bytes, &mut budget);
    if !complete {
        facts.set_outcome(ParseOutcome::Fallback);
        facts.problem(
            ProblemKind::Malformed,
            None,
            "the constant pool of the class is broken; its beginning was read",
        );
    }
    let text = |at: u16| match pool.get(usize::from(at)) {
        Some((Constant::Text(text), _)) => std::str::from_utf8(text).ok(),
        _ => None,
    };
    for (constant, offset) in &pool {
        if !budget.step() {
            facts.problem(
                ProblemKind::Budget,
                None,
                "too many constants; the first ones were gone through",
            );
            break;
        }
        match constant {
            Constant::String(at) => {
                if let Some(value) = text(*at) {
                    facts.literal(value, (*offset, *offset), 0);
                }
            }
            Constant::Member(class, name_and_type) => {
                let class = match pool.get(usize::from(*class)) {
                    Some((Constant::Class(at), _)) => text(*at),
                    _ => None,
                };
                let name = match pool.get(usize::from(*name_and_type)) {
                    Some((Constant::NameAndType(at), _)) => text(*at),
                    _ => None,
                };
                let (Some(class), Some(name)) = (class, name) else {
                    continue;
                };
                let name = if name == "<init>" { "new" } else { name };
                let api = format!("{}.{name}", class.replace('/', "."));
                if let Some(entry) = table::TABLE.get(&api) {
                    let site = UseSite {
                        api: entry.api,
                        range: (*offset, *offset),
                        function: 0,
                        resolution: Resolution::Direct,
                        kind: UseKind::Call,
                    };
                    facts.uses(site, entry.capabilities, Vec::new);
                }
            }
            _ => {}
        }
    }
    facts.finish()
}

/// The constants with their offsets, and whether all could be read.
fn pool<'a>(bytes: &'a [u8], budget: &mut Budget) -> (Vec<(Constant<'a>, u32)>, bool) {
    let mut pool = vec![(Constant::Other, 0)];
    let number = |at: usize| {
        bytes
            .get(at..at + 2)
            .and_then(|b| b.first_chunk::<2>())
            .map(|b| u16::from_be_bytes(*b))
    };
    let Some(count) = number(8) else {
        return (pool, false);
    };
    let mut at = 10;
    while pool.len() < usize::from(count) {
        let Some(tag) = bytes.get(at) else {
            return (pool, false);
        };
        if !budget.step() {
            return (pool, false);
        }
        let offset = at as u32;
        let mut wide = false;
        let (constant, length) = match tag {
            1 => {
                let Some(length) = number(at + 1) else {
                    return (pool, false);
                };
                let Some(text) = bytes.get(at + 3..at + 3 + usize::from(length)) else {
                    return (pool, false);
                };
                (Constant::Text(text), 3 + usize::from(length))
            }
            3 | 4 | 17 | 18 => (Constant::Other, 5),
            5 | 6 => {
                wide = true;
                (Constant::Other, 9)
            }
            7 => (Constant::Class(number(at + 1).unwrap_or(0)), 3),
            8 => (Constant::String(number(at + 1).unwrap_or(0)), 3),
            9..=11 => (
                Constant::Member(number(at + 1).unwrap_or(0), number(at + 3).unwrap_or(0)),
                5,
            ),
            12 => (Constant::NameAndType(number(at + 1).unwrap_or(0)), 5),
            15 => (Constant::Other, 4),
            16 | 19 | 20 => (Constant::Other, 3),
            _ => return (pool, false),
        };
        at += length;
        pool.push((constant, offset));
        if wide {
            // numbers of eight bytes take two places
            pool.push((Constant::Other, offset));
        }
    }
    (pool, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A class whose pool holds one call of a method and one string.
    fn class(owner: &str, method: &str, string: &str) -> Vec<u8> {
        let mut bytes = b"\xca\xfe\xba\xbe\0\0\0\x34\0\x0b".to_vec();
        let text = |text: &str| {
            let mut constant = vec![1];
            constant.extend((text.len() as u16).to_be_bytes());
            constant.extend(text.as_bytes());
            constant
        };
        let parts = [
            text(owner),
            vec![7, 0, 1],
            text(method),
            text("()V"),
            vec![12, 0, 3, 0, 4],
            vec![10, 0, 2, 0, 5],
            text(string),
            vec![8, 0, 7],
            vec![5, 0, 0, 0, 0, 0, 0, 0, 1],
        ];
        bytes.extend(parts.concat());
        bytes
    }

    #[test]
    fn calls_and_strings_are_found() {
        let bytes = class("java/lang/Runtime", "exec", "http://x.example.invalid/a");
        let facts = observe(&bytes, &Limits::default());
        assert_eq!(facts.problems, []);
        assert_eq!(&*facts.uses[0].api, "java.lang.Runtime.exec");
        assert_eq!(&*facts.literals[0].value, "http://x.example.invalid/a");
    }

    #[test]
    fn classes_cut_anywhere_and_with_any_byte_broken_are_survived() {
        let bytes = class("java/net/URL", "openStream", "x");
        for end in 0..bytes.len() {
            observe(&bytes[..end], &Limits::default());
        }
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = bytes.clone();
                broken[at] = value;
                observe(&broken, &Limits::default());
            }
        }
    }

    #[test]
    fn the_table_keeps_its_rules() {
        assert_eq!(
            foretaste_observe::table::complaints(&table::TABLE),
            Vec::<String>::new()
        );
        assert!(table::TABLE.entries.len() >= 150);
    }
}
