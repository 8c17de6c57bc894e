//! Each table on a real Postgres: who sees and changes what, and what happens when two do so at once.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
mod accounts;
mod boards;
mod images;
mod library;
mod models;

use domain::account::CurrentUser;
use sqlx::PgPool;
use store::images::{ImageCategory, ImageOrigin, NewImage};

fn person(name: &str) -> CurrentUser {
    CurrentUser { user_id: name.to_owned(), is_admin: false }
}

fn administrator() -> CurrentUser {
    CurrentUser { user_id: "administrator".to_owned(), is_admin: true }
}

/// Records a picture of `owner` on a board or on none.
async fn picture(pool: &PgPool, owner: &CurrentUser, name: &str, board_id: Option<&str>) {
    let image = NewImage {
        image_name: name.to_owned(),
        user_id: owner.user_id.clone(),
        session_id: None,
        node_id: None,
        category: ImageCategory::General,
        origin: ImageOrigin::Internal,
        width: 64,
        height: 48,
        is_intermediate: false,
        metadata: Some(r#"{"z":"a prompt","a":1}"#.to_owned()),
        workflow: None,
        graph: Some(r#"{"nodes":{}}"#.to_owned()),
        board_id: board_id.map(ToOwned::to_owned),
    };
    store::images::record(pool, &image).await.unwrap();
}

/// Whether a call was refused as somebody else's.
fn forbidden<T>(result: store::Result<T>) -> bool {
    matches!(result, Err(store::Error::Forbidden))
}

fn not_found<T>(result: store::Result<T>) -> bool {
    matches!(result, Err(store::Error::NotFound))
}
