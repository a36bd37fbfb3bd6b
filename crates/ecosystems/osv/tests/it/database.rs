//! From archives to answers.

use foretaste_io::files;
use foretaste_model::{Ecosystem, ReleaseId};
use foretaste_osv::{Advisories, Importer};
use serde_json::json;

use crate::support::{archive, ids, import, record};

#[test]
fn an_archive_is_imported_and_answers() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    assert!(ids(&folder, Ecosystem::Pypi, "pad", "1.0").is_empty());
    let records = [
        record("PYSEC-1", "PyPI", "Pad_Left", "2.0", "2026-01-01T00:00:00Z"),
        record("PYSEC-2", "PyPI", "other", "9", "2026-01-02T00:00:00Z"),
        record("X-1", "Hex", "elsewhere", "9", "2026-01-02T00:00:00Z"),
    ];
    let done = import(&folder, &archive(&records), Ecosystem::Pypi);
    assert_eq!((done.added, done.other), (2, 1));
    assert_eq!(
        ids(&folder, Ecosystem::Pypi, "pad-left", "1.9"),
        ["PYSEC-1"]
    );
    assert!(ids(&folder, Ecosystem::Pypi, "pad-left", "2.0").is_empty());
    assert!(ids(&folder, Ecosystem::Npm, "pad-left", "1.0.0").is_empty());
    let database = Advisories::at(dir.path());
    let database = database.of(Ecosystem::Pypi).expect("sound").expect("there");
    assert_eq!(
        (database.len(), database.packages(), database.malware()),
        (2, 2, 0)
    );
    assert_eq!(
        database.as_of().map(|t| t.to_string()).as_deref(),
        Some("2026-01-02T00:00:00Z")
    );
    assert_eq!(database.find("pysec-1").expect("sound").len(), 1);
}

#[test]
fn what_stands_as_it_was_is_skipped_and_what_was_withdrawn_goes() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    let old = record("PYSEC-1", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    let other = record("PYSEC-2", "PyPI", "pad", "3.0", "2026-01-01T00:00:00Z");
    import(
        &folder,
        &archive(&[old.clone(), other.clone()]),
        Ecosystem::Pypi,
    );
    let again = import(
        &folder,
        &archive(&[old.clone(), other.clone()]),
        Ecosystem::Pypi,
    );
    assert_eq!((again.unchanged, again.added, again.changed), (2, 0, 0));
    assert_eq!(ids(&folder, Ecosystem::Pypi, "pad", "1").len(), 2);

    let newer = record("PYSEC-2", "PyPI", "pad", "0.5", "2026-02-01T00:00:00Z");
    let mut gone = old.clone();
    gone["withdrawn"] = json!("2026-02-01T00:00:00Z");
    gone["modified"] = json!("2026-02-01T00:00:00Z");
    let done = import(&folder, &archive(&[newer, gone]), Ecosystem::Pypi);
    assert_eq!((done.changed, done.withdrawn), (1, 1));
    assert!(ids(&folder, Ecosystem::Pypi, "pad", "1").is_empty());
    assert_eq!(ids(&folder, Ecosystem::Pypi, "pad", "0.1"), ["PYSEC-2"]);
    // an older archive does not bring back what went
    let stale = import(&folder, &archive(&[old, other]), Ecosystem::Pypi);
    assert_eq!((stale.unchanged, stale.added), (2, 0));
    assert!(ids(&folder, Ecosystem::Pypi, "pad", "1").is_empty());
}

#[test]
fn a_record_that_tells_no_time_of_its_change_is_told_by_its_content() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    // as one of the public records has it
    let mut odd = record("PYSEC-1", "PyPI", "pad", "2.0", "1-01-01T00:00:00Z");
    let mut gone = record("PYSEC-2", "PyPI", "pad", "2.0", "soon");
    gone["withdrawn"] = json!("2026-02-01T00:00:00Z");
    let of = |records: &[serde_json::Value]| {
        let done = import(&folder, &archive(records), Ecosystem::Pypi);
        (done.added, done.changed, done.unchanged, done.withdrawn)
    };
    assert_eq!(of(&[odd.clone(), gone.clone()]), (1, 0, 0, 1));
    assert_eq!(of(&[odd.clone(), gone.clone()]), (0, 0, 2, 0));
    odd["summary"] = json!("something else");
    assert_eq!(of(&[odd.clone(), gone.clone()]), (0, 1, 1, 0));
    odd["withdrawn"] = json!("2026-02-01T00:00:00Z");
    assert_eq!(of(&[odd, gone]), (0, 0, 1, 1));
    assert!(ids(&folder, Ecosystem::Pypi, "pad", "1").is_empty());
}

