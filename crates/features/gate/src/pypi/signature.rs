//! Whether an attestation is signed by whoever its certificate names (DSSE, PEP 740), and whether that certificate comes from an
//! authority that is trusted here. Everything is checked offline; the transparency log is not asked.

use std::path::Path;
use std::time::Duration;

use foretaste_io::files;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::ring::{
    ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
};
use webpki::{EndEntityCert, Error, KeyUsage};

use crate::gate::GateError;

/// The type of what is signed.
const PAYLOAD: &str = "application/vnd.in-toto+json";
/// The purpose of a certificate that signs code (RFC 5280: id-kp-codeSigning), as DER has it.
const CODE_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 3];

const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    ECDSA_P256_SHA256,
    ECDSA_P384_SHA384,
    ECDSA_P256_SHA384,
    ECDSA_P384_SHA256,
    ED25519,
    RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512,
];

/// The authorities whose certificates count.
#[derive(Debug)]
pub(crate) struct Roots(Vec<TrustAnchor<'static>>);

impl Roots {
    /// Reads them from PEM: roots, and authorities below them whose certificates do not come with attestations.
    ///
    /// # Errors
    /// The file cannot be read, or holds no certificate of an authority.
    pub(crate) fn read(path: &Path) -> Result<Self, GateError> {
        let wrong = |reason: &dyn std::fmt::Display| {
            GateError::Serve(format!("{}: {reason}", path.display()))
        };
        let text = files::read(path, files::CONFIG_LIMIT)?;
        let found: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .map_err(|e| wrong(&e))?;
        let anchors: Vec<TrustAnchor<'static>> = found
            .iter()
            .map(|der| webpki::anchor_from_trusted_cert(der).map(|anchor| anchor.to_owned()))
            .collect::<Result<_, _>>()
            .map_err(|e| wrong(&e))?;
        if anchors.is_empty() {
            return Err(wrong(&"it holds no PEM certificate"));
        }
        Ok(Self(anchors))
    }
}

/// An attestation's parts.
pub(super) struct Signed<'a> {
    /// DER.
    pub(super) certificate: &'a [u8],
    pub(super) statement: &'a [u8],
    pub(super) signature: &'a [u8],
    /// When the log says that it was signed, in seconds since the epoch: such a certificate is good for minutes.
    pub(super) at: Option<u64>,
}

impl Signed<'_> {
    /// Checks the signature, and with roots the certificate.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn verify(&self, roots: Option<&Roots>) -> Result<(), &'static str> {
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
        let at = self.at.ok_or("does not say when it was signed")?;
        let chain = certificate.verify_for_usage(
            ALGORITHMS,
            &roots.0,
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

    use super::*;

    /// An authority, as PEM, and somebody with a certificate of it.
    pub(in super::super) struct Signer {
        pub(in super::super) authority: String,
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
            at: None,
        };
        assert_eq!(good.verify(None), Ok(()));
        let changed = Signed {
            statement: b"{ }",
            ..good
        };
        assert_eq!(
            changed.verify(None),
            Err("is not signed by its certificate")
        );
        let foreign = Signed {
            certificate: &other.certificate,
            ..changed
        };
        assert!(foreign.verify(None).is_err());
        let broken = Signed {
            certificate: b"certificate",
            ..foreign
        };
        assert_eq!(
            broken.verify(None),
            Err("has a certificate that cannot be read")
        );
    }

    #[test]
    fn a_certificate_is_of_a_trusted_authority_and_good_at_that_time() {
        let (signer, other) = (Signer::new(), Signer::new());
        let signature = signer.sign(b"{}");
        let at = |at| Signed {
            certificate: &signer.certificate,
            statement: b"{}",
            signature: &signature,
            at,
        };
        let own = roots(&signer.authority);
        assert_eq!(at(Some(NOW)).verify(Some(&own)), Ok(()));
        assert!(at(None).verify(Some(&own)).is_err());
        let late = at(Some(NOW * 100)).verify(Some(&own));
        assert_eq!(late, Err("was not signed while its certificate was good"));
        let foreign = at(Some(NOW)).verify(Some(&roots(&other.authority)));
        assert_eq!(
            foreign,
            Err("has a certificate of no authority that is trusted here")
        );
    }
}
