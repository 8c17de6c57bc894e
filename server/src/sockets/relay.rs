//! Reads events and progress from the database and emits them to the sockets of this replica.
use super::access;
use crate::{routes::runtime_config::shorten_history, session::limits};
use domain::event::{Delivery, Room, deliveries};
use socketioxide::SocketIo;
use sqlx::{PgPool, postgres::PgListener};
use std::time::Duration;
use store::{
    events::{self, Cursor, Event},
    login_attempts,
};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// Notices only wake; this guarantees.
const POLL: Duration = Duration::from_millis(300);
/// Within two seconds a change of access must have taken effect.
const REVIEW: Duration = Duration::from_secs(1);
const PRUNE: Duration = Duration::from_secs(300);
/// Longer than any replica lags.
const KEEP: Duration = Duration::from_secs(3600);
const PAGE: i64 = 500;

/// Relays until `shutdown`, through outages of the database.
pub async fn run(io: SocketIo, pool: PgPool, shutdown: CancellationToken) {
    let mut cursor = None;
    while !shutdown.is_cancelled() {
        let result = tokio::select! {
            () = shutdown.cancelled() => break,
            result = relay(&io, &pool, &mut cursor) => result,
        };
        if let Err(error) = result {
            tracing::warn!(%error, "the relay of events starts again");
            sleep(Duration::from_secs(1)).await;
        }
    }
    io.close().await;
}

async fn relay(io: &SocketIo, pool: &PgPool, cursor: &mut Option<Cursor>) -> store::Result<()> {
    // Reads go through the connection that listens: this replica keeps no other one busy while nothing happens.
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen_all(["events_wake", "progress_wake"]).await?;
    let mut poll = ticks(POLL);
    let mut review = ticks(REVIEW);
    let mut prune = ticks(PRUNE);
    let mut place = match cursor.take() {
        Some(place) => place,
        None => events::now(&mut listener).await?,
    };
    loop {
        // Kept outside, so that a new start goes on from here.
        *cursor = Some(place.clone());
        tokio::select! {
            notice = listener.recv() => {
                let notice = notice?;
                match (notice.channel(), notice.payload().parse()) {
                    ("progress_wake", Ok(item_id)) => {
                        if let Some(progress) = events::progress_of(&mut listener, item_id).await? {
                            emit(io, progress).await;
                        }
                    }
                    _ => drain(io, &mut listener, &mut place).await?,
                }
            }
            _ = poll.tick() => drain(io, &mut listener, &mut place).await?,
            _ = review.tick() => access::review(io, pool).await?,
            _ = prune.tick() => {
                events::prune(pool, KEEP).await?;
                login_attempts::prune(pool, limits::WINDOW).await?;
                shorten_history(pool).await?;
            }
        }
    }
}

fn ticks(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn drain(io: &SocketIo, listener: &mut PgListener, place: &mut Cursor) -> store::Result<()> {
    loop {
        let page = events::after(&mut *listener, place, PAGE).await?;
        let full = i64::try_from(page.len()).is_ok_and(|length| length == PAGE);
        for event in page {
            emit(io, event).await;
        }
        if !full {
            return Ok(());
        }
    }
}

async fn emit(io: &SocketIo, event: Event) {
    for Delivery { name, to, except, payload } in
        deliveries(&event.name, event.queue_id.as_deref(), event.user_id.as_deref(), &event.payload)
    {
        let names = |rooms: &[Room]| rooms.iter().map(Room::name).collect::<Vec<_>>();
        if let Err(error) = io.to(names(&to)).except(names(&except)).emit(name, &payload).await {
            // A socket that does not keep up or has just gone; the others have it.
            tracing::debug!(%error, "an event did not reach a socket");
        }
    }
}
