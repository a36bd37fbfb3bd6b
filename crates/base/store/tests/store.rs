//! The store as its callers see it: lazy, shared, and never in the way.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use foretaste_model::facts::{ArtifactKind, FactKey, FileFacts, Language, Literal, LiteralKind};
use foretaste_model::{ContentDigest, Span};
use foretaste_store::{FileRow, FileTable, Notice, Prune, Store, StoreError, StoredArtifact};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

fn key(n: u32) -> FactKey {
    FactKey {
        digest: ContentDigest::of(&n.to_le_bytes()),
        reading: 1,
        observer: 7,
    }
}

fn facts(n: u32, literals: usize) -> FileFacts {
    let literal = |i| Literal {
        kind: LiteralKind::Url,
        value: format!("https://host-{n}-{i}.example.invalid/path").into(),
        length: 40,
        span: Span::on_line(i, 1, 41),
        function: 0,
    };
    FileFacts {
        language: Language::Python,
        literals: (0..literals as u32).map(literal).collect(),
        ..FileFacts::default()
    }
}

async fn raw(store: &Store) -> SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(store.path())
        .connect()
        .await
        .unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the test damages the file")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the test looks into the folder")]
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| !n.ends_with("-wal") && !n.ends_with("-shm"))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn facts_come_back_in_the_order_of_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("not/yet/there");
    let store = Store::below(&below);
    let kept: Vec<_> = (0..1_000).map(|n| facts(n, 3)).collect();
    store
        .put_many((0..1_000).map(|n| (key(n), &kept[n as usize])))
        .await;

    let again = Store::below(&below);
    let keys = [key(999), key(5_000), key(0), key(999)];
    let found = again.get_many(&keys).await;
    assert_eq!(found[0].as_ref(), Some(&kept[999]));
    assert_eq!(found[1], None);
    assert_eq!(found[2].as_ref(), Some(&kept[0]));
    assert_eq!(found[3].as_ref(), Some(&kept[999]));
    let all: Vec<_> = (0..1_000).map(key).collect();
    assert!(again.get_many(&all).await.iter().all(Option::is_some));
    assert_eq!(again.notices(), []);
}

#[tokio::test]
async fn every_part_of_the_key_counts() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    store.put_many([(key(1), &facts(1, 1))]).await;
    let reading = FactKey {
        reading: 2,
        ..key(1)
    };
    let observer = FactKey {
        observer: 8,
        ..key(1)
    };
    assert_eq!(store.get_many(&[reading, observer]).await, [None, None]);
    store.put_many([(key(1), &facts(2, 1))]).await;
    assert_eq!(store.get_many(&[key(1)]).await, [Some(facts(2, 1))]);
}

#[tokio::test]
async fn an_unused_store_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    assert!(store.get_many(&[]).await.is_empty());
    store.put_many([]).await;
    assert!(!store.was_opened());
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn damaged_and_foreign_files_are_moved_aside() {
    for (case, content) in [
        ("garbage", b"this is no database, but it is long enough to be read as one ...................................".to_vec()),
        ("half a header", b"SQLite format 3\0\x10\x00\x01\x01".repeat(40)),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::below(folder.path());
        write(store.path(), &content);
        store.put_many([(key(1), &facts(1, 1))]).await;
        assert!(store.get_many(&[key(1)]).await[0].is_some(), "{case}");
        assert!(matches!(store.notices()[..], [Notice::MovedAside { .. }]), "{case}: {:?}", store.notices());
        assert_eq!(names(folder.path()), ["facts.sqlite", "facts.sqlite.broken-1"], "{case}");
    }

    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    let mut foreign = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(store.path())
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    sqlx::raw_sql("CREATE TABLE theirs (x)")
        .execute(&mut foreign)
        .await
        .unwrap();
    foreign.close().await.unwrap();
    store.put_many([(key(1), &facts(1, 1))]).await;
    assert!(store.get_many(&[key(1)]).await[0].is_some());
    assert!(store.notices()[0].to_string().contains("another program"));
}

#[tokio::test]
async fn damage_inside_the_file_costs_the_cache_and_not_the_audit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    let many: Vec<_> = (0..400).map(|n| facts(n, 40)).collect();
    store
        .put_many((0..400).map(|n| (key(n), &many[n as usize])))
        .await;
    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut raw(&store).await)
        .await
        .unwrap();
    #[expect(clippy::disallowed_methods, reason = "the test damages the file")]
    let mut bytes = std::fs::read(store.path()).unwrap();
    for byte in bytes.iter_mut().skip(4_096) {
        *byte ^= 0x5a;
    }
    let other = tempfile::tempdir().unwrap();
    let damaged = Store::below(other.path());
    write(damaged.path(), &bytes);
    let keys: Vec<_> = (0..400).map(key).collect();
    assert!(damaged.get_many(&keys).await.iter().all(Option::is_none));
    assert!(!damaged.notices().is_empty());

    let next = Store::below(other.path());
    next.put_many([(key(1), &facts(1, 1))]).await;
    assert_eq!(next.get_many(&[key(1)]).await, [Some(facts(1, 1))]);
    assert_eq!(next.notices(), []);
}

