//! Clients and how they are told to use the gate: for good, by configuration files, or for one command.

mod ci;
mod configure;
mod session;
mod strip;

pub use ci::ci_steps;
pub use configure::{ConfigFile, configuration};
pub use session::Session;

use foretaste_io::python_module;

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// pip.
    Pip,
    /// uv.
    Uv,
    /// poetry.
    Poetry,
    /// npm.
    Npm,
    /// pnpm.
    Pnpm,
    /// yarn, classic and berry.
    Yarn,
    /// cargo.
    Cargo,
}

impl Client {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::Pip,
        Self::Uv,
        Self::Poetry,
        Self::Npm,
        Self::Pnpm,
        Self::Yarn,
        Self::Cargo,
    ];

    /// Its name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Npm => "npm",
            Self::Pnpm => "pnpm",
            Self::Yarn => "yarn",
            Self::Cargo => "cargo",
        }
    }

    /// The client that a command calls: its program, or the module that Python runs.
    pub fn of_command(command: &[String]) -> Option<Self> {
        let (program, rest) = command.split_first()?;
        let base = program.rsplit(['/', '\\']).next()?;
        let base = base.strip_suffix(".exe").unwrap_or(base);
        if base.starts_with("python") || base == "py" {
            return match python_module(rest)?.0 {
                "pip" => Some(Self::Pip),
                "uv" => Some(Self::Uv),
                "poetry" => Some(Self::Poetry),
                _ => None,
            };
        }
        let versioned = |name: &str| {
            base.strip_prefix(name)
                .is_some_and(|v| v.chars().all(|c| c.is_ascii_digit() || c == '.'))
        };
        match base {
            _ if versioned("pip") => Some(Self::Pip),
            "uv" | "uvx" => Some(Self::Uv),
            "poetry" => Some(Self::Poetry),
            "npm" | "npx" => Some(Self::Npm),
            "pnpm" | "pnpx" => Some(Self::Pnpm),
            "yarn" | "yarnpkg" => Some(Self::Yarn),
            "cargo" => Some(Self::Cargo),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_known_by_its_program() {
        let of = |text: &str| {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            Client::of_command(&words)
        };
        assert_eq!(of("/usr/bin/pip3.11 install x"), Some(Client::Pip));
        assert_eq!(of("python3 -m pip install x"), Some(Client::Pip));
        assert_eq!(of("python3 -mpip install x"), Some(Client::Pip));
        assert_eq!(of("python3 -m uv sync"), Some(Client::Uv));
        assert_eq!(of("python3 setup.py install"), None);
        assert_eq!(of("npx x"), Some(Client::Npm));
        assert_eq!(of("pipenv install"), None);
        assert_eq!(of("make"), None);
    }
}
