//! What a second person may do with images on boards of each visibility, and what the queue tells them.
use crate::{
    app::Client,
    world::{Role, SECRET, World, batch, upload},
};
use serde_json::json;
use sqlx::PgPool;

/// Statuses of what the second person tries: see, full, change, delete, put on the board.
async fn tries(other: &Client, image: &str, board: &str) -> [u16; 5] {
    let path = format!("/api/v1/images/i/{image}");
    let own = upload(other, "&is_intermediate=false", "own").await;
    let add = json!({ "board_id": board, "image_name": own });
    [
        other.get(&path).await.status.as_u16(),
        other.get(&format!("{path}/full")).await.status.as_u16(),
        other.patch(&path, json!({ "starred": true })).await.status.as_u16(),
        other.post("/api/v1/board_images/", add).await.status.as_u16(),
        other.delete(&path).await.status.as_u16(),
    ]
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn private_boards_are_closed_shared_ones_readable_public_ones_open(pool: PgPool) {
    let world = World::build(pool).await;
    let (owner, other) = (world.client(Role::Owner), world.client(Role::Other));
    for (visibility, expected) in [
        ("private", [403, 403, 403, 403, 403]),
        ("shared", [200, 200, 403, 403, 403]),
        ("public", [200, 200, 200, 201, 200]),
    ] {
        let things = world.things().await;
        let board = format!("/api/v1/boards/{}", things.board);
        assert_eq!(owner.patch(&board, json!({ "board_visibility": visibility })).await.status, 201);
        assert_eq!(tries(other, &things.image, &things.board).await, expected, "{visibility}");
        let listed = other.get("/api/v1/boards/?all=true").await.json().to_string().contains(&things.board);
        assert_eq!(listed, visibility != "private");
        for answer in [
            other.patch(&board, json!({ "board_name": "mine" })).await,
            other.delete(&board).await,
            other.patch(&board, json!({ "board_visibility": "public" })).await,
        ] {
            assert_eq!(answer.status, 403, "only its owner manages a {visibility} board");
        }
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn nobody_gains_an_image_by_moving_it_to_their_board(pool: PgPool) {
    let world = World::build(pool).await;
    let other = world.client(Role::Other);
    let things = world.things().await;
    let own = other.post("/api/v1/boards/?board_name=own", json!({})).await.json()["board_id"].clone();
    let one =
        other.post("/api/v1/board_images/", json!({ "board_id": own, "image_name": things.image })).await;
    assert_eq!(one.status, 403);
    let many = json!({ "board_id": own, "image_names": [things.image] });
    assert_eq!(other.post("/api/v1/board_images/batch", many).await.json()["added_images"], json!([]));
    assert_eq!(other.get(&format!("/api/v1/images/i/{}", things.image)).await.status, 403);
    let cover = json!({ "cover_image_name": things.image });
    let board = format!("/api/v1/boards/{}", own.as_str().unwrap());
    let answer = other.patch(&board, cover).await;
    assert!(
        answer.status == 403 || answer.json()["cover_image_name"] != json!(things.image),
        "{}",
        answer.json()
    );
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn shared_workflows_and_presets_are_read_by_all_and_changed_by_their_owner(pool: PgPool) {
    let world = World::build(pool).await;
    let (owner, other) = (world.client(Role::Owner), world.client(Role::Other));
    let things = world.things().await;
    let workflow = format!("/api/v1/workflows/i/{}", things.workflow);
    let shared = owner.patch(&format!("{workflow}/is_public"), json!({ "is_public": true })).await;
    assert_eq!(shared.json()["is_public"], true);
    assert_eq!(other.get(&workflow).await.status, 200);
    let found = other.get("/api/v1/workflows/?is_public=true&categories=user").await.json();
    assert_eq!(found["total"], 1);
    assert_eq!(other.get("/api/v1/workflows/?categories=user").await.json()["total"], 0);
    assert_eq!(other.delete(&workflow).await.status, 403);
    assert_eq!(other.put(&format!("{workflow}/opened_at"), json!({})).await.status, 403);
    assert_eq!(
        other.patch(&format!("{workflow}/is_public"), json!({ "is_public": false })).await.status,
        403
    );
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_queue_tells_others_how_long_it_is_and_nothing_else(pool: PgPool) {
    let world = World::build(pool).await;
    let (owner, other) = (world.client(Role::Owner), world.client(Role::Other));
    let things = world.things().await;
    let own =
        other.post("/api/v1/queue/default/enqueue_batch", json!({ "batch": batch("own") })).await.json();
    let status = other.get("/api/v1/queue/default/status").await.json()["queue"].clone();
    assert_eq!((&status["pending"], &status["user_pending"]), (&json!(2), &json!(1)));
    let ids = other.get("/api/v1/queue/default/item_ids").await.json();
    assert_eq!(ids["total_count"], 2);
    let body = json!({ "item_ids": [things.item_id] });
    for path in ["items_by_ids", "item_summaries_by_ids"] {
        let seen = other.post(&format!("/api/v1/queue/default/{path}"), body.clone()).await;
        assert_eq!(seen.json()[0]["user_id"], "redacted");
        assert!(!seen.json().to_string().contains(SECRET), "{path}");
        let full = owner.post(&format!("/api/v1/queue/default/{path}"), body.clone()).await;
        assert!(full.json().to_string().contains(SECRET), "{path}");
    }
    let batch_status = other.get(&format!("/api/v1/queue/default/b/{}/status", things.batch_id)).await;
    assert_eq!(batch_status.json()["total"], 0);
    // Clearing means one's own.
    assert_eq!(other.put("/api/v1/queue/default/clear", json!({})).await.json()["deleted"], 1);
    assert_eq!(own["enqueued"], 1);
    assert_eq!(owner.get("/api/v1/queue/default/status").await.json()["queue"]["user_pending"], 1);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn lists_hold_only_ones_own(pool: PgPool) {
    let world = World::build(pool).await;
    let (owner, other) = (world.client(Role::Owner), world.client(Role::Other));
    upload(owner, "&is_intermediate=false", SECRET).await;
    upload(owner, "&is_intermediate=true", SECRET).await;
    for path in ["/api/v1/images/?board_id=none", "/api/v1/images/", "/api/v1/gallery/items/"] {
        assert!(owner.get(path).await.json()["total"].as_i64().unwrap() > 0, "{path}");
        assert_eq!(other.get(path).await.json()["total"], 0, "{path}");
    }
    assert_eq!(other.get("/api/v1/images/intermediates").await.json(), 0);
    assert_eq!(other.delete("/api/v1/images/intermediates").await.status, 403);
    assert_eq!(other.get("/api/v1/virtual_boards/by_date").await.json(), json!([]));
    assert_eq!(other.get("/api/v1/boards/none/image_names").await.json(), json!([]));
    assert_eq!(other.delete("/api/v1/images/uncategorized").await.json()["deleted_images"], json!([]));
}
