//! The gate over loopback: protocols, decisions, reliability.

mod admin;
mod cargo;
mod npm;
mod pypi;
mod support;
mod trouble;
mod upload;
