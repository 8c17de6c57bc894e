//! The work queue: a table with leases. A worker's write counts only under the fence number of its claim.
//!
//! - [`item`]: one item as clients see it, redacted for the one who looks
//! - [`enqueue`], [`retry`]: new items
//! - [`claim`], [`lease`], [`finish`]: what workers do
//! - [`cancel`], [`remove`]: what people do to items
//! - [`status`]: the state of a queue
//! - [`counts`]: numbers of a batch, a destination; [`load`]: how much there is to do, and who does it
//! - [`processor`]: pause and resume
mod cancel;
mod claim;
mod counts;
mod enqueue;
mod finish;
mod item;
mod lease;
mod load;
mod processor;
mod remove;
mod retry;
mod status;
mod transition;

pub use cancel::{Selection, cancel_all_except_current, cancel_item, cancel_matching};
pub use claim::{ClaimedItem, QueueMode, claim_next};
pub use counts::{BatchStatus, DestinationCounts, batch_status, destination_counts};
pub use enqueue::{Enqueued, enqueue};
pub use finish::{Outcome, finish};
pub use item::{ItemSummary, QueueItem, current, get, get_many, item_ids, list_all, next, summaries};
pub use lease::{Heartbeat, hand_back, heartbeat, reap_expired};
pub use load::load;
pub use processor::{is_paused, set_paused};
pub use remove::{
    clear, delete_all_except_current, delete_by_destination, delete_item, prune, shorten_history,
};
pub use retry::retry;
pub use status::{Look, QueueStatus, Seen, queue_status, queue_statuses};

/// How often an item may be taken up before it counts as the one that kills its workers.
pub const MAX_ATTEMPTS: i32 = 3;

/// A time as upstream writes it, in UTC.
pub fn wire_time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}
