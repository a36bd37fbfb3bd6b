//! XML and YAML of manifests, as flat lists of paths, values and places.
//!
//! Manifests of several ecosystems are XML (`.nuspec`, `pom.xml`, MSBuild files) or YAML (gem specifications,
//! `action.yml`). What is asked of them is small: the value at a path, the parts below one. Both readers stream, so
//! that nesting costs no stack; both are bounded, expand no entities and no aliases, and return what stands before a
//! break together with the [`Problem`](foretaste_model::facts::Problem).

mod document;
mod tree;
mod xml;
mod yaml;

pub use document::{Document, Entry};
pub use tree::{Member, Node, Tree, Value, yaml_tree};
pub use xml::xml;
pub use yaml::yaml;
