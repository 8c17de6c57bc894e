//! One replica leads: a Lease that is renewed, released on shutdown, and taken over when its holder went silent.
//!
//! A holder that cannot renew stops to write some seconds before another replica may take over.
use crate::{
    error::{Error, Result},
    metrics,
    settings::OperatorSettings,
};
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
    jiff::Timestamp,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// After this long without a renewal, another replica takes over.
const LEASE: Duration = Duration::from_secs(10);
/// After this long without a renewal, the holder writes no more.
const TRUST: Duration = Duration::from_secs(7);
/// How often the lease is renewed, and looked at by those who wait for it.
const PERIOD: Duration = Duration::from_secs(2);

/// Whether this replica leads now. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Leadership {
    started: Instant,
    /// Milliseconds since `started` until which writes are safe.
    until: Arc<AtomicU64>,
}

impl Leadership {
    fn new() -> Self {
        Self { started: Instant::now(), until: Arc::default() }
    }

    /// Whether this replica leads now.
    pub fn holds(&self) -> bool {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        now < self.until.load(Ordering::Acquire)
    }

    /// Asked before every write.
    ///
    /// # Errors
    /// [`Error::NotLeading`].
    pub fn check(&self) -> Result<()> {
        if self.holds() { Ok(()) } else { Err(Error::NotLeading) }
    }

    fn trust_from(&self, asked: Instant) {
        let until = asked.duration_since(self.started) + TRUST;
        self.until.store(u64::try_from(until.as_millis()).unwrap_or(u64::MAX), Ordering::Release);
    }

    fn end(&self) {
        self.until.store(0, Ordering::Release);
    }
}

/// What was last seen of the lease, and when: only this process's own clock decides whether it is silent.
struct Seen {
    lease: Option<Lease>,
    since: Instant,
}

/// Takes part in the election.
pub struct Election {
    api: Api<Lease>,
    name: String,
    namespace: String,
    identity: String,
    leadership: Leadership,
    seen: Seen,
}

impl Election {
    /// A candidate.
    pub fn new(client: Client, settings: &OperatorSettings) -> Self {
        Self {
            api: Api::namespaced(client, &settings.lease_namespace),
            name: settings.lease_name.clone(),
            namespace: settings.lease_namespace.clone(),
            identity: settings.identity.clone(),
            leadership: Leadership::new(),
            seen: Seen { lease: None, since: Instant::now() },
        }
    }

    /// Whether this replica leads.
    pub fn leadership(&self) -> Leadership {
        self.leadership.clone()
    }

    /// Waits until this replica leads; `false` when it was asked to stop before.
    pub async fn wait(&mut self, stop: &CancellationToken) -> bool {
        while !stop.is_cancelled() {
            if self.attempt().await {
                tracing::info!(identity = self.identity, "this replica leads");
                return true;
            }
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                () = stop.cancelled() => {}
            }
        }
        false
    }

    /// Renews until the lease is lost or `stop`; then releases it, so that another replica need not wait.
    ///
    /// # Errors
    /// [`Error::NotLeading`] when it is lost.
    pub async fn keep(&mut self, stop: &CancellationToken) -> Result<()> {
        loop {
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                () = stop.cancelled() => break,
            }
            self.attempt().await;
            metrics::set_leading(self.leadership.holds());
            if !self.leadership.holds() {
                tracing::error!(identity = self.identity, "the lease is lost");
                return Err(Error::NotLeading);
            }
        }
        Ok(())
    }

    /// Gives the lease up; called when nothing is written any more.
    pub async fn release(&mut self) {
        self.leadership.end();
        metrics::set_leading(false);
        let Some(mut lease) = self.seen.lease.take() else { return };
        if let Some(spec) = &mut lease.spec {
            spec.holder_identity = None;
            spec.lease_duration_seconds = Some(1);
        }
        match self.api.replace(&self.name, &PostParams::default(), &lease).await {
            Ok(_) => tracing::info!("the lease is released"),
            Err(error) => tracing::warn!(%error, "the lease was not released, it will run out"),
        }
    }

    /// One attempt to take or renew the lease; whether it is held now.
    async fn attempt(&mut self) -> bool {
        let asked = Instant::now();
        // An API server that hangs must not keep us believing.
        match tokio::time::timeout(Duration::from_secs(3), self.take_or_renew()).await {
            Ok(Ok(true)) => {
                self.leadership.trust_from(asked);
                metrics::observe_renewal(asked.elapsed());
                metrics::set_leading(true);
                true
            }
            Ok(Ok(false)) => {
                self.leadership.end();
                false
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the lease could not be written");
                false
            }
            Err(_) => {
                tracing::warn!("the API server does not answer");
                false
            }
        }
    }

    async fn take_or_renew(&mut self) -> std::result::Result<bool, kube::Error> {
        let Some(current) = self.api.get_opt(&self.name).await? else {
            return self.write(None).await;
        };
        if self.seen.lease.as_ref().map(|lease| &lease.spec) != Some(&current.spec) {
            self.seen.since = Instant::now();
        }
        let holder = current.spec.as_ref().and_then(|spec| spec.holder_identity.clone()).unwrap_or_default();
        self.seen.lease = Some(current.clone());
        let free = holder.is_empty() || holder == self.identity || self.seen.since.elapsed() > LEASE;
        if free { self.write(Some(current)).await } else { Ok(false) }
    }

    /// Writes the lease under its version, so that of several candidates one wins.
    async fn write(&mut self, current: Option<Lease>) -> std::result::Result<bool, kube::Error> {
        let now = MicroTime(Timestamp::now());
        let before = current.as_ref().and_then(|lease| lease.spec.clone()).unwrap_or_default();
        let renews = before.holder_identity.as_deref() == Some(self.identity.as_str());
        let spec = LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(LEASE.as_secs()).ok(),
            acquire_time: if renews { before.acquire_time } else { Some(now.clone()) },
            renew_time: Some(now),
            lease_transitions: Some(before.lease_transitions.unwrap_or(0) + i32::from(!renews)),
            ..LeaseSpec::default()
        };
        let written = match current {
            Some(lease) => {
                let lease = Lease { spec: Some(spec), ..lease };
                self.api.replace(&self.name, &PostParams::default(), &lease).await
            }
            None => {
                let (name, namespace) = (Some(self.name.clone()), Some(self.namespace.clone()));
                let metadata = ObjectMeta { name, namespace, ..ObjectMeta::default() };
                self.api.create(&PostParams::default(), &Lease { metadata, spec: Some(spec) }).await
            }
        };
        match written {
            Ok(lease) => {
                self.seen = Seen { lease: Some(lease), since: Instant::now() };
                Ok(true)
            }
            // Somebody else was faster.
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_writes_only_while_it_has_lately_renewed() {
        let leadership = Leadership::new();
        assert!(leadership.check().is_err());
        leadership.trust_from(Instant::now());
        assert!(leadership.holds());
        leadership.end();
        assert!(!leadership.holds());
    }

    #[test]
    fn the_holder_stops_before_another_one_may_start_and_within_fifteen_seconds_one_does() {
        assert!(TRUST + Duration::from_secs(2) < LEASE);
        assert!(LEASE + PERIOD < Duration::from_secs(15));
    }
}
