//! The head of an HTTP/1 request, as far as the decision and the record need it.

use crate::policy::hosts::normal;

/// The longest head that is read.
pub(super) const MAX_HEAD: usize = 1 << 16;

/// A request's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) path: String,
    /// The host that it is for, without a port. `None` also when it names several.
    pub(super) host: Option<String>,
    /// Bytes of the head.
    pub(super) length: usize,
    /// Bytes that follow, if it says so.
    pub(super) body: Option<u64>,
}

/// What became of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// More bytes are needed.
    Partial,
    /// It is none.
    Other,
    /// It is one.
    Head(Head),
}

/// Reads the first bytes of a connection.
pub(super) fn read(bytes: &[u8]) -> Read {
    // a method is letters, then a space
    let word = bytes
        .iter()
        .take(20)
        .position(|byte| !byte.is_ascii_uppercase());
    match word {
        Some(0) => return Read::Other,
        Some(end) if bytes[end] != b' ' => return Read::Other,
        None if bytes.len() >= 20 => return Read::Other,
        _ => {}
    }
    let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
        return if bytes.len() > MAX_HEAD {
            Read::Other
        } else {
            Read::Partial
        };
    };
    let text = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or("").split(' ');
    let (Some(method), Some(target)) = (first.next(), first.next()) else {
        return Read::Other;
    };
    let (mut hosts, mut body) = (Vec::new(), None);
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            return Read::Other;
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("host") {
            hosts.push(without_port(value));
        } else if name.eq_ignore_ascii_case("content-length") {
            body = value.parse().ok();
        }
    }
    // a proxy's request names the host twice
    let (absolute, path) = target
        .split_once("://")
        .map_or((None, target), |(_, rest)| {
            rest.find('/')
                .map_or((Some(rest), "/"), |at| (Some(&rest[..at]), &rest[at..]))
        });
    hosts.extend(absolute.map(without_port));
    hosts.dedup();
    let host = if hosts.len() == 1 { hosts.pop() } else { None };
    Read::Head(Head {
        method: method.to_owned(),
        path: path.to_owned(),
        host,
        length: end + 4,
        body,
    })
}

/// Why a head is not all of a request, or could be read in two ways: what follows must be the next one.
pub(super) fn is_only_a_head(head: &[u8]) -> Result<(), &'static str> {
    let lines = head.strip_suffix(b"\r\n\r\n").unwrap_or(head);
    let mut rest = lines;
    while let Some(at) = memchr::memchr3(b'\r', b'\n', 0, rest) {
        let after = rest.get(at..).unwrap_or(&[]);
        // an end of a line that is not one, or a line that goes on
        if !after.starts_with(b"\r\n")
            || after
                .get(2)
                .is_none_or(|b| matches!(b, b' ' | b'\t' | b'\r'))
        {
            return Err("the request can be read in more than one way");
        }
        rest = after.get(2..).unwrap_or(&[]);
    }
    let has_length = fields(lines, "content-length").any(|value| value != "0");
    if has_length || has_field(lines, "transfer-encoding") || has_field(lines, "upgrade") {
        return Err("the request carries more than a question");
    }
    Ok(())
}

/// True if a head has a field, whatever it holds.
pub(super) fn has_field(head: &[u8], name: &str) -> bool {
    fields(head, name).next().is_some()
}

/// The values of a field.
fn fields<'a>(head: &'a [u8], name: &'a str) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
    head.split(|byte| *byte == b'\n').filter_map(move |line| {
        let at = memchr::memchr(b':', line)?;
        let (own, value) = line.split_at(at);
        let is_it = own.trim_ascii().eq_ignore_ascii_case(name.as_bytes());
        is_it.then(|| String::from_utf8_lossy(value.get(1..).unwrap_or(&[]).trim_ascii()))
    })
}

fn without_port(text: &str) -> String {
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let name = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => text.rsplit_once(':').map_or(text, |(name, _)| name),
    };
    normal(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn host(text: &str) -> Option<String> {
        match read(text.as_bytes()) {
            Read::Head(head) => head.host,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_host_is_read() {
        assert_eq!(
            host("GET / HTTP/1.1\r\nHost: A.example:8080\r\n\r\n").as_deref(),
            Some("a.example")
        );
        assert_eq!(
            host("GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n").as_deref(),
            Some("a.example")
        );
        assert_eq!(
            host("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").as_deref(),
            Some("::1")
        );
    }

    #[test]
    fn several_hosts_are_none() {
        assert_eq!(
            host("GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n"),
            None
        );
        assert_eq!(
            host("GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n"),
            None
        );
        assert_eq!(host("GET / HTTP/1.0\r\n\r\n"), None);
    }

    #[test]
    fn what_is_not_whole_or_no_request_is_told() {
        assert_eq!(read(b"GET / HTTP/1.1\r\nHo"), Read::Partial);
        assert_eq!(read(b"\x16\x03\x01"), Read::Other);
        assert_eq!(read(b"SSH-2.0\r\n"), Read::Other);
    }

    #[test]
    fn a_head_that_hides_more_is_no_question() {
        let is_only = |text: &str| is_only_a_head(text.as_bytes()).is_ok();
        assert!(is_only("GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"));
        assert!(is_only(
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        ));
        for head in [
            "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length : 5\r\n\r\n",
            "GET / HTTP/1.1\r\nTRANSFER-ENCODING: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            "GET / HTTP/1.1\r\nX: y\nContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nX: y\rContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nX: y\r\n Content-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nX: \0\r\n\r\n",
        ] {
            assert!(!is_only(head), "{head:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            read(&bytes);
            read(&[b"GET ", &bytes[..], b"\r\n\r\n"].concat());
        }
    }
}
