//! The container image of a studio.
use k8s_openapi::api::core::v1::LocalObjectReference;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which container image runs. Without any of it, the image that came with the operator.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!(has(self.tag) && has(self.digest))")
    .message("give image.tag or image.digest, not both: a digest already names one exact image"))]
pub struct ImageSpec {
    /// The repository, for instance `registry.example.org/studio/invokeai`. The operator's own by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub repository: Option<String>,
    /// The tag. Pools with the `cuda` provider take the tag with `-cuda` appended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub tag: Option<String>,
    /// The digest, `sha256:…`, in place of a tag. Pools with another variant then need an image of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub digest: Option<String>,
    /// When the image is pulled. `IfNotPresent` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_policy: Option<PullPolicy>,
    /// Secrets for the registry, beside `spec.imagePullSecrets`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub pull_secrets: Vec<LocalObjectReference>,
}

/// When an image is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the names are Kubernetes'")]
pub enum PullPolicy {
    Always,
    IfNotPresent,
    Never,
}

/// A reference of an image, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference<'a> {
    repository: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    fn parse(text: &'a str) -> Self {
        let (text, digest) = match text.split_once('@') {
            Some((text, digest)) => (text, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash is the port of the registry.
        match text.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => Self { repository, tag: Some(tag), digest },
            _ => Self { repository: text, tag: None, digest },
        }
    }
}

impl ImageSpec {
    /// The whole reference, with `default` for what is not given. `variant` is appended to the tag.
    pub fn reference(&self, default: &str, variant: Option<&str>) -> String {
        let default = Reference::parse(default);
        let repository = self.repository.as_deref().unwrap_or(default.repository);
        let default_digest = default.digest.filter(|_| self.tag.is_none() && self.repository.is_none());
        if let Some(digest) = self.digest.as_deref().or(default_digest) {
            return format!("{repository}@{digest}");
        }
        let tag = self.tag.as_deref().or(default.tag).unwrap_or("latest");
        match variant {
            Some(variant) => format!("{repository}:{tag}-{variant}"),
            None => format!("{repository}:{tag}"),
        }
    }

    /// The pull policy as Kubernetes writes it.
    pub fn policy(&self) -> &'static str {
        match self.pull_policy {
            Some(PullPolicy::Always) => "Always",
            Some(PullPolicy::Never) => "Never",
            Some(PullPolicy::IfNotPresent) | None => "IfNotPresent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_comes_from_the_operators_image() {
        let image = ImageSpec::default();
        assert_eq!(image.reference("host:5000/invokeai:1.2", None), "host:5000/invokeai:1.2");
        assert_eq!(image.reference("host:5000/invokeai:1.2", Some("cuda")), "host:5000/invokeai:1.2-cuda");
        let image = ImageSpec { tag: Some("2".into()), ..ImageSpec::default() };
        assert_eq!(image.reference("invokeai@sha256:0", None), "invokeai:2");
    }

    #[test]
    fn a_digest_wins_over_everything() {
        let image = ImageSpec { digest: Some("sha256:ab".into()), ..ImageSpec::default() };
        assert_eq!(image.reference("host:5000/invokeai", Some("cuda")), "host:5000/invokeai@sha256:ab");
    }
}
