//! Whether an attestation is signed by whoever its certificate names (DSSE, PEP 740), and whether that certificate comes from an
//! authority that is trusted here. Everything is checked offline, from what comes with the attestation.

use std::time::Duration;

use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use serde_json::Value;
use webpki::ring::{
    ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
};
use webpki::{EndEntityCert, Error, KeyUsage};

use super::roots::{Log, Roots};
use super::transparency;

/// The type of what is signed.
const PAYLOAD: &str = "application/vnd.in-toto+json";
/// The purpose of a certificate that signs code (RFC 5280: id-kp-codeSigning), as DER has it.
const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];

pub(super) const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    ECDSA_P256_SHA256,
    ECDSA_P384_SHA384,
    ECDSA_P256_SHA384,
    ECDSA_P384_SHA256,
    ED25519,
    RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512,
];

/// Entries of logs that are looked at: attestations have one.
const ENTRIES: usize = 8;

/// An attestation's parts.
#[derive(Clone, Copy)]
pub(super) struct Signed<'a> {
    /// DER.
    pub(super) certificate: &'a [u8],
    pub(super) statement: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl Signed<'_> {
    /// Checks the signature, and with roots the certificate and its entries in logs.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn verify(
        &self,
        roots: Option<&Roots>,
        entries: &[Value],
    ) -> Result<(), &'static str> {
        let der = CertificateDer::from(self.certificate);
        let certificate =
            EndEntityCert::try_from(&der).map_err(|_| "has a certificate that cannot be read")?;
        let message = encoded(self.statement);
        let signed = ALGORITHMS.iter().any(|algorithm| {
            certificate
                .verify_signature(*algorithm, &message, self.signature)
                .is_ok()
        });
        if !signed {
            return Err("is not signed by its certificate");
        }
        let Some(roots) = roots else { return Ok(()) };
        // such a certificate is good for minutes
        let at = self.logged(&roots.logs, entries)?;
        let chain = certificate.verify_for_usage(
            ALGORITHMS,
            &roots.authorities,
            &[],
            UnixTime::since_unix_epoch(Duration::from_secs(at)),
            KeyUsage::required(CODE_SIGNING),
            None,
            None,
        );
        chain.map(drop).map_err(|error| match error {
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
                "was not signed while its certificate was good"
            }
            _ => "has a certificate of no authority that is trusted here",
        })
    }

    /// When it was signed, in seconds since the epoch: as a trusted log proves, or as is said where none is named.
    fn logged(&self, logs: &[Log], entries: &[Value]) -> Result<u64, &'static str> {
        if logs.is_empty() {
            let said = entries.first().and_then(transparency::time);
            return said.ok_or("does not say when it was signed");
        }
        let mut told = Err("stands in no transparency log");
        for entry in entries.iter().take(ENTRIES) {
            told = transparency::verify(entry, self, logs);
            if told.is_ok() {
                break;
            }
        }
        told
    }
}

/// What is signed of a statement: DSSE's pre-authentication encoding.
pub(super) fn encoded(statement: &[u8]) -> Vec<u8> {
    let mut message =
        format!("DSSEv1 {} {PAYLOAD} {} ", PAYLOAD.len(), statement.len()).into_bytes();
    message.extend_from_slice(statement);
    message
}

#[cfg(test)]
pub(super) mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
        SanType, SigningKey as _,
    };

    use foretaste_io::files;
    use serde_json::json;

    use super::super::transparency::tests::Ledger;
    use super::*;

    /// An authority, as PEM and DER, and somebody with a certificate of it.
    pub(in super::super) struct Signer {
        pub(in super::super) authority: String,
        pub(in super::super) root: Vec<u8>,
        pub(in super::super) certificate: Vec<u8>,
        key: KeyPair,
    }

    impl Signer {
        pub(in super::super) fn new() -> Self {
            let own = KeyPair::generate().expect("a key");
            let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
            ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let root = ca.self_signed(&own).expect("a root");
            let issuer = Issuer::new(ca, own);
            let key = KeyPair::generate().expect("a key");
            let mut leaf = CertificateParams::new(Vec::new()).expect("parameters");
            leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
            let identity = "https://ci.acme.example/o/r".try_into().expect("a name");
            leaf.subject_alt_names = vec![SanType::URI(identity)];
            let certificate = leaf.signed_by(&key, &issuer).expect("a certificate");
            Self {
                authority: root.pem(),
                root: root.der().to_vec(),
                certificate: certificate.der().to_vec(),
                key,
            }
        }

        pub(in super::super) fn sign(&self, statement: &[u8]) -> Vec<u8> {
            self.key.sign(&encoded(statement)).expect("signed")
        }
    }

    const NOW: u64 = 1_800_000_000;

    fn roots(pem: &str) -> Roots {
        let file = tempfile::NamedTempFile::new().expect("a file");
        files::write_atomic(file.path(), pem.as_bytes()).expect("written");
        Roots::read(file.path()).expect("roots")
    }

    #[test]
    fn a_signature_is_of_the_statement_and_of_the_certificate() {
        let (signer, other) = (Signer::new(), Signer::new());
        let signature = signer.sign(b"{}");
        let good = Signed {
            certificate: &signer.certificate,
            statement: b"{}",
            signature: &signature,
        };
        assert_eq!(good.verify(None, &[]), Ok(()));
        let changed = Signed {
            statement: b"{ }",
            ..good
        };
        assert_eq!(
            changed.verify(None, &[]),
            Err("is not signed by its certificate")
        );
        let foreign = Signed {
            certificate: &other.certificate,
            ..changed
        };
        assert!(foreign.verify(None, &[]).is_err());
        let broken = Signed {
            certificate: b"certificate",
            ..foreign
        };
        assert_eq!(
            broken.verify(None, &[]),
            Err("has a certificate that cannot be read")
        );
    }

    #[test]
    fn a_certificate_is_of_a_trusted_authority_and_good_at_that_time() {
        let (signer, other) = (Signer::new(), Signer::new());
        let signature = signer.sign(b"{}");
        let parts = Signed {
            certificate: &signer.certificate,
            statement: b"{}",
            signature: &signature,
        };
        let at = |at: u64, roots| parts.verify(Some(roots), &[json!({"integratedTime": at})]);
        let own = roots(&signer.authority);
        assert_eq!(at(NOW, &own), Ok(()));
        assert!(parts.verify(Some(&own), &[]).is_err());
        let late = at(NOW * 100, &own);
        assert_eq!(late, Err("was not signed while its certificate was good"));
        let foreign = at(NOW, &roots(&other.authority));
        assert_eq!(
            foreign,
            Err("has a certificate of no authority that is trusted here")
        );
    }

    #[test]
    fn where_a_log_is_trusted_its_word_about_the_time_counts() {
        let (signer, ledger) = (Signer::new(), Ledger::new(7));
        let signature = signer.sign(b"{}");
        let parts = Signed {
            certificate: &signer.certificate,
            statement: b"{}",
            signature: &signature,
        };
        let both = roots(&format!("{}{}", signer.authority, ledger.pem()));
        let (said, proven) = (json!({"integratedTime": NOW}), ledger.entry(&parts, 3));
        assert!(
            parts
                .verify(Some(&both), std::slice::from_ref(&said))
                .is_err()
        );
        let none = parts.verify(Some(&both), &[]);
        assert_eq!(none, Err("stands in no transparency log"));
        assert_eq!(parts.verify(Some(&both), &[said, proven]), Ok(()));
    }
}
