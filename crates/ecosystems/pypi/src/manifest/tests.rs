//! Each manifest, from its specification.
