//! Source repositories at code hosts: GitHub and GitLab, public or self-hosted.

mod describe;
mod github;
mod gitlab;
mod manifests;
mod place;
mod reviews;

pub(crate) use describe::describe;
pub(crate) use place::Forges;
pub use place::{Forge, Place};
pub use reviews::Review;
pub(crate) use reviews::review;
