//! An artifact against its repository at the tag of the release.

mod compare;
mod git;
mod objects;
mod products;

pub(crate) use git::Git;
