//! # A native program is bundled
//!
//! ## What it finds
//! Executables and libraries (ELF, PE, Mach-O) in an artifact that promises source or pure code; packed ones anywhere.
//!
//! ## Why it matters
//! Nobody reads them in review. Droppers ship them inside packages.
//!
//! ## Example
//! `pkg/data/svchost.exe`
//!
//! ## What to do
//! Ask where it is built. Prefer a package that builds it in public.
//!
//! ## When it is wrong
//! Platform wheels are made to carry libraries; only executables and packed files are reported there.
use foretaste_engine::prelude::*;

use foretaste_model::facts::{ArtifactKind, BinaryFormat};

declare_rule! {
    BundledBinary,
    id: "bundled-binary",
    title: "bundles a native program",
    group: Install,
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027.002"],
    since: "0.1.0",
}

impl FileRule for BundledBinary {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let Some(binary) = &file.facts.binary else {
            return Vec::new();
        };
        if matches!(
            binary.format,
            BinaryFormat::Pyc | BinaryFormat::Wasm | BinaryFormat::Ar
        ) {
            return Vec::new();
        }
        let platform_wheel = file.artifact.kind == ArtifactKind::Wheel
            && !file.artifact.filename.ends_with("-any.whl");
        let kind = if binary.executable {
            "program"
        } else {
            "library"
        };
        let mut finding = self
            .finding(format!(
                "bundles a native {kind} ({}, {})",
                binary.format.title(),
                binary.architecture
            ))
            .context(ExecutionContext::Called)
            .evidence(Evidence::file(
                &file.artifact.filename,
                file.path(),
                format!("{} {kind}", binary.format.title()),
            ));
        if let Some(packer) = &binary.packer {
            finding = finding.severity(Severity::High);
            finding.message = format!("bundles a native {kind} packed with {packer}").into();
        } else if platform_wheel {
            if !binary.executable {
                return Vec::new();
            }
            finding = finding.severity(Severity::Info);
        } else if !binary.executable {
            finding = finding.severity(Severity::Low);
        }
        vec![finding]
    }
}
