//! PE: Windows.

use foretaste_model::facts::{BinaryFacts, BinaryFormat};
use goblin::pe::PE;
use goblin::pe::header::{
    COFF_MACHINE_ARM64, COFF_MACHINE_ARMNT, COFF_MACHINE_X86, COFF_MACHINE_X86_64,
};
use goblin::pe::options::ParseOptions;
use goblin::pe::section_table::IMAGE_SCN_MEM_EXECUTE;

use super::{blank, entropy_of, overlay, packer, packer_mark, symbols};

/// Reads the headers. Certificates, resources and debug data are not looked at.
pub(super) fn read(bytes: &[u8]) -> Result<BinaryFacts, String> {
    let mut options = ParseOptions::default();
    options.parse_attribute_certificates = false;
    let pe =
        PE::parse_with_opts(bytes, &options).map_err(|e| format!("not a readable PE file: {e}"))?;
    let mut facts = blank(BinaryFormat::Pe);
    facts.architecture = match pe.header.coff_header.machine {
        COFF_MACHINE_X86_64 => "x86_64",
        COFF_MACHINE_X86 => "x86",
        COFF_MACHINE_ARM64 => "aarch64",
        COFF_MACHINE_ARMNT => "arm",
        _ => "unknown",
    }
    .into();
    facts.executable = !pe.is_lib;
    facts.libraries = pe
        .libraries
        .iter()
        .take(4_096)
        .map(|l| l.to_ascii_lowercase().into())
        .collect();
    facts.symbols = symbols::telling(pe.imports.iter().take(200_000).map(|i| &*i.name));
    let mut end = 0;
    for section in &pe.sections {
        let raw_end = u64::from(section.pointer_to_raw_data) + u64::from(section.size_of_raw_data);
        end = end.max(raw_end);
        let name = section.name().unwrap_or("");
        facts.packer = facts.packer.or_else(|| packer(name).map(Into::into));
        if section.characteristics & IMAGE_SCN_MEM_EXECUTE != 0 {
            let entropy = entropy_of(
                bytes,
                u64::from(section.pointer_to_raw_data),
                u64::from(section.size_of_raw_data),
            );
            facts.code_entropy = facts.code_entropy.max(entropy);
        }
    }
    // an Authenticode signature stands behind the sections of honest files
    if let Some(certificates) = pe
        .header
        .optional_header
        .and_then(|h| h.data_directories.get_certificate_table().copied())
        && u64::from(certificates.virtual_address) >= end
    {
        end = u64::from(certificates.virtual_address) + u64::from(certificates.size);
    }
    facts.packer = facts.packer.or_else(|| packer_mark(bytes).map(Into::into));
    facts.overlay = if end == 0 { 0 } else { overlay(bytes, end) };
    Ok(facts)
}
