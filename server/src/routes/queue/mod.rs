//! `/api/v1/queue/{queue_id}`: the work queue.
//!
//! - [`batches`]: enqueue, retry
//! - [`items`]: what is in the queue
//! - [`changes`]: cancel, delete, clear, prune
//! - [`status`]: numbers, pause and resume
mod batches;
mod changes;
mod items;
mod status;

use crate::access::{Access, Endpoints};

/// The routes.
pub fn endpoints() -> Endpoints {
    let at = |path: &str| format!("/api/v1/queue/{{queue_id}}{path}");
    Endpoints::new()
        .post(&at("/enqueue_batch"), Access::User, batches::enqueue)
        .map(|router| router.layer(axum::extract::DefaultBodyLimit::max(64 << 20)))
        .put(&at("/retry_items_by_id"), Access::User, batches::retry)
        .get(&at("/list_all"), Access::User, items::list_all)
        .get(&at("/item_ids"), Access::User, items::item_ids)
        .post(&at("/items_by_ids"), Access::User, items::items_by_ids)
        .post(&at("/item_summaries_by_ids"), Access::User, items::summaries_by_ids)
        .get(&at("/current"), Access::User, items::current)
        .get(&at("/next"), Access::User, items::next)
        .merge(Endpoints::new().get(&at("/i/{item_id}"), Access::User, items::get).delete(
            &at("/i/{item_id}"),
            Access::User,
            changes::delete,
        ))
        .put(&at("/i/{item_id}/cancel"), Access::User, changes::cancel)
        .put(&at("/cancel_all_except_current"), Access::User, changes::cancel_all_except_current)
        .put(&at("/delete_all_except_current"), Access::User, changes::delete_all_except_current)
        .put(&at("/cancel_by_batch_ids"), Access::User, changes::cancel_by_batch_ids)
        .put(&at("/cancel_by_destination"), Access::User, changes::cancel_by_destination)
        .put(&at("/clear"), Access::User, changes::clear)
        .put(&at("/prune"), Access::User, changes::prune)
        .delete(&at("/d/{destination}"), Access::User, changes::delete_by_destination)
        .get(&at("/status"), Access::User, status::status)
        .get(&at("/b/{batch_id}/status"), Access::User, status::batch)
        .get(&at("/counts_by_destination"), Access::User, status::counts_by_destination)
        .put(&at("/processor/pause"), Access::Admin, status::pause)
        .put(&at("/processor/resume"), Access::Admin, status::resume)
}
