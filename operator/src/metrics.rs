//! Prometheus metrics of the operator: names, labels and buckets.
use crate::{error::Error, studio::controller::CONDITIONS as CONDITION_TYPES};
use domain::load::UserLoad;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

/// The studios that numbers are kept of.
static RECORDED: Mutex<BTreeMap<(String, String), Recorded>> = Mutex::new(BTreeMap::new());

/// What of a studio has numbers of its own.
#[derive(Default)]
struct Recorded {
    pools: BTreeSet<String>,
    users: BTreeSet<String>,
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

fn registered<T: Collector + Clone + 'static>(made: Result<T, prometheus::Error>) -> Option<T> {
    let collector = made.ok()?;
    REGISTRY.register(Box::new(collector.clone())).ok()?;
    Some(collector)
}

static RECONCILES: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let options =
        HistogramOpts::new("invoke_operator_reconcile_duration_seconds", "Time that a reconcile took")
            .buckets(vec![0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0]);
    registered(HistogramVec::new(options, &["controller", "result"]))
});
static ERRORS: LazyLock<Option<IntCounterVec>> = LazyLock::new(|| {
    let options = Opts::new("invoke_operator_reconcile_errors_total", "Reconciles that failed, by cause");
    registered(IntCounterVec::new(options, &["controller", "cause"]))
});
static WRITES: LazyLock<Option<IntCounterVec>> = LazyLock::new(|| {
    let options = Opts::new("invoke_operator_writes_total", "Writes to the API server");
    registered(IntCounterVec::new(options, &["kind", "verb"]))
});
static LEADING: LazyLock<Option<IntGauge>> = LazyLock::new(|| {
    registered(IntGauge::new("invoke_operator_leading", "1 while this replica holds the lease, otherwise 0"))
});
static CONDITIONS: LazyLock<Option<IntGaugeVec>> = LazyLock::new(|| {
    let options =
        Opts::new("invoke_studio_condition", "1 while the condition of the studio is True, otherwise 0");
    registered(IntGaugeVec::new(options, &["namespace", "studio", "condition"]))
});
static QUEUE: LazyLock<Option<IntGaugeVec>> = LazyLock::new(|| {
    let options = Opts::new("invoke_studio_queue_items", "Items in the queue of the studio");
    registered(IntGaugeVec::new(options, &["namespace", "studio", "status"]))
});
static USERS: LazyLock<Option<IntGaugeVec>> = LazyLock::new(|| {
    let options = Opts::new(
        "invoke_studio_queue_user_items",
        "Items that an account has in the queue; beyond the hundred busiest accounts, all others are one",
    );
    registered(IntGaugeVec::new(options, &["namespace", "studio", "user_id", "status"]))
});
static OLDEST: LazyLock<Option<IntGaugeVec>> = LazyLock::new(|| {
    let options =
        Opts::new("invoke_studio_queue_oldest_wait_seconds", "For how long the oldest item has waited");
    registered(IntGaugeVec::new(options, &["namespace", "studio"]))
});
static WORKERS: LazyLock<Option<IntGaugeVec>> = LazyLock::new(|| {
    let options = Opts::new("invoke_studio_workers", "Workers of the pool: desired, ready, busy");
    registered(IntGaugeVec::new(options, &["namespace", "studio", "pool", "state"]))
});
static LEASE_RENEWAL: LazyLock<Option<Histogram>> = LazyLock::new(|| {
    let options =
        HistogramOpts::new("invoke_operator_lease_renewal_seconds", "Time that a renewal of the lease took")
            .buckets(vec![0.005, 0.025, 0.1, 0.5, 1.0, 5.0]);
    registered(Histogram::with_opts(options))
});

/// A reconcile ended.
pub(crate) fn observe_reconcile<T>(controller: &'static str, took: Duration, result: &Result<T, Error>) {
    let word = if result.is_ok() { "ok" } else { "error" };
    if let Some(histogram) = RECONCILES.as_ref() {
        histogram.with_label_values(&[controller, word]).observe(took.as_secs_f64());
    }
    if let (Some(counter), Err(error)) = (ERRORS.as_ref(), result) {
        counter.with_label_values(&[controller, error.cause()]).inc();
    }
}

/// The API server was written to.
pub(crate) fn count_write(kind: &str, verb: &'static str) {
    if let Some(counter) = WRITES.as_ref() {
        counter.with_label_values(&[kind, verb]).inc();
    }
}

/// Whether this replica leads.
pub(crate) fn set_leading(leading: bool) {
    if let Some(gauge) = LEADING.as_ref() {
        gauge.set(leading.into());
    }
}

