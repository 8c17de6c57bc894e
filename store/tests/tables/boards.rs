use super::{administrator, forbidden, not_found, person, picture};
use sqlx::PgPool;
use store::boards::{self, Access, BoardChanges, Listing, Visibility};

const ALL: Listing =
    Listing { by_name: true, ascending: true, include_archived: true, offset: 0, limit: None };

async fn names(pool: &PgPool, viewer: &domain::account::CurrentUser, listing: Listing) -> Vec<String> {
    boards::list(pool, viewer, listing).await.unwrap().into_iter().map(|board| board.board_name).collect()
}

fn shown_to(visibility: Visibility) -> BoardChanges {
    BoardChanges { board_visibility: Some(visibility), ..BoardChanges::default() }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_private_board_is_its_owners_and_the_administrators(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    let board = boards::create(&pool, &anna, "Cats").await.unwrap();
    assert_eq!(board.board_visibility, Visibility::Private);
    assert!(forbidden(boards::get(&pool, &bert, &board.board_id, Access::Read).await));
    assert!(names(&pool, &bert, ALL).await.is_empty());
    assert_eq!(names(&pool, &administrator(), ALL).await, ["Cats"]);
    assert!(not_found(boards::get(&pool, &bert, "nothing", Access::Read).await));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn sharing_lets_others_look_and_publishing_lets_them_add_but_never_manage(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    let id = boards::create(&pool, &anna, "Cats").await.unwrap().board_id;
    for (visibility, contributes) in [(Visibility::Shared, false), (Visibility::Public, true)] {
        boards::update(&pool, &anna, &id, &shown_to(visibility)).await.unwrap();
        assert!(boards::get(&pool, &bert, &id, Access::Read).await.is_ok());
        assert_eq!(boards::get(&pool, &bert, &id, Access::Contribute).await.is_ok(), contributes);
        assert!(forbidden(boards::update(&pool, &bert, &id, &shown_to(Visibility::Private)).await));
        assert!(forbidden(boards::delete(&pool, &bert, &id, false).await));
        assert_eq!(names(&pool, &bert, ALL).await, ["Cats"]);
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_deleted_board_releases_its_images_or_takes_the_owners_with_it(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    let kept = boards::create(&pool, &anna, "kept").await.unwrap().board_id;
    picture(&pool, &anna, "a.png", Some(&kept)).await;
    let deletion = boards::delete(&pool, &anna, &kept, false).await.unwrap();
    assert_eq!((deletion.released, deletion.deleted.len()), (vec!["a.png".to_owned()], 0));
    let gone = boards::create(&pool, &anna, "gone").await.unwrap().board_id;
    picture(&pool, &anna, "b.png", Some(&gone)).await;
    picture(&pool, &bert, "c.png", Some(&gone)).await;
    let deletion = boards::delete(&pool, &anna, &gone, true).await.unwrap();
    assert_eq!(deletion.deleted, ["b.png"], "another's image outlives the board");
    let left: Vec<(String, Option<String>)> =
        sqlx::query_as("select image_name, board_id from images order by 1").fetch_all(&pool).await.unwrap();
    assert_eq!(left, [("a.png".to_owned(), None), ("c.png".to_owned(), None)]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_listing_is_ordered_paged_and_counts(pool: PgPool) {
    let anna = person("anna");
    for name in ["b", "C", "a"] {
        boards::create(&pool, &anna, name).await.unwrap();
    }
    assert_eq!(names(&pool, &anna, ALL).await, ["a", "b", "C"]);
    assert_eq!(names(&pool, &anna, Listing { ascending: false, ..ALL }).await, ["C", "b", "a"]);
    assert_eq!(names(&pool, &anna, Listing { by_name: false, ..ALL }).await, ["b", "C", "a"]);
    assert_eq!(names(&pool, &anna, Listing { offset: 1, limit: Some(1), ..ALL }).await, ["b"]);
    let board = boards::list(&pool, &anna, ALL).await.unwrap().remove(0);
    let archived = BoardChanges { archived: Some(true), ..BoardChanges::default() };
    boards::update(&pool, &anna, &board.board_id, &archived).await.unwrap();
    assert_eq!(names(&pool, &anna, Listing { include_archived: false, ..ALL }).await, ["b", "C"]);
    picture(&pool, &anna, "a.png", Some(&board.board_id)).await;
    let board = boards::get(&pool, &anna, &board.board_id, Access::Read).await.unwrap();
    assert_eq!((board.image_count, board.asset_count), (1, 0));
    assert_eq!(board.cover_image_name.as_deref(), Some("a.png"), "the newest image is the cover");
}
