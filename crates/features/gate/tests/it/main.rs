//! The gate over loopback: protocols, decisions, reliability.

mod cargo;
mod npm;
mod pypi;
mod support;
mod trouble;
mod upload;
