//! `foretaste gate serve`

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use foretaste_gate::{Alarm, Gate, GateOptions, Server, Settings};
use foretaste_io::{Environment, Program};
use foretaste_osv::Advisories;

use crate::alarm::SinkAlarm;
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
    give_memory_back()?;
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
        let (told, stopped) = tokio::sync::oneshot::channel::<()>();
        let mut serving = pin!(server.run(async { drop(stopped.await) }));
        tokio::select! {
            done = &mut serving => return anyhow::Ok(done?),
            () = interrupted() => drop(told),
        }
        let impatient = async {
            // most answers take no time at all
            tokio::time::sleep(Duration::from_millis(500)).await;
            printer.note("sending the answers that have begun; interrupt again to end at once");
            tokio::select! {
                () = interrupted() => {}
                () = tokio::time::sleep(GRACE) => {}
            }
        };
        tokio::select! {
            done = &mut serving => {
                done?;
                printer.note("every answer that had begun was sent");
            }
            () = impatient => {
                gate.close().await;
                printer.note("ended; some answers that had begun were cut");
            }
        }
        anyhow::Ok(())
    })?;
    Ok(Code::Clear)
}

/// How long clients have to take the answers that have begun: service managers kill what takes half a minute.
const GRACE: Duration = Duration::from_secs(25);

/// How soon the allocator gives back what was let go of, in its own words and milliseconds. Of the system's own, which SQLite
/// uses: how many heaps it has (otherwise one for each thread), and how many free bytes it keeps at a heap's end.
const GIVES_BACK: [(&str, &str); 3] = [
    ("MIMALLOC_PURGE_DELAY", "0"),
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_TRIM_THRESHOLD_", "65536"),
];

/// Begins this process anew with allocators that give memory back at once, unless its user has set the first already: it
/// otherwise keeps what a vetting or a large page needed until the same thread happens to need some again, which costs a server
/// between two installations up to 40 MiB. It reads its settings before `main`, and nowhere else.
fn give_memory_back() -> Result<()> {
    let [(first, _), ..] = GIVES_BACK;
    if std::env::var_os(first).is_some() {
        return Ok(());
    }
    let Ok(binary) = std::env::current_exe() else {
        return Ok(());
    };
    let mut again = Program::new(binary).args(std::env::args_os().skip(1));
    for (name, value) in GIVES_BACK {
        again = again.env(name, value);
    }
    let code = again.replace()?;
    std::process::exit(code)
}

/// How long a thread that waits for blocking work stays: each keeps what it used of memory, and a file is vetted on one.
const THREAD_STAYS: Duration = Duration::from_secs(1);
/// How many of them there may be: they read files, and vet as many at once as there are processors.
const BLOCKING_THREADS: usize = 24;

/// A runtime, with the process for files that nest too deep.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_keep_alive(THREAD_STAYS)
        .max_blocking_threads(BLOCKING_THREADS)
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
    // for one command, its user reads the outcome
    let alarm = (serves == Serves::Others)
        .then(|| SinkAlarm::of_user(&environment))
        .flatten()
        .map(|alarm| Arc::new(alarm) as Arc<dyn Alarm>);
    Ok(Gate::open(GateOptions {
        settings,
        alarm,
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
