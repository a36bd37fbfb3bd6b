//! HTTP with manners: bounded, patient, cached, and careful with credentials.

mod attempt;
mod cache;
mod client;
mod error;
mod freshness;
mod headers;
mod options;
mod post;
mod reach;
mod request;
mod retry;
mod save;
mod tls;

pub use client::HttpClient;
pub use error::HttpError;
pub use options::HttpOptions;
pub use reach::Reach;
pub use request::{CachePolicy, Request, Response};
pub use save::{Arrived, Saved};
