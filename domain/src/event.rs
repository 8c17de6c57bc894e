//! Who receives a socket.io event, and what is taken out of it for whom. Fails closed: an event that nobody
//! described goes to its owner and the administrators only.
use serde_json::{Map, Value, json};

/// A room of sockets. Clients name only queues, so they cannot ask for another person's room.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Room {
    /// The sockets of one account.
    User(String),
    /// The sockets of administrators.
    Admins,
    /// The sockets that follow a queue.
    Queue(String),
    /// Everybody, for workflows that are shared.
    SharedWorkflows,
}

impl Room {
    /// The room's unique name.
    pub fn name(&self) -> String {
        match self {
            Self::User(user_id) => format!("user:{user_id}"),
            Self::Admins => "admin".into(),
            Self::Queue(queue_id) => format!("queue:{queue_id}"),
            Self::SharedWorkflows => "workflows:shared".into(),
        }
    }
}

/// One copy of an event. A socket in several of the rooms gets it once.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The name on the wire.
    pub name: String,
    /// The rooms that get it.
    pub to: Vec<Room>,
    /// The rooms that do not, even when they are in the others too.
    pub except: Vec<Room>,
    /// What they get.
    pub payload: Value,
}

/// The copies of an event.
pub fn deliveries(
    name: &str,
    queue_id: Option<&str>,
    user_id: Option<&str>,
    payload: &Value,
) -> Vec<Delivery> {
    let owner = user_id.map(|user_id| Room::User(user_id.to_owned()));
    let queue = queue_id.map(|queue_id| Room::Queue(queue_id.to_owned()));
    let send = |to: Vec<Room>, except: Vec<Room>, payload: Value| Delivery {
        name: name.to_owned(),
        to,
        except,
        payload,
    };
    let owner_and_admins: Vec<Room> = owner.iter().cloned().chain([Room::Admins]).collect();
    let private = || vec![send(owner_and_admins.clone(), vec![], payload.clone())];
    let with_redacted = |redact: fn(&mut Map<String, Value>)| {
        let mut copies = private();
        if let Some(queue) = queue.clone() {
            let mut rest = payload.clone();
            rest.as_object_mut().map(redact);
            copies.push(send(vec![queue], owner_and_admins.clone(), rest));
        }
        copies
    };
    match name {
        "invocation_progress" | "model_load_started" | "model_load_complete" => {
            owner.into_iter().map(|owner| send(vec![owner], vec![], payload.clone())).collect()
        }
        "queue_item_status_changed" => with_redacted(redact_status),
        "batch_enqueued" => with_redacted(|fields| {
            set(
                fields,
                json!({
                    "user_id": "redacted", "batch_id": "redacted", "origin": null,
                }),
            )
        }),
        "queue_cleared" if user_id.is_none() => {
            queue.into_iter().map(|queue| send(vec![queue], vec![], payload.clone())).collect()
        }
        "queue_cleared" => with_redacted(|fields| set(fields, json!({ "user_id": "redacted" }))),
        "queue_items_retried" => of_several("retried_item_ids", queue, payload, &send),
        "queue_items_canceled" => of_several("canceled_item_ids", queue, payload, &send),
        "workflow_created" | "workflow_deleted" | "workflow_updated" => {
            workflow(name, owner_and_admins, payload, &send)
        }
        "user_access_changed" => vec![],
        _ => private(),
    }
}

fn set(fields: &mut Map<String, Value>, values: Value) {
    if let Value::Object(values) = values {
        fields.extend(values);
    }
}

fn redact_status(fields: &mut Map<String, Value>) {
    set(
        fields,
        json!({
            "user_id": "redacted", "batch_id": "redacted", "session_id": "redacted", "origin": null, "destination": null,
            "error_type": null, "error_message": null, "error_traceback": null,
        }),
    );
    if let Some(batch) = fields.get_mut("batch_status").and_then(Value::as_object_mut) {
        set(batch, json!({ "batch_id": "redacted", "origin": null, "destination": null }));
    }
    if let Some(queue) = fields.get_mut("queue_status").and_then(Value::as_object_mut) {
        set(
            queue,
            json!({
                "item_id": null, "session_id": null, "batch_id": null, "user_pending": null, "user_in_progress": null,
            }),
        );
    }
}

type Send<'a> = dyn Fn(Vec<Room>, Vec<Room>, Value) -> Delivery + 'a;

