//! What fails on this side: a client hears what failed, and whoever runs the gate reads where.

mod complaints;

use std::sync::LazyLock;
use std::time::Instant;

use foretaste_io::files::FileError;
use foretaste_io::{HttpError, ObjectError};
use foretaste_osv::npm::AuditError;

use self::complaints::Complaints;
use crate::blobs::BlobError;
use crate::database::DatabaseError;
use crate::gate::GateError;

/// A failure that may name paths, servers and buckets of whoever runs the gate.
pub(crate) trait Outage: std::fmt::Display {
    /// What failed, without where.
    fn without_place(&self) -> String;
}

/// What the process said in its log: one for all gates of a process, as the log is.
static COMPLAINTS: LazyLock<Complaints> = LazyLock::new(Complaints::default);

/// The words for a client. The whole error goes to the log of the process if it says more, the same once a minute.
pub(crate) fn told(error: &dyn Outage) -> String {
    let told = error.without_place();
    let whole = error.to_string();
    if told != whole && COMPLAINTS.say(&whole, Instant::now()) {
        tracing::error!(error = whole, "a request could not be answered");
    }
    told
}

/// Says how many requests failed of which the log tells nothing else.
pub(crate) fn tell_left_out() {
    for (times, error) in COMPLAINTS.over(Instant::now()) {
        if let Some(error) = error {
            tracing::error!(error, times, "so many more requests could not be answered");
        } else {
            tracing::error!(
                times,
                "so many more requests could not be answered, for various reasons"
            );
        }
    }
}

impl Outage for FileError {
    fn without_place(&self) -> String {
        format!("the gate {}", self.without_path())
    }
}

impl Outage for HttpError {
    fn without_place(&self) -> String {
        match self {
            Self::Disk { .. } | Self::CaBundle { .. } => {
                format!("the gate {}", self.without_path())
            }
            _ => self.to_string(),
        }
    }
}

impl Outage for ObjectError {
    fn without_place(&self) -> String {
        match self {
            Self::File(error) => error.without_place(),
            Self::Setup { .. } | Self::Failed { .. } => {
                "the gate's object store does not do what it was asked for".to_owned()
            }
        }
    }
}

impl Outage for BlobError {
    fn without_place(&self) -> String {
        match self {
            Self::File(error) => error.without_place(),
            Self::Objects(error) => error.without_place(),
            Self::Damaged { .. } => {
                "a file in the gate's object store has other bytes than its name says".to_owned()
            }
            Self::BrokeOff => self.to_string(),
        }
    }
}

/// Of a file that is read for a client.
impl Outage for std::io::Error {
    fn without_place(&self) -> String {
        format!("the gate cannot read a file: {}", self.kind())
    }
}

impl Outage for GateError {
    fn without_place(&self) -> String {
        match self {
            Self::Database(error) => error.without_place(),
            Self::File(error) => error.without_place(),
            Self::Objects(error) => error.without_place(),
            Self::Blob(_)
            | Self::Unfit(_)
            | Self::Upstream(_)
            | Self::Listen(_)
            | Self::Serve(_) => self.to_string(),
        }
    }
}

impl Outage for AuditError {
    fn without_place(&self) -> String {
        match self {
            Self::Question(_) => self.to_string(),
            Self::Database(_) => "the gate's advisories cannot be read".to_owned(),
        }
    }
}

impl Outage for DatabaseError {
    fn without_place(&self) -> String {
        match self {
            Self::Failed { source, .. } => source.as_database_error().map_or_else(
                || "the gate's database does not answer".to_owned(),
                |error| format!("the gate's database fails: {}", error.message()),
            ),
            Self::Newer { .. } => "a newer foretaste wrote the gate's database".to_owned(),
            Self::Content { .. } => {
                "the gate's database holds something that cannot be read".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn a_client_hears_what_failed_and_not_where() {
        let missing = Path::new("/srv/secret-place/none");
        let file = foretaste_io::files::read(missing, 1).expect_err("there is no such file");
        let (url, _) = foretaste_io::SafeUrl::parse("https://files.example/a.whl").expect("a URL");
        let disk = HttpError::Disk {
            url,
            path: PathBuf::from("/srv/secret-place/.draft"),
            reason: file.without_path(),
        };
        let database = DatabaseError::Newer {
            path: "/srv/secret-place/gate.sqlite".into(),
            version: 99,
        };
        let blob = BlobError::File(foretaste_io::files::read(missing, 1).expect_err("none"));
        let all: [&dyn Outage; 4] = [&file, &disk, &database, &blob];
        for error in all {
            assert!(error.to_string().contains("secret-place"), "{error}");
            let told = told(error);
            assert!(!told.contains("secret-place"), "{told}");
            assert!(told.contains("gate"), "{told}");
        }
        assert!(told(&disk).contains("https://files.example/a.whl"));
    }
}
