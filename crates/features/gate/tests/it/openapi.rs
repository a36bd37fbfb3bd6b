//! The interface for programs, tried out by schemathesis: what the document says, and what it does not.

use std::process::Command;

use foretaste_gate::Verb;

use crate::support::{TestGate, program, run};

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing() {
    let Some(schemathesis) = program("schemathesis") else {
        return;
    };
    let gate = TestGate::start("[upstream]\npypi = []\nnpm = []\ncargo = []\n").await;
    let token = gate.token(Verb::Admin, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    // whoever revokes tokens may revoke its own, and find nothing more: that comes last
    for methods in ["--exclude-method", "--include-method"] {
        let mut command = Command::new(&schemathesis);
        command
            .args(["run", &format!("{}/api/openapi.json", gate.url())])
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args([methods, "DELETE"])
            // the same cases in every run, and not for longer than a test may take
            .args(["--generation-deterministic", "--max-examples", "30"])
            .args(["--workers", "1", "--no-color"])
            .current_dir(folder.path())
            .env("HOME", folder.path());
        let (worked, said) = run(command).await;
        assert!(worked, "{said}");
    }
    let events = gate.gate.events(None, 5_000).await.expect("the log");
    for outcome in ["approved", "denied", "token issued"] {
        assert!(events.iter().any(|e| e.outcome == outcome), "{outcome}");
    }
}
