//! Deciphers and digests of `crypto` whose key stands in the code: `createDecipheriv`, `createHash`, crypto-js.
//!
//! An object that holds a key is an object of the heap; what it holds is kept beside it.

use foretaste_model::Capability;
use foretaste_observe::cipher::{self, Mode};
use foretaste_observe::decode;
use foretaste_observe::table::Entry;

use super::Evaluator;
use super::call::Site;
use super::fold::{bytes_text, latin1_bytes};
use crate::apis::ApiRef;
use crate::special::Special;
use crate::values::{Value, ValueId};

/// What an object of `crypto` was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Mode, key and initialisation vector.
    Decipher(Mode, Vec<u8>, Vec<u8>),
    /// The name of a digest, and its data so far; none once it is not constant any more.
    Hash(String, Option<Vec<u8>>),
}

/// Data behind a digest that is made here.
const MAX_HASHED: usize = 1 << 16;

impl Evaluator<'_> {
    /// A call of `crypto` with constants. `None`: go on with what the table says.
    pub(super) fn cipher_call(
        &mut self,
        special: Special,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> Option<ValueId> {
        match special {
            Special::Decipher => {
                let name = self.arg(site, 0);
                let mode = Mode::of_cipher(self.ir.strings.constant(name.text)?)?;
                let key = self.constant_bytes(&self.arg(site, 1), "")?;
                let vector = self
                    .constant_bytes(&self.arg(site, 2), "")
                    .unwrap_or_default();
                Some(self.hold(
                    Held::Decipher(mode, key, vector),
                    "crypto.Decipher",
                    api,
                    entry,
                    site,
                ))
            }
            Special::Hash => {
                let name = self.arg(site, 0);
                let name = self.ir.strings.constant(name.text)?.to_owned();
                Some(self.hold(
                    Held::Hash(name, Some(Vec::new())),
                    "crypto.Hash",
                    api,
                    entry,
                    site,
                ))
            }
            Special::Update => self.update(api, entry, site),
            Special::Final => {
                let (_, held) = self.held(site)?;
                match held {
                    Held::Decipher(..) => {
                        let nothing = self.ir.strings.fold(String::new());
                        Some(self.intern(Value::of_text(nothing)))
                    }
                    Held::Hash(name, data) => {
                        let digest = cipher::digest(&name, &data?)?;
                        let encoding = self.arg(site, 0);
                        let text = match self.ir.strings.constant(encoding.text) {
                            Some("hex") => digest.iter().map(|b| format!("{b:02x}")).collect(),
                            Some(_) => return None,
                            None => bytes_text(digest),
                        };
                        let text = self.ir.strings.fold(text);
                        Some(self.intern(Value::of_text(text)))
                    }
                }
            }
            Special::Passphrase => {
                let data = self.arg(site, 0);
                let secret = self.constant_bytes(&self.arg(site, 1), "")?;
                let bytes = self.constant_bytes(&data, "base64")?;
                let plain = cipher::openssl(&secret, &bytes)?;
                self.note(api, entry, site);
                Some(self.decoded(
                    Some(bytes_text(plain)),
                    data.taints,
                    api,
                    Capability::DecodeCipher,
                    site.node,
                ))
            }
            Special::Pieces => {
                let list = self.arg(site, 0);
                let text = self.join_texts(&list, "")?;
                let taints = self.deep_of_objects(&list);
                self.record_folded(site.node, text);
                Some(self.intern(Value {
                    text,
                    taints,
                    ..Value::default()
                }))
            }
            _ => None,
        }
    }

    /// `decipher.update(data, from, to)`, `hash.update(data)`.
    fn update(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> Option<ValueId> {
        let (object, held) = self.held(site)?;
        let data = self.arg(site, 0);
        let encoding = self.arg(site, 1);
        let encoding = self
            .ir
            .strings
            .constant(encoding.text)
            .unwrap_or("")
            .to_owned();
        let bytes = self.constant_bytes(&data, &encoding);
        match held {
            Held::Hash(name, so_far) => {
                let all = so_far.zip(bytes).map(|(mut all, more)| {
                    // each pass of the evaluator comes by again
                    if !all.ends_with(&more) {
                        all.extend(more);
                    }
                    all
                });
                let all = all.filter(|a| a.len() <= MAX_HASHED);
                let known = all.is_some();
                self.held.insert(object, Held::Hash(name, all));
                if !known {
                    return None;
                }
                self.note(api, entry, site);
                let receiver = site.receiver?;
                Some(self.value_of(receiver))
            }
            Held::Decipher(mode, key, vector) => {
                let plain = cipher::aes(mode, &key, &vector, &bytes?)?;
                self.note(api, entry, site);
                let inner = self.deep_of_objects(&data);
                let taints = self.taints.union(data.taints, inner);
                Some(self.decoded(
                    Some(bytes_text(plain)),
                    taints,
                    api,
                    Capability::DecodeCipher,
                    site.node,
                ))
            }
        }
    }

    fn note(&mut self, api: ApiRef, entry: Option<&'static Entry>, site: &Site) {
        if let Some(entry) = entry {
            self.note_use(api, entry.capabilities, site);
        }
    }

    /// A new object that holds something.
    fn hold(
        &mut self,
        what: Held,
        kind: &str,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> ValueId {
        self.note(api, entry, site);
        let object = self.object_of(site.node);
        self.held.insert(object, what);
        let kind = ApiRef::new(
            self.apis.kind(kind),
            foretaste_model::facts::Resolution::Method,
        );
        self.intern(Value {
            apis: [kind, ApiRef::NONE, ApiRef::NONE],
            ..Value::of_object(object)
        })
    }

    /// What the receiver of a method holds.
    fn held(&self, site: &Site) -> Option<(u32, Held)> {
        let receiver = self.value(self.value_of(site.receiver?));
        let mut objects = receiver.objects();
        let object = objects.next()?;
        // either of two keys is none
        if objects.next().is_some() {
            return None;
        }
        Some((object, self.held.get(&object)?.clone()))
    }

    /// The bytes of a constant: in an encoding, or those of a buffer or text.
    fn constant_bytes(&self, value: &Value, encoding: &str) -> Option<Vec<u8>> {
        let text = self.ir.strings.constant(value.text)?;
        match encoding {
            "hex" => decode::hex(text.as_bytes()),
            "base64" | "base64url" => decode::base64(text.as_bytes()),
            // bytes that read as UTF-8 are kept as that text, all others one character each
            _ => match latin1_bytes(text) {
                Some(bytes) if std::str::from_utf8(&bytes).is_err() => Some(bytes),
                _ => Some(text.as_bytes().to_vec()),
            },
        }
    }
}
