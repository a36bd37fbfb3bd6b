//! Package managers whose needs are known.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// pip
    Pip,
    /// uv
    Uv,
    /// Poetry
    Poetry,
    /// npm
    Npm,
    /// pnpm
    Pnpm,
    /// Yarn
    Yarn,
    /// cargo
    Cargo,
    /// RubyGems and Bundler
    Gem,
}

impl Preset {
    /// Every preset with the commands that it is for.
    pub const ALL: [(Self, &'static str, &'static [&'static str]); 8] = [
        (Self::Pip, "pip", &["pip", "pip3", "pipx"]),
        (Self::Uv, "uv", &["uv", "uvx"]),
        (Self::Poetry, "poetry", &["poetry", "pdm"]),
        (Self::Npm, "npm", &["npm", "npx"]),
        (Self::Pnpm, "pnpm", &["pnpm"]),
        (Self::Yarn, "yarn", &["yarn", "yarnpkg"]),
        (Self::Cargo, "cargo", &["cargo"]),
        (Self::Gem, "gem", &["gem", "bundle", "bundler"]),
    ];

    /// The preset with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, own, _)| *own == name)
            .map(|(preset, ..)| preset)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(preset, ..)| *preset == self)
            .map_or("", |(_, name, _)| name)
    }

    /// The preset for a command: by its program, or by the module that Python runs.
    pub fn of(command: &[std::ffi::OsString]) -> Option<Self> {
        let words: Vec<String> = command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let program = Path::new(words.first()?).file_name()?.to_str()?;
        let by = |name: &str| {
            let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            Self::ALL
                .into_iter()
                .find(|(.., commands)| commands.contains(&name) || commands.contains(&plain))
                .map(|(p, ..)| p)
        };
        if program.starts_with("python") {
            return by(foretaste_io::python_module(&words[1..])?.0);
        }
        by(program)
    }

    /// The registry that its configuration names is a Python index, an npm registry or a cargo one.
    pub const fn registry(self) -> Registry {
        match self {
            Self::Pip | Self::Uv | Self::Poetry => Registry::Python,
            Self::Npm | Self::Pnpm | Self::Yarn => Registry::Npm,
            Self::Cargo => Registry::Cargo,
            Self::Gem => Registry::Gem,
        }
    }
}

/// What a package manager talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// A Python index.
    Python,
    /// An npm registry.
    Npm,
    /// A cargo registry.
    Cargo,
    /// A gem server.
    Gem,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_tells_its_preset() {
        let of = |line: &str| Preset::of(&line.split(' ').map(Into::into).collect::<Vec<_>>());
        assert_eq!(of("pip install x"), Some(Preset::Pip));
        assert_eq!(of("/usr/bin/pip3.11 install x"), Some(Preset::Pip));
        assert_eq!(of("python3 -I -m pip install x"), Some(Preset::Pip));
        assert_eq!(of("npm ci"), Some(Preset::Npm));
        assert_eq!(of("bundle install"), Some(Preset::Gem));
        assert_eq!(of("python3 setup.py"), None);
        assert_eq!(of("make"), None);
    }
}
