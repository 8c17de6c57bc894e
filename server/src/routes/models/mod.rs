//! Models: records, installation from local folders and files, relations to what is on disk.
//!
//! - [`registration`]: a folder or file becomes a record
//! - [`probe`], [`probe_file`], [`safetensors_header`]: what a folder or file is
//! - [`install`]: installations as jobs
//! - [`orphaned`]: folders that no record names; [`caches`]: what workers have loaded
mod caches;
mod install;
mod orphaned;
mod pictures;
mod probe;
mod probe_file;
mod records;
mod registration;
mod safetensors_header;

pub use pictures::set_model_cover;
pub use probe::ProbeError;
pub use registration::{RegistrationError, register_local_model};

use crate::access::{Access, Endpoints};

/// The routes of this resource.
pub(crate) fn endpoints() -> Endpoints {
    Endpoints::new()
        .get("/api/v2/models/", Access::User, records::list)
        .get("/api/v2/models/missing", Access::User, records::missing)
        .get("/api/v2/models/get_by_attrs", Access::User, records::by_attributes)
        .get("/api/v2/models/get_by_hash", Access::User, records::by_hash)
        .get("/api/v2/models/i/{key}", Access::User, records::get)
        .patch("/api/v2/models/i/{key}", Access::Admin, records::update)
        .delete("/api/v2/models/i/{key}", Access::Admin, records::delete)
        .post("/api/v2/models/i/{key}/reidentify", Access::Admin, records::reidentify)
        .post("/api/v2/models/i/bulk_delete", Access::Admin, records::bulk_delete)
        .post("/api/v2/models/i/bulk_reidentify", Access::Admin, records::bulk_reidentify)
        .get("/api/v2/models/scan_folder", Access::Admin, records::scan)
        .get("/api/v2/models/starter_models", Access::Admin, records::starters)
        .get("/api/v2/models/stats", Access::Admin, records::stats)
        .get("/api/v2/models/install", Access::Admin, install::list)
        .post("/api/v2/models/install", Access::Admin, install::install)
        .delete("/api/v2/models/install", Access::Admin, install::prune)
        .get("/api/v2/models/install/{id}", Access::Admin, install::get)
        .delete("/api/v2/models/install/{id}", Access::Admin, install::cancel)
        .get("/api/v2/models/sync/orphaned", Access::Admin, orphaned::list)
        .delete("/api/v2/models/sync/orphaned", Access::Admin, orphaned::delete)
        .post("/api/v2/models/empty_model_cache", Access::Admin, caches::empty)
        .merge(pictures::endpoints())
}
