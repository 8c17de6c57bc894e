//! socket.io at `/ws/socket.io`: who may connect, rooms, and the relay of events.
//!
//! - [`relay`]: from the database to the sockets of this replica
//! - [`access`]: takes rooms and connections from accounts that lose them
mod access;
pub mod relay;

use crate::{
    session::{Identity, identify},
    state::AppState,
};
use domain::event::Room;
use serde::Deserialize;
use socketioxide::{
    SocketIo,
    extract::{Data, SocketRef, State, TryData},
    handler::ConnectHandler,
    layer::SocketIoLayer,
};
use store::accounts::Account;

/// Where clients connect.
pub const PATH: &str = "/ws/socket.io";

#[derive(Debug, Deserialize)]
struct Credentials {
    token: Option<String>,
}

#[derive(Debug, Deserialize)]
struct QueueSubscription {
    queue_id: String,
}

#[derive(Debug, Deserialize)]
struct DownloadSubscription {
    #[expect(dead_code, reason = "the events of a download go to its owner's room")]
    bulk_download_id: String,
}

/// Why a connection is refused.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(&'static str);

/// The account that a socket was opened with.
#[derive(Debug, Clone)]
struct SocketAccount(Account);

/// The layer that answers [`PATH`], and the handle to emit with.
pub fn layer(state: AppState) -> (SocketIoLayer, SocketIo) {
    let (layer, io) =
        SocketIo::builder().req_path(PATH).with_state(state).max_payload(1_000_000).build_layer();
    io.ns("/", (async || ()).with(authenticate));
    (layer, io)
}

async fn authenticate(
    socket: SocketRef,
    TryData(credentials): TryData<Credentials>,
    State(state): State<AppState>,
) -> Result<(), Refused> {
    let identity = if state.config.multiuser {
        let token = credentials.ok().and_then(|credentials| credentials.token);
        let token = token.ok_or(Refused("Missing authentication credentials"))?;
        identify::identity_of_token(&state, &token).await
    } else {
        identify::single_user(&state).await
    };
    match identity {
        Identity::Token { account, .. } | Identity::SingleUser(account) => {
            admit(&socket, &account);
            socket.extensions.insert(SocketAccount(account));
            Ok(())
        }
        Identity::Refused(_) | Identity::Anonymous | Identity::Cookie(_) | Identity::Operator(_) => {
            Err(Refused("Invalid or expired authentication token"))
        }
    }
}

/// Puts a socket into the rooms of its account and handles what its client sends.
///
/// All of it must be in place before the client is told that it is connected: a client subscribes at that moment, what
/// nobody listens to is dropped, and a handler of the connection is a task that a busy machine starts some time later.
fn admit(socket: &SocketRef, account: &Account) {
    socket.join(Room::User(account.user_id.clone()).name());
    socket.join(Room::SharedWorkflows.name());
    if account.is_admin {
        socket.join(Room::Admins.name());
    }
    socket.on("subscribe_queue", async |socket: SocketRef, Data(wanted): Data<QueueSubscription>| {
        socket.join(Room::Queue(wanted.queue_id).name());
    });
    socket.on("unsubscribe_queue", async |socket: SocketRef, Data(wanted): Data<QueueSubscription>| {
        socket.leave(Room::Queue(wanted.queue_id).name());
    });
    // Accepted and without effect.
    socket.on("subscribe_bulk_download", async |_: SocketRef, _: TryData<DownloadSubscription>| {});
    socket.on("unsubscribe_bulk_download", async |_: SocketRef, _: TryData<DownloadSubscription>| {});
}