#[test]
fn a_record_that_changes_its_ecosystem_leaves_the_old_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    let before = record("GHSA-1", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    let after = record("GHSA-1", "npm", "pad", "2.0.0", "2026-02-01T00:00:00Z");
    import(&folder, &archive(&[before]), Ecosystem::Pypi);
    import(&folder, &archive(&[after]), Ecosystem::Npm);
    assert!(ids(&folder, Ecosystem::Pypi, "pad", "1.0").is_empty());
    assert_eq!(ids(&folder, Ecosystem::Npm, "pad", "1.0.0"), ["GHSA-1"]);
}

#[test]
fn who_runs_on_sees_what_is_imported_meanwhile() {
    let dir = tempfile::tempdir().expect("a folder");
    let running = Advisories::at(dir.path());
    let release = ReleaseId::new(Ecosystem::Pypi, "pad", "1.0");
    let seen = || {
        let database = running.current(Ecosystem::Pypi)?;
        let found = database.map(|d| d.covering(&release).expect("sound").len());
        Ok::<_, String>(found)
    };
    assert_eq!(seen(), Ok(None));
    let one = record("PYSEC-1", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    let two = record("PYSEC-2", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    let folder = Advisories::at(dir.path());
    import(
        &folder,
        &archive(std::slice::from_ref(&one)),
        Ecosystem::Pypi,
    );
    assert_eq!(seen(), Ok(Some(1)));
    let before = running.current(Ecosystem::Pypi).expect("sound");
    import(&folder, &archive(&[one, two]), Ecosystem::Pypi);
    assert_eq!(seen(), Ok(Some(2)));
    assert_eq!(
        before.expect("there").len(),
        1,
        "who reads the old one reads on"
    );
    let path = folder.path(Ecosystem::Pypi);
    files::write(&path, b"damage").expect("written");
    assert!(seen().is_err());
    files::remove(&path).expect("removed");
    assert_eq!(seen(), Ok(None));
}

#[test]
fn records_of_one_thing_are_told_once_and_malware_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    let mut one = record("PYSEC-1", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    one["aliases"] = json!(["CVE-2026-1"]);
    let mut two = record("GHSA-2", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    two["aliases"] = json!(["CVE-2026-1"]);
    let malware = record("MAL-2026-1", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    import(&folder, &archive(&[one, two, malware]), Ecosystem::Pypi);
    let release = ReleaseId::new(Ecosystem::Pypi, "pad", "1.0");
    let fresh = Advisories::at(dir.path());
    let (found, _) = fresh.answer(&release).known().cloned().expect("known");
    let shown: Vec<String> = found
        .iter()
        .map(|a| format!("{} {} {}", a.id, a.malware, a.aliases.join(" ")))
        .collect();
    assert_eq!(
        shown,
        ["MAL-2026-1 true ", "GHSA-2 false CVE-2026-1 PYSEC-1"]
    );
}

#[test]
fn broken_records_are_named_and_the_rest_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    let mut importer = Importer::new(&folder).expect("sound");
    let good = record("PYSEC-1", "PyPI", "pad", "2.0", "2026-01-01T00:00:00Z");
    importer.take(vec![
        ("a.json".to_owned(), b"{".to_vec()),
        ("b.json".to_owned(), b"{\"id\": 7}".to_vec()),
        ("c.json".to_owned(), good.to_string().into_bytes()),
        ("d.json".to_owned(), format!("[{good}, 1]").into_bytes()),
    ]);
    let source = foretaste_osv::Source {
        location: "x".into(),
        imported: jiff::Timestamp::UNIX_EPOCH,
        as_of: None,
    };
    let done = importer.finish(&source, &[]).expect("written");
    let places: Vec<&str> = done.problems.iter().map(|p| p.place.as_str()).collect();
    assert_eq!(places, ["a.json", "b.json", "d.json"]);
    assert_eq!(ids(&folder, Ecosystem::Pypi, "pad", "1"), ["PYSEC-1"]);
    // single records do not make the database complete
    let fresh = Advisories::at(dir.path());
    let database = fresh.of(Ecosystem::Pypi).expect("sound").expect("there");
    assert_eq!(database.as_of(), None);
}

#[test]
fn damage_is_noticed_wherever_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    let records = [record(
        "PYSEC-1",
        "PyPI",
        "pad",
        "2.0",
        "2026-01-01T00:00:00Z",
    )];
    import(&folder, &archive(&records), Ecosystem::Pypi);
    let path = folder.path(Ecosystem::Pypi);
    let sound = files::read(&path, 1 << 20).expect("written");
    let release = ReleaseId::new(Ecosystem::Pypi, "pad", "1.0");
    for index in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[index] ^= 0x55;
        files::write(&path, &bytes).expect("written");
        let fresh = Advisories::at(dir.path());
        let noticed = fresh.answer(&release).skipped().is_some() || Importer::new(&folder).is_err();
        assert!(noticed, "byte {index} of {}", sound.len());
    }
    for length in 0..sound.len() {
        files::write(&path, &sound[..length]).expect("written");
        let fresh = Advisories::at(dir.path());
        assert!(fresh.answer(&release).skipped().is_some(), "{length} bytes");
    }
}