/// Administrators get all ids, owners their own, the rest none.
fn of_several(ids: &str, queue: Option<Room>, payload: &Value, send: &Send<'_>) -> Vec<Delivery> {
    let by_user = format!("{ids}_by_user");
    let part = |own: Value, users: Value, map: Value| {
        let mut copy = payload.clone();
        if let Some(fields) = copy.as_object_mut() {
            fields.insert(ids.to_owned(), own);
            fields.insert("user_ids".into(), users);
            fields.insert(by_user.clone(), map);
        }
        copy
    };
    let owners = payload.get(&by_user).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut copies = vec![send(vec![Room::Admins], vec![], payload.clone())];
    let mut knowing = vec![Room::Admins];
    for (user_id, own) in owners {
        let room = Room::User(user_id.clone());
        knowing.push(room.clone());
        copies.push(send(
            vec![room],
            vec![Room::Admins],
            part(own.clone(), json!([user_id]), json!({ user_id: own })),
        ));
    }
    if let Some(queue) = queue {
        copies.push(send(vec![queue], knowing, part(json!([]), json!([]), json!({}))));
    }
    copies
}

fn workflow(name: &str, mut to: Vec<Room>, payload: &Value, send: &Send<'_>) -> Vec<Delivery> {
    let is = |field: &str| payload.get(field).and_then(Value::as_bool).unwrap_or_default();
    let public = if name == "workflow_updated" { is("new_is_public") } else { is("is_public") };
    if public {
        to.push(Room::SharedWorkflows);
    }
    let mut copies = vec![send(to, vec![], payload.clone())];
    if name == "workflow_updated" && !public && is("old_is_public") {
        let fields = ["timestamp", "workflow_id", "user_id"];
        let told: Map<String, Value> = fields
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), payload.get(field)?.clone())))
            .collect();
        let revoked = send(vec![Room::SharedWorkflows], vec![], Value::Object(told));
        copies.push(Delivery { name: "workflow_access_revoked".into(), ..revoked });
    }
    copies
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> Room {
        Room::User(id.into())
    }

    #[test]
    fn a_change_of_status_tells_others_nothing_of_its_owner() {
        let payload = json!({
            "item_id": 1, "user_id": "anna", "batch_id": "b", "session_id": "s", "origin": "o", "destination": "d",
            "error_message": "secret", "status": "failed",
            "batch_status": { "batch_id": "b", "origin": "o", "destination": "d", "total": 1 },
            "queue_status": { "item_id": 1, "batch_id": "b", "session_id": "s", "user_pending": 1, "total": 1 },
        });
        let copies = deliveries("queue_item_status_changed", Some("default"), Some("anna"), &payload);
        assert_eq!(copies[0].to, [user("anna"), Room::Admins]);
        assert_eq!(copies[0].payload, payload);
        assert_eq!(copies[1].except, copies[0].to);
        let text = copies[1].payload.to_string();
        assert!(
            ["anna", "secret", "\"b\"", "\"s\"", "\"o\"", "\"d\""].iter().all(|word| !text.contains(word)),
            "{text}"
        );
    }

    #[test]
    fn progress_and_unknown_events_stay_with_their_owner() {
        let progress = deliveries("invocation_progress", Some("default"), Some("anna"), &json!({}));
        assert_eq!(progress.iter().flat_map(|copy| copy.to.clone()).collect::<Vec<_>>(), [user("anna")]);
        let unknown = deliveries("something_new", Some("default"), Some("anna"), &json!({}));
        assert_eq!(
            unknown.iter().flat_map(|copy| copy.to.clone()).collect::<Vec<_>>(),
            [user("anna"), Room::Admins]
        );
    }

    #[test]
    fn owners_hear_of_their_own_items_only() {
        let payload = json!({
            "queue_id": "default", "canceled_item_ids": [1, 2], "user_ids": ["anna", "ben"],
            "canceled_item_ids_by_user": { "anna": [1], "ben": [2] },
        });
        let copies = deliveries("queue_items_canceled", Some("default"), None, &payload);
        assert_eq!(copies.len(), 4);
        assert_eq!(copies[1].payload["canceled_item_ids"], json!([1]));
        assert!(!copies[1].payload.to_string().contains("ben"));
        assert_eq!(copies[3].payload["canceled_item_ids"], json!([]));
        assert_eq!(copies[3].except, [Room::Admins, user("anna"), user("ben")]);
    }

    #[test]
    fn a_workflow_that_turns_private_is_revoked_for_the_others() {
        let payload =
            json!({ "workflow_id": "w", "user_id": "anna", "old_is_public": true, "new_is_public": false });
        let copies = deliveries("workflow_updated", None, Some("anna"), &payload);
        assert_eq!(copies[1].name, "workflow_access_revoked");
        assert_eq!(copies[1].to, [Room::SharedWorkflows]);
    }
}
