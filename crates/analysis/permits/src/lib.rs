//! What a contained run and a watched job may do: the policy files of `foretaste run` and `foretaste monitor`, read alike on
//! every system, and what one state of them permits beyond another.
//!
//! A policy is judged by its meaning, as its own parser understands it; never by its text.

mod kind;
pub mod monitor;
mod read;
pub mod run;
mod widening;

pub use kind::{Kind, Permits};
pub use read::MAX_POLICY;
pub use widening::{Step, What, Widening, line};
