//! What a shell evaluates when it starts.

use std::path::Path;

use crate::shims::quoted;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// Keeps the folder first on `PATH`, also after a virtual environment was activated, which puts itself first.
    pub fn hook(self, folder: &Path) -> String {
        let text = folder.display().to_string();
        match self {
            Self::Bash => BASH.replace("FOLDER", &quoted(&text)),
            Self::Zsh => ZSH.replace("FOLDER", &quoted(&text)),
            Self::Fish => {
                let escaped = text.replace('\\', r"\\").replace('\'', r"\'");
                FISH.replace("FOLDER", &format!("'{escaped}'"))
            }
        }
    }
}

const BASH: &str = r#"# vets what pip, uv, poetry, npm, pnpm, yarn and cargo bring in; once without: FORETASTE_GUARD=off pip …
_foretaste_guard() {
    local status=$? shims=FOLDER rest
    if [[ "$PATH" != "$shims" && "$PATH" != "$shims":* ]]; then
        rest=":$PATH:"
        rest="${rest//":$shims:"/:}"
        rest="${rest#:}"
        export PATH="$shims:${rest%:}"
        hash -r
    fi
    return $status
}
case ";${PROMPT_COMMAND[*]:-};" in
    *_foretaste_guard*) ;;
    *) PROMPT_COMMAND="_foretaste_guard${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
esac
_foretaste_guard
"#;

const ZSH: &str = r#"# vets what pip, uv, poetry, npm, pnpm, yarn and cargo bring in; once without: FORETASTE_GUARD=off pip …
_foretaste_guard() {
    local shims=FOLDER
    if [[ "$path[1]" != "$shims" ]]; then
        path=("$shims" "${(@)path:#$shims}")
        rehash
    fi
}
autoload -Uz add-zsh-hook
add-zsh-hook precmd _foretaste_guard
_foretaste_guard
"#;

const FISH: &str = r#"# vets what pip, uv, poetry, npm, pnpm, yarn and cargo bring in; once without: FORETASTE_GUARD=off pip …
function _foretaste_guard --on-event fish_prompt
    set -l shims FOLDER
    if test "$PATH[1]" != "$shims"
        set -gx PATH $shims (string match --invert -- $shims $PATH)
    end
end
_foretaste_guard
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_word_of_every_shell() {
        let folder = Path::new("/home/o'neil/my shims");
        assert!(
            Shell::Bash
                .hook(folder)
                .contains(r"shims='/home/o'\''neil/my shims'")
        );
        assert!(
            Shell::Zsh
                .hook(folder)
                .contains(r"shims='/home/o'\''neil/my shims'")
        );
        assert!(
            Shell::Fish
                .hook(folder)
                .contains(r"shims '/home/o\'neil/my shims'")
        );
    }
}
