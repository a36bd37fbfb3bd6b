//! Whether a signature stands in a transparency log (Rekor): its entry is of this signature, lies in the tree whose root the log
//! signed (RFC 9162), and the log signed the time too. Everything that is needed comes with the attestation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

use super::roots::Log;
use super::signature::Signed;

/// Steps of a path through a tree: it would hold 2^64 entries.
const LONGEST_PATH: usize = 64;

/// Why an entry proves nothing, to be read behind "an attestation of a file".
type Objection = &'static str;

/// Checks one entry; returns when the log took it, in seconds since the epoch.
///
/// # Errors
/// What is wrong.
pub(super) fn verify(entry: &Value, signed: &Signed<'_>, logs: &[Log]) -> Result<u64, Objection> {
    const BROKEN: Objection = "has a log entry that cannot be read";
    let body = bytes(&entry["canonicalizedBody"]).ok_or(BROKEN)?;
    is_of(&body, signed)?;
    let proof = &entry["inclusionProof"];
    let note = Note::read(&proof["checkpoint"]["envelope"]).ok_or(BROKEN)?;
    let index = number(&proof["logIndex"]).ok_or(BROKEN)?;
    let path: Option<Vec<Hash>> = proof["hashes"].as_array().and_then(|all| {
        let hashes = all.iter().map(|h| bytes(h)?.try_into().ok());
        hashes.take(LONGEST_PATH + 1).collect()
    });
    let path = path.ok_or(BROKEN)?;
    if root_of(&body, index, note.size, &path) != Some(note.root) {
        return Err("is not in the tree of its log");
    }
    let at = time(entry).ok_or(BROKEN)?;
    let mut known = logs.iter().filter(|log| note.is_signed_by(log)).peekable();
    if known.peek().is_none() {
        return Err("stands in no transparency log that is trusted here");
    }
    let promise = bytes(&entry["inclusionPromise"]["signedEntryTimestamp"]);
    let promise = promise.ok_or("has no time that its log signed")?;
    let promised = promised(entry, at).ok_or(BROKEN)?;
    known
        .find(|log| log.was_in_use(at) && log.signed(promised.as_bytes(), &promise))
        .map(|_| at)
        .ok_or("has a time that its log did not sign")
}

/// When an entry says that the log took it, in seconds since the epoch.
pub(super) fn time(entry: &Value) -> Option<u64> {
    number(&entry["integratedTime"])
}

type Hash = [u8; 32];

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    STANDARD.decode(value.as_str()?).ok()
}

/// The log writes large numbers as texts.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Whether what was logged is this signature, of this statement, with this certificate.
fn is_of(body: &[u8], signed: &Signed<'_>) -> Result<(), Objection> {
    const OTHER: Objection = "has a log entry of something else";
    let body: Value = serde_json::from_slice(body).map_err(|_| OTHER)?;
    if body["apiVersion"] == "0.0.2" {
        // such a log gives no time: an authority for times does, whose root would have to be known
        return Err("stands in a log of the second kind (Rekor v2), which is not read here");
    }
    if body["kind"] != "dsse" || body["apiVersion"] != "0.0.1" {
        return Err("has a log entry of a kind that is not read here");
    }
    let spec = &body["spec"];
    let payload = &spec["payloadHash"];
    let is_payload = payload["algorithm"] == "sha256"
        && payload["value"] == hex::encode(sha256(&[signed.statement]));
    let is_ours = |entry: &Value| {
        let certificate = bytes(&entry["verifier"]).and_then(|pem| {
            let der = CertificateDer::from_pem_slice(&pem).ok()?;
            Some(der.as_ref() == signed.certificate)
        });
        bytes(&entry["signature"]).as_deref() == Some(signed.signature) && certificate == Some(true)
    };
    let mut signatures = spec["signatures"].as_array().into_iter().flatten();
    if is_payload && signatures.any(is_ours) {
        Ok(())
    } else {
        Err(OTHER)
    }
}

/// The root of the tree in which an entry lies at the end of a path (RFC 9162, 2.1.3.2). None if there is no such path.
fn root_of(body: &[u8], index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    let mut last = size.checked_sub(1)?;
    let mut at = index;
    if at > last {
        return None;
    }
    let mut hash = sha256(&[&[0], body]);
    for step in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            hash = sha256(&[&[1], step, &hash]);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = sha256(&[&[1], &hash, step]);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// What the log signed about its tree: a checkpoint, as a note with signatures.
struct Note<'a> {
    text: &'a str,
    signatures: &'a str,
    size: u64,
    root: Hash,
}

