//! `foretaste egress policy`: the allow-list in the words of those who enforce it.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};

use crate::exit::Code;
use crate::printer::Printer;

/// `foretaste egress`
#[derive(Debug, Args)]
pub(crate) struct EgressArgs {
    #[command(subcommand)]
    action: EgressAction,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum EgressAction {
    /// Render an allow-list, written or learned, for Kubernetes, Cilium, nftables, squid, Falco or the monitor itself.
    #[command(
        after_help = "Examples:\n  sudo foretaste monitor run --format json -o seen.json -- ./ci.sh\n  foretaste egress policy --from seen.json --target monitor > monitor.toml\n  foretaste egress policy --from monitor.toml --target cilium"
    )]
    Policy {
        /// A policy (TOML), or a report of `foretaste monitor` (JSON) to learn one from.
        #[arg(long, value_name = "FILE", default_value = "monitor.toml")]
        from: PathBuf,
        /// Who enforces it.
        #[arg(long, value_name = "TARGET", value_parser = ["k8s", "cilium", "iptables", "squid", "falco", "monitor"])]
        target: String,
        /// What the result is called, where it needs a name.
        #[arg(long, value_name = "NAME", default_value = "foretaste-egress")]
        name: String,
    },
}

/// Runs the command.
///
/// # Errors
/// The file cannot be read or understood.
#[cfg(target_os = "linux")]
pub(crate) fn run(args: &EgressArgs, printer: Printer) -> Result<Code> {
    use foretaste_monitor::egress::{Target, learned, render};
    use foretaste_monitor::policy::Policy;

    let EgressAction::Policy { from, target, name } = &args.action;
    let target = Target::named(target).context("no such target")?;
    let policy = if from.extension().is_some_and(|end| end == "json") {
        learned(&foretaste_io::files::read_text(from, 1 << 30)?)?
    } else {
        Policy::read(from)?
    };
    if policy.endpoints().next().is_none() {
        printer.note("the list is empty: nothing may be reached");
    }
    let rendered = render(&policy, target, name);
    for remark in &rendered.remarks {
        printer.note(remark);
    }
    Printer::data(&rendered.text)?;
    Ok(Code::Clear)
}

/// The monitor, whose policies these are, needs Linux.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub(crate) fn run(args: &EgressArgs, _: Printer) -> Result<Code> {
    anyhow::bail!("`foretaste egress` needs Linux: {:?}", args.action)
}
