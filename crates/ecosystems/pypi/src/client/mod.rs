//! The registry: pages, choice of a release, everything known about it.

mod choose;
mod gather;
mod pages;
mod provenance;
mod registry;

pub use registry::PypiRegistry;
