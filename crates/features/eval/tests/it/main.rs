//! The benchmark on samples and outcomes made by hand, so that no rule's change moves what is checked here.

mod choosing;
mod figures;
mod finding;
mod pages;
mod running;
mod support;
