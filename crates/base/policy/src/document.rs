//! Reading other TOML documents with the same care as `foretaste.toml`.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::de::DeTable;

use crate::validate::Walk;
use crate::{Place, Places, PolicyError, PolicyErrors};

/// A document that was read, and where its keys stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Document<T> {
    /// What it says.
    pub value: T,
    /// Where each key stands.
    pub places: Places,
}

/// The JSON schema (2020-12) of a type, for editors and for [`read_document`].
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Reads a TOML document of a documented type. `path` is how messages call it.
///
/// # Errors
/// Every mistake, with its place and a near word: syntax, or else unknown keys, wrong types and words.
pub fn read_document<T: JsonSchema + DeserializeOwned>(
    path: &str,
    text: &str,
) -> Result<Document<T>, PolicyErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let schema = schema_of::<T>();
    let mut walk = Walk::new(path, text).with_definitions(&schema);
    let (table, syntax) = DeTable::parse_recoverable(text);
    for error in &syntax {
        crate::read::report(&mut walk, error);
    }
    if syntax.is_empty() {
        walk.table(table.get_ref(), &schema, "", 0);
    }
    if walk.errors.is_empty() {
        match toml::from_str(text) {
            Ok(value) => {
                return Ok(Document {
                    value,
                    places: walk.places,
                });
            }
            Err(error) => crate::read::report(&mut walk, &error),
        }
    }
    let unknown = || walk.places.error(Place::START, "it cannot be read", None);
    let errors = if walk.errors.is_empty() {
        vec![unknown()]
    } else {
        walk.errors
    };
    Err(PolicyErrors::of(errors))
}

impl<T> Document<T> {
    /// A mistake at a key, by its dotted path (`rules[0].when`); at the beginning if the key is not there.
    pub fn mistake(&self, key: &str, message: &str, hint: Option<&str>) -> PolicyError {
        let place = self.places.of(key).unwrap_or(Place::START);
        self.places.error(place, message, hint.map(Into::into))
    }
}
