//! socket.io on real sockets: who may connect, what each hears, and when they stop hearing it.
use crate::{
    app::{Client, TestApp},
    world::{SECRET, batch, workflow},
};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};
use tokio_util::sync::CancellationToken;

/// The application with its sockets on a port of its own.
struct Served {
    app: TestApp,
    address: SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Served {
    async fn start(pool: PgPool) -> Self {
        let app = TestApp::init(pool.clone()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let state = app.state.clone();
        let (config, files) = (state.config.as_ref().clone(), state.files.clone());
        let nodes = state.node_schemas.as_ref().clone();
        let served = server::serve(config, pool, files, nodes, listener, stop.clone());
        let ended = tokio::spawn(async move { served.await.unwrap() });
        Self { app, address, stop, ended }
    }

    async fn connect(&self, client: &Client) -> Result<Socket, Value> {
        Socket::connect(self.address, client.token.as_deref()).await
    }
}

/// A client of Engine.IO 4 and socket.io 5 over a websocket.
struct Socket {
    stream: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Socket {
    async fn connect(address: SocketAddr, token: Option<&str>) -> Result<Self, Value> {
        let address = format!("ws://{address}/ws/socket.io/?EIO=4&transport=websocket");
        let mut socket = Self { stream: connect_async(address).await.unwrap().0 };
        assert!(socket.packet().await.unwrap().starts_with('0'));
        let credentials = token.map_or_else(String::new, |token| json!({ "token": token }).to_string());
        socket.send(&format!("40{credentials}")).await;
        let answer = socket.packet().await.unwrap();
        match answer.split_at(2) {
            ("40", _) => Ok(socket),
            ("44", reason) => Err(serde_json::from_str(reason).unwrap()),
            _ => panic!("{answer}"),
        }
    }

    async fn send(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    async fn follow_queue(&mut self) {
        self.send(r#"42["subscribe_queue",{"queue_id":"default"}]"#).await;
        // Subscriptions are not acknowledged.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    /// The next packet; `None` when the connection has ended.
    async fn packet(&mut self) -> Option<String> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => self.send("3").await,
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// All events until nothing more comes for a while.
    async fn events(&mut self) -> Vec<(String, Value)> {
        let mut events = Vec::new();
        while let Ok(Some(packet)) = timeout(Duration::from_millis(1500), self.packet()).await {
            if let Some(event) = packet.strip_prefix("42") {
                events.push(serde_json::from_str(event).unwrap());
            }
        }
        events
    }

    /// Whether the server ends the connection within `limit`.
    async fn is_closed_within(&mut self, limit: Duration) -> bool {
        let closed = async {
            while let Some(packet) = self.packet().await {
                if packet.starts_with("41") {
                    break;
                }
            }
        };
        timeout(limit, closed).await.is_ok()
    }
}

fn of<'a>(events: &'a [(String, Value)], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|(other, _)| other == name).map(|(_, payload)| payload).collect()
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn only_accounts_connect(pool: PgPool) {
    let served = Served::start(pool).await;
    let account = served.app.account("anna", false).await;
    let client = served.app.client_of(&account);
    assert!(served.connect(&client).await.is_ok());
    assert!(served.connect(&served.app.anonymous()).await.is_err());
    let bad = Client { token: Some("nonsense".into()), ..served.app.anonymous() };
    let refusal = served.connect(&bad).await.err().unwrap();
    assert!(refusal["message"].is_string() && !refusal.to_string().contains("nonsense"), "{refusal}");
    let off = store::accounts::AccountChanges { is_active: Some(false), ..Default::default() };
    store::accounts::update(&served.app.state.pool, &account.user_id, &off).await.unwrap();
    assert!(served.connect(&client).await.is_err());
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn others_hear_that_the_queue_moves_and_not_whose_or_what(pool: PgPool) {
    let served = Served::start(pool).await;
    let (anna, ben) = (served.app.with_user("anna").await, served.app.with_user("ben").await);
    let admin = served.app.with_admin("admin").await;
    let mut sockets = [
        served.connect(&anna).await.unwrap(),
        served.connect(&ben).await.unwrap(),
        served.connect(&admin).await.unwrap(),
    ];
    for socket in &mut sockets {
        socket.follow_queue().await;
    }
    let enqueued =
        anna.post("/api/v1/queue/default/enqueue_batch", json!({ "batch": batch(SECRET) })).await.json();
    let item_id = enqueued["item_ids"][0].as_i64().unwrap();
    anna.put(&format!("/api/v1/queue/default/i/{item_id}/cancel"), json!({})).await;
    let [of_anna, of_ben, of_admin] = &mut sockets;
    let (for_anna, for_ben, for_admin) = tokio::join!(of_anna.events(), of_ben.events(), of_admin.events());
    for events in [&for_anna, &for_admin] {
        let enqueued = of(events, "batch_enqueued");
        assert_eq!(enqueued.len(), 1, "once, though in several rooms: {events:?}");
        assert_eq!(enqueued[0]["origin"], SECRET);
        let changed = of(events, "queue_item_status_changed");
        assert_eq!((changed.len(), &changed[0]["destination"]), (1, &json!(SECRET)));
    }
    assert_eq!(of(&for_ben, "batch_enqueued")[0]["batch_id"], "redacted");
    let changed = of(&for_ben, "queue_item_status_changed");
    assert_eq!(
        (changed.len(), &changed[0]["user_id"], &changed[0]["item_id"]),
        (1, &json!("redacted"), &json!(item_id))
    );
    let everything = serde_json::to_string(&for_ben).unwrap();
    let account = anna.get("/api/v1/auth/me").await.json();
    assert!(
        !everything.contains(SECRET) && !everything.contains(account["user_id"].as_str().unwrap()),
        "{everything}"
    );
}

/// Clients subscribe the moment they are connected. A subscription that came too early for its handler was lost, and
/// with it the page's count of the items of others.
#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_subscription_at_the_moment_of_the_connection_holds(pool: PgPool) {
    const SOCKETS: usize = 60;
    let served = Served::start(pool).await;
    let (anna, ben) = (served.app.with_user("anna").await, served.app.with_user("ben").await);
    let mut sockets = futures::future::join_all((0..SOCKETS).map(|_| async {
        let mut socket = served.connect(&ben).await.unwrap();
        socket.send(r#"42["subscribe_queue",{"queue_id":"default"}]"#).await;
        socket
    }))
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    anna.post("/api/v1/queue/default/enqueue_batch", json!({ "batch": batch(SECRET) })).await;
    let heard = futures::future::join_all(sockets.iter_mut().map(Socket::events)).await;
    let told = heard.iter().filter(|events| of(events, "batch_enqueued").len() == 1).count();
    assert_eq!(told, SOCKETS, "every page hears of the item");
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn nobody_joins_the_room_of_another_person(pool: PgPool) {
    let served = Served::start(pool).await;
    let anna = served.app.account("anna", false).await;
    let mut of_ben = served.connect(&served.app.with_user("ben").await).await.unwrap();
    for room in [format!("user:{}", anna.user_id), "admin".to_owned(), "workflows:shared".to_owned()] {
        of_ben.send(&format!(r#"42["subscribe_queue",{}]"#, json!({ "queue_id": room }))).await;
        of_ben
            .send(&format!(r#"42["subscribe_bulk_download",{}]"#, json!({ "bulk_download_id": room })))
            .await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let client = served.app.client_of(&anna);
    let workflow =
        client.post("/api/v1/workflows/", json!({ "workflow": workflow("", SECRET) })).await.json();
    client.post("/api/v1/queue/default/enqueue_batch", json!({ "batch": batch(SECRET) })).await;
    assert_eq!(of_ben.events().await, []);
    let path = format!("/api/v1/workflows/i/{}/is_public", workflow["workflow_id"].as_str().unwrap());
    client.patch(&path, json!({ "is_public": true })).await;
    client.patch(&path, json!({ "is_public": false })).await;
    let heard: Vec<String> = of_ben.events().await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(heard, ["workflow_updated", "workflow_access_revoked"]);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn lost_access_closes_open_sockets_within_two_seconds(pool: PgPool) {
    let served = Served::start(pool).await;
    let admin = served.app.with_admin("admin").await;
    let account = served.app.account("anna", false).await;
    let path = format!("/api/v1/auth/users/{}", account.user_id);
    let mut socket = served.connect(&served.app.client_of(&account)).await.unwrap();
    admin.patch(&path, json!({ "password": "Another-Passw0rd" })).await;
    assert!(socket.is_closed_within(Duration::from_secs(2)).await);
    let account = store::accounts::by_id(&served.app.state.pool, &account.user_id).await.unwrap().unwrap();
    let mut socket = served.connect(&served.app.client_of(&account)).await.unwrap();
    admin.delete(&path).await;
    assert!(socket.is_closed_within(Duration::from_secs(2)).await);
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn a_new_administrator_hears_all_and_a_former_one_no_longer(pool: PgPool) {
    let served = Served::start(pool).await;
    let admin = served.app.with_admin("admin").await;
    let anna = served.app.with_user("anna").await;
    let ben = served.app.account("ben", false).await;
    let mut of_ben = served.connect(&served.app.client_of(&ben)).await.unwrap();
    for is_admin in [true, false] {
        let path = format!("/api/v1/auth/users/{}", ben.user_id);
        admin.patch(&path, json!({ "is_admin": is_admin })).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        anna.post("/api/v1/queue/default/enqueue_batch", json!({ "batch": batch(SECRET) })).await;
        let events = of_ben.events().await;
        assert_eq!(of(&events, "batch_enqueued").len(), usize::from(is_admin), "{events:?}");
    }
}

#[sqlx::test(migrator = "store::database::MIGRATOR")]
async fn open_sockets_do_not_hold_up_the_end(pool: PgPool) {
    let served = Served::start(pool).await;
    let mut socket = served.connect(&served.app.with_user("anna").await).await.unwrap();
    let began = Instant::now();
    served.stop.cancel();
    timeout(Duration::from_secs(5), served.ended).await.expect("the server ends").unwrap();
    assert!(socket.is_closed_within(Duration::from_secs(2)).await);
    assert!(began.elapsed() < Duration::from_secs(5));
}
