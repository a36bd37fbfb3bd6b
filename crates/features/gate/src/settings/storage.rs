//! `[storage]`: where things are kept.

use std::path::PathBuf;

use foretaste_io::Bucket;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Where things are kept, if not in the data folder. Gates that share both are one to their clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Storage {
    /// A PostgreSQL database in the place of a file: `postgres://gate@db.acme.example/gate`. Its password may stand in the
    /// environment, as `PGPASSWORD`.
    pub database: Option<String>,
    /// The folder of the files; relative paths start at this file.
    pub files: Option<PathBuf>,
    /// An S3 bucket in the place of the folder, which is a cache then: `s3://acme-gate` or `s3://acme-gate/files`. Credentials
    /// come from the environment (`AWS_ACCESS_KEY_ID` and its kin, a role of the machine, a token of a workload).
    pub bucket: Option<String>,
    /// The server of the bucket, if it is not that of its region: `https://objects.acme.example`.
    pub endpoint: Option<String>,
    /// The region of the bucket; else `AWS_REGION`.
    pub region: Option<String>,
    /// Gigabytes of the folder in front of a bucket.
    pub cache_gigabytes: u32,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            database: None,
            files: None,
            bucket: None,
            endpoint: None,
            region: None,
            cache_gigabytes: 20,
        }
    }
}

impl Storage {
    /// The bucket; an error is what is wrong with it, and with which key.
    pub(crate) fn bucket(&self) -> Result<Option<Bucket>, (&'static str, &'static str)> {
        let Some(text) = &self.bucket else {
            return Ok(None);
        };
        let (name, prefix) = text
            .strip_prefix("s3://")
            .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
            .filter(|(name, _)| !name.is_empty())
            .ok_or(("storage.bucket", "this is no bucket"))?;
        let endpoint = self.endpoint.as_deref().map(|text| {
            let url = Url::parse(text).ok();
            let url = url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
            url.ok_or(("storage.endpoint", "this is no URL of a server"))
        });
        Ok(Some(Bucket {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            endpoint: endpoint.transpose()?,
            region: self.region.clone(),
        }))
    }

    /// Bytes that the folder in front of a bucket may have.
    pub(crate) fn cache_bytes(&self) -> u64 {
        u64::from(self.cache_gigabytes) << 30
    }
}
