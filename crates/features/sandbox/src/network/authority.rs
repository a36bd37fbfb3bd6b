//! The certificate authority of one run. It vouches for the trap alone: what the policy allows is never opened. Its key
//! lives in this process's memory, and only the run is told to trust it.

use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::prepare;

/// Makes certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
    key: KeyPair,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// There are no random numbers.
    pub(crate) fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::<String>::new())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "foretaste run: this run alone");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let (pem, der) = (certificate.pem(), certificate.der().clone());
        Ok(Self {
            issuer: Issuer::new(params, key),
            pem,
            der,
            key: KeyPair::generate()?,
        })
    }

    /// What the run is told to trust.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a name.
    fn certify(&self, name: &str) -> Option<CertifiedKey> {
        let params = CertificateParams::new(vec![name.to_owned()]).ok()?;
        let certificate = params.signed_by(&self.key, &self.issuer).ok()?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let key = rustls::crypto::ring::sign::any_supported_type(&key).ok()?;
        Some(CertifiedKey::new(
            vec![certificate.der().clone(), self.der.clone()],
            key,
        ))
    }

    /// How the trap speaks TLS.
    pub(crate) fn server(self: &Arc<Self>) -> Option<Arc<rustls::ServerConfig>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .ok()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Some(Arc::new(config))
    }
}

/// How the supervisor itself speaks TLS: to who proves it to the system's authorities, or to those of `bundles`.
///
/// # Errors
/// There are no authorities.
pub(super) fn outside(bundles: &[std::path::PathBuf]) -> Result<Arc<rustls::ClientConfig>, String> {
    let mut roots = rustls::RootCertStore::empty();
    let system = prepare::bundle().map(Path::new);
    for path in system.into_iter().chain(bundles.iter().map(AsRef::as_ref)) {
        let text = foretaste_io::files::read(path, prepare::MAX_BUNDLE).unwrap_or_default();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&text).flatten());
    }
    if roots.is_empty() {
        return Err("this system has no certificate authorities".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.certify(hello.server_name().unwrap_or("unnamed.invalid"))
            .map(Arc::new)
    }
}
