//! The index and its file, with hostile files among them.

use std::collections::BTreeSet;
use std::sync::Arc;

use foretaste_clones::{
    Index, IndexError, Indicator, IndicatorKind, KnownArtifact, KnownRelease, Lookup, Versions,
};
use foretaste_model::facts::{
    ArtifactFacts, ArtifactKind, Chunk, FileEntry, FileFacts, Language, Literal, LiteralKind,
    Sketch, TextShape,
};
use foretaste_model::{
    ContentDigest, Coverage, Digest, DigestAlgorithm, Ecosystem, KnownMatchKind, ReleaseId, Span,
};

fn file(path: &str, text: &str, chunks: &[(u64, u16)]) -> FileEntry {
    let chunk = |(line, (hash, tokens)): (u32, &(u64, u16))| Chunk {
        hash: *hash,
        line,
        more_lines: 2,
        tokens: *tokens,
    };
    let facts = FileFacts {
        language: Language::Python,
        shape: TextShape {
            bytes: 500,
            ..TextShape::default()
        },
        sketch: Sketch {
            tokens: chunks.iter().map(|(_, t)| u32::from(*t)).sum(),
            shape: chunks
                .iter()
                .fold(7_u64, |s, (h, _)| s.wrapping_mul(31).wrapping_add(*h)),
            chunks: (1..).zip(chunks).map(chunk).collect(),
        },
        ..FileFacts::default()
    };
    FileEntry {
        path: path.into(),
        digest: ContentDigest::of(text.as_bytes()),
        executable: false,
        facts: Arc::new(facts),
    }
}

fn artifact(name: &str, files: Vec<FileEntry>) -> ArtifactFacts {
    ArtifactFacts {
        filename: name.into(),
        kind: ArtifactKind::Sdist,
        size: 1,
        digest: Some(Digest {
            algorithm: DigestAlgorithm::Sha256,
            value: ContentDigest::of(name.as_bytes()).to_hex().into(),
        }),
        files,
        anomalies: Vec::new(),
        coverage: Coverage::default(),
    }
}

fn known(name: &str) -> KnownArtifact {
    KnownArtifact {
        name: name.into(),
        family: name.into(),
        source: "here".into(),
        digest: None,
    }
}

const CODE: &[(u64, u16)] = &[(11, 30), (12, 30), (13, 30), (14, 30)];

fn index() -> Index {
    let mut index = Index::default();
    let bad = artifact(
        "evil-1.0.tar.gz",
        vec![
            file("setup.py", "bad", CODE),
            file("a.py", "good", &[(90, 60)]),
        ],
    );
    index.add(known("evil 1.0"), &bad, &BTreeSet::from(["setup.py"]));
    index
}

fn compiled(index: &Index) -> Lookup {
    Lookup::read(&index.encode().expect("encodes")).expect("reads")
}

fn kinds(lookup: &Lookup, artifact: &ArtifactFacts) -> Vec<KnownMatchKind> {
    lookup
        .matches(artifact)
        .into_iter()
        .map(|m| m.kind)
        .collect()
}

#[test]
fn the_same_artifact_file_shape_and_code_are_told_apart() {
    let lookup = compiled(&index());
    let same = artifact("evil-1.0.tar.gz", vec![file("setup.py", "bad", CODE)]);
    assert_eq!(
        kinds(&lookup, &same),
        [KnownMatchKind::Artifact, KnownMatchKind::File]
    );
    let renamed = artifact("other.tar.gz", vec![file("x.py", "changed", CODE)]);
    assert_eq!(kinds(&lookup, &renamed), [KnownMatchKind::Shape]);
    let edited = artifact(
        "other.tar.gz",
        vec![file(
            "x.py",
            "edited",
            &[(11, 30), (99, 9), (13, 30), (14, 30)],
        )],
    );
    let found = lookup.matches(&edited);
    assert_eq!(found[0].kind, KnownMatchKind::Code);
    assert_eq!(
        (found[0].share, found[0].tokens, found[0].places[0].line),
        (0.75, 90, 1)
    );
    assert_eq!(&*found[0].relative_path, "setup.py");
}

#[test]
fn files_beside_the_culprit_and_benign_code_count_for_nothing() {
    let bystander = artifact("x.tar.gz", vec![file("a.py", "good", &[(90, 60)])]);
    assert_eq!(kinds(&compiled(&index()), &bystander), []);
    let mut index = index();
    index.add_benign(&artifact("y.tar.gz", vec![file("z.py", "fine", CODE)]));
    let renamed = artifact("other.tar.gz", vec![file("x.py", "changed", CODE)]);
    assert_eq!(kinds(&compiled(&index), &renamed), []);
}

#[test]
fn removing_takes_everything_out_that_came_with_it() {
    let mut index = index();
    let second = artifact(
        "evil-2.0.tar.gz",
        vec![file("setup.py", "bad two", &[(21, 50), (22, 50)])],
    );
    index.add(known("evil 2.0"), &second, &BTreeSet::new());
    assert_eq!(index.remove("evil 1.0"), 1);
    let lookup = compiled(&index);
    let renamed = artifact("other.tar.gz", vec![file("x.py", "changed", CODE)]);
    assert_eq!(kinds(&lookup, &renamed), []);
    assert_eq!(lookup.matches(&second).len(), 2);
    assert_eq!(index.remove("nothing"), 0);
}

