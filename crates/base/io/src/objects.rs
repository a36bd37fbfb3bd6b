//! Object stores: S3, and whatever speaks its protocol.

use std::fmt;
use std::path::Path as FilePath;
use std::sync::Arc;

use foretaste_model::ContentDigest;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::{HttpClient as Service, HttpConnector};
use object_store::path::Path;
use object_store::{ClientOptions, Error, ObjectStore, ObjectStoreExt as _, PutPayload};
use thiserror::Error as ThisError;
use url::Url;

use crate::digests::Hashing;
use crate::files::{Draft, FileError, Parts};
use crate::http::{self, HttpOptions};
use crate::{Environment, HttpError};

/// Bytes that are sent or asked for at once; larger files go in parts.
const PART: u64 = 8 << 20;

/// Where objects lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What every key begins with; may be empty.
    pub prefix: String,
    /// The server, if it is not the one of the bucket's region.
    pub endpoint: Option<Url>,
    /// The region; else that of the environment.
    pub region: Option<String>,
}

/// What went wrong with an object store.
#[derive(Debug, ThisError)]
pub enum ObjectError {
    /// It cannot be used at all.
    #[error("cannot use {place}: {reason}")]
    Setup {
        /// The store.
        place: String,
        /// Why.
        reason: String,
    },
    /// A request failed.
    #[error("cannot {action} {key} in {place}: {reason}")]
    Failed {
        /// What was tried: `read`, `write`.
        action: &'static str,
        /// The object.
        key: String,
        /// The store.
        place: String,
        /// Why.
        reason: String,
    },
    /// The disk on this side.
    #[error(transparent)]
    File(#[from] FileError),
}

/// An object store.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    place: String,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Objects").field(&self.place).finish()
    }
}

/// The client of everything else here, for the object store as well.
#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<Service> {
        Ok(Service::new(self.0.clone()))
    }
}

impl Objects {
    /// A bucket. Credentials come from the environment, as for every client of such stores (`AWS_ACCESS_KEY_ID` and its
    /// kin, a role of the machine, a token of a workload). Nothing is asked yet.
    ///
    /// # Errors
    /// The settings do not fit together.
    pub fn open(
        bucket: &Bucket,
        environment: &Environment,
        options: &HttpOptions,
    ) -> Result<Self, ObjectError> {
        let place = format!("s3://{}", bucket.name);
        let setup = |reason: String| ObjectError::Setup {
            place: place.clone(),
            reason,
        };
        let client = http::build(&HttpOptions {
            reach: None,
            ..options.clone()
        });
        let client = client.map_err(|e: HttpError| setup(e.to_string()))?;
        let mut builder = AmazonS3Builder::new();
        for (name, value) in environment.vars().filter(|(n, _)| n.starts_with("AWS_")) {
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
        builder = builder
            .with_bucket_name(&bucket.name)
            .with_http_connector(Connector(client));
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder
                .with_allow_http(endpoint.scheme() == "http")
                .with_endpoint(endpoint.as_str().trim_end_matches('/'));
        }
        if let Some(region) = &bucket.region {
            builder = builder.with_region(region);
        }
        let store = builder.build().map_err(|e| setup(e.to_string()))?;
        Ok(Self {
            store: Arc::new(store),
            prefix: Path::from(bucket.prefix.as_str()),
            place,
        })
    }

    fn path(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), Path::join)
    }

    fn failed(&self, action: &'static str, key: &str, reason: &dyn fmt::Display) -> ObjectError {
        ObjectError::Failed {
            action,
            key: key.to_owned(),
            place: self.place.clone(),
            reason: reason.to_string(),
        }
    }

    /// Writes a file as an object: whole, or not at all.
    ///
    /// # Errors
    /// The file cannot be read, or the store does not take it.
    pub async fn put(&self, key: &str, file: &FilePath, size: u64) -> Result<(), ObjectError> {
        let failed = |e: Error| self.failed("write", key, &e);
        let path = self.path(key);
        let part = |at: u64| {
            let file = file.to_owned();
            let read = move || Parts::open(&file)?.read(at, PART.min(size - at));
            let read = tokio::task::spawn_blocking(read);
            async move { read.await.map_err(|e| self.failed("write", key, &e)) }
        };
        if size <= PART {
            let bytes = part(0).await??;
            let put = self.store.put(&path, PutPayload::from(bytes)).await;
            return put.map(drop).map_err(failed);
        }
        let mut upload = self.store.put_multipart(&path).await.map_err(failed)?;
        let mut at = 0;
        while at < size {
            let bytes = part(at).await??;
            at += PART.min(size - at);
            let sent = upload.put_part(PutPayload::from(bytes)).await;
            if let Err(error) = sent {
                // what was begun costs storage until it is given up
                let _ = upload.abort().await;
                return Err(failed(error));
            }
        }
        upload.complete().await.map(drop).map_err(failed)
    }

    /// Reads an object of at most `limit` bytes into a draft below `folder`, hashed on the way. None if there is none.
    ///
    /// # Errors
    /// The store does not give it, it is too large, or it cannot be written here.
    pub async fn get(
        &self,
        key: &str,
        folder: &FilePath,
        limit: u64,
    ) -> Result<Option<(Draft, ContentDigest)>, ObjectError> {
        let path = self.path(key);
        let size = match self.store.head(&path).await {
            Ok(found) => found.size,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed("read", key, &error)),
        };
        if size > limit {
            let reason = format!("it has {size} bytes, more than {limit}");
            return Err(self.failed("read", key, &reason));
        }
        let mut draft = Draft::in_folder(folder)?;
        let mut hashing = Hashing::new(&[]);
        let mut at = 0;
        while at < size {
            let end = (at + PART).min(size);
            let bytes = self.store.get_range(&path, at..end).await;
            let bytes = bytes.map_err(|e| self.failed("read", key, &e))?;
            if bytes.len() as u64 != end - at {
                return Err(self.failed("read", key, &"it ended early"));
            }
            hashing.update(&bytes);
            draft.write(&bytes)?;
            at = end;
        }
        Ok(Some((draft, hashing.finish().0)))
    }
}
