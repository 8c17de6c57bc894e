//! How many workers there are to be in each pool, and which of them may go first.
use super::observe::Observed;
use crate::{
    autoscale::{self, Demand, Memory},
    resource::InvokeAI,
};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use std::{collections::BTreeMap, time::Duration};

/// What is remembered of each pool of a studio.
pub type Memories = BTreeMap<String, Memory>;

/// How many workers there are to be in each pool. `current` is how many are asked for now.
pub fn replicas(
    studio: &InvokeAI,
    observed: &Observed,
    current: impl Fn(&str) -> Option<i32>,
    memories: &mut Memories,
    now: Duration,
) -> BTreeMap<String, i32> {
    let number = |count: i64| u32::try_from(count).unwrap_or(0);
    let mut demand = observed.load.as_ref().map(|load| {
        // What waits in a paused queue needs no worker yet.
        let waiting = if load.paused { 0 } else { number(load.waiting) };
        Demand { waiting, running: number(load.running) }
    });
    let mut counts = BTreeMap::new();
    for (name, pool) in studio.spec.pools() {
        let before = current(name);
        let count = match (&pool.autoscale, demand) {
            (None, _) => pool.replicas.unwrap_or(1),
            // Nothing is known of the queue, so nothing changes.
            (Some(autoscale), None) => before.unwrap_or(autoscale.min).clamp(autoscale.min, autoscale.max),
            (Some(autoscale), Some(known)) => {
                let memory = memories.entry(name.to_owned()).or_default();
                let count = autoscale.decide(known, before.unwrap_or(autoscale.min), memory, now);
                demand = Some(autoscale::remaining(known, autoscale, count));
                count
            }
        };
        counts.insert(name.to_owned(), count);
    }
    counts
}

/// The annotation by which a ReplicaSet chooses which pod goes first.
pub const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const BUSY_COST: &str = "1000";

/// The workers whose cost is to change, and to what, before a pool shrinks: idle ones go first.
pub fn deletion_costs(observed: &Observed, pods: &[Pod]) -> Vec<(String, Option<&'static str>)> {
    let Some(load) = &observed.load else { return Vec::new() };
    let mut changes = Vec::new();
    for pod in pods {
        let busy = load.busy_workers.iter().any(|worker| *worker == pod.name_any());
        let has = pod.annotations().contains_key(DELETION_COST);
        match (busy, has) {
            (true, false) => changes.push((pod.name_any(), Some(BUSY_COST))),
            (false, true) => changes.push((pod.name_any(), None)),
            _ => {}
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::workers::Autoscale;
    use domain::load::Load;
    use kube::api::ObjectMeta;

    fn pod(name: &str) -> Pod {
        Pod { metadata: ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() }, ..Pod::default() }
    }

    #[test]
    fn busy_workers_are_the_last_to_go() {
        let load = Load { busy_workers: vec!["a".into()], ..Load::default() };
        let observed = Observed { load: Some(load), ..Observed::default() };
        assert_eq!(deletion_costs(&observed, &[pod("a"), pod("b")]), [("a".to_owned(), Some("1000"))]);
    }

    #[test]
    fn a_pool_stays_as_it_is_while_the_queue_cannot_be_asked() {
        let mut studio = InvokeAI::default();
        studio.spec.workers.autoscale = Some(Autoscale { min: 0, max: 4, ..Autoscale::default() });
        let counts =
            replicas(&studio, &Observed::default(), |_| Some(3), &mut Memories::new(), Duration::ZERO);
        assert_eq!(counts["default"], 3);
    }

    #[test]
    fn a_paused_queue_starts_no_worker() {
        let mut studio = InvokeAI::default();
        studio.spec.workers.autoscale = Some(Autoscale { min: 0, max: 4, ..Autoscale::default() });
        let count = |paused| {
            let observed = Observed {
                load: Some(Load { waiting: 8, paused, ..Load::default() }),
                ..Observed::default()
            };
            replicas(&studio, &observed, |_| Some(0), &mut Memories::new(), Duration::ZERO)["default"]
        };
        assert!(count(false) > 0);
        assert_eq!(count(true), 0);
    }
}