#[test]
fn releases_match_by_the_names_of_their_ecosystem_and_exact_versions() {
    let mut index = Index::default();
    index.add_release(KnownRelease {
        ecosystem: Some(Ecosystem::Pypi),
        name: "Acme_Evil".into(),
        versions: Versions::These(vec!["1.0".into()]),
        id: "MAL-2026-1".into(),
        summary: "steals".into(),
        source: "feed.json".into(),
    });
    let lookup = compiled(&index);
    let count = |ecosystem, name, version| {
        lookup
            .release(&ReleaseId::new(ecosystem, name, version))
            .len()
    };
    assert_eq!(count(Ecosystem::Pypi, "acme.evil", "1.0"), 1);
    assert_eq!(count(Ecosystem::Pypi, "acme-evil", "1.1"), 0);
    assert_eq!(count(Ecosystem::Npm, "acme-evil", "1.0"), 0);
}

#[test]
fn an_indicator_matches_the_exact_host() {
    let mut index = Index::default();
    index.add_indicator(Indicator {
        kind: IndicatorKind::Domain,
        value: "evil.example".into(),
        note: "drop zone".into(),
        malware: true,
        source: "feed.csv".into(),
    });
    let lookup = compiled(&index);
    let with = |host: &str| {
        let mut entry = file("a.py", "x", &[(1, 1)]);
        Arc::make_mut(&mut entry.facts).literals.push(Literal {
            kind: LiteralKind::Url,
            value: format!("https://{host}/x").into(),
            length: 9,
            span: Span::on_line(3, 1, 9),
            function: 0,
        });
        lookup.matches(&artifact("x", vec![entry]))
    };
    assert_eq!(with("EVIL.example")[0].places, [Span::on_line(3, 1, 9)]);
    assert_eq!(
        with("not-evil.example").len() + with("a.evil.example").len(),
        0
    );
}

#[test]
fn an_export_reads_back() {
    let index = index();
    let text = serde_json::to_string(&index).expect("JSON");
    assert_eq!(serde_json::from_str::<Index>(&text).expect("reads"), index);
    assert_eq!(
        Index::decode(&index.encode().expect("encodes")).expect("decodes"),
        index
    );
}

#[test]
fn damaged_and_foreign_files_are_errors() {
    let bytes = index().encode().expect("encodes");
    assert_eq!(Lookup::read(b"SQLite format 3"), Err(IndexError::Foreign));
    for length in 0..bytes.len() {
        assert!(Lookup::read(&bytes[..length]).is_err(), "{length}");
    }
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 0x41;
        assert!(
            Lookup::read(&bent).is_err() && Index::decode(&bent).is_err(),
            "{at}"
        );
    }
}

#[test]
fn lengths_and_numbers_that_lie_are_survived() {
    // with a checksum that fits, so that the rest is really read
    let bytes = index().encode().expect("encodes");
    for at in 8..bytes.len() - 4 {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bent = bytes[..bytes.len() - 4].to_vec();
            bent[at] = value;
            bent.extend(crc32fast::hash(&bent).to_le_bytes());
            if let Ok(lookup) = Lookup::read(&bent) {
                let renamed = artifact("other.tar.gz", vec![file("x.py", "changed", CODE)]);
                lookup.matches(&renamed);
            }
            if let Ok(index) = Index::decode(&bent) {
                let _ = index.encode();
            }
        }
    }
}

/// The bar is a millisecond for a package of fifty files, with optimisation; this leaves room for none of it.
#[test]
fn a_package_is_looked_up_quickly_among_ten_thousand() {
    const KNOWN: u64 = 10_000;
    let chunks = |seed: u64| -> Vec<(u64, u16)> {
        (0..20)
            .map(|i| ((seed * 20 + i).wrapping_mul(0x9e37_79b9_7f4a_7c15), 30))
            .collect()
    };
    let mut index = Index::default();
    for number in 0..KNOWN {
        let name = format!("evil-{number}.tar.gz");
        let bad = artifact(&name, vec![file("setup.py", &name, &chunks(number))]);
        // many at once: no search for a digest that cannot be there
        index.artifacts.push(known(&name));
        let mut one = Index::default();
        one.add(known(&name), &bad, &BTreeSet::new());
        index
            .files
            .extend(one.files.into_iter().map(|f| foretaste_clones::KnownFile {
                artifact: number as u32,
                ..f
            }));
    }
    let bytes = index.encode().expect("encodes");
    let begin = std::time::Instant::now();
    let lookup = Lookup::read(&bytes).expect("reads");
    let reading = begin.elapsed();
    let files = (0..50_u64).map(|i| {
        let strange = chunks(KNOWN + i);
        file(&format!("{i:02}.py"), &format!("strange {i}"), &strange)
    });
    let mut package = artifact("some-1.0.tar.gz", files.collect());
    package.files.push(file("zz.py", "renamed", &chunks(77)));
    let begin = std::time::Instant::now();
    let found = lookup.matches(&package);
    let asking = begin.elapsed();
    println!(
        "{} MB, read in {reading:?}, asked in {asking:?}",
        bytes.len() / 1_000_000
    );
    assert_eq!(found.len(), 1);
    assert!(asking.as_millis() < 200, "{asking:?}");
}
