//! Who may talk to whom. Everything that is not here is denied.
use super::{Input, Manifest, Retention, manifest::labels, names};
use kube::ResourceExt;
use serde_json::{Value, json};

/// Link-local addresses of the services that give credentials to pods: Amazon's agents of EKS Pod Identity
/// (169.254.170.23, fd00:ec2::23) and of ECS tasks (169.254.170.2), and the metadata service of a node.
const IDENTITY_SERVICES: [&str; 4] =
    ["169.254.170.23/32", "fd00:ec2::23/128", "169.254.170.2/32", "169.254.169.254/32"];

/// All policies of the studio.
pub(super) fn all(input: &Input) -> Vec<Manifest> {
    let studio = input.studio.name_any();
    let mut policies = vec![
        policy(input, "deny", json!({ "matchLabels": { names::INSTANCE: studio } }), json!([]), json!([])),
        // People, ingress controllers, the operator and Prometheus come from anywhere; the server asks who they are.
        policy(
            input,
            "server",
            component(&studio, &["server"]),
            json!([on_port(names::SERVER_PORT)]),
            from_server(input),
        ),
        policy(
            input,
            "worker",
            component(&studio, &["worker"]),
            json!([on_port(names::SERVER_PORT)]),
            to_data(input),
        ),
        policy(input, "jobs", component(&studio, &["migration", "backup"]), json!([]), to_data(input)),
    ];
    if input.studio.spec.database.managed().is_some() {
        let clients = json!([{
            "from": [{ "podSelector": component(&studio, &["server", "worker", "migration", "backup"]) }],
            "ports": [{ "protocol": "TCP", "port": names::DATABASE_PORT }],
        }]);
        policies.push(policy(input, "database", component(&studio, &["database"]), clients, json!([])));
    }
    policies
}

fn policy(input: &Input, part: &str, pods: Value, ingress: Value, egress: Value) -> Manifest {
    let body = json!({ "spec": {
        "podSelector": pods,
        "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress,
        "egress": egress,
    } });
    let name = format!("{}-{part}", input.studio.name_any());
    let kind = ("networking.k8s.io/v1", "NetworkPolicy");
    Manifest::new(input, kind, name, labels(input, part), Retention::WithStudio, body)
}

fn component(studio: &str, components: &[&str]) -> Value {
    json!({
        "matchLabels": { names::INSTANCE: studio },
        "matchExpressions": [{ "key": names::COMPONENT, "operator": "In", "values": components }],
    })
}

fn on_port(port: u16) -> Value {
    json!({ "ports": [{ "protocol": "TCP", "port": port }] })
}

/// Names, the database, and S3 where images are there.
fn to_data(input: &Input) -> Value {
    let studio = input.studio.name_any();
    let database = if input.studio.spec.database.managed().is_some() {
        json!({
            "to": [{ "podSelector": component(&studio, &["database"]) }],
            "ports": [{ "protocol": "TCP", "port": names::DATABASE_PORT }],
        })
    } else {
        on_port(input.database_port)
    };
    let names_service =
        json!({ "ports": [{ "protocol": "UDP", "port": 53 }, { "protocol": "TCP", "port": 53 }] });
    let mut rules = vec![names_service, database];
    if let Some(s3) = &input.studio.spec.storage.s3 {
        let mut bucket = vec![on_port(port_of(s3.endpoint.as_deref()))];
        if s3.credentials_secret_name.is_none() {
            bucket.extend(to_identity());
            bucket.dedup();
        }
        rules.extend(bucket);
    }
    rules.into()
}

/// Where a pod's own identity becomes credentials: a token service (HTTPS), or a service that clouds run on every node.
fn to_identity() -> [Value; 2] {
    let blocks: Vec<_> =
        IDENTITY_SERVICES.iter().map(|cidr| json!({ "ipBlock": { "cidr": cidr } })).collect();
    [on_port(443), json!({ "to": blocks, "ports": [{ "protocol": "TCP", "port": 80 }] })]
}

/// The server also fetches models from the network.
fn from_server(input: &Input) -> Value {
    let mut rules = to_data(input);
    if let Some(rules) = rules.as_array_mut() {
        rules.push(
            json!({ "ports": [{ "protocol": "TCP", "port": 443 }, { "protocol": "TCP", "port": 80 }] }),
        );
    }
    rules
}

/// The port of an S3 endpoint.
fn port_of(endpoint: Option<&str>) -> u16 {
    let Some((scheme, rest)) = endpoint.and_then(|endpoint| endpoint.split_once("://")) else { return 443 };
    let authority = rest.split('/').next().unwrap_or_default();
    let given = authority.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    given.unwrap_or(if scheme == "http" { 80 } else { 443 })
}
