//! A project folder in which commands are run.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// A folder of a user, with a place for runs beside it.
pub(super) struct Project {
    folder: tempfile::TempDir,
    /// Another user than the one who runs the tests.
    as_nobody: bool,
}

impl Project {
    pub(super) fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// One in another place than usual.
    pub(super) fn below(place: &Path) -> Self {
        Self {
            folder: tempfile::tempdir_in(place).expect("a temporary folder"),
            as_nobody: false,
        }
    }

    /// One whose commands run as a user without rights. `None`, and a word about it, when the tests have no right to
    /// become one.
    pub(super) fn of_nobody() -> Option<Self> {
        let project = Self {
            as_nobody: true,
            ..Self::new()
        };
        let path = project.folder.path();
        for sub in ["project", "home", "state"] {
            fs::create_dir_all(path.join(sub)).expect("can be made");
        }
        // the binary lies below a home that nobody else may enter; most of its size are symbols
        let copied = Command::new("strip")
            .arg("-o")
            .arg(path.join("foretaste"))
            .arg(env!("CARGO_BIN_EXE_foretaste"))
            .status()
            .expect("linkers come with strip");
        assert!(copied.success(), "can be copied");
        let given = Command::new("chown")
            .args(["-R", "65534:65534"])
            .arg(path)
            .status();
        if given.is_ok_and(|status| status.success()) {
            return Some(project);
        }
        println!("left out: only root can test as another user");
        None
    }

    /// The project's folder.
    pub(super) fn path(&self) -> PathBuf {
        let path = self.folder.path().join("project");
        fs::create_dir_all(&path).expect("can be made");
        path
    }

    pub(super) fn write(&self, path: &str, content: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("has a parent")).expect("can be made");
        fs::write(&path, content).expect("can be written");
        path
    }

    pub(super) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path().join(path)).ok()
    }

    /// The home folder.
    pub(super) fn home(&self) -> PathBuf {
        let path = self.folder.path().join("home");
        fs::create_dir_all(&path).expect("can be made");
        path
    }

    /// `foretaste run OPTIONS -- sh -c SCRIPT`
    pub(super) fn command(&self, options: &[&str], script: &str) -> Command {
        let mut command = if self.as_nobody {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
                .arg(self.folder.path().join("foretaste"));
            command
        } else {
            Command::new(env!("CARGO_BIN_EXE_foretaste"))
        };
        command
            .arg("run")
            .args(options)
            .args(["--", "sh", "-c", script])
            .current_dir(self.path())
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", self.home())
            .env("LANG", "C.UTF-8")
            .env("AWS_SECRET_ACCESS_KEY", "of-the-host")
            .env("FORETASTE_STATE_DIR", self.folder.path().join("state"))
            .stdin(Stdio::null());
        command
    }

    pub(super) fn run(&self, options: &[&str], script: &str) -> Done {
        Done::of(
            &self
                .command(options, script)
                .output()
                .expect("the binary starts"),
        )
    }

    /// Starts a run whose command says `begun`, and waits for that.
    pub(super) fn begin(&self, options: &[&str], script: &str) -> Begun {
        let mut child = self
            .command(options, script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("can be read");
        assert_eq!(line, "begun\n");
        Begun { child, output }
    }

    /// The folders of runs that are still there.
    pub(super) fn runs(&self) -> usize {
        fs::read_dir(self.folder.path().join("state/runs")).map_or(0, Iterator::count)
    }

    /// The folder of everything.
    pub(super) fn top(&self) -> &Path {
        self.folder.path()
    }
}

/// A run whose command has begun.
pub(super) struct Begun {
    pub(super) child: Child,
    output: BufReader<ChildStdout>,
}

impl Begun {
    /// Gives the command, if it reads one, a line; and waits for the end. What it said before is left out.
    pub(super) fn go_on(mut self) -> Done {
        if let Some(mut input) = self.child.stdin.take() {
            // it may not want to know
            let _ = input.write_all(b"\n");
        }
        let mut stdout = String::new();
        self.output
            .read_to_string(&mut stdout)
            .expect("can be read");
        let output = self.child.wait_with_output().expect("ends");
        Done {
            stdout,
            ..Done::of(&output)
        }
    }
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) code: Option<i32>,
}

impl Done {
    pub(super) fn of(output: &Output) -> Self {
        Self {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }
}
