//! Who is trusted about provenance: authorities that issue certificates, and transparency logs.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foretaste_io::files;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, TrustAnchor};
use serde_json::Value;
use webpki::RawPublicKeyEntity;

use super::signature::ALGORITHMS;
use crate::gate::GateError;

/// The authorities whose certificates count, and the logs in which a signature must stand.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    pub(super) authorities: Vec<TrustAnchor<'static>>,
    /// Without any, no log is looked at.
    pub(super) logs: Vec<Log>,
}

/// A transparency log, by its public key.
#[derive(Debug)]
pub(super) struct Log {
    key: SubjectPublicKeyInfoDer<'static>,
    /// When the key was in use, in seconds since the epoch.
    from: Option<u64>,
    until: Option<u64>,
}

impl Log {
    /// True if the log signed this.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = RawPublicKeyEntity::try_from(&self.key) else {
            return false;
        };
        ALGORITHMS.iter().any(|algorithm| {
            let verified = key.verify_signature(*algorithm, message, signature);
            verified.is_ok()
        })
    }

    /// True if its key was in use at a moment.
    pub(super) fn was_in_use(&self, at: u64) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at <= until)
    }
}

impl Roots {
    /// Reads them from PEM (certificates of authorities, those below roots too; public keys of logs) or from Sigstore's
    /// `trusted_root.json`.
    ///
    /// # Errors
    /// The file cannot be read, or holds no certificate of an authority.
    pub(crate) fn read(path: &Path) -> Result<Self, GateError> {
        let wrong = |reason: &str| GateError::Unfit(format!("{}: {reason}", path.display()));
        let text = files::read(path, files::CONFIG_LIMIT)?;
        let roots = if text.trim_ascii_start().starts_with(b"{") {
            Self::of_sigstore(&text)
        } else {
            Self::of_pem(&text)
        };
        let roots = roots.map_err(|reason| wrong(&reason))?;
        if roots.authorities.is_empty() {
            return Err(wrong("it holds no certificate of an authority"));
        }
        Ok(roots)
    }

    fn of_pem(text: &[u8]) -> Result<Self, String> {
        let mut roots = Self::default();
        for der in CertificateDer::pem_slice_iter(text) {
            roots.trust(&der.map_err(|e| e.to_string())?)?;
        }
        for key in SubjectPublicKeyInfoDer::pem_slice_iter(text) {
            let key = key.map_err(|e| e.to_string())?;
            roots.follow(key, (None, None))?;
        }
        Ok(roots)
    }

    fn of_sigstore(text: &[u8]) -> Result<Self, String> {
        let root: Value = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let bytes = |value: &Value| {
            let decoded = value.as_str().and_then(|text| STANDARD.decode(text).ok());
            decoded.ok_or_else(|| "it has `rawBytes` that are not base64".to_owned())
        };
        let moment = |value: &Value| -> Option<u64> {
            let at: jiff::Timestamp = value.as_str()?.parse().ok()?;
            u64::try_from(at.as_second()).ok()
        };
        let mut roots = Self::default();
        for authority in list(&root["certificateAuthorities"]) {
            for certificate in list(&authority["certChain"]["certificates"]) {
                roots.trust(&CertificateDer::from(bytes(&certificate["rawBytes"])?))?;
            }
        }
        for log in list(&root["tlogs"]) {
            let key = &log["publicKey"];
            let valid = &key["validFor"];
            let times = (moment(&valid["start"]), moment(&valid["end"]));
            let der = SubjectPublicKeyInfoDer::from(bytes(&key["rawBytes"])?);
            roots.follow(der, times)?;
        }
        Ok(roots)
    }

    fn trust(&mut self, der: &CertificateDer<'_>) -> Result<(), String> {
        let anchor = webpki::anchor_from_trusted_cert(der).map_err(|e| e.to_string())?;
        self.authorities.push(anchor.to_owned());
        Ok(())
    }

    fn follow(
        &mut self,
        key: SubjectPublicKeyInfoDer<'static>,
        (from, until): (Option<u64>, Option<u64>),
    ) -> Result<(), String> {
        let readable = RawPublicKeyEntity::try_from(&key).map(drop);
        readable.map_err(|e| format!("the key of a log cannot be read: {e}"))?;
        self.logs.push(Log { key, from, until });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::signature::tests::Signer;
    use super::super::transparency::tests::Ledger;
    use super::*;

    fn read(text: &str) -> Result<Roots, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        files::write_atomic(file.path(), text.as_bytes()).expect("written");
        Roots::read(file.path()).map_err(|e| e.to_string())
    }

    #[test]
    fn authorities_and_logs_stand_in_one_pem_file() {
        let (signer, ledger) = (Signer::new(), Ledger::new(1));
        let roots = read(&format!("{}{}", signer.authority, ledger.pem())).expect("read");
        assert_eq!((roots.authorities.len(), roots.logs.len()), (1, 1));
        let error = read(&ledger.pem()).expect_err("no authority");
        assert!(error.contains("no certificate"), "{error}");
    }

    #[test]
    fn a_trusted_root_of_sigstore_is_read_with_its_times() {
        let (signer, ledger) = (Signer::new(), Ledger::new(1));
        let encode = |der: &[u8]| STANDARD.encode(der);
        let root = json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "certificateAuthorities": [{"certChain": {"certificates": [{"rawBytes": encode(&signer.root)}]}}],
            "tlogs": [{"publicKey": {
                "rawBytes": encode(&ledger.key()),
                "validFor": {"start": "2021-01-12T11:53:27Z", "end": "2026-01-01T00:00:00Z"},
            }}],
        });
        let roots = read(&root.to_string()).expect("read");
        assert_eq!((roots.authorities.len(), roots.logs.len()), (1, 1));
        let log = &roots.logs[0];
        assert!(log.was_in_use(1_700_000_000));
        assert!(!log.was_in_use(1_500_000_000) && !log.was_in_use(1_800_000_000));
        for (broken, what) in [
            ("{", "EOF"),
            ("{}", "no certificate"),
            (r#"{"tlogs": [{"publicKey": {"rawBytes": "AAAA"}}]}"#, "key"),
        ] {
            let error = read(broken).expect_err("it is broken");
            assert!(error.contains(what), "{error}");
        }
    }
}
