//! What Composer runs of a plugin.

use foretaste_model::ExecutionContext;
use foretaste_model::facts::{
    ArtifactKind, Callee, FileFacts, InstallSurface, Language, SurfaceKind,
};

use crate::support::{artifact, context, file, function, surface};

#[test]
fn the_classes_of_a_composer_plugin_run_while_it_is_installed() {
    let class = |path: &str, calls: &[&str]| {
        let calls: Vec<Callee> = calls
            .iter()
            .map(|c| Callee::External((*c).into()))
            .collect();
        let functions = vec![
            function("<module>", true, &[]),
            function("x.run", false, &calls),
        ];
        let facts = FileFacts {
            functions,
            ..FileFacts::default()
        };
        file(path, Language::Php, facts)
    };
    let surface = InstallSurface {
        target: "src/Plugin.php".into(),
        ..surface(SurfaceKind::ComposerPlugin, "")
    };
    let manifest = FileFacts {
        surfaces: vec![surface],
        ..FileFacts::default()
    };
    let artifact = artifact(
        ArtifactKind::Folder,
        vec![
            file("composer.json", Language::Manifest, manifest),
            class("src/Plugin.php", &["warmup.new"]),
            class("src/Warmup.php", &["tool.step.new", "warmup.new"]),
            class("src/Tool/Step.php", &[]),
            class("src/Commands.php", &["warmup.new"]),
        ],
    );
    for (path, expected) in [
        ("src/Plugin.php", ExecutionContext::Install),
        ("src/Warmup.php", ExecutionContext::Install),
        ("src/Tool/Step.php", ExecutionContext::Install),
        ("src/Commands.php", ExecutionContext::Called),
    ] {
        assert_eq!(context(&artifact, path, 1), expected, "{path}");
    }
}
