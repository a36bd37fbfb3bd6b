//! What the renderers make of hand-built reports.

mod human;
mod json;
mod reports;
