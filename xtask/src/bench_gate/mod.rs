//! `cargo xtask bench gate`: the gate against the servers that people use in its place, and against nginx with the same bytes
//! as plain files, in one run on loopback. The upstream is synthetic and lies on this machine: no registry is asked for
//! anything but the peers themselves, and no list of names is ever fetched.

mod fixture;
mod install;
mod load;
mod server;

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

/// Seconds of one load.
const SECONDS: u32 = 4;
/// Answers after which a decision's time is looked at.
const DECISIONS: u64 = 1_000_000;

/// What was measured of one server.
#[derive(Default)]
struct Figures {
    start: Option<f64>,
    small: Option<Load>,
    large: Option<Load>,
    wheel: Option<Load>,
    memory: Option<f64>,
    warm: Vec<(Client, f64)>,
    cold: Vec<(Client, f64)>,
}

/// Runs everything; a peer that cannot be installed or started is left out and named.
///
/// # Errors
/// nginx, wrk or python3 is missing, or the gate does not start.
pub(crate) fn run(binary: Option<PathBuf>, home: &Path) -> Result<()> {
    for (tool, flag) in [("nginx", "-v"), ("wrk", "-v"), ("python3", "--version")] {
        let found = Command::new(tool).arg(flag).output();
        found.with_context(|| format!("{tool} is needed: apt-get install nginx-light wrk"))?;
    }
    let binary = fs::canonicalize(program(binary)?)?;
    fs::create_dir_all(home)?;
    let home = fs::canonicalize(home)?;
    let fixture = Fixture::write(&home.join("gate-upstream"))?;
    let nginx = Server::nginx(&home, &fixture)?;
    let floor = measure(&nginx, &nginx, &fixture)?;
    let mut all = vec![(nginx.name, floor)];
    let gate = Server::gate(&home, &binary, &nginx)?;
    let figures = measure(&gate, &nginx, &fixture)?;
    let decisions = decisions(&gate)?;
    drop(gate);
    all.push(("foretaste", figures));
    for make in [Server::devpi, Server::proxpi, Server::pypiserver] {
        match make(&home, &nginx, &fixture)
            .and_then(|peer| Ok((peer.name, measure(&peer, &nginx, &fixture)?)))
        {
            Ok(row) => all.push(row),
            Err(error) => println!("left out: {error:#}"),
        }
    }
    table(&all);
    println!("{decisions}");
    Ok(())
}

/// Installs first, so that memory is looked at after load; what is cold is measured before anything is known.
fn measure(server: &Server, nginx: &Server, fixture: &Fixture) -> Result<Figures> {
    eprintln!("▸ {}", server.name);
    let mut figures = Figures {
        start: server.start,
        ..Figures::default()
    };
    for client in Client::ALL {
        if !server.is_local() {
            let mut cold: Vec<f64> = Vec::new();
            for round in 0..fixture::COLD {
                // an order that treats both alike: the machine's other load drifts
                let names = Fixture::tiny_names(client, round);
                client.install(nginx, &names)?;
                let direct = client.install(nginx, &names)?;
                cold.push(client.install(server, &names)? / direct);
            }
            figures.cold.push((client, median(cold)));
        }
        client.install(server, &fixture.names)?;
        let mut warm: Vec<f64> = Vec::new();
        for _ in 0..3 {
            let here = client.install(server, &fixture.names)?;
            let direct = client.install(nginx, &fixture.names)?;
            warm.push(here / direct);
        }
        figures.warm.push((client, median(warm)));
    }
    if server.has_json() {
        figures.small = Some(Load::run(&server.page("small"), SECONDS)?);
        figures.large = Some(Load::run(&server.page("large"), SECONDS)?);
    }
    let wheel = server.file_url("wheel")?;
    figures.wheel = Some(Load::run(&wheel, SECONDS)?);
    figures.memory = server.memory();
    Ok(figures)
}

/// How long a decision takes, over a million files that were served.
fn decisions(gate: &Server) -> Result<String> {
    let file = gate.tiny_file()?;
    let counted = |text: &str, line: &str| -> u64 {
        let found = text.lines().find_map(|l| l.strip_prefix(line));
        found.and_then(|n| n.trim().parse().ok()).unwrap_or(0)
    };
    let mut text = String::new();
    for _ in 0..30 {
        Load::run(&file, 2 * SECONDS)?;
        text = gate.get("/metrics")?;
        if counted(&text, "foretaste_gate_decision_seconds_count") >= DECISIONS {
            break;
        }
    }
    let total = counted(&text, "foretaste_gate_decision_seconds_count");
    let within = counted(
        &text,
        "foretaste_gate_decision_seconds_bucket{le=\"0.001\"}",
    );
    Ok(format!(
        "decisions: {total} served files, {:.4} % decided within 1 ms (bar: p99 ≤ 1 ms)",
        within as f64 * 100.0 / total.max(1) as f64
    ))
}

fn table(all: &[(&'static str, Figures)]) {
    let floor = &all[0].1;
    println!(
        "\n{:<11} {:>8} {:>16} {:>16} {:>16} {:>8}  {:<24} {:<24}",
        "",
        "start ms",
        "9 KB page req/s",
        "1.2 MB page",
        "1.25 MB wheel",
        "MiB",
        "40 warm ÷ direct",
        "20 cold ÷ direct"
    );
    for (name, figures) in all {
        let rate = |load: Option<&Load>, of: Option<&Load>| {
            load.zip(of).map_or_else(
                || "-".to_owned(),
                |(l, f)| format!("{:.0} ({:.0} %)", l.rate, l.rate * 100.0 / f.rate),
            )
        };
        let ratios = |list: &[(Client, f64)]| {
            let parts = list
                .iter()
                .map(|(client, ratio)| format!("{} {ratio:.2}×", client.name()));
            parts.collect::<Vec<String>>().join("  ")
        };
        println!(
            "{name:<11} {:>8} {:>16} {:>16} {:>16} {:>8}  {:<24} {:<24}",
            figures
                .start
                .map_or_else(|| "-".to_owned(), |s| format!("{:.0}", s * 1e3)),
            rate(figures.small.as_ref(), floor.small.as_ref()),
            rate(figures.large.as_ref(), floor.large.as_ref()),
            rate(figures.wheel.as_ref(), floor.wheel.as_ref()),
            figures
                .memory
                .map_or_else(|| "-".to_owned(), |m| format!("{m:.0}")),
            ratios(&figures.warm),
            ratios(&figures.cold),
        );
    }
    println!(
        "bars:       {:>8} {:>16} {:>16} {:>16} {:>8}  {:<24} {:<24}",
        "≤ 100", "≥ 40k, ≥ 40 %", "≥ 2,000", "≥ 80 %", "≤ 60", "≤ 1.05×", "≤ 1.3×"
    );
}
