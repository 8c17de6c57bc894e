//! How often resources are looked at when there are more of them than can be.
use kube::runtime::controller::Action;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// However many there are, each is looked at once in this time, or what is due never ends.
const LONGEST: Duration = Duration::from_secs(300);
/// How much of the time must stay free, for what happens in between.
const SLACK: f64 = 1.5;
/// How much the latest look counts.
const WEIGHT: f64 = 0.1;

/// How long a look at a resource of one kind takes of late.
#[derive(Debug, Default)]
pub struct Pace {
    seconds: Mutex<f64>,
}

impl Pace {
    /// Notes that a look `took` this long, and puts the next one off when `count` resources, of which `at_once` are
    /// looked at at the same time, could not all be looked at as often as `wanted` asks for. The queue of kube's
    /// controllers is not fair: when more becomes due than is done, it is always the same ones that are done.
    pub fn next(
        &self,
        wanted: Action,
        intervals: &[Duration],
        took: Duration,
        count: usize,
        at_once: u16,
    ) -> Action {
        let mut seconds = self.seconds.lock().unwrap_or_else(PoisonError::into_inner);
        *seconds += WEIGHT * (took.as_secs_f64() - *seconds);
        match intervals.iter().find(|interval| wanted == Action::requeue(**interval)) {
            Some(interval) => Action::requeue(interval.max(&turn(*seconds, count, at_once)).to_owned()),
            None => wanted,
        }
    }
}

/// How long it takes until each has had its turn.
fn turn(seconds: f64, count: usize, at_once: u16) -> Duration {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let turn = count * seconds * SLACK / f64::from(at_once.max(1));
    Duration::try_from_secs_f64(turn).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    #[test]
    fn a_turn_has_room_for_all() {
        assert!(turn(0.05, 50, 8) < Duration::from_secs(1));
        assert_eq!(turn(4.0, 50, 8), Duration::from_secs_f64(37.5));
        assert_eq!(turn(30.0, usize::MAX, 0), LONGEST);
    }

    #[test]
    fn slow_looks_put_the_next_ones_off_and_quick_ones_do_not() {
        let pace = Pace::default();
        let look = |took: f64| {
            pace.next(Action::requeue(INTERVAL), &[INTERVAL], Duration::from_secs_f64(took), 50, 8)
        };
        assert_eq!(look(0.05), Action::requeue(INTERVAL));
        let after_fifty = |took| (0..50).fold(look(took), |_, _| look(took));
        assert_ne!(after_fifty(4.0), Action::requeue(INTERVAL));
        assert_eq!(after_fifty(0.05), Action::requeue(INTERVAL));
        let other = Action::requeue(Duration::from_secs(2));
        assert_eq!(pace.next(other.clone(), &[INTERVAL], Duration::from_secs(9), 50, 8), other);
    }
}