impl<'a> Note<'a> {
    fn read(envelope: &'a Value) -> Option<Self> {
        let envelope = envelope.as_str()?;
        // the text ends with its own line break, and an empty line follows
        let end = envelope.find("\n\n")? + 1;
        let (text, signatures) = envelope.split_at(end);
        let mut lines = text.lines();
        let _origin = lines.next()?;
        let size = lines.next()?.parse().ok()?;
        let root = STANDARD.decode(lines.next()?).ok()?.try_into().ok()?;
        Some(Self {
            text,
            signatures,
            size,
            root,
        })
    }

    /// True if one of its signatures is this log's. Each begins with four bytes that hint at the key.
    fn is_signed_by(&self, log: &Log) -> bool {
        let lines = self.signatures.lines().filter(|l| l.starts_with("— "));
        lines.take(16).any(|line| {
            let signature = line
                .rsplit(' ')
                .next()
                .and_then(|s| STANDARD.decode(s).ok());
            let signature = signature.as_ref().and_then(|bytes| bytes.get(4..));
            signature.is_some_and(|signature| log.signed(self.text.as_bytes(), signature))
        })
    }
}

/// What the log signed when it took the entry, as canonical JSON.
fn promised(entry: &Value, at: u64) -> Option<String> {
    let body = entry["canonicalizedBody"].as_str()?;
    let log = hex::encode(bytes(&entry["logId"]["keyId"])?);
    let index = number(&entry["logIndex"])?;
    // the body is base64: nothing in it needs an escape
    Some(format!(
        r#"{{"body":"{body}","integratedTime":{at},"logID":"{log}","logIndex":{index}}}"#
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};
    use serde_json::json;

    use super::super::roots::Roots;
    use super::super::signature::tests::Signer;
    use super::*;

    const AT: u64 = 1_800_000_000;

    /// A log of ours with so many entries.
    pub(in super::super) struct Ledger {
        key: KeyPair,
        leaves: usize,
    }

    impl Ledger {
        pub(in super::super) fn new(leaves: usize) -> Self {
            let key = KeyPair::generate().expect("a key");
            Self { key, leaves }
        }

        pub(in super::super) fn key(&self) -> Vec<u8> {
            self.key.subject_public_key_info()
        }

        pub(in super::super) fn pem(&self) -> String {
            self.key.public_key_pem()
        }

        fn others(&self, at: usize, body: &[u8]) -> Vec<Hash> {
            let leaf = |n: usize| {
                let other = format!("entry {n}");
                let body = if n == at { body } else { other.as_bytes() };
                sha256(&[&[0], body])
            };
            (0..self.leaves).map(leaf).collect()
        }

        /// The entry of a signature, in a tree of others.
        pub(in super::super) fn entry(&self, signed: &Signed<'_>, at: usize) -> Value {
            let encode = |bytes: &[u8]| STANDARD.encode(bytes);
            let der = encode(signed.certificate);
            let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
            let body = json!({
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "00"},
                    "payloadHash": {"algorithm": "sha256", "value": hex::encode(sha256(&[signed.statement]))},
                    "signatures": [{"signature": encode(signed.signature), "verifier": encode(pem.as_bytes())}],
                },
            });
            let body = body.to_string();
            let leaves = self.others(at, body.as_bytes());
            let note = format!(
                "log.example - 1\n{}\n{}\n",
                leaves.len(),
                encode(&tree(&leaves))
            );
            let signature = self.key.sign(note.as_bytes()).expect("signed");
            let id = sha256(&[&self.key()]);
            let hinted = encode(&[&id[..4], &signature].concat());
            let path: Vec<String> = path(&leaves, at).iter().map(|h| encode(h)).collect();
            let mut entry = json!({
                // the logs before this one count too
                "logIndex": (at + 1_000).to_string(),
                "logId": {"keyId": encode(&id)},
                "kindVersion": {"kind": "dsse", "version": "0.0.1"},
                "integratedTime": AT.to_string(),
                "inclusionProof": {
                    "logIndex": at.to_string(),
                    "treeSize": leaves.len().to_string(),
                    "rootHash": encode(&tree(&leaves)),
                    "hashes": path,
                    "checkpoint": {"envelope": format!("{note}\n— log.example {hinted}\n")},
                },
                "canonicalizedBody": encode(body.as_bytes()),
            });
            let promised = promised(&entry, AT).expect("complete");
            let promise = self.key.sign(promised.as_bytes()).expect("signed");
            entry["inclusionPromise"] = json!({"signedEntryTimestamp": encode(&promise)});
            entry
        }
    }

    /// The root over leaves, by its definition (RFC 9162, 2.1.1).
    fn tree(leaves: &[Hash]) -> Hash {
        if let [leaf] = leaves {
            return *leaf;
        }
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        sha256(&[&[1], &tree(left), &tree(right)])
    }

    /// The path of a leaf, by its definition (RFC 9162, 2.1.3.1).
    fn path(leaves: &[Hash], at: usize) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let half = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(half);
        let (mut steps, sibling) = if at < half {
            (path(left, at), tree(right))
        } else {
            (path(right, at - half), tree(left))
        };
        steps.push(sibling);
        steps
    }

    #[test]
    fn every_leaf_of_every_tree_leads_to_its_root_and_no_other_does() {
        for leaves in 1..=33 {
            let ledger = Ledger::new(leaves);
            for at in 0..leaves {
                let all = ledger.others(at, b"ours");
                let steps = path(&all, at);
                let (size, index) = (leaves as u64, at as u64);
                let root = |body: &[u8], index, size| root_of(body, index, size, &steps);
                assert_eq!(root(b"ours", index, size), Some(tree(&all)));
                assert_ne!(root(b"other", index, size), Some(tree(&all)));
                assert_eq!(root(b"ours", size, size), None);
                assert_eq!(root_of(b"ours", index, 0, &steps), None);
                let long = [&steps[..], &[[0; 32]]].concat();
                assert_eq!(root_of(b"ours", index, size, &long), None);
                if let Some((_, short)) = steps.split_last() {
                    assert_eq!(root_of(b"ours", index, size, short), None);
                }
            }
        }
    }

    /// What is said of an entry after a change to it.
    fn told(change: impl FnOnce(&mut Value)) -> Result<u64, Objection> {
        let (signer, ledger) = (Signer::new(), Ledger::new(11));
        let signature = signer.sign(b"{}");
        let parts = Signed {
            certificate: &signer.certificate,
            statement: b"{}",
            signature: &signature,
        };
        let mut entry = ledger.entry(&parts, 6);
        change(&mut entry);
        let file = tempfile::NamedTempFile::new().expect("a file");
        let pem = format!("{}{}", signer.authority, ledger.pem());
        foretaste_io::files::write_atomic(file.path(), pem.as_bytes()).expect("written");
        let roots = Roots::read(file.path()).expect("roots");
        verify(&entry, &parts, &roots.logs)
    }

    #[test]
    fn an_entry_is_of_the_signature_in_the_tree_and_of_that_time() {
        assert_eq!(told(|_| {}), Ok(AT));
        let later = |e: &mut Value| e["integratedTime"] = json!(AT + 60);
        assert_eq!(told(later), Err("has a time that its log did not sign"));
        let moved = |e: &mut Value| e["inclusionProof"]["logIndex"] = json!("7");
        assert_eq!(told(moved), Err("is not in the tree of its log"));
        let rooted = |e: &mut Value| {
            let note = &mut e["inclusionProof"]["checkpoint"]["envelope"];
            let text = note.as_str().expect("a note");
            *note = json!(text.replacen("log.example", "log.invalid", 1));
        };
        let foreign = Err("stands in no transparency log that is trusted here");
        assert_eq!(told(rooted), foreign);
        let silent = |e: &mut Value| e["inclusionPromise"] = Value::Null;
        assert_eq!(told(silent), Err("has no time that its log signed"));
        // the second kind of log has no promise and no time of its own, and says so in the entry
        let second = |e: &mut Value| {
            let body = bytes(&e["canonicalizedBody"]).expect("a body");
            let mut body: Value = serde_json::from_slice(&body).expect("JSON");
            body["apiVersion"] = json!("0.0.2");
            e["canonicalizedBody"] = json!(STANDARD.encode(body.to_string()));
            e["integratedTime"] = json!("0");
            e["inclusionPromise"] = Value::Null;
        };
        let unread = Err("stands in a log of the second kind (Rekor v2), which is not read here");
        assert_eq!(told(second), unread);
        let unproven = |e: &mut Value| e["inclusionProof"] = Value::Null;
        assert_eq!(told(unproven), Err("has a log entry that cannot be read"));
    }

    #[test]
    fn an_entry_of_another_signature_or_another_log_proves_nothing() {
        let (signer, other) = (Signer::new(), Signer::new());
        let (ledger, foreign) = (Ledger::new(5), Ledger::new(5));
        let signature = signer.sign(b"{}");
        let parts = Signed {
            certificate: &signer.certificate,
            statement: b"{}",
            signature: &signature,
        };
        let entry = ledger.entry(&parts, 4);
        let file = tempfile::NamedTempFile::new().expect("a file");
        let pem = format!("{}{}", signer.authority, foreign.pem());
        foretaste_io::files::write_atomic(file.path(), pem.as_bytes()).expect("written");
        let roots = Roots::read(file.path()).expect("roots");
        let told = verify(&entry, &parts, &roots.logs);
        assert_eq!(
            told,
            Err("stands in no transparency log that is trusted here")
        );
        let else_parts = Signed {
            statement: b"{ }",
            ..parts
        };
        let of_other = Signed {
            certificate: &other.certificate,
            ..parts
        };
        for changed in [else_parts, of_other] {
            let told = verify(&entry, &changed, &roots.logs);
            assert_eq!(told, Err("has a log entry of something else"));
        }
    }
}
