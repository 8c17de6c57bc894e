//! Prometheus metrics of the server: names, labels and buckets.
use crate::error::{Error, Result};
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use prometheus::{HistogramOpts, HistogramVec, IntGaugeVec, Opts, Registry, TextEncoder};
use std::{sync::LazyLock, time::Instant};
use store::queue::QueueStatus;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

static REQUESTS: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    let options = HistogramOpts::new("invoke_http_request_duration_seconds", "Time to answer a request")
        .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]);
    let histogram = HistogramVec::new(options, &["method", "route", "status"]).ok()?;
    REGISTRY.register(Box::new(histogram.clone())).ok()?;
    Some(histogram)
});

static QUEUE_ITEMS: LazyLock<Option<IntGaugeVec>> = LazyLock::new(|| {
    let options = Opts::new("invoke_queue_items", "Items of the default queue by status");
    let gauge = IntGaugeVec::new(options, &["status"]).ok()?;
    REGISTRY.register(Box::new(gauge.clone())).ok()?;
    Some(gauge)
});

/// Notes how many items the queue has.
pub fn note_queue(status: &QueueStatus) {
    let Some(gauge) = QUEUE_ITEMS.as_ref() else { return };
    let counts = &status.counts;
    for (status, count) in [
        ("pending", counts.pending),
        ("in_progress", counts.in_progress),
        ("waiting", counts.waiting),
        ("completed", counts.completed),
        ("failed", counts.failed),
        ("canceled", counts.canceled),
    ] {
        gauge.with_label_values(&[status]).set(count);
    }
}

/// Middleware: observes every request under the pattern of its route, never its path.
pub async fn observe(request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    if let Some(histogram) = REQUESTS.as_ref() {
        histogram
            .with_label_values(&[method.as_str(), route.as_str(), response.status().as_str()])
            .observe(began.elapsed().as_secs_f64());
    }
    response
}

/// The text that Prometheus scrapes.
pub fn render() -> Result<String> {
    // With what else runs in this process, e.g. the worker of `invoke up`.
    let families: Vec<_> = REGISTRY.gather().into_iter().chain(prometheus::gather()).collect();
    TextEncoder::new().encode_to_string(&families).map_err(Error::internal)
}
