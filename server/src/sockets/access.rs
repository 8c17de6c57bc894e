//! An account that is demoted, deactivated, deleted or signed out everywhere loses it on open sockets too.
use super::SocketAccount;
use domain::event::Room;
use socketioxide::SocketIo;
use sqlx::PgPool;
use std::collections::{HashMap, HashSet};
use store::standing::{self, Standing};

/// Compares every open socket of this replica with its account.
///
/// # Errors
/// When the database does not answer; nothing has changed then.
pub(super) async fn review(io: &SocketIo, pool: &PgPool) -> store::Result<()> {
    let sockets = io.sockets();
    let user_ids: HashSet<String> = sockets
        .iter()
        .filter_map(|socket| Some(socket.extensions.get::<SocketAccount>()?.0.user_id))
        .collect();
    if user_ids.is_empty() {
        return Ok(());
    }
    let user_ids: Vec<String> = user_ids.into_iter().collect();
    let standings = standing::of(pool, &user_ids).await?;
    let standings: HashMap<String, Standing> =
        standings.into_iter().map(|standing| (standing.user_id.clone(), standing)).collect();
    for socket in sockets {
        // A socket without an account has not finished connecting.
        let Some(SocketAccount(mut account)) = socket.extensions.get::<SocketAccount>() else { continue };
        let standing = standings.get(&account.user_id);
        let Some(standing) = standing.filter(|now| now.is_active && now.token_epoch == account.token_epoch)
        else {
            let _ = socket.disconnect();
            continue;
        };
        if standing.is_admin != account.is_admin {
            if standing.is_admin {
                socket.join(Room::Admins.name());
            } else {
                socket.leave(Room::Admins.name());
            }
            account.is_admin = standing.is_admin;
            socket.extensions.insert(SocketAccount(account));
        }
    }
    Ok(())
}
