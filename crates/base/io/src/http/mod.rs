//! HTTP with manners: bounded, patient, cached, and careful with credentials.

mod cache;
mod client;
mod error;
mod freshness;
mod options;
mod request;
mod retry;
mod tls;

pub use client::HttpClient;
pub use error::HttpError;
pub use options::HttpOptions;
pub use request::{CachePolicy, Request, Response};
