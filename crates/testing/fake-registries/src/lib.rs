//! Package registries on the loopback interface that speak the real protocols, for tests.
//!
//! Each is built from packages in memory, answers as the real one does (entity tags, credentials, rate limits), and
//! keeps a log of what it was asked. Everything stops when the value is dropped.

mod archive;
mod cargo;
mod files;
mod npm;
mod pypi;
mod server;
mod wheel;

pub use archive::{gem, tar_gz, zip};
pub use cargo::FakeCargo;
pub use files::FakeFiles;
pub use npm::FakeNpm;
pub use pypi::{FakeFile, FakeProject, FakePypi, JsonApi, Pages};
pub use server::{Answer, Ask, FakeServer, Fault, FaultKind, Manners};
pub use wheel::wheel;
