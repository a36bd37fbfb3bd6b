//! `cargo xtask bench gate`: the gate against the servers that people use in its place, and against nginx with the same bytes
//! as plain files, in one run on loopback. The upstream is synthetic and lies on this machine: no registry is asked for
//! anything but the peers themselves, and no list of names is ever fetched.

mod bars;
mod fixture;
mod install;
mod load;
mod peers;
mod server;
mod traces;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::program;
use crate::child::median;
use fixture::Fixture;
use install::Client;
use load::Load;
use server::Server;

/// How much is measured.
#[derive(Clone, Copy)]
struct Effort {
    /// Rounds of cold installations, and of warm ones.
    cold: usize,
    warm: usize,
    /// Seconds of one load.
    seconds: u32,
    /// Answers after which a decision's time is looked at.
    decisions: u64,
}

const FULL: Effort = Effort {
    cold: fixture::COLD,
    warm: 7,
    seconds: 4,
    decisions: 1_000_000,
};
/// A peer's own distance from its bar is no close matter.
const PEER: Effort = Effort {
    cold: 1,
    warm: 2,
    ..FULL
};
const QUICK: Effort = Effort {
    cold: 1,
    warm: 1,
    seconds: 1,
    decisions: 50_000,
};

/// What was measured of one server.
#[derive(Default)]
struct Figures {
    /// Milliseconds to the first answer.
    start: Option<f64>,
    /// Requests per second.
    small: Option<f64>,
    large: Option<f64>,
    wheel: Option<f64>,
    /// MiB after all of this.
    memory: Option<f64>,
    program: Option<f64>,
    installs: Vec<Installs>,
}

/// Installations with one client, against the same ones from nginx.
struct Installs {
    client: Client,
    warm: f64,
    /// What serves files of its own has nothing cold.
    cold: Option<Cold>,
}

struct Cold {
    /// Small packages.
    small: f64,
    /// Milliseconds that each of them took longer.
    added: f64,
    /// Large packages, if this client was the first to want them.
    large: Option<f64>,
}

/// Runs everything; a peer that cannot be installed or started is left out and named.
///
/// # Errors
/// nginx, wrk or python3 is missing, or the gate does not start.
pub(crate) fn run(binary: Option<PathBuf>, home: &Path, quick: bool) -> Result<()> {
    for (tool, flag) in [("nginx", "-v"), ("wrk", "-v"), ("python3", "--version")] {
        let found = Command::new(tool).arg(flag).output();
        found.with_context(|| format!("{tool} is needed: apt-get install nginx-light wrk"))?;
    }
    let binary = fs::canonicalize(program(binary)?)?;
    fs::create_dir_all(home)?;
    let home = fs::canonicalize(home)?;
    let fixture = Fixture::write(&home.join("gate-upstream"))?;
    let (effort, of_peers) = if quick { (QUICK, QUICK) } else { (FULL, PEER) };
    let nginx = Server::nginx(&home, &fixture)?;
    let mut all = vec![(nginx.name, measure(&nginx, &nginx, &fixture, of_peers))];
    let gate = Server::gate(&home, &binary, &nginx, ("gate", ""))?;
    let figures = measure(&gate, &nginx, &fixture, effort);
    let decisions = decisions(&gate, effort);
    drop(gate);
    let traced = traces::measure(&home, &binary, &nginx, effort.seconds);
    all.push(("foretaste", figures));
    for make in [Server::devpi, Server::proxpi, Server::pypiserver] {
        match make(&home, &nginx, &fixture) {
            Ok(peer) => all.push((peer.name, measure(&peer, &nginx, &fixture, of_peers))),
            Err(error) => println!("left out: {error:#}"),
        }
    }
    bars::print(&all, decisions, traced);
    Ok(())
}

/// A figure, or why there is none.
fn noted<T>(server: &Server, figure: Result<T>) -> Option<T> {
    figure
        .inspect_err(|error| println!("{}: {error:#}", server.name))
        .ok()
}

/// Installs first, so that memory is looked at after load; what is cold is measured before anything is known.
fn measure(server: &Server, nginx: &Server, fixture: &Fixture, effort: Effort) -> Figures {
    eprintln!("▸ {}", server.name);
    let mut figures = Figures {
        start: server.start.map(|s| s * 1e3),
        ..Figures::default()
    };
    for (number, client) in Client::ALL.into_iter().enumerate() {
        let measured = installs(client, server, nginx, fixture, (effort, number == 0));
        figures.installs.extend(noted(server, measured));
    }
    let load = |url: Result<String>| noted(server, url.and_then(|u| Load::run(&u, effort.seconds)));
    if server.has_json() {
        figures.small = load(Ok(server.page("small")));
        figures.large = load(Ok(server.page("large")));
    }
    figures.wheel = load(server.file_url("wheel"));
    figures.memory = server.memory();
    figures.program = server.program_pages();
    figures
}

/// Pairs next to each other, in both orders: the machine's other load drifts.
fn installs(
    client: Client,
    server: &Server,
    nginx: &Server,
    fixture: &Fixture,
    (effort, is_first): (Effort, bool),
) -> Result<Installs> {
    let proxy = !server.is_local();
    let (mut small, mut added) = (Vec::new(), Vec::new());
    for round in 0..if proxy { effort.cold } else { 0 } {
        let names = Fixture::tiny_names(client, round);
        client.install(nginx, &names)?;
        let direct = client.install(nginx, &names)?;
        let here = client.install(server, &names)?;
        let direct = f64::midpoint(direct, client.install(nginx, &names)?);
        small.push(here / direct);
        added.push((here - direct) * 1e3 / names.len() as f64);
    }
    let direct = client.install(nginx, &fixture.names)?;
    let large = client.install(server, &fixture.names)? / direct;
    let mut warm: Vec<f64> = Vec::new();
    for round in 0..effort.warm {
        let order = if round % 2 == 0 {
            [server, nginx]
        } else {
            [nginx, server]
        };
        let one = client.install(order[0], &fixture.names)?;
        let other = client.install(order[1], &fixture.names)?;
        warm.push(if round % 2 == 0 {
            one / other
        } else {
            other / one
        });
    }
    let cold = proxy.then(|| Cold {
        small: median(small),
        added: median(added),
        large: is_first.then_some(large),
    });
    Ok(Installs {
        client,
        warm: median(warm),
        cold,
    })
}

/// Of files that were served, the percentage that was decided about within a millisecond, and how many those were.
fn decisions(gate: &Server, effort: Effort) -> Result<(f64, u64)> {
    let file = gate.tiny_file()?;
    let counted = |text: &str, line: &str| -> u64 {
        let found = text.lines().find_map(|l| l.strip_prefix(line));
        found.and_then(|n| n.trim().parse().ok()).unwrap_or(0)
    };
    let (mut total, mut within) = (0, 0);
    for _ in 0..60 {
        Load::run(&file, effort.seconds)?;
        let text = gate.get("/metrics")?;
        total = counted(&text, "foretaste_gate_decision_seconds_count");
        let bucket = "foretaste_gate_decision_seconds_bucket{le=\"0.001\"}";
        within = counted(&text, bucket);
        if total >= effort.decisions {
            break;
        }
    }
    Ok((within as f64 * 100.0 / total.max(1) as f64, total))
}
