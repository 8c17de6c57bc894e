//! Image files: full images and thumbnails in an object store, and small pictures of presets and models.
use crate::{Error, Result};
use bytes::Bytes;
use object_store::{
    ObjectStore, ObjectStoreExt, PutPayload, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
    prefix::PrefixStore,
};
use std::sync::Arc;

/// Where image bytes are. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ImageFiles {
    store: Arc<dyn ObjectStore>,
}

/// A bucket for image files. Credentials come from the environment, in Amazon's names: keys, a web identity, or the
/// identity of the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What the names of all objects start with.
    pub prefix: Option<String>,
    /// The URL of a service other than Amazon's, `http` or `https`.
    pub endpoint: Option<String>,
    /// The region; `us-east-1` when absent.
    pub region: Option<String>,
}

/// Small files that are not images of the gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// The picture of a style preset, by its id.
    StylePreset,
    /// The thumbnail of a workflow, by its id.
    Workflow,
    /// The picture of a model, by its key.
    Model,
}

impl Attachment {
    fn path(self, id: &str) -> Path {
        match self {
            Self::StylePreset => Path::from_iter(["style_preset_images".to_owned(), format!("{id}.webp")]),
            Self::Workflow => Path::from_iter(["workflow_thumbnails".to_owned(), format!("{id}.webp")]),
            Self::Model => Path::from_iter(["model_images".to_owned(), format!("{id}.webp")]),
        }
    }
}

fn image_path(name: &str) -> Path {
    Path::from_iter(["images", name])
}

fn thumbnail_path(name: &str) -> Path {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Path::from_iter(["images".to_owned(), "thumbnails".to_owned(), format!("{stem}.webp")])
}

impl ImageFiles {
    /// Files in a folder, which is created if need be.
    pub fn local(directory: &std::path::Path) -> Result<Self> {
        std::fs::create_dir_all(directory).map_err(|source| object_store::Error::Generic {
            store: "LocalFileSystem",
            source: Box::new(source),
        })?;
        Ok(Self::new(Arc::new(LocalFileSystem::new_with_prefix(directory)?)))
    }

    /// Files in a bucket. Nothing is asked of the service yet, see [`ImageFiles::check`].
    pub fn bucket(bucket: &Bucket) -> Result<Self> {
        // Another part of the process may have chosen already.
        rustls::crypto::ring::default_provider().install_default().ok();
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(&bucket.name);
        if let Some(region) = &bucket.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build()?;
        Ok(match bucket.prefix.as_deref().map(|prefix| prefix.trim_matches('/')) {
            Some(prefix) if !prefix.is_empty() => Self::new(Arc::new(PrefixStore::new(store, prefix))),
            _ => Self::new(Arc::new(store)),
        })
    }

    /// Writes a small file and removes it again, so that a wrong bucket or right is known at the start.
    ///
    /// # Errors
    /// What the store says.
    pub async fn check(&self) -> Result<()> {
        let path = Path::from_iter(["checks".to_owned(), uuid::Uuid::new_v4().to_string()]);
        self.store.put(&path, PutPayload::from_static(b"written at the start, may be deleted")).await?;
        self.remove(&path).await
    }

    /// Files in any object store.
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store }
    }

    /// Stores an image (PNG) and its thumbnail (WebP). Record the row afterwards, so that a row has its files.
    pub async fn put(&self, name: &str, png: Bytes, thumbnail: Bytes) -> Result<()> {
        self.store.put(&thumbnail_path(name), PutPayload::from_bytes(thumbnail)).await?;
        self.store.put(&image_path(name), PutPayload::from_bytes(png)).await?;
        Ok(())
    }

    /// The PNG of an image.
    pub async fn image(&self, name: &str) -> Result<Bytes> {
        self.read(&image_path(name)).await
    }

    /// The WebP thumbnail of an image.
    pub async fn thumbnail(&self, name: &str) -> Result<Bytes> {
        self.read(&thumbnail_path(name)).await
    }

    /// Removes an image's files; absent ones are fine.
    pub async fn delete(&self, name: &str) -> Result<()> {
        self.remove(&image_path(name)).await?;
        self.remove(&thumbnail_path(name)).await
    }

    /// Stores an attachment.
    pub async fn put_attachment(&self, kind: Attachment, id: &str, data: Bytes) -> Result<()> {
        self.store.put(&kind.path(id), PutPayload::from_bytes(data)).await?;
        Ok(())
    }

    /// An attachment's bytes.
    pub async fn attachment(&self, kind: Attachment, id: &str) -> Result<Bytes> {
        self.read(&kind.path(id)).await
    }

    /// Removes an attachment; an absent one is fine.
    pub async fn delete_attachment(&self, kind: Attachment, id: &str) -> Result<()> {
        self.remove(&kind.path(id)).await
    }

    async fn read(&self, path: &Path) -> Result<Bytes> {
        match self.store.get(path).await {
            Ok(file) => Ok(file.bytes().await?),
            Err(object_store::Error::NotFound { .. }) => Err(Error::NotFound),
            Err(error) => Err(error.into()),
        }
    }

    async fn remove(&self, path: &Path) -> Result<()> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_come_back_and_deleting_twice_is_fine() {
        let directory = tempfile::tempdir().unwrap();
        let files = ImageFiles::local(directory.path()).unwrap();
        files.put("a.png", Bytes::from_static(b"full"), Bytes::from_static(b"small")).await.unwrap();
        assert_eq!(files.image("a.png").await.unwrap(), "full");
        assert_eq!(files.thumbnail("a.png").await.unwrap(), "small");
        files.delete("a.png").await.unwrap();
        files.delete("a.png").await.unwrap();
        assert!(matches!(files.image("a.png").await, Err(Error::NotFound)));
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        assert_eq!(image_path("../../secret").as_ref().matches('/').count(), 1);
    }
}
