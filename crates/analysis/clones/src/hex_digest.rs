//! Digests as hexadecimal text in readable formats, and as bytes in the others.

use foretaste_model::ContentDigest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) fn read(text: &str) -> Option<ContentDigest> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim(), &mut bytes).ok()?;
    Some(ContentDigest::from_bytes(bytes))
}

pub(crate) fn serialize<S: Serializer>(digest: &ContentDigest, to: S) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        to.serialize_str(&digest.to_hex())
    } else {
        digest.as_bytes().serialize(to)
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ContentDigest, D::Error> {
    if from.is_human_readable() {
        let text = String::deserialize(from)?;
        read(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no SHA-256")))
    } else {
        Ok(ContentDigest::from_bytes(<[u8; 32]>::deserialize(from)?))
    }
}

/// The same for digests that may be unknown.
pub(crate) mod optional {
    use foretaste_model::ContentDigest;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Wrapped(#[serde(with = "super")] ContentDigest);

    #[expect(clippy::ref_option, reason = "serde calls it with a reference")]
    pub(crate) fn serialize<S: Serializer>(
        digest: &Option<ContentDigest>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        digest.map(Wrapped).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<ContentDigest>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(from)?.map(|w| w.0))
    }
}
