use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, postgres::PgPoolOptions};

/// A database that is dropped with [`Database::drop`].
pub(crate) struct Database {
    server: String,
    name: String,
    /// For `invoke --database-url`.
    pub(crate) url: String,
    pub(crate) pool: PgPool,
}

impl Database {
    pub(crate) async fn create() -> Self {
        let server = std::env::var("DATABASE_URL").expect("DATABASE_URL names a Postgres to test on");
        let name = format!("faults_{}", uuid::Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        let (address, query) =
            server.split_once('?').map_or((server.as_str(), ""), |(address, query)| (address, query));
        let (address, _) = address.rsplit_once('/').expect("a database in the URL");
        let url = format!("{address}/{name}{}{query}", if query.is_empty() { "" } else { "?" });
        let pool = PgPoolOptions::new().max_connections(4).connect(&url).await.unwrap();
        Self { server, name, url, pool }
    }

    pub(crate) async fn drop(self) {
        self.pool.close().await;
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        let drop = AssertSqlSafe(format!("drop database {} with (force)", self.name));
        sqlx::query(drop).execute(&mut connection).await.unwrap();
    }
}
