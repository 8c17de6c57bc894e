use super::{administrator, forbidden, not_found, person};
use sqlx::PgPool;
use store::{
    style_presets::{self, NewStylePreset},
    system_prompts,
    workflows::{self, Content, Filter, OrderBy, Page},
};

fn content(name: &str, tags: &str) -> Content {
    Content {
        name: name.to_owned(),
        description: String::new(),
        category: "user".to_owned(),
        tags: tags.to_owned(),
        workflow: format!(r#"{{"name":"{name}","a":1}}"#),
    }
}

const PAGE: Page = Page { order_by: OrderBy::Name, descending: false, page: 0, per_page: Some(10) };

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_workflow_is_its_owners_until_it_is_shared(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    let id = workflows::insert(&pool, &anna, false, |_| content("Cats", "animal")).await.unwrap().workflow_id;
    assert!(forbidden(workflows::get(&pool, &bert, &id).await));
    assert!(forbidden(workflows::content(&pool, &bert, &id).await));
    assert!(workflows::content(&pool, &administrator(), &id).await.is_ok());
    assert!(not_found(workflows::get(&pool, &anna, "nothing").await));
    workflows::set_public(&pool, &anna, &id, true).await.unwrap();
    let shared = r#"{"name":"Cats","a":1,"tags":"animal, shared"}"#;
    assert_eq!(workflows::content(&pool, &bert, &id).await.unwrap(), shared);
    let private = workflows::set_public(&pool, &anna, &id, false).await.unwrap();
    assert_eq!(private.tags, "animal");
    let again = workflows::set_public(&pool, &anna, &id, true).await.unwrap();
    assert_eq!(again.tags, "animal, shared");
    assert!(forbidden(workflows::update(&pool, &bert, &id, &content("Mine", "")).await));
    assert!(forbidden(workflows::set_public(&pool, &bert, &id, false).await));
    assert!(forbidden(workflows::delete(&pool, &bert, &id).await));
    workflows::delete(&pool, &anna, &id).await.unwrap();
    assert!(not_found(workflows::get(&pool, &anna, &id).await));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_library_filters_orders_and_pages(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    for (name, tags) in [("beta", "animal, night"), ("Alpha", "animal"), ("gamma", "")] {
        workflows::insert(&pool, &anna, false, |_| content(name, tags)).await.unwrap();
    }
    let list = |filter: Filter| {
        let (pool, anna) = (&pool, &anna);
        async move {
            let (found, _) = workflows::list(pool, anna, &filter, PAGE).await.unwrap();
            found.into_iter().map(|workflow| workflow.name).collect::<Vec<_>>()
        }
    };
    assert_eq!(list(Filter::default()).await, ["Alpha", "beta", "gamma"]);
    assert_eq!(list(Filter { tags: vec!["NIGHT".to_owned()], ..Filter::default() }).await, ["beta"]);
    assert_eq!(list(Filter { query: Some("alp".to_owned()), ..Filter::default() }).await, ["Alpha"]);
    assert_eq!(list(Filter { has_been_opened: Some(true), ..Filter::default() }).await, [""; 0]);
    assert_eq!(workflows::tags(&pool, &anna, &Filter::default()).await.unwrap(), ["animal", "night"]);
    let second = Page { page: 1, per_page: Some(2), ..PAGE };
    let (rest, total) = workflows::list(&pool, &anna, &Filter::default(), second).await.unwrap();
    assert_eq!((rest.len(), total), (1, 3));
    assert_eq!(workflows::count(&pool, &bert, &Filter::default()).await.unwrap(), 0);
    workflows::touch(&pool, &anna, &rest[0].workflow_id).await.unwrap();
    assert_eq!(list(Filter { has_been_opened: Some(true), ..Filter::default() }).await, ["gamma"]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_style_preset_is_its_owners_unless_public_or_default(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    let preset = |is_public| NewStylePreset {
        name: "Oil".to_owned(),
        positive_prompt: "{prompt}, oil".to_owned(),
        negative_prompt: String::new(),
        r#type: "user".to_owned(),
        is_public,
    };
    let id = style_presets::insert(&pool, &anna, &preset(false), false).await.unwrap().id;
    assert!(forbidden(style_presets::get(&pool, &bert, &id).await));
    assert!(style_presets::list(&pool, &bert).await.unwrap().is_empty());
    style_presets::update(&pool, &anna, &id, &preset(true), false).await.unwrap();
    assert_eq!(style_presets::list(&pool, &bert).await.unwrap().len(), 1);
    assert!(forbidden(style_presets::update(&pool, &bert, &id, &preset(false), false).await));
    assert!(forbidden(style_presets::delete(&pool, &bert, &id).await));
    style_presets::delete(&pool, &administrator(), &id).await.unwrap();
    assert!(not_found(style_presets::get(&pool, &anna, &id).await));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_system_prompt_is_its_owners_unless_public(pool: PgPool) {
    let (anna, bert) = (person("anna"), person("bert"));
    let id = system_prompts::insert(&pool, &anna, "Long", "Make it long").await.unwrap().id;
    assert!(forbidden(system_prompts::get(&pool, &bert, &id).await));
    system_prompts::update(&pool, &anna, &id, None, None, Some(true)).await.unwrap();
    let seen = system_prompts::get(&pool, &bert, &id).await.unwrap();
    assert_eq!((seen.name.as_str(), seen.content.as_str()), ("Long", "Make it long"));
    assert!(forbidden(system_prompts::update(&pool, &bert, &id, Some("x"), None, None).await));
    assert!(forbidden(system_prompts::delete(&pool, &bert, &id).await));
    system_prompts::delete(&pool, &anna, &id).await.unwrap();
    assert!(system_prompts::list(&pool, &administrator()).await.unwrap().is_empty());
}
