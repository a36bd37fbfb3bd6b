//! HTTP with manners: bounded, patient, cached, and careful with credentials.

mod attempt;
mod cache;
mod client;
mod error;
mod freshness;
mod headers;
mod incoming;
mod options;
mod post;
mod reach;
mod request;
mod retry;
mod save;
mod tls;

pub(crate) use client::build;
pub use client::{HttpClient, HttpCounts};
pub use error::HttpError;
pub use incoming::{Arrived, Incoming};
pub use options::HttpOptions;
pub use reach::Reach;
pub use request::{CachePolicy, Request, Response};
pub use save::Saved;
