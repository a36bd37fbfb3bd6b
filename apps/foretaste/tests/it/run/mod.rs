//! `foretaste run` in real namespaces, as the user who runs the tests and as one without any rights.

mod behaviours;
mod changes;
mod containment;
mod escapes;
mod formats;
mod gem;
mod gvisor;
mod network;
mod project;
mod registry;
mod robust;
mod traces;
