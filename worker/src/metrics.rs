//! Prometheus metrics of the worker: names, labels and buckets.
use std::sync::LazyLock;
use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntGauge, TextEncoder};

static NODES: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let options = HistogramOpts::new("invoke_worker_node_duration_seconds", "Time that a node ran")
        .buckets(vec![0.001, 0.01, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0]);
    registered(HistogramVec::new(options, &["type", "result"]).ok()?)
});

static ITEMS: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let options =
        HistogramOpts::new("invoke_worker_item_duration_seconds", "Time from claim to end of an item")
            .buckets(vec![0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0]);
    registered(HistogramVec::new(options, &["status"]).ok()?)
});

static MODEL_BYTES: LazyLock<Option<IntGauge>> = LazyLock::new(|| {
    registered(IntGauge::new("invoke_worker_model_bytes", "Bytes of weights that are loaded").ok()?)
});

fn registered<T: prometheus::core::Collector + Clone + 'static>(collector: T) -> Option<T> {
    // The process's own registry, so that one answer tells of all parts of `invoke up`.
    prometheus::register(Box::new(collector.clone())).ok()?;
    Some(collector)
}

/// A node ended. `node_type` is one of the registry's, so the labels are bounded.
pub(crate) fn observe_node(node_type: &'static str, took: Duration, succeeded: bool) {
    if let Some(histogram) = NODES.as_ref() {
        let result = if succeeded { "ok" } else { "error" };
        histogram.with_label_values(&[node_type, result]).observe(took.as_secs_f64());
    }
}

/// An item ended with this status.
pub(crate) fn observe_item(status: &'static str, took: Duration) {
    if let Some(histogram) = ITEMS.as_ref() {
        histogram.with_label_values(&[status]).observe(took.as_secs_f64());
    }
}

/// The weights that are loaded now.
pub(crate) fn set_model_bytes(bytes: u64) {
    if let Some(gauge) = MODEL_BYTES.as_ref() {
        gauge.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}

/// The text that Prometheus scrapes.
///
/// # Errors
/// A metric cannot be written as text.
pub fn render() -> Result<String, prometheus::Error> {
    TextEncoder::new().encode_to_string(&prometheus::gather())
}