#[tokio::test]
async fn without_a_writable_folder_it_works_as_an_empty_cache() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    write(&file, b"");
    let store = Store::below(&file.join("below"));
    store.put_many([(key(1), &facts(1, 1))]).await;
    assert_eq!(store.get_many(&[key(1)]).await, [None]);
    assert!(matches!(store.notices()[..], [Notice::Unusable { .. }]));
    assert!(matches!(store.info().await, Err(StoreError::Open { .. })));
}

#[tokio::test]
async fn values_of_other_formats_are_ignored_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    store.put_many([(key(1), &facts(1, 9))]).await;
    for (place, what) in [
        (0, "format"),
        (1, "packing"),
        (2, "types"),
        (10, "checksum"),
    ] {
        let mut connection = raw(&store).await;
        let mut value: Vec<u8> = sqlx::query("SELECT value FROM facts")
            .fetch_one(&mut connection)
            .await
            .unwrap()
            .get(0);
        value[place] ^= 0x40;
        sqlx::query("UPDATE facts SET value = ?")
            .bind(value)
            .execute(&mut connection)
            .await
            .unwrap();
        assert_eq!(store.get_many(&[key(1)]).await, [None], "{what}");
        store.put_many([(key(1), &facts(1, 9))]).await;
        assert!(store.get_many(&[key(1)]).await[0].is_some(), "{what}");
    }
    assert_eq!(store.notices(), []);
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    store.put_many([(key(1), &facts(1, 1))]).await;
    sqlx::raw_sql("PRAGMA user_version = 99")
        .execute(&mut raw(&store).await)
        .await
        .unwrap();
    let older = Store::below(folder.path());
    assert_eq!(older.get_many(&[key(1)]).await, [None]);
    assert!(older.notices()[0].to_string().contains("newer foretaste"));
    assert_eq!(names(folder.path()), ["facts.sqlite"]);
}

