//! `foretaste gate serve`

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use foretaste_gate::{Gate, GateOptions, Server, Settings};
use foretaste_io::Environment;
use foretaste_osv::Advisories;

use crate::cli::Global;
use crate::commands::audit;
use crate::exit::Code;
use crate::printer::Printer;
use crate::vetter::TasteVetter;
use crate::{configuration, isolated};

/// Serves until interrupted.
///
/// # Errors
/// The gate cannot be opened, or the address cannot be used.
pub(crate) fn run(
    global: &Global,
    mut settings: Settings,
    listen: Option<&str>,
    printer: Printer,
) -> Result<Code> {
    if let Some(listen) = listen {
        listen
            .parse::<std::net::SocketAddr>()
            .with_context(|| format!("`{listen}` is no address; write 127.0.0.1:8030"))?;
        listen.clone_into(&mut settings.listen);
    }
    runtime()?.block_on(async {
        let gate = open(global, settings, Serves::Others).await?;
        let server = Server::bind(Arc::clone(&gate)).await?.with_upkeep();
        let address = server.address()?;
        for notice in gate.notices() {
            printer.note(notice);
        }
        printer.note(&format!(
            "serving on {}://{address}; files and verdicts are kept in {}",
            server.scheme(),
            gate.folder().display()
        ));
        server.run(interrupted()).await?;
        printer.note("every answer that had begun was sent");
        anyhow::Ok(())
    })?;
    Ok(Code::Clear)
}

/// How long a thread that waits for blocking work stays: each keeps what it used of memory, and a file is vetted on one.
const THREAD_STAYS: Duration = Duration::from_secs(1);

/// A runtime, with the process for files that nest too deep.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_keep_alive(THREAD_STAYS)
        .build()
        .context("cannot start the asynchronous runtime")?;
    isolated::set_up(runtime.handle());
    Ok(runtime)
}

/// Whom a gate serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serves {
    /// Whoever may connect.
    Others,
    /// The command that it was started for.
    OneCommand,
}

/// Opens a gate that vets with this program's rules and policy.
pub(crate) async fn open(global: &Global, settings: Settings, serves: Serves) -> Result<Arc<Gate>> {
    let environment = Environment::of_process();
    let configuration = configuration::load(global, &environment)?;
    let environment = configuration.environment(environment);
    let internal_names = configuration.policy.internal_names.clone();
    let http = audit::http_options(global, &environment, &configuration.policy);
    let options = audit::plain_options(global, environment.clone(), configuration);
    let advisories = options
        .policy
        .advisories
        .enabled
        .then(|| Advisories::of_user(&environment))
        .flatten();
    let vetter = Arc::new(TasteVetter::new(options, &settings));
    Ok(Gate::open(GateOptions {
        settings,
        serves_itself_alone: serves == Serves::OneCommand,
        internal_names,
        environment,
        http,
        vetter,
        advisories,
    })
    .await?)
}

/// Done when the process is asked to end.
async fn interrupted() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupt => {}
            () = terminate => {}
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}
