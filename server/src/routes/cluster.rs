//! `/api/v1/cluster`: what whoever runs the studio asks of it, the operator above all. Not in InvokeAI's API.
use crate::{
    access::{Access, Endpoints},
    error::Result,
    session::Admin,
    state::AppState,
};
use axum::{
    Json,
    extract::{Path, State},
};
use domain::load::Load;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{
    belongings::{self, Reassigned},
    queue,
};

/// The routes.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new().get("/api/v1/cluster/load", Access::Operations, load).post(
        "/api/v1/cluster/users/{user_id}/reassign",
        Access::AccountAdmin,
        reassign,
    )
}

/// To whom everything goes.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "ReassignRequest")]
pub(super) struct Heir {
    /// The id of the account.
    to: String,
}

async fn load(State(state): State<AppState>, Admin(administrator): Admin) -> Result<Json<Load>> {
    Ok(Json(queue::load(&state.pool, &administrator).await?))
}

async fn reassign(
    State(state): State<AppState>,
    Admin(administrator): Admin,
    Path(user_id): Path<String>,
    Json(heir): Json<Heir>,
) -> Result<Json<Reassigned>> {
    Ok(Json(belongings::reassign(&state.pool, &administrator, &user_id, &heir.to).await?))
}
