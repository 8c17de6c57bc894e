//! What can go wrong in the operator.

/// The operator's errors, named for causes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused or did not answer.
    #[error("Kubernetes: {0}")]
    Kubernetes(#[source] Box<kube::Error>),
    /// An object is not of the shape that it should have.
    #[error("an object has an unexpected shape: {0}")]
    Shape(#[from] serde_json::Error),
    /// The kubeconfig, or what a pod is given in place of it.
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// Neither a kubeconfig nor a pod's own access.
    #[error("there is neither a kubeconfig nor access of a pod: {0}")]
    NoCluster(#[from] kube::config::InferConfigError),
    /// The studio did not answer as it should.
    #[error(transparent)]
    Studio(#[from] crate::studio_api::StudioError),
    /// This replica may not write, because another one leads or may lead now.
    #[error("this replica does not hold the lease")]
    NotLeading,
    /// A request was never answered.
    #[error("no answer within {} s", .0.as_secs())]
    NoAnswer(std::time::Duration),
    /// An address that cannot be listened on, and the like.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<kube::Error> for Error {
    fn from(error: kube::Error) -> Self {
        Self::Kubernetes(Box::new(error))
    }
}

impl Error {
    /// Which cause it is, for metrics.
    pub fn cause(&self) -> &'static str {
        match self {
            Self::Kubernetes(_) => "kubernetes",
            Self::Shape(_) => "shape",
            Self::Kubeconfig(_) | Self::NoCluster(_) => "kubeconfig",
            Self::Studio(_) => "studio",
            Self::NotLeading => "not_leading",
            Self::NoAnswer(_) => "no_answer",
            Self::Io(_) => "io",
        }
    }
}

/// A result of the operator.
pub type Result<T> = std::result::Result<T, Error>;

/// What `work` results in, unless it takes longer than `limit`. Nothing else asks a request that is never answered, and
/// its resource would not be looked at again for as long as the process lives.
///
/// # Errors
/// Those of `work`, and [`Error::NoAnswer`].
pub async fn within<T>(limit: std::time::Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(Error::NoAnswer(limit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn what_never_answers_is_given_up() {
        let limit = Duration::from_millis(20);
        let error = within(limit, std::future::pending::<Result<()>>()).await.unwrap_err();
        assert_eq!(error.cause(), "no_answer");
        assert_eq!(within(limit, async { Ok(1) }).await.unwrap(), 1);
    }
}
