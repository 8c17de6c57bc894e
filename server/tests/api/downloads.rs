//! Zips of images.
use crate::{app::TestApp, world::upload};
use serde_json::{Value, json};
use sqlx::PgPool;

/// The zip of what is asked for: its name and the whole answer.
async fn zip(client: &crate::app::Client, wanted: Value) -> (String, crate::app::Answer) {
    let prepared = client.post("/api/v1/images/download", wanted).await;
    assert_eq!(prepared.status, 202, "{}", prepared.json());
    let name = prepared.json()["bulk_download_item_name"].as_str().unwrap().to_owned();
    let path: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let fetched = client.get(&format!("/api/v1/images/download/{path}")).await;
    assert_eq!(fetched.status, 200);
    (name, fetched)
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_boards_zip_has_its_name_and_the_images_lie_in_the_folders_of_their_categories(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let user = app.with_user("anna").await;
    let image = upload(&user, "&is_intermediate=false", "word").await;
    let (name, answer) = zip(&user, json!({ "board_id": "none" })).await;
    assert!(name.starts_with("Uncategorized_") && name.ends_with(".zip"), "{name}");
    assert!(contains(&answer.body, &format!("general/{image}")));
    assert_eq!(answer.header("content-disposition"), Some(format!("inline; filename=\"{name}\"").as_str()));

    let board =
        user.post("/api/v1/boards/?board_name=Meine%20K%C3%A4fer%3A%20%2Frot%2F%20", json!({})).await.json();
    let on_board = json!({ "board_id": board["board_id"], "image_name": image });
    assert_eq!(user.post("/api/v1/board_images/", on_board).await.status, 201);
    let (name, answer) = zip(&user, json!({ "board_id": board["board_id"] })).await;
    assert!(name.starts_with("Meine Käfer rot_"), "{name}");
    assert!(contains(&answer.body, &format!("general/{image}")));
    let disposition = answer.header("content-disposition").unwrap();
    assert!(disposition.starts_with("inline; filename*=utf-8''Meine%20K%C3%A4fer%20rot_"), "{disposition}");

    let (name, _) = zip(&user, json!({ "image_names": [image] })).await;
    assert_eq!(name.len(), 40, "a number and .zip");
}
