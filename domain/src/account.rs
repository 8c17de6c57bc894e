//! Who is asking. Every store function on user data takes a [`CurrentUser`].
use serde::{Deserialize, Serialize};

/// The id of the internal account that owns everything in single-user mode.
pub const SYSTEM_USER_ID: &str = "system";

/// The audience of the tokens that the operator of a cluster signs itself. A session's token names no audience, so
/// neither passes for the other.
pub const OPERATOR_AUDIENCE: &str = "invokeai-operator";
/// Seconds that such a token may last at most.
pub const OPERATOR_TOKEN_SECONDS: i64 = 60;

/// An authenticated account, as re-read from the database for this request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CurrentUser {
    /// The account's id (a UUID, or `system`).
    pub user_id: String,
    /// Whether the account is an administrator.
    pub is_admin: bool,
}

impl CurrentUser {
    /// Whether this account may see and change what `owner` owns.
    pub fn may_manage(&self, owner: &str) -> bool {
        self.is_admin || self.user_id == owner
    }
}
