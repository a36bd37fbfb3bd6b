//! Mach-O: macOS, for one machine or several.

use foretaste_model::facts::{BinaryFacts, BinaryFormat};
use goblin::mach::constants::cputype::{
    CPU_TYPE_ARM, CPU_TYPE_ARM64, CPU_TYPE_X86, CPU_TYPE_X86_64, get_arch_name_from_types,
};
use goblin::mach::header::{MH_BUNDLE, MH_DYLIB, MH_EXECUTE, MH_OBJECT};
use goblin::mach::{Mach, MachO, MultiArch};

use super::{blank, entropy_of, overlay, packer, symbols};

/// Machines of one file that are looked at.
const MAX_ARCHITECTURES: usize = 8;

/// Reads the headers.
pub(super) fn read(bytes: &[u8]) -> Result<BinaryFacts, String> {
    let error = |e: goblin::error::Error| format!("not a readable Mach-O file: {e}");
    match Mach::parse(bytes).map_err(error)? {
        Mach::Binary(mach) => Ok(one(&mach, bytes)),
        Mach::Fat(fat) => several(&fat, bytes),
    }
}

fn several(fat: &MultiArch<'_>, bytes: &[u8]) -> Result<BinaryFacts, String> {
    let mut facts: Option<BinaryFacts> = None;
    let mut names = Vec::new();
    let mut end = 0;
    for arch in fat.iter_arches().take(MAX_ARCHITECTURES) {
        let arch = arch.map_err(|e| format!("not a readable Mach-O file: {e}"))?;
        end = end.max(u64::from(arch.offset) + u64::from(arch.size));
        let start = arch.offset as usize;
        let stop = start.saturating_add(arch.size as usize).min(bytes.len());
        let slice = bytes.get(start..stop).unwrap_or(&[]);
        let Ok(mach) = MachO::parse(slice, 0) else {
            continue;
        };
        let part = one(&mach, slice);
        names.push(part.architecture.to_string());
        facts = Some(match facts {
            None => part,
            Some(mut whole) => {
                whole.libraries.extend(part.libraries);
                whole.symbols.extend(part.symbols);
                whole.code_entropy = whole.code_entropy.max(part.code_entropy);
                whole.executable |= part.executable;
                whole.packer = whole.packer.or(part.packer);
                whole
            }
        });
    }
    let mut facts = facts.ok_or("no readable machine in the Mach-O file")?;
    facts.architecture = names.join("+").into();
    facts.overlay = overlay(bytes, end);
    Ok(facts)
}

fn one(mach: &MachO<'_>, bytes: &[u8]) -> BinaryFacts {
    let mut facts = blank(BinaryFormat::MachO);
    let name = get_arch_name_from_types(mach.header.cputype(), mach.header.cpusubtype());
    let name = name.unwrap_or(match mach.header.cputype() {
        CPU_TYPE_X86_64 => "x86_64",
        CPU_TYPE_ARM64 => "arm64",
        CPU_TYPE_X86 => "x86",
        CPU_TYPE_ARM => "arm",
        _ => "unknown",
    });
    facts.architecture = name.to_ascii_lowercase().into();
    facts.executable = mach.header.filetype == MH_EXECUTE;
    let known = matches!(
        mach.header.filetype,
        MH_EXECUTE | MH_DYLIB | MH_BUNDLE | MH_OBJECT
    );
    facts.libraries = mach
        .libs
        .iter()
        .filter(|l| **l != "self")
        .take(4_096)
        .map(|l| (*l).into())
        .collect();
    let names = mach
        .symbols()
        .take(200_000)
        .filter_map(Result::ok)
        .filter(|(_, symbol)| symbol.is_undefined())
        .map(|(name, _)| name.strip_prefix('_').unwrap_or(name));
    facts.symbols = symbols::telling(names);
    let mut end = 0_u64;
    for segment in &mach.segments {
        end = end.max(segment.fileoff.saturating_add(segment.filesize));
        let segment_name = segment.name().unwrap_or("");
        facts.packer = facts
            .packer
            .or_else(|| packer(segment_name).map(Into::into));
        if segment_name == "__TEXT" {
            let entropy = entropy_of(bytes, segment.fileoff, segment.filesize);
            facts.code_entropy = facts.code_entropy.max(entropy);
        }
    }
    // object files keep their symbols outside of segments
    if known && mach.header.filetype != MH_OBJECT && end > 0 {
        facts.overlay = overlay(bytes, end);
    }
    facts
}