#[tokio::test]
async fn an_empty_database_of_ours_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    let mut begun = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(store.path())
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    // marked, but killed before its tables stood
    sqlx::raw_sql("PRAGMA application_id = 1179931476")
        .execute(&mut begun)
        .await
        .unwrap();
    begun.close().await.unwrap();
    store.put_many([(key(1), &facts(1, 1))]).await;
    assert!(store.get_many(&[key(1)]).await[0].is_some());
    assert_eq!(store.notices(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_users_of_one_file_do_not_disturb_one_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut tasks = Vec::new();
    for user in 0..6_u32 {
        let path = folder.path().to_owned();
        tasks.push(tokio::spawn(async move {
            // each with its own connection, as separate processes have
            let store = Store::below(&path);
            for round in 0..10_u32 {
                let ids: Vec<u32> = (0..20)
                    .map(|i| (user * 200 + round * 20 + i) % 600)
                    .collect();
                let values: Vec<_> = ids.iter().map(|n| facts(*n, 5)).collect();
                store
                    .put_many(ids.iter().map(|n| key(*n)).zip(&values))
                    .await;
                assert_eq!(store.notices(), []);
                let keys: Vec<_> = ids.iter().map(|n| key(*n)).collect();
                let found = store.get_many(&keys).await;
                for (found, value) in found.iter().zip(&values) {
                    assert_eq!(found.as_ref(), Some(value));
                }
            }
            assert_eq!(store.notices(), []);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let info = Store::below(folder.path()).info().await.unwrap();
    assert_eq!(info.entries, 600);
}

#[tokio::test]
async fn info_counts_and_prune_removes_what_it_was_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    let value = facts(1, 5);
    let old = |n| FactKey {
        observer: 6,
        ..key(n)
    };
    store
        .put_many(
            (0..30)
                .map(|n| (key(n), &value))
                .chain((0..10).map(|n| (old(n), &value))),
        )
        .await;
    let info = store.info().await.unwrap();
    assert_eq!(info.entries, 40);
    assert_eq!(
        info.versions
            .iter()
            .map(|v| (v.observer, v.entries))
            .collect::<Vec<_>>(),
        [(7, 30), (6, 10)]
    );
    assert!(info.file_bytes >= info.value_bytes);

    assert_eq!(store.prune(Prune::default()).await.unwrap().entries, 0);
    let stale = Prune {
        keep_observer: Some(7),
        ..Prune::default()
    };
    assert_eq!(store.prune(stale).await.unwrap().entries, 10);

    sqlx::query("UPDATE facts SET used = used - 40 WHERE id <= 12")
        .execute(&mut raw(&store).await)
        .await
        .unwrap();
    // reading one of them counts as a use again
    assert!(store.get_many(&[key(0)]).await[0].is_some());
    let unused = Prune {
        unused_days: Some(30),
        ..Prune::default()
    };
    assert_eq!(store.prune(unused).await.unwrap().entries, 11);
    assert!(store.get_many(&[key(0)]).await[0].is_some());

    let each = info.versions[0].value_bytes / info.versions[0].entries;
    let small = Prune {
        max_bytes: Some(each * 5),
        ..Prune::default()
    };
    store.prune(small).await.unwrap();
    assert_eq!(store.info().await.unwrap().entries, 5);
}

/// Prints the figures of the documentation: `cargo test --release -p foretaste-store -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn measures_opening_and_a_thousand_facts() {
    let folder = tempfile::tempdir().unwrap();
    let values: Vec<_> = (0..1_000).map(|n| facts(n, 60)).collect();
    let keys: Vec<_> = (0..1_000).map(key).collect();
    let first = Store::below(folder.path());
    let time = Instant::now();
    first.get_many(&keys[..1]).await;
    println!("create {:?}", time.elapsed());
    let time = Instant::now();
    first.put_many(keys.iter().copied().zip(&values)).await;
    println!("put 1,000 {:?}", time.elapsed());
    for _ in 0..3 {
        let store = Store::below(folder.path());
        let time = Instant::now();
        store.get_many(&keys[..1]).await;
        println!("open and get 1 {:?}", time.elapsed());
        let time = Instant::now();
        assert!(store.get_many(&keys).await.iter().all(Option::is_some));
        println!("get 1,000 {:?}", time.elapsed());
    }
    println!("{:?}", first.info().await.unwrap());
}

#[tokio::test]
async fn a_damaged_artifact_is_replaced_and_prune_knows_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    let key = ContentDigest::of(b"an archive");
    let artifact = StoredArtifact {
        table: FileTable {
            kind: ArtifactKind::Wheel,
            anomalies: Vec::new(),
            files: vec![FileRow {
                path: "a.py".into(),
                digest: ContentDigest::of(b"a"),
                executable: false,
                facts: 0,
            }],
            size: 10,
        },
        facts: vec![Arc::new(facts(1, 40))],
    };
    let packed = artifact.pack(key).unwrap();
    store.put_artifact(&packed, 7).await;
    let read = store.get_artifact(key).await.unwrap();
    assert_eq!(read.open(), Some(artifact.clone()));
    assert_eq!(
        store.get_artifact(ContentDigest::of(b"another")).await,
        None
    );

    // one bit of the facts, in the middle of the value
    sqlx::query(
        "UPDATE artifacts SET value = CAST(substr(value, 1, length(value) - 9) || x'00' \
         || substr(value, length(value) - 7) AS BLOB)",
    )
    .execute(&mut raw(&store).await)
    .await
    .unwrap();
    let damaged = store.get_artifact(key).await.unwrap();
    assert_eq!(damaged.open(), None);
    store.put_artifact(&packed, 7).await;
    let read = store.get_artifact(key).await.unwrap();
    assert_eq!(read.open(), Some(artifact));

    assert_eq!(store.info().await.unwrap().artifacts, 1);
    let everything = Prune {
        max_bytes: Some(0),
        ..Prune::default()
    };
    assert_eq!(store.prune(everything).await.unwrap().entries, 1);
    assert_eq!(store.get_artifact(key).await, None);
    assert_eq!(store.notices(), []);
}

#[tokio::test]
async fn what_was_derived_reads_back_under_its_own_key_and_type() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::below(folder.path());
    let (key, other) = (ContentDigest::of(b"one"), ContentDigest::of(b"other"));
    assert_eq!(store.get_derived::<String>(key).await, None);
    store.put_derived(key, &"text".to_owned(), 7).await;
    store.put_derived(key, &"newer".to_owned(), 7).await;
    assert_eq!(store.get_derived(key).await, Some("newer".to_owned()));
    assert_eq!(store.get_derived::<String>(other).await, None);

    // a value that got under another key is not that key's
    sqlx::query("UPDATE derived SET key = ?")
        .bind(other.as_bytes().as_slice())
        .execute(&mut raw(&store).await)
        .await
        .unwrap();
    assert_eq!(store.get_derived::<String>(other).await, None);

    let info = store.info().await.unwrap();
    assert_eq!((info.entries, info.artifacts), (0, 0));
    assert!(info.value_bytes > 0);
    let everything = Prune {
        max_bytes: Some(0),
        ..Prune::default()
    };
    assert_eq!(store.prune(everything).await.unwrap().entries, 1);
    assert_eq!(store.info().await.unwrap().value_bytes, 0);
    assert_eq!(store.notices(), []);
}
