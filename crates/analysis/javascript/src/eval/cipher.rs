//! Deciphers and digests of `crypto` whose key stands in the code: `createDecipheriv`, `createHash`, crypto-js.
//!
//! An object that holds a key is an object of the heap; what it holds is kept beside it.

use std::collections::BTreeMap;

use foretaste_model::Capability;
use foretaste_observe::cipher::{self, Mode};
use foretaste_observe::decode;
use foretaste_observe::table::Entry;

use super::Evaluator;
use super::call::Site;
use super::fold::{bytes_text, latin1_bytes};
use crate::apis::ApiRef;
use crate::ir::NodeId;
use crate::values::{Value, ValueId};

/// What an object of `crypto` was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Mode, key and initialisation vector.
    Decipher(Mode, Vec<u8>, Vec<u8>),
    /// The name of a digest, and its data.
    Hash(String, Pieces),
}

/// What each call of `update` adds to the data of a digest, in the order of the source; none for what is not constant.
/// Each pass comes by the same calls again.
type Pieces = BTreeMap<NodeId, Option<Vec<u8>>>;

/// Bytes of data behind a digest that is made here.
const MAX_HASHED: usize = 1 << 16;

/// Calls of `update` behind a digest that is made here.
const MAX_UPDATES: usize = 64;

/// The data behind a digest; none if part of it is not constant, or there is too much of it.
fn data_of(pieces: &Pieces) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    for piece in pieces.values() {
        data.extend_from_slice(piece.as_deref()?);
        if data.len() > MAX_HASHED {
            return None;
        }
    }
    (pieces.len() <= MAX_UPDATES).then_some(data)
}

/// Each gives none where the call is none with constants: go on with what the table says.
impl Evaluator<'_> {
    /// `crypto.createDecipheriv(name, key, vector)`.
    pub(super) fn decipher(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> Option<ValueId> {
        let name = self.arg(site, 0);
        let mode = Mode::of_cipher(self.ir.strings.constant(name.text)?)?;
        let key = self.constant_bytes(&self.arg(site, 1), "")?;
        let vector = self
            .constant_bytes(&self.arg(site, 2), "")
            .unwrap_or_default();
        let object = self.object_of(site.node);
        self.held.insert(object, Held::Decipher(mode, key, vector));
        Some(self.holder(object, "crypto.Decipher", api, entry, site))
    }

    /// `crypto.createHash(name)`.
    pub(super) fn hash(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> Option<ValueId> {
        let name = self.arg(site, 0);
        let name = self.ir.strings.constant(name.text)?.to_owned();
        let object = self.object_of(site.node);
        match self.held.get_mut(&object) {
            // the calls of `update` may stand in a function that this pass leaves out
            Some(Held::Hash(known, _)) => *known = name,
            _ => {
                self.held.insert(object, Held::Hash(name, Pieces::new()));
            }
        }
        Some(self.holder(object, "crypto.Hash", api, entry, site))
    }

    /// `decipher.update(data, from, to)`, `hash.update(data)`.
    pub(super) fn update(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> Option<ValueId> {
        let object = self.holding(site)?;
        let data = self.arg(site, 0);
        let encoding = self.arg(site, 1);
        let encoding = self.ir.strings.constant(encoding.text).unwrap_or("");
        let bytes = self.constant_bytes(&data, encoding);
        match self.held.get_mut(&object)? {
            Held::Hash(_, pieces) => {
                let bytes = bytes.filter(|bytes| bytes.len() <= MAX_HASHED);
                // one more than counts tells that there are too many
                if pieces.len() <= MAX_UPDATES || pieces.contains_key(&site.node) {
                    pieces.insert(site.node, bytes);
                }
                if pieces.values().any(Option::is_none) {
                    return None;
                }
                self.note(api, entry, site);
                site.receiver.map(|receiver| self.value_of(receiver))
            }
            Held::Decipher(mode, key, vector) => {
                let plain = cipher::aes(*mode, key, vector, &bytes?)?;
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

    /// `decipher.final(to)`, `hash.digest(to)`.
    pub(super) fn finish(&mut self, site: &Site) -> Option<ValueId> {
        let object = self.holding(site)?;
        let text = match self.held.get(&object)? {
            Held::Decipher(..) => String::new(),
            Held::Hash(name, pieces) => {
                let digest = cipher::digest(name, &data_of(pieces)?)?;
                let encoding = self.arg(site, 0);
                match self.ir.strings.constant(encoding.text) {
                    Some("hex") => digest.iter().map(|b| format!("{b:02x}")).collect(),
                    Some(_) => return None,
                    None => bytes_text(digest),
                }
            }
        };
        let text = self.ir.strings.fold(text);
        Some(self.intern(Value::of_text(text)))
    }

    /// `CryptoJS.AES.decrypt(data, passphrase)`.
    pub(super) fn passphrase(
        &mut self,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> Option<ValueId> {
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

    fn note(&mut self, api: ApiRef, entry: Option<&'static Entry>, site: &Site) {
        if let Some(entry) = entry {
            self.note_use(api, entry.capabilities, site);
        }
    }

    /// The value of an object that holds something.
    fn holder(
        &mut self,
        object: u32,
        kind: &str,
        api: ApiRef,
        entry: Option<&'static Entry>,
        site: &Site,
    ) -> ValueId {
        self.note(api, entry, site);
        let kind = ApiRef::new(
            self.apis.kind(kind),
            foretaste_model::facts::Resolution::Method,
        );
        self.intern(Value {
            apis: [kind, ApiRef::NONE, ApiRef::NONE],
            ..Value::of_object(object)
        })
    }

    /// The object of which a method is called.
    fn holding(&self, site: &Site) -> Option<u32> {
        let receiver = self.value(self.value_of(site.receiver?));
        let mut objects = receiver.objects();
        let object = objects.next()?;
        // either of two keys is none
        objects.next().is_none().then_some(object)
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
