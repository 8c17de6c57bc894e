use super::not_found;
use serde_json::{Value, json};
use sqlx::PgPool;
use store::{
    Error, model_installs, model_relationships,
    models::{self, Filter, NewModel},
};

fn model(key: &str, name: &str) -> NewModel {
    let config = json!({
        "key": key, "hash": format!("hash-{key}"), "base": "sd-1", "type": "main", "format": "diffusers",
        "name": name, "path": format!("/models/{key}"), "a_later_key_that_sorts_first": 1,
    });
    NewModel::from_config(config).unwrap()
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_model_is_found_by_key_hash_and_path_as_it_was_written(pool: PgPool) {
    let new = model("one", "Tiny");
    models::insert(&pool, &new).await.unwrap();
    for found in [
        models::get(&pool, "one").await,
        models::get_by_hash(&pool, "hash-one").await,
        models::get_by_path(&pool, "/models/one").await,
    ] {
        assert_eq!(found.unwrap().to_string(), new.config.to_string());
    }
    let filter = Filter { r#type: Some("lora".to_owned()), ..Filter::default() };
    assert!(models::list(&pool, &filter).await.unwrap().is_empty());
    let filter = Filter { bases: Some(vec!["sd-1".to_owned()]), ..Filter::default() };
    assert_eq!(models::list(&pool, &filter).await.unwrap().len(), 1);
    models::delete(&pool, "one").await.unwrap();
    assert!(not_found(models::delete(&pool, "one").await));
    assert!(not_found(models::update(&pool, &new).await));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn no_two_models_share_a_path_or_a_name_of_one_kind(pool: PgPool) {
    models::insert(&pool, &model("one", "Tiny")).await.unwrap();
    let mut same_path = model("two", "Other");
    same_path.path = "/models/one".to_owned();
    for taken in [same_path, model("two", "Tiny")] {
        assert!(matches!(models::insert(&pool, &taken).await, Err(Error::Conflict(_))));
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_relation_has_no_direction_and_ends_with_its_models(pool: PgPool) {
    for (key, name) in [("one", "A"), ("two", "B")] {
        models::insert(&pool, &model(key, name)).await.unwrap();
    }
    model_relationships::insert(&pool, "two", "one").await.unwrap();
    assert!(matches!(model_relationships::insert(&pool, "one", "two").await, Err(Error::Conflict(_))));
    assert!(not_found(model_relationships::insert(&pool, "one", "three").await));
    assert_eq!(model_relationships::related(&pool, &["one".to_owned()]).await.unwrap(), ["two"]);
    assert_eq!(model_relationships::related(&pool, &["two".to_owned()]).await.unwrap(), ["one"]);
    models::delete(&pool, "two").await.unwrap();
    assert!(model_relationships::related(&pool, &["one".to_owned()]).await.unwrap().is_empty());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn an_installation_gets_an_id_and_is_forgotten_when_it_is_over(pool: PgPool) {
    let job = model_installs::insert(&pool, json!({ "status": "waiting", "source": "/x" })).await.unwrap();
    let id = job["id"].as_i64().unwrap();
    model_installs::prune(&pool).await.unwrap();
    assert_eq!(model_installs::get(&pool, id).await.unwrap(), job, "one that goes on stays");
    let over: Value = json!({ "status": "completed", "id": id });
    model_installs::update(&pool, id, &over).await.unwrap();
    assert_eq!(model_installs::list(&pool).await.unwrap(), [over]);
    model_installs::prune(&pool).await.unwrap();
    assert!(not_found(model_installs::get(&pool, id).await));
}
