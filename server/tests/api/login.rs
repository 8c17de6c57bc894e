//! Set-up, login and sessions.
use crate::app::{Answer, Client, PASSWORD, TestApp};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::{Duration, Instant};

async fn login(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/login", json!({ "email": email, "password": password })).await
}

async fn user_with_password(admin: &Client, email: &str, password: &str) -> Value {
    let answer = admin.post("/api/v1/auth/users", json!({ "email": email, "password": password })).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

fn seconds_left(token: &str) -> i64 {
    use base64::Engine;
    let claims = token.split('.').nth(1).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["exp"].as_i64().unwrap() - chrono::Utc::now().timestamp()
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_first_person_sets_up_the_administrator_and_nobody_after_them(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let anyone = app.anonymous();
    let status = anyone.get("/api/v1/auth/status").await.json();
    assert_eq!(status["setup_required"], true);
    assert_eq!(status["multiuser_enabled"], true);
    assert_eq!(status["admin_email"], Value::Null);

    let body = json!({ "email": "Admin@Example.com", "display_name": "Admin", "password": PASSWORD });
    let answer = anyone.post("/api/v1/auth/setup", body.clone()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["success"], true);
    assert_eq!(answer.json()["user"]["is_admin"], true);
    assert_eq!(anyone.get("/api/v1/auth/status").await.json()["setup_required"], false);

    let again = anyone.post("/api/v1/auth/setup", body).await;
    assert_eq!(
        (again.status.as_u16(), again.detail()),
        (400, json!("Administrator account already configured"))
    );
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn two_set_ups_at_once_make_one_administrator(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let anyone = app.anonymous();
    let body = |name: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD });
    let (one, other) = tokio::join!(
        anyone.post("/api/v1/auth/setup", body("one")),
        anyone.post("/api/v1/auth/setup", body("other"))
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_login_lasts_a_day_or_with_remember_me_a_week(pool: PgPool) {
    let app = TestApp::init(pool).await;
    app.with_signed_in_admin().await;
    for (remember_me, seconds) in [(false, 86_400), (true, 604_800)] {
        let body = json!({ "email": "ADMIN@example.com", "password": PASSWORD, "remember_me": remember_me });
        let answer = app.anonymous().post("/api/v1/auth/login", body).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["expires_in"], seconds);
        assert_eq!(answer.json()["user"]["email"], "admin@example.com");
        assert!((seconds - seconds_left(answer.json()["token"].as_str().unwrap())).abs() < 5);
        let cookie = answer.header("set-cookie").unwrap();
        for part in [
            "invokeai_media_token=",
            "HttpOnly",
            "Path=/api/v1",
            "SameSite=lax",
            &format!("Max-Age={seconds}"),
        ] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_wrong_password_and_an_unknown_address_look_the_same(pool: PgPool) {
    let app = TestApp::init(pool).await;
    app.with_signed_in_admin().await;
    let mut times = [Duration::MAX; 2];
    for round in 0..3_u8 {
        for (index, email) in ["admin@example.com", "nobody@example.com"].into_iter().enumerate() {
            let mut client = app.anonymous();
            client.address = std::net::SocketAddr::from(([10, 1, round, u8::try_from(index).unwrap()], 4000));
            let began = Instant::now();
            let answer = login(&client, email, "Wrong-Passw0rd").await;
            times[index] = times[index].min(began.elapsed());
            assert_eq!(
                (answer.status.as_u16(), answer.detail()),
                (401, json!("Incorrect email or password"))
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert!(answer.header("set-cookie").is_none());
        }
    }
    let [wrong, unknown] = times.map(|time| time.as_secs_f64());
    assert!(wrong / unknown < 2.0 && unknown / wrong < 2.0, "{wrong} and {unknown} seconds");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_disabled_account_hears_of_it_only_with_its_password(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let user = user_with_password(&admin, "ben@example.com", PASSWORD).await;
    let path = format!("/api/v1/auth/users/{}", user["user_id"].as_str().unwrap());
    assert_eq!(admin.patch(&path, json!({ "is_active": false })).await.status, 200);
    let right = login(&app.anonymous(), "ben@example.com", PASSWORD).await;
    assert_eq!((right.status.as_u16(), right.detail()), (403, json!("User account is disabled")));
    let wrong = login(&app.anonymous(), "ben@example.com", "Wrong-Passw0rd").await;
    assert_eq!((wrong.status.as_u16(), wrong.detail()), (401, json!("Incorrect email or password")));
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn passwords_longer_than_72_bytes_count_whole(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let long = format!("Aa1{}", "é".repeat(60));
    user_with_password(&admin, "long@example.com", &long).await;
    assert_eq!(login(&app.anonymous(), "long@example.com", &long).await.status, 200);
    let cut: String = long.chars().take(40).collect();
    assert_eq!(login(&app.anonymous(), "long@example.com", &cut).await.status, 401);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn nobody_guesses_more_than_ten_times(pool: PgPool) {
    let app = TestApp::init(pool).await;
    app.with_signed_in_admin().await;
    let mut by_account = Vec::new();
    for attempt in 0..10_u8 {
        let mut client = app.anonymous();
        client.address = std::net::SocketAddr::from(([10, 2, 0, attempt], 4000));
        by_account.push(login(&client, "Admin@example.com", "Wrong-Passw0rd").await);
    }
    let mut by_address = Vec::new();
    for attempt in 0..10 {
        by_address
            .push(login(&app.anonymous(), &format!("user{attempt}@example.com"), "Wrong-Passw0rd").await);
    }
    for attempts in [by_account, by_address] {
        assert_eq!(attempts[0].status, 401);
        let last = attempts.last().unwrap();
        assert_eq!(last.status, 429);
        assert!(last.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    }
    let right = login(&app.anonymous(), "admin@example.com", PASSWORD).await;
    assert_eq!(right.status, 429, "the right password is not looked at either");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn failures_count_for_all_replicas_together_and_right_passwords_clear_them(pool: PgPool) {
    let [one, other] = [TestApp::init(pool.clone()).await, TestApp::init(pool).await];
    one.with_signed_in_admin().await;
    for attempt in 0..5_u8 {
        let mut client = if attempt % 2 == 0 { one.anonymous() } else { other.anonymous() };
        client.address = std::net::SocketAddr::from(([10, 3, 0, attempt], 4000));
        assert_eq!(login(&client, "admin@example.com", "Wrong-Passw0rd").await.status, 401);
    }
    assert_eq!(login(&other.anonymous(), "admin@example.com", PASSWORD).await.status, 200);
    let mut statuses = Vec::new();
    for attempt in 0..10_u8 {
        let mut client = if attempt % 2 == 0 { one.anonymous() } else { other.anonymous() };
        client.address = std::net::SocketAddr::from(([10, 4, 0, attempt], 4000));
        statuses.push(login(&client, "ADMIN@example.com", "Wrong-Passw0rd").await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 401, 401, 401, 429, 429]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn attempts_at_the_same_time_count_too(pool: PgPool) {
    let app = TestApp::init(pool).await;
    app.with_signed_in_admin().await;
    let clients: Vec<Client> = (0..20_u8)
        .map(|attempt| {
            let address = std::net::SocketAddr::from(([10, 5, 0, attempt], 4000));
            Client { address, ..app.anonymous() }
        })
        .collect();
    let answers = clients.iter().map(|client| login(client, "admin@example.com", "Wrong-Passw0rd"));
    let answers = futures::future::join_all(answers).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 8);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn only_behind_a_proxy_its_word_tells_where_a_login_comes_from(pool: PgPool) {
    for (behind_proxy, last) in [(false, 429), (true, 401)] {
        let app = TestApp::with(pool.clone(), |config| config.behind_proxy = behind_proxy).await;
        let mut statuses = Vec::new();
        for attempt in 0..10 {
            let body = json!({ "email": format!("user{attempt}@example.com"), "password": "Wrong-Passw0rd" });
            let request = axum::http::Request::post("/api/v1/auth/login")
                .header("content-type", "application/json")
                // The client can write what it likes before what the proxy adds.
                .header("x-forwarded-for", format!("192.0.2.77, 192.0.2.{attempt}"));
            let request = request.body(axum::body::Body::from(body.to_string())).unwrap();
            let mut client = app.anonymous();
            client.address = std::net::SocketAddr::from(([10, 6, 0, u8::from(behind_proxy)], 4000));
            statuses.push(client.send_request(request).await.status.as_u16());
        }
        assert_eq!(statuses[9], last, "{statuses:?}");
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn changes_renew_the_session_and_reads_do_not(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let token = |answer: &Answer| answer.header("x-refreshed-token").map(ToOwned::to_owned);
    assert!(token(&admin.get("/api/v1/auth/me").await).is_none());
    let renewed =
        token(&admin.post("/api/v1/client_state/default/set_by_key?key=a", json!("b")).await).unwrap();
    assert!(seconds_left(&renewed) > 86_390);
    assert!(token(&admin.post("/api/v1/auth/media-cookie", json!({})).await).is_none());
    let logout = admin.post("/api/v1/auth/logout", json!({})).await;
    assert_eq!(logout.json(), json!({ "success": true }));
    assert!(token(&logout).is_none());
    assert!(logout.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert!(token(&admin.delete("/api/v1/boards/none-such").await).is_none(), "nothing was changed");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn the_cookie_opens_media_and_nothing_else(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let answer = admin.post("/api/v1/auth/media-cookie", json!({})).await;
    assert_eq!(answer.json(), json!({ "success": true }));
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let browser = Client { cookie: Some(cookie), ..app.anonymous() };
    assert_eq!(browser.get("/api/v1/images/i/none-such.png/full").await.status, 404);
    assert_eq!(app.anonymous().get("/api/v1/images/i/none-such.png/full").await.status, 401);
    let refused = browser.get("/api/v1/images/").await;
    assert_eq!((refused.status.as_u16(), refused.detail()), (401, json!("Authentication required")));
    let refused = browser.get("/api/v1/auth/me").await;
    assert_eq!(
        (refused.status.as_u16(), refused.detail()),
        (401, json!("Missing authentication credentials"))
    );
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn tokens_that_are_not_ours_are_refused(pool: PgPool) {
    let app = TestApp::init(pool).await;
    let admin = app.with_signed_in_admin().await;
    let token = admin.token.clone().unwrap();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let (_, claims) = head.split_once('.').unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    let cut = format!("{head}.{}", &signature[1..]);
    for bad in [unsigned, cut, "nonsense".to_owned(), String::new()] {
        let client = Client { token: Some(bad), ..app.anonymous() };
        let answer = client.get("/api/v1/boards/?all=true").await;
        assert_eq!((answer.status.as_u16(), answer.detail()), (401, json!("Invalid or expired token")));
        let answer = client.get("/api/v1/auth/me").await;
        assert_eq!(answer.detail(), json!("Invalid or expired authentication token"));
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn without_several_users_everything_is_open_but_accounts(pool: PgPool) {
    let app = TestApp::with(pool, |config| config.multiuser = false).await;
    let anyone = app.anonymous();
    let status = anyone.get("/api/v1/auth/status").await.json();
    assert_eq!((&status["setup_required"], &status["multiuser_enabled"]), (&json!(false), &json!(false)));
    assert_eq!(anyone.post("/api/v1/boards/?board_name=b", json!({})).await.json()["user_id"], "system");
    assert_eq!(anyone.get("/api/v1/app/runtime_config").await.status, 200);
    assert_eq!(anyone.post("/api/v1/auth/media-cookie", json!({})).await.status, 200);
    assert_eq!(anyone.get("/api/v1/auth/users").await.status, 401);
    let body = json!({ "email": "a@example.com", "password": PASSWORD });
    assert_eq!(anyone.post("/api/v1/auth/users", body.clone()).await.status, 401);
    let setup = anyone.post("/api/v1/auth/setup", body.clone()).await;
    assert_eq!(
        setup.detail(),
        "Multiuser mode is disabled. Admin setup is not required in single-user mode."
    );
    let login = anyone.post("/api/v1/auth/login", body).await;
    assert_eq!(login.status, 403);
    assert_eq!(
        login.detail(),
        "Multiuser mode is disabled. Authentication is not required in single-user mode."
    );
}
