//! ELF: Linux, BSD.

use foretaste_model::facts::{BinaryFacts, BinaryFormat};
use goblin::elf::program_header::PT_INTERP;
use goblin::elf::section_header::{SHF_EXECINSTR, SHT_NOBITS};
use goblin::elf::{Elf, header};

use super::{blank, entropy_of, overlay, packer, packer_mark, symbols};

/// Dynamic symbols that are looked at.
const MAX_SYMBOLS: usize = 200_000;

/// Reads the headers.
pub(super) fn read(bytes: &[u8]) -> Result<BinaryFacts, String> {
    let elf = Elf::parse(bytes).map_err(|e| format!("not a readable ELF file: {e}"))?;
    let mut facts = blank(BinaryFormat::Elf);
    facts.architecture = machine(elf.header.e_machine).into();
    let starts = elf.program_headers.iter().any(|p| p.p_type == PT_INTERP);
    facts.executable = elf.header.e_type == header::ET_EXEC
        || (elf.header.e_type == header::ET_DYN && starts && elf.soname.is_none());
    facts.libraries = elf.libraries.iter().map(|l| (*l).into()).collect();
    let names = elf
        .dynsyms
        .iter()
        .take(MAX_SYMBOLS)
        .filter(goblin::elf::Sym::is_import)
        .filter_map(|s| elf.dynstrtab.get_at(s.st_name));
    facts.symbols = symbols::telling(names);
    let headers = u64::from(elf.header.e_shentsize) * u64::from(elf.header.e_shnum);
    let mut end = elf.header.e_shoff.saturating_add(headers);
    for section in &elf.section_headers {
        let name = elf.shdr_strtab.get_at(section.sh_name).unwrap_or("");
        facts.packer = facts.packer.or_else(|| packer(name).map(Into::into));
        if section.sh_type != SHT_NOBITS {
            end = end.max(section.sh_offset.saturating_add(section.sh_size));
        }
        if section.sh_flags & u64::from(SHF_EXECINSTR) != 0 && section.sh_type != SHT_NOBITS {
            let entropy = entropy_of(bytes, section.sh_offset, section.sh_size);
            facts.code_entropy = facts.code_entropy.max(entropy);
        }
    }
    for segment in &elf.program_headers {
        end = end.max(segment.p_offset.saturating_add(segment.p_filesz));
        // packed files have no sections: the executable segment speaks for them
        if elf.section_headers.is_empty() && segment.is_executable() {
            let entropy = entropy_of(bytes, segment.p_offset, segment.p_filesz);
            facts.code_entropy = facts.code_entropy.max(entropy);
        }
    }
    facts.packer = facts.packer.or_else(|| packer_mark(bytes).map(Into::into));
    facts.overlay = overlay(bytes, end);
    Ok(facts)
}

/// The usual name of a machine.
pub(super) const fn machine(number: u16) -> &'static str {
    match number {
        header::EM_X86_64 => "x86_64",
        header::EM_386 => "x86",
        header::EM_AARCH64 => "aarch64",
        header::EM_ARM => "arm",
        header::EM_RISCV => "riscv",
        header::EM_PPC64 => "ppc64",
        header::EM_PPC => "ppc",
        header::EM_S390 => "s390x",
        header::EM_MIPS => "mips",
        header::EM_SPARCV9 => "sparc64",
        header::EM_BPF => "bpf",
        258 => "loongarch",
        _ => "unknown",
    }
}
