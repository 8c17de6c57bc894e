//! Events and progress of a running item on their way to the database, so that nodes never wait for it.
use std::sync::Arc;
use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use serde_json::{Value, json};
use sqlx::PgPool;
use store::events;
use store::queue::ClaimedItem;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::lease::Lease;

/// The least time between two notes of progress.
const THROTTLE: Duration = Duration::from_millis(100);
const AFTER_A_FAILURE: Duration = Duration::from_millis(500);

/// Something that clients hear of.
#[derive(Debug)]
pub(super) enum Report {
    /// A durable event, in its order.
    Event(&'static str, Value),
    /// Replaces the progress before it.
    Progress(Value),
}

/// The sending end, shared by the nodes of an item.
pub(super) type Reports = UnboundedSender<Report>;

/// Starts to write an item's reports. The task ends when the last sender is gone and everything is written, or when
/// the lease is lost.
pub(super) fn start(pool: PgPool, item: Arc<ClaimedItem>, lease: Lease) -> (Reports, JoinHandle<()>) {
    let (sender, receiver) = unbounded_channel();
    (sender, tokio::spawn(Writer { pool, item, lease }.write_all(receiver)))
}

struct Writer {
    pool: PgPool,
    item: Arc<ClaimedItem>,
    lease: Lease,
}

impl Writer {
    async fn write_all(self, mut reports: UnboundedReceiver<Report>) {
        let mut pending: Option<Value> = None;
        let mut due = Instant::now();
        loop {
            let report = tokio::select! {
                biased;
                report = reports.recv() => report,
                () = sleep_until(due), if pending.is_some() => {
                    if let Some(progress) = pending.take() {
                        self.write_progress(progress).await;
                        due = Instant::now() + THROTTLE;
                    }
                    continue;
                }
            };
            match report {
                Some(Report::Progress(progress)) => pending = Some(progress),
                Some(Report::Event(name, payload)) => {
                    // Progress of a node that has ended is of no use.
                    pending = None;
                    self.write_event(name, payload).await;
                }
                None => return,
            }
            if self.lease.is_lost() {
                return;
            }
        }
    }

    /// Tries until it is written or the item is somebody else's.
    async fn write_event(&self, name: &str, payload: Value) {
        while !self.lease.is_lost() {
            match events::publish(&self.pool, &self.item, name, payload.clone()).await {
                // Canceled or lost, which the heartbeat tells apart.
                Ok(()) | Err(store::Error::LeaseLost) => return,
                Err(error) => {
                    tracing::warn!(item_id = self.item.item_id, name, %error, "an event is not written yet");
                    sleep(AFTER_A_FAILURE).await;
                }
            }
        }
    }

    async fn write_progress(&self, payload: Value) {
        if let Err(error) = events::publish_progress(&self.pool, &self.item, payload).await {
            tracing::debug!(item_id = self.item.item_id, %error, "progress is lost");
        }
    }
}

/// A preview as the stock UI shows it.
pub(super) fn preview(picture: &RgbImage, (width, height): (u32, u32)) -> Option<Value> {
    let mut jpeg = Vec::new();
    let quality = 75;
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(picture).ok()?;
    let data_url = format!("data:image/jpeg;base64,{}", STANDARD.encode(&jpeg));
    Some(json!({ "width": width, "height": height, "dataURL": data_url }))
}