/// The lease was renewed.
pub(crate) fn observe_renewal(took: Duration) {
    if let Some(histogram) = LEASE_RENEWAL.as_ref() {
        histogram.observe(took.as_secs_f64());
    }
}

/// A condition of a studio.
pub(crate) fn set_condition(namespace: &str, studio: &str, condition: &str, holds: bool) {
    if let Some(gauge) = CONDITIONS.as_ref() {
        gauge.with_label_values(&[namespace, studio, condition]).set(holds.into());
    }
}

/// The queue of a studio.
pub(crate) fn set_queue(namespace: &str, studio: &str, waiting: i64, running: i64, oldest_wait: i64) {
    if let Some(gauge) = QUEUE.as_ref() {
        gauge.with_label_values(&[namespace, studio, "waiting"]).set(waiting);
        gauge.with_label_values(&[namespace, studio, "running"]).set(running);
    }
    if let Some(gauge) = OLDEST.as_ref() {
        gauge.with_label_values(&[namespace, studio]).set(oldest_wait);
    }
}

/// What accounts have in the queue of a studio; an account that has nothing has no numbers.
pub(crate) fn set_users(namespace: &str, studio: &str, users: &[UserLoad]) {
    let mut recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    let recorded = recorded.entry((namespace.to_owned(), studio.to_owned())).or_default();
    let present = users.iter().map(|user| user.user_id.clone()).collect();
    let before = std::mem::replace(&mut recorded.users, present);
    for user in before.difference(&recorded.users) {
        forget_user(namespace, studio, user);
    }
    if let Some(gauge) = USERS.as_ref() {
        for user in users {
            for (status, count) in [("waiting", user.waiting), ("running", user.running)] {
                gauge.with_label_values(&[namespace, studio, &user.user_id, status]).set(count);
            }
        }
    }
}

/// The workers of a pool.
pub(crate) fn set_workers(namespace: &str, studio: &str, pool: &str, counts: [(&str, i32); 3]) {
    let mut recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    recorded.entry((namespace.to_owned(), studio.to_owned())).or_default().pools.insert(pool.to_owned());
    if let Some(gauge) = WORKERS.as_ref() {
        for (state, count) in counts {
            gauge.with_label_values(&[namespace, studio, pool, state]).set(count.into());
        }
    }
}

/// Numbers of studios that are gone go too.
pub(crate) fn forget_absent(present: &BTreeSet<(String, String)>) {
    let mut recorded = RECORDED.lock().unwrap_or_else(PoisonError::into_inner);
    recorded.retain(|(namespace, studio), kept| {
        let stays = present.contains(&(namespace.clone(), studio.clone()));
        if !stays {
            forget_studio(namespace, studio, kept);
        }
        stays
    });
}

/// That a label is not there is no error.
fn remove(gauge: &Option<IntGaugeVec>, labels: &[&str]) {
    if let Some(gauge) = gauge {
        gauge.remove_label_values(labels).ok();
    }
}

fn forget_user(namespace: &str, studio: &str, user: &str) {
    for status in ["waiting", "running"] {
        remove(&USERS, &[namespace, studio, user, status]);
    }
}

fn forget_studio(namespace: &str, studio: &str, kept: &Recorded) {
    for condition in CONDITION_TYPES {
        remove(&CONDITIONS, &[namespace, studio, condition]);
    }
    for status in ["waiting", "running"] {
        remove(&QUEUE, &[namespace, studio, status]);
    }
    remove(&OLDEST, &[namespace, studio]);
    for pool in &kept.pools {
        for state in ["desired", "ready", "busy"] {
            remove(&WORKERS, &[namespace, studio, pool, state]);
        }
    }
    for user in &kept.users {
        forget_user(namespace, studio, user);
    }
}

/// The text that Prometheus scrapes.
pub(crate) fn render() -> Result<String, prometheus::Error> {
    TextEncoder::new().encode_to_string(&REGISTRY.gather())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_have_numbers_while_they_have_items_and_while_their_studio_is_there() {
        let user = |id: &str| UserLoad { user_id: id.into(), waiting: 2, running: 1 };
        let lines = || {
            let text = render().unwrap();
            text.lines().filter(|line| line.contains("studio=\"numbers\"")).count()
        };
        set_users("tests", "numbers", &[user("ann"), user("ben")]);
        assert_eq!(lines(), 4);
        assert!(render().unwrap().contains(
            r#"invoke_studio_queue_user_items{namespace="tests",status="waiting",studio="numbers",user_id="ann"} 2"#
        ));
        set_users("tests", "numbers", &[user("ben")]);
        assert_eq!(lines(), 2);
        forget_absent(&BTreeSet::new());
        assert_eq!(lines(), 0);
    }
}
