//! One item from claim to end.
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use store::images;
use store::queue::{self, ClaimedItem, Outcome};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::lease::Lease;
use super::notices::Notices;
use super::session::SessionRun;
use super::surroundings::ItemSurroundings;
use super::{Worker, lease, reports};
use crate::inference::Interrupt;
use crate::metrics;

/// Parsers of prompts recurse.
const STACK: usize = 16 << 20;
const AFTER_A_FAILURE: Duration = Duration::from_millis(500);

/// How running ended.
enum End {
    /// The nodes stopped by themselves, or because the item was stopped.
    Ended(Outcome),
    /// The worker drains and the item is to run elsewhere.
    HandBack,
}

/// Runs a claimed item and records its end.
pub(super) async fn run(
    worker: &Arc<Worker>,
    notices: &Arc<Notices>,
    item: Arc<ClaimedItem>,
    stop: &CancellationToken,
) {
    let began = Instant::now();
    tracing::info!(item_id = item.item_id, attempt = item.attempt, "started");
    let lease = Lease::default();
    let watch = notices.watch(item.item_id, lease.stopped.clone());
    let heartbeat = tokio::spawn(lease.clone().keep(worker.clone(), item.clone()));
    let (reports, writer) = reports::start(worker.pool.clone(), item.clone(), lease.clone());
    let end = execute(worker, &item, &lease, reports, stop).await;
    let status = match end {
        End::HandBack => {
            writer.abort();
            hand_back(worker, &item).await
        }
        End::Ended(outcome) => {
            // Events of nodes come before the item's own end.
            writer.await.ok();
            finish(worker, &item, &lease, outcome, stop).await
        }
    };
    heartbeat.abort();
    drop(watch);
    metrics::observe_item(status, began.elapsed());
    metrics::set_model_bytes(worker.models.bytes());
    tracing::info!(item_id = item.item_id, status, seconds = began.elapsed().as_secs_f64(), "ended");
}

/// Removes what a lost worker, or this one before it handed the item back, saved of the same session: it comes again.
async fn forget_earlier_attempts(worker: &Worker, item: &ClaimedItem) {
    if item.fence <= 1 {
        return;
    }
    match images::delete_of_session(&worker.pool, item).await {
        Ok(names) => {
            for name in names {
                // A file without a row is only a waste of space.
                worker.files.delete(&name).await.ok();
            }
        }
        Err(error) => tracing::warn!(item_id = item.item_id, %error, "images of an earlier attempt stay"),
    }
}

/// Starts the nodes and waits for their end, or for the end of the worker's grace.
async fn execute(
    worker: &Arc<Worker>,
    item: &Arc<ClaimedItem>,
    lease: &Lease,
    reports: reports::Reports,
    stop: &CancellationToken,
) -> End {
    if lease::owner_is_active(worker, item).await.is_ok_and(|active| !active) {
        return End::Ended(Outcome::Canceled { session: item.session.clone() });
    }
    forget_earlier_attempts(worker, item).await;
    let interrupt = Interrupt::default();
    let run = SessionRun {
        surroundings: Arc::new(ItemSurroundings {
            worker: worker.clone(),
            item: item.clone(),
            reports,
            runtime: Handle::current(),
            stopped: lease.stopped.clone(),
            graph: item.session.get("graph").map(Value::to_string),
            invocation: Mutex::default(),
            models: Mutex::default(),
        }),
        tensors: Arc::default(),
        stopped: lease.stopped.clone(),
        interrupt: interrupt.clone(),
    };
    let (sender, receiver) = oneshot::channel();
    // Not the runtime's own threads: it would wait for them at its end, however long the node takes.
    let thread = std::thread::Builder::new().name(format!("item-{}", item.item_id)).stack_size(STACK);
    if let Err(error) = thread.spawn(move || drop(sender.send(run.run()))) {
        return End::Ended(failed(item, &error.to_string()));
    }
    let breaker = tokio::spawn(trigger_when_stopped(interrupt, lease.stopped.clone()));
    let outcome = tokio::select! {
        outcome = receiver => outcome,
        () = grace(worker, stop) => {
            lease.stopped.cancel();
            return End::HandBack;
        }
    };
    breaker.abort();
    End::Ended(outcome.unwrap_or_else(|_| failed(item, "the thread of the session ended without a result")))
}

async fn trigger_when_stopped(interrupt: Interrupt, stopped: CancellationToken) {
    stopped.cancelled().await;
    interrupt.trigger();
}

async fn grace(worker: &Worker, stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(worker.settings.grace).await;
}

fn failed(item: &ClaimedItem, message: &str) -> Outcome {
    Outcome::Failed {
        session: item.session.clone(),
        error_type: "RuntimeError".into(),
        error_message: message.into(),
        error_traceback: format!("RuntimeError: {message}"),
    }
}

/// Records the end; while the database does not answer, again and again until the item is somebody else's.
async fn finish(
    worker: &Worker,
    item: &ClaimedItem,
    lease: &Lease,
    outcome: Outcome,
    stop: &CancellationToken,
) -> &'static str {
    let status = match &outcome {
        Outcome::Completed { .. } => "completed",
        // The message may quote a prompt; it is with the item, for its owner and administrators.
        Outcome::Failed { error_type, .. } => {
            tracing::warn!(item_id = item.item_id, error_type, "failed");
            "failed"
        }
        Outcome::Canceled { .. } => "canceled",
    };
    while !lease.is_lost() {
        match queue::finish(&worker.pool, item.item_id, item.fence, outcome.clone()).await {
            Ok(()) => return status,
            Err(store::Error::LeaseLost) => break,
            Err(error) if stop.is_cancelled() => {
                tracing::error!(item_id = item.item_id, %error, "the result is lost: the database does not answer and the worker stops");
                return "lost";
            }
            Err(error) => {
                tracing::warn!(item_id = item.item_id, %error, "the result is not recorded yet");
                sleep(AFTER_A_FAILURE).await;
            }
        }
    }
    tracing::warn!(item_id = item.item_id, "the item belongs to another worker or is gone");
    "lost"
}

async fn hand_back(worker: &Worker, item: &ClaimedItem) -> &'static str {
    match queue::hand_back(&worker.pool, item.item_id, item.fence).await {
        Ok(()) => "handed_back",
        Err(error) => {
            tracing::warn!(item_id = item.item_id, %error, "the item is not handed back; its lease will run out");
            "lost"
        }
    }
}
