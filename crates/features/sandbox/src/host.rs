//! Who runs the command, and where.

use std::path::{Path, PathBuf};

use foretaste_io::Environment;

/// What is known of the host.
#[derive(Clone, Debug)]
pub struct Host {
    /// Variables, home, working folder.
    pub environment: Environment,
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// The user's name.
    pub user: String,
    /// The home folder as a real path.
    pub home: PathBuf,
    /// Where runs keep their folders.
    pub state: PathBuf,
}

impl Host {
    /// This process's user and surroundings.
    pub fn of_process() -> Self {
        let environment = Environment::of_process();
        let uid = nix::unistd::getuid();
        let entry = nix::unistd::User::from_uid(uid).ok().flatten();
        let home = environment
            .home()
            .map_or_else(|| PathBuf::from("/nonexistent"), Path::to_path_buf);
        let state = environment
            .var("FORETASTE_STATE_DIR")
            .map(PathBuf::from)
            .or_else(|| {
                environment
                    .var("XDG_STATE_HOME")
                    .map(|dir| Path::new(dir).join("foretaste"))
            });
        Self {
            uid: uid.as_raw(),
            gid: nix::unistd::getgid().as_raw(),
            user: entry.map_or_else(|| "user".to_owned(), |user| user.name),
            home: home.canonicalize().unwrap_or(home.clone()),
            state: state.unwrap_or_else(|| usable_state(&home)),
            environment,
        }
    }
}

/// Below the home; for a user without one, in the temporary folder.
fn usable_state(home: &Path) -> PathBuf {
    if home.is_dir() && nix::unistd::access(home, nix::unistd::AccessFlags::W_OK).is_ok() {
        home.join(".local/state/foretaste")
    } else {
        std::env::temp_dir().join(format!("foretaste-{}", nix::unistd::getuid()))
    }
}
