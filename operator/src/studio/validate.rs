//! Whether the studio can work: what the CRD's rules cannot see, because it is in other objects.
use super::{
    build::{Digests, Input, manifest::short_digest, names},
    observe::{Observed, signing_key},
};
use crate::{
    resource::{InvokeAI, condition::Finding, database::DatabaseKind},
    settings::OperatorSettings,
};
use kube::ResourceExt;

const SHORTEST_KEY: usize = 32;

/// A Secret that is to be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generated {
    /// The key that signs sessions.
    SigningKey,
    /// The first administrator's password.
    Administrator,
    /// The managed database's password.
    Database,
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Validated {
    /// What `build` is given; the rollout fills in the rest.
    pub input: Input,
    /// Secrets that are missing and are the operator's to make.
    pub generate: Vec<Generated>,
    /// What keeps the studio from working. Empty: nothing.
    pub problems: Vec<Finding>,
}

/// Looks whether the studio can work.
pub fn validate(studio: &InvokeAI, observed: &Observed, settings: &OperatorSettings) -> Validated {
    let name = studio.name_any();
    let mut input = Input {
        studio: studio.clone(),
        default_image: settings.studio_image.clone(),
        database_image: settings.database_image.clone(),
        database_port: names::DATABASE_PORT,
        has_prometheus_operator: observed.has_prometheus_operator,
        ..Input::default()
    };
    let mut generate = Vec::new();
    let mut problems = Vec::new();
    input.digests = Digests {
        signing_key: signing_key_digest(studio, observed, &mut generate, &mut problems),
        ..Digests::default()
    };
    let (database, port) =
        database(studio, observed, &input.digests.signing_key, &mut generate, &mut problems);
    input.digests.database = database;
    input.database_port = port;
    input.digests.storage = storage_digest(studio, observed, &input.digests.signing_key, &mut problems);
    let administrator = &studio.spec.auth.administrator;
    match &administrator.password_secret_ref {
        Some(reference) => {
            let key = reference.key_or("password");
            if observed.secret(&reference.name, key).is_none() {
                problems.push(missing("AdministratorSecretMissing", &reference.name, key));
            }
        }
        None if observed.secret(&names::administrator(&name), "password").is_none() => {
            generate.push(Generated::Administrator);
        }
        None => {}
    }
    Validated { input, generate, problems }
}

fn missing(reason: &'static str, secret: &str, key: &str) -> Finding {
    Finding::no(
        "Available",
        reason,
        format!("the Secret {secret} with the key {key} does not exist in this namespace; create it"),
    )
}

fn signing_key_digest(
    studio: &InvokeAI,
    observed: &Observed,
    generate: &mut Vec<Generated>,
    problems: &mut Vec<Finding>,
) -> String {
    let (secret, key) = signing_key(studio);
    match observed.secret(&secret, &key) {
        Some(value) if value.trim_ascii().len() < SHORTEST_KEY => {
            let message =
                format!("the key {key} of the Secret {secret} is shorter than {SHORTEST_KEY} characters");
            problems.push(Finding::no("Available", "SigningKeyTooShort", message));
            String::new()
        }
        Some(value) => short_digest(&String::from_utf8_lossy(value)),
        None if studio.spec.auth.signing_key_secret_ref.is_some() => {
            problems.push(missing("SigningKeyMissing", &secret, &key));
            String::new()
        }
        None => {
            generate.push(Generated::SigningKey);
            String::new()
        }
    }
}

/// A digest that tells nothing of a weak secret to those who may read Deployments: it is keyed.
fn keyed_digest(key: &str, value: &[u8]) -> String {
    short_digest(&format!("{key}\0{}", String::from_utf8_lossy(value)))
}

fn database(
    studio: &InvokeAI,
    observed: &Observed,
    key: &str,
    generate: &mut Vec<Generated>,
    problems: &mut Vec<Finding>,
) -> (String, u16) {
    match studio.spec.database.kind() {
        DatabaseKind::Managed(_) => match observed.secret(&names::database(&studio.name_any()), "uri") {
            Some(uri) => (keyed_digest(key, uri), names::DATABASE_PORT),
            None => {
                generate.push(Generated::Database);
                (String::new(), names::DATABASE_PORT)
            }
        },
        DatabaseKind::External(external) => {
            let (secret, entry) = (&external.url_secret_ref.name, external.url_secret_ref.key_or("uri"));
            let Some(uri) = observed.secret(secret, entry) else {
                problems.push(missing("DatabaseSecretMissing", secret, entry));
                return (String::new(), names::DATABASE_PORT);
            };
            match port_of(&String::from_utf8_lossy(uri)) {
                Some(port) => (keyed_digest(key, uri), port),
                None => {
                    let message = format!(
                        "the key {entry} of the Secret {secret} is no URL of the form \
                         postgresql://user:password@host:port/database"
                    );
                    problems.push(Finding::no("Available", "DatabaseUrlInvalid", message));
                    (String::new(), names::DATABASE_PORT)
                }
            }
        }
    }
}

/// The port of a connection URL; `None` when it is none.
fn port_of(url: &str) -> Option<u16> {
    let rest = url.trim().strip_prefix("postgresql://").or_else(|| url.trim().strip_prefix("postgres://"))?;
    let authority = rest.split(['/', '?']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() {
        return None;
    }
    match host.rsplit_once(':') {
        // A colon inside brackets is a part of the address.
        Some((_, port)) if !port.contains(']') => port.parse().ok(),
        _ => Some(names::DATABASE_PORT),
    }
}

fn storage_digest(studio: &InvokeAI, observed: &Observed, key: &str, problems: &mut Vec<Finding>) -> String {
    let credentials = studio.spec.storage.s3.as_ref().and_then(|s3| s3.credentials_secret_name.as_deref());
    let Some(secret) = credentials else { return String::new() };
    let mut all = Vec::new();
    for entry in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        match observed.secret(secret, entry) {
            Some(value) => all.extend_from_slice(value),
            None => problems.push(missing("StorageSecretMissing", secret, entry)),
        }
    }
    keyed_digest(key, &all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_connection_urls_are_found() {
        assert_eq!(port_of("postgresql://user:pass:word@host/db"), Some(5432));
        assert_eq!(port_of("postgres://user@host:6432/db?sslmode=require"), Some(6432));
        assert_eq!(port_of("postgres://[fd00::1]/db"), Some(5432));
        assert_eq!(port_of("mysql://host/db"), None);
        assert_eq!(port_of("postgresql://"), None);
    }
}
