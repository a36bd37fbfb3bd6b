//! Every client against a service on the loopback interface that speaks the real protocol.

mod advisories;
mod dns_stub;
mod domains;
mod memory;
mod repository;
mod server;
mod source;
