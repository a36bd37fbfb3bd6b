//! A PostgreSQL server of one's own, in a folder that goes when the test ends.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{AnyPool, Connection as _};

/// The URL of a server on which every gate of every test has a database of its own: to run all tests on PostgreSQL.
const EVERYTHING: &str = "FORETASTE_TEST_DATABASE";

/// A running server. It trusts whoever connects on loopback.
pub(crate) struct Postgres {
    server: Child,
    programs: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
}

/// Where Debian and others put the programs that are not for everybody.
fn programs() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let found = std::env::split_paths(&paths)
        .chain(versions.flatten().map(|entry| entry.path().join("bin")))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "PostgreSQL is needed in CI"
        );
        eprintln!("skipped: PostgreSQL is not installed");
    }
    found
}

/// A command as somebody who is not root: PostgreSQL refuses to run as root.
fn unprivileged(program: &Path) -> Command {
    if std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) != 0) {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program)
        .current_dir("/");
    command
}

impl Postgres {
    /// Starts a server; none if it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        if std::fs::metadata("/proc/self")
            .is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
        {
            std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).expect("given away");
        }
        let made = unprivileged(&programs.join("initdb"))
            .args(["--auth=trust", "--username=gate", "--no-sync", "-D"])
            .arg(folder.path().join("data"))
            .env("LC_ALL", "C.UTF-8")
            .output()
            .expect("initdb starts");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let server = Self::serve(&programs, folder.path(), port);
        let mut own = Self {
            server,
            programs,
            folder,
            port,
        };
        own.wait();
        Some(own)
    }

    fn serve(programs: &Path, folder: &Path, port: u16) -> Child {
        unprivileged(&programs.join("postgres"))
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "fsync=off", "-c", "unix_socket_directories="])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres starts")
    }

    fn wait(&mut self) {
        let begin = Instant::now();
        // whatever it answers, it listens
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.server.try_wait().expect("its state");
            assert!(ended.is_none(), "postgres ended: {ended:?}");
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "it does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://gate@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends the server, with every connection to it.
    pub(crate) fn stop(&mut self) {
        let pid = self.server.id().to_string();
        // SIGINT: connections are ended, too
        let told = Command::new("kill").args(["-INT", &pid]).status();
        assert!(told.expect("kill starts").success());
        self.server.wait().expect("it ends");
    }

    pub(crate) fn start_again(&mut self) {
        self.server = Self::serve(&self.programs, self.folder.path(), self.port);
        self.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.server.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.stop();
        }
    }
}

/// True if all tests run on PostgreSQL: those of SQLite's files do not then.
pub(crate) fn is_everything() -> bool {
    std::env::var_os(EVERYTHING).is_some()
}

/// Settings for a gate in a folder, if all tests are to run on PostgreSQL.
pub(crate) async fn for_everything(folder: &Path, settings: &str) -> String {
    let own = settings.contains("[storage]");
    let Some(server) = std::env::var(EVERYTHING).ok().filter(|_| !own) else {
        return String::new();
    };
    let name = folder.file_name().expect("a name").to_string_lossy();
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = format!("gate_{}", name.to_lowercase());
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&server).await.expect("the server");
    let create = format!("CREATE DATABASE {name}");
    // a gate that is started again finds its own
    let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(create))
        .execute(&pool)
        .await;
    pool.acquire()
        .await
        .expect("a connection")
        .ping()
        .await
        .expect("it answers");
    pool.close().await;
    let base = server.rsplit_once('/').expect("a database").0;
    format!("[storage]\ndatabase = '{base}/{name}'\n")
}
