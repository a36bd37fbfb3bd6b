//! Source repositories at code hosts: GitHub and GitLab, public or self-hosted.

mod describe;
mod github;
mod gitlab;
mod manifests;
mod place;

pub(crate) use describe::describe;
pub(crate) use place::Forges;
pub use place::{Forge, Place};
