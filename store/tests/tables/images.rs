use super::{administrator, forbidden, not_found, person, picture};
use sqlx::PgPool;
use store::{
    boards::{self, BoardChanges, Visibility},
    downloads,
    gallery::{self, Filter, Order},
    images::{self, Access, ImageChanges},
};

const NEWEST: Order = Order { starred_first: true, ascending: false };

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_image_is_its_owners_and_the_administrators(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    picture(&pool, &anna, "a.png", None).await;
    assert!(forbidden(images::get(&pool, &bert, "a.png", Access::Read).await));
    assert!(forbidden(images::metadata(&pool, &bert, "a.png").await));
    assert!(forbidden(images::sources(&pool, &bert, "a.png").await));
    assert!(forbidden(images::update(&pool, &bert, "a.png", &ImageChanges::default()).await));
    assert!(forbidden(images::delete(&pool, &bert, "a.png").await));
    assert!(forbidden(images::set_board(&pool, &bert, "a.png", None, Access::Move).await));
    assert!(not_found(images::get(&pool, &bert, "b.png", Access::Read).await));
    let metadata = images::metadata(&pool, &administrator(), "a.png").await.unwrap().unwrap();
    assert_eq!(metadata, r#"{"z":"a prompt","a":1}"#, "as it was written");
    images::delete(&pool, &anna, "a.png").await.unwrap();
    assert!(not_found(images::get(&pool, &anna, "a.png", Access::Read).await));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_board_lends_its_rights_to_the_images_on_it(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    let board = boards::create(&pool, &anna, "Cats").await.unwrap().board_id;
    picture(&pool, &anna, "a.png", Some(&board)).await;
    let star = ImageChanges { starred: Some(true), ..ImageChanges::default() };
    for (visibility, reads, changes) in [
        (Visibility::Private, false, false),
        (Visibility::Shared, true, false),
        (Visibility::Public, true, true),
    ] {
        let change = BoardChanges { board_visibility: Some(visibility), ..BoardChanges::default() };
        boards::update(&pool, &anna, &board, &change).await.unwrap();
        assert_eq!(images::get(&pool, &bert, "a.png", Access::Read).await.is_ok(), reads);
        assert_eq!(images::update(&pool, &bert, "a.png", &star).await.is_ok(), changes);
        assert!(forbidden(images::get(&pool, &bert, "a.png", Access::Move).await));
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_image_for_a_board_that_is_gone_is_on_none(pool: PgPool) {
    picture(&pool, &person("anna"), "a.png", Some("gone")).await;
    let image = images::get(&pool, &person("anna"), "a.png", Access::Read).await.unwrap();
    assert_eq!(image.board_id, None);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_gallery_shows_the_own_images_in_order(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    for name in ["a.png", "b.png", "c.png"] {
        picture(&pool, &anna, name, None).await;
    }
    picture(&pool, &bert, "d.png", None).await;
    let star = ImageChanges { starred: Some(true), ..ImageChanges::default() };
    images::update(&pool, &anna, "a.png", &star).await.unwrap();
    let everything = Filter::default();
    let shown = |order| gallery::names(&pool, &anna, &everything, order);
    assert_eq!(shown(NEWEST).await.unwrap(), (["a.png", "c.png", "b.png"].map(String::from).to_vec(), 1));
    let oldest = Order { starred_first: false, ascending: true };
    let (names, starred) = shown(oldest).await.unwrap();
    assert_eq!((names, starred), (["a.png", "b.png", "c.png"].map(String::from).to_vec(), 0));
    let (page, total) = gallery::page(&pool, &anna, &Filter::default(), NEWEST, 1, 1).await.unwrap();
    assert_eq!((page[0].image_name.as_str(), total), ("c.png", 3));
    let everybodys = gallery::names(&pool, &administrator(), &Filter::default(), NEWEST).await.unwrap();
    assert_eq!(everybodys.0.len(), 4);
    let found = Filter { search_term: Some("PROMPT".to_owned()), ..Filter::default() };
    assert_eq!(gallery::names(&pool, &bert, &found, NEWEST).await.unwrap().0, ["d.png"]);
    let nothing = Filter { categories: Some(Vec::new()), ..Filter::default() };
    assert!(gallery::names(&pool, &anna, &nothing, NEWEST).await.unwrap().0.is_empty());
    let days = gallery::days(&pool, &anna).await.unwrap();
    assert_eq!((days.len(), days[0].image_count, days[0].asset_count), (1, 3, 0));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn intermediates_are_counted_for_their_owner_and_deleted_by_administrators(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    picture(&pool, &anna, "a.png", None).await;
    let hide = ImageChanges { is_intermediate: Some(true), ..ImageChanges::default() };
    images::update(&pool, &anna, "a.png", &hide).await.unwrap();
    assert_eq!(images::intermediates(&pool, &anna).await.unwrap(), 1);
    assert_eq!(images::intermediates(&pool, &bert).await.unwrap(), 0);
    assert!(forbidden(images::delete_intermediates(&pool, &anna).await));
    assert_eq!(images::delete_intermediates(&pool, &administrator()).await.unwrap(), ["a.png"]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_zip_is_fetched_once_by_who_asked_for_it(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    downloads::record(&pool, &anna, "zip", &["a.png".to_owned()]).await.unwrap();
    assert!(forbidden(downloads::claim(&pool, &bert, "zip").await));
    assert_eq!(downloads::claim(&pool, &anna, "zip").await.unwrap(), ["a.png"]);
    assert!(not_found(downloads::claim(&pool, &anna, "zip").await));
}
