//! Image files in a bucket of a real S3 server, which `tests/run s3` starts and names in the environment.
use bytes::Bytes;
use store::{
    Error,
    files::{Attachment, Bucket, ImageFiles},
};

fn bucket(name: &str, prefix: Option<&str>) -> Bucket {
    Bucket {
        name: name.into(),
        prefix: prefix.map(Into::into),
        endpoint: Some(std::env::var("S3_TEST_ENDPOINT").expect("S3_TEST_ENDPOINT names the server")),
        region: Some("us-east-1".into()),
    }
}

fn name() -> String {
    std::env::var("S3_TEST_BUCKET").expect("S3_TEST_BUCKET names a bucket that exists")
}

#[tokio::test]
#[ignore = "needs an S3 server: tests/run s3"]
async fn images_and_attachments_live_in_a_bucket() {
    let files = ImageFiles::bucket(&bucket(&name(), None)).unwrap();
    files.check().await.unwrap();
    // Larger than one part of an upload, and every byte different from its neighbours.
    let large: Bytes = (0..12_000_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    files.put("a.png", large.clone(), Bytes::from_static(b"small")).await.unwrap();
    assert_eq!(files.image("a.png").await.unwrap(), large);
    assert_eq!(files.thumbnail("a.png").await.unwrap(), "small");
    files.put_attachment(Attachment::Model, "key with ü and /", Bytes::from_static(b"webp")).await.unwrap();
    assert_eq!(files.attachment(Attachment::Model, "key with ü and /").await.unwrap(), "webp");
    files.delete_attachment(Attachment::Model, "key with ü and /").await.unwrap();
    files.delete("a.png").await.unwrap();
    files.delete("a.png").await.unwrap();
    assert!(matches!(files.image("a.png").await, Err(Error::NotFound)));
}

#[tokio::test]
#[ignore = "needs an S3 server: tests/run s3"]
async fn prefixes_keep_studios_of_one_bucket_apart() {
    let one = ImageFiles::bucket(&bucket(&name(), Some("one/"))).unwrap();
    let two = ImageFiles::bucket(&bucket(&name(), Some("/two"))).unwrap();
    one.put("a.png", Bytes::from_static(b"of one"), Bytes::from_static(b"s")).await.unwrap();
    assert!(matches!(two.image("a.png").await, Err(Error::NotFound)));
    two.put("a.png", Bytes::from_static(b"of two"), Bytes::from_static(b"s")).await.unwrap();
    assert_eq!(one.image("a.png").await.unwrap(), "of one");
    let all = ImageFiles::bucket(&bucket(&name(), None)).unwrap();
    assert!(matches!(all.image("a.png").await, Err(Error::NotFound)));
}

#[tokio::test]
#[ignore = "needs an S3 server: tests/run s3"]
async fn a_bucket_that_does_not_exist_is_known_at_the_start() {
    let files = ImageFiles::bucket(&bucket("no-such-bucket", None)).unwrap();
    let error = files.check().await.unwrap_err().to_string();
    assert!(
        error.contains("NoSuchBucket") || error.contains("not found") || error.contains("404"),
        "{error}"
    );
}

#[tokio::test]
#[ignore = "needs an S3 server and a wrong secret in the environment: tests/run s3"]
async fn a_wrong_secret_is_refused_at_the_start_and_not_told() {
    let files = ImageFiles::bucket(&bucket(&name(), None)).unwrap();
    let error = format!("{:?}", files.check().await.unwrap_err());
    assert!(error.contains("SignatureDoesNotMatch"), "{error}");
    assert!(!error.contains(&std::env::var("AWS_SECRET_ACCESS_KEY").unwrap()), "{error}");
}

#[tokio::test]
#[ignore = "needs an S3 server and an identity without rights in the environment: tests/run s3"]
async fn an_identity_without_rights_is_refused_at_the_start_and_its_token_not_told() {
    let files = ImageFiles::bucket(&bucket(&name(), None)).unwrap();
    let error = format!("{:?}", files.check().await.unwrap_err());
    assert!(
        ["AccessDenied", "no credentials for this token"].iter().any(|reason| error.contains(reason)),
        "{error}"
    );
    let file = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
        .into_iter()
        .find_map(|variable| std::env::var(variable).ok())
        .expect("the environment names the file of a token");
    let token = std::fs::read_to_string(file).unwrap();
    assert!(!error.contains(&token), "{error}");
}
