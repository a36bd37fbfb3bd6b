//! The name in a TLS client's first message (RFC 8446, 4.1.2; RFC 6066, 3).

/// What the first message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hello {
    /// The server that the client wants.
    pub(super) name: Option<String>,
    /// The real name is hidden (ECH).
    pub(super) is_encrypted: bool,
}

/// What became of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// More bytes are needed.
    Partial,
    /// It is none.
    Other,
    /// It is one.
    Hello(Hello),
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;
/// The largest message that is put together from records.
const MAX_HELLO: usize = 1 << 16;

/// Reads the first bytes of a connection.
pub(super) fn read(bytes: &[u8]) -> Read {
    if bytes.first().is_some_and(|kind| *kind != HANDSHAKE) {
        return Read::Other;
    }
    // a message may be cut into several records
    let (mut message, mut rest) = (Vec::new(), bytes);
    loop {
        let Some((header, after)) = rest.split_at_checked(5) else {
            return Read::Partial;
        };
        if header[0] != HANDSHAKE {
            return Read::Other;
        }
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let Some((part, after)) = after.split_at_checked(length) else {
            return Read::Partial;
        };
        message.extend_from_slice(part);
        rest = after;
        if let Some((head, body)) = message.split_at_checked(4) {
            if head[0] != CLIENT_HELLO {
                return Read::Other;
            }
            let length =
                usize::from(head[1]) << 16 | usize::from(head[2]) << 8 | usize::from(head[3]);
            if length > MAX_HELLO {
                return Read::Other;
            }
            if let Some(body) = body.get(..length) {
                return extensions(body).map_or(Read::Other, Read::Hello);
            }
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(
            self.take(bytes)?
                .iter()
                .fold(0, |number, byte| number << 8 | usize::from(*byte)),
        )
    }

    /// Bytes behind their own length.
    fn sized(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let length = self.number(bytes)?;
        self.take(length)
    }
}

fn extensions(body: &[u8]) -> Option<Hello> {
    let mut reader = Reader(body);
    reader.take(34)?;
    reader.sized(1)?;
    reader.sized(2)?;
    reader.sized(1)?;
    let mut hello = Hello::default();
    let mut list = Reader(reader.sized(2).unwrap_or(&[]));
    while let Some(kind) = list.number(2) {
        let data = list.sized(2)?;
        match kind as u16 {
            SERVER_NAME => hello.name = server_name(data),
            ENCRYPTED_CLIENT_HELLO => hello.is_encrypted = true,
            _ => {}
        }
    }
    Some(hello)
}

fn server_name(data: &[u8]) -> Option<String> {
    let mut list = Reader(Reader(data).sized(2)?);
    while let Some(kind) = list.number(1) {
        let name = list.sized(2)?;
        if kind == 0 {
            return std::str::from_utf8(name)
                .ok()
                .map(crate::policy::hosts::normal);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    /// What rustls sends first.
    fn real(name: &str) -> Vec<u8> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let name = name.to_owned().try_into().expect("a name");
        let mut connection =
            rustls::ClientConnection::new(Arc::new(config), name).expect("a connection");
        let mut bytes = Vec::new();
        connection.write_tls(&mut bytes).expect("written");
        bytes
    }

    #[test]
    fn reads_the_name_that_a_real_client_sends() {
        let bytes = real("Files.Example");
        let Read::Hello(hello) = read(&bytes) else {
            panic!("no hello")
        };
        assert_eq!(
            (hello.name.as_deref(), hello.is_encrypted),
            (Some("files.example"), false)
        );
        for length in 0..bytes.len() {
            assert_eq!(read(&bytes[..length]), Read::Partial, "{length}");
        }
    }

    #[test]
    fn reads_one_that_is_cut_into_records() {
        let whole = real("files.example");
        let mut cut = Vec::new();
        for part in whole[5..].chunks(7) {
            cut.extend([22, 3, 1, 0, part.len() as u8]);
            cut.extend(part);
        }
        assert_eq!(read(&cut), read(&whole));
    }

    #[test]
    fn other_protocols_are_others() {
        assert_eq!(read(b"GET / HTTP/1.1\r\n"), Read::Other);
        assert_eq!(read(b"SSH-2.0-x\r\n"), Read::Other);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            read(&bytes);
            read(&[&[22, 3, 1][..], &bytes].concat());
            let mut spoiled = real("a.example");
            for (at, byte) in bytes.iter().enumerate().take(spoiled.len()).step_by(13) {
                spoiled[at] = *byte;
            }
            read(&spoiled);
        }
    }
}
