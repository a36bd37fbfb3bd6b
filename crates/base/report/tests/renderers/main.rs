//! What the renderers make of hand-built reports.

mod build_servers;
mod hostile;
mod human;
mod json;
mod markdown;
mod reports;
mod sarif;
