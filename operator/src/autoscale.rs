//! How many workers each pool needs: a function of the queue's load and of what was decided before.
//!
//! Upwards at once, downwards only after fewer workers have been enough for the whole cool-down: a burst after a short
//! pause finds its workers still there, and the count does not go back and forth.
use crate::resource::workers::Autoscale;
use std::time::Duration;

const ITEMS_PER_WORKER: u32 = 2;
const COOL_DOWN: u32 = 300;

/// What the queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// Items that wait.
    pub waiting: u32,
    /// Items that run.
    pub running: u32,
}

/// What is remembered of a pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// Since when fewer workers have been enough, and the most that were needed since.
    spare: Option<(Duration, i32)>,
}

impl Autoscale {
    fn items_per_worker(&self) -> u32 {
        self.items_per_worker.unwrap_or(ITEMS_PER_WORKER).max(1)
    }

    fn cool_down(&self) -> Duration {
        Duration::from_secs(self.cool_down_seconds.unwrap_or(COOL_DOWN).into())
    }

    /// How many workers this demand asks for. A running item keeps its worker.
    fn needed(&self, demand: Demand) -> i32 {
        let all = demand.waiting + demand.running;
        let by_length = all.div_ceil(self.items_per_worker()).max(demand.running);
        i32::try_from(by_length).unwrap_or(i32::MAX).clamp(self.min, self.max)
    }

    /// How many workers there are to be now, `now` being the time since any fixed moment.
    pub fn decide(&self, demand: Demand, current: i32, memory: &mut Memory, now: Duration) -> i32 {
        let needed = self.needed(demand);
        let current = current.clamp(self.min, self.max);
        if needed >= current {
            memory.spare = None;
            return needed;
        }
        let (since, most) = match memory.spare {
            Some((since, most)) => (since, most.max(needed)),
            None => (now, needed),
        };
        if now.saturating_sub(since) < self.cool_down() {
            memory.spare = Some((since, most));
            return current;
        }
        memory.spare = None;
        most
    }
}

/// What is left for the next pool, when one with this many workers takes its share.
pub fn remaining(demand: Demand, autoscale: &Autoscale, workers: i32) -> Demand {
    let workers = u32::try_from(workers).unwrap_or(0);
    let running = demand.running.min(workers);
    let waiting = (workers * autoscale.items_per_worker()).saturating_sub(running);
    Demand { waiting: demand.waiting.saturating_sub(waiting), running: demand.running - running }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(min: i32, max: i32) -> Autoscale {
        Autoscale { min, max, items_per_worker: Some(2), cool_down_seconds: Some(300) }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_first_item_wakes_an_empty_pool_and_twenty_fill_it() {
        let mut memory = Memory::default();
        assert_eq!(pool(0, 3).decide(Demand { waiting: 1, running: 0 }, 0, &mut memory, seconds(0)), 1);
        assert_eq!(pool(0, 3).decide(Demand { waiting: 20, running: 0 }, 0, &mut memory, seconds(0)), 3);
    }

    #[test]
    fn workers_go_only_after_the_cool_down_and_never_below_what_was_needed_in_it() {
        let (pool, mut memory) = (pool(0, 8), Memory::default());
        let idle = Demand::default();
        assert_eq!(pool.decide(idle, 4, &mut memory, seconds(0)), 4);
        assert_eq!(pool.decide(Demand { waiting: 0, running: 2 }, 4, &mut memory, seconds(200)), 4);
        assert_eq!(pool.decide(idle, 4, &mut memory, seconds(301)), 2);
        assert_eq!(pool.decide(idle, 2, &mut memory, seconds(302)), 2);
        assert_eq!(pool.decide(idle, 2, &mut memory, seconds(603)), 0);
    }

    #[test]
    fn a_running_item_keeps_its_worker() {
        let mut memory = Memory::default();
        let cold = Autoscale { cool_down_seconds: Some(0), ..pool(0, 8) };
        assert_eq!(cold.decide(Demand { waiting: 0, running: 3 }, 5, &mut memory, seconds(1)), 3);
    }

    #[test]
    fn a_second_pool_gets_what_the_first_cannot_take() {
        let left = remaining(Demand { waiting: 10, running: 1 }, &pool(0, 2), 2);
        assert_eq!(left, Demand { waiting: 7, running: 0 });
    }

    /// What a day did to a pool.
    struct Day {
        scale_events: u32,
        wait_p95: u64,
        idle_worker_hours: f64,
        worker_hours: f64,
    }

    /// A day of a team of ten: nothing at night, bursts in working hours, by a fixed sequence of pseudo-random numbers.
    fn simulate(pool: &Autoscale) -> Day {
        const STEP: u64 = 5;
        const ITEM: u64 = 20;
        const START: u64 = 30;
        let mut random: u64 = 0x2545_f491_4f6c_dd1d;
        let mut waiting: std::collections::VecDeque<u64> = std::collections::VecDeque::new();
        // Each worker: when it is ready, and until when it is busy.
        let mut workers: Vec<(u64, u64)> = vec![];
        let (mut memory, mut current, mut waits) = (Memory::default(), pool.min, vec![]);
        let mut day = Day { scale_events: 0, wait_p95: 0, idle_worker_hours: 0.0, worker_hours: 0.0 };
        for now in (0..86_400).step_by(STEP as usize) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let working = (9 * 3600..18 * 3600).contains(&now);
            if working && random % 100 < 4 {
                waiting.extend(std::iter::repeat_n(now, 1 + (random >> 32) as usize % 8));
            }
            for worker in workers.iter_mut().filter(|worker| worker.0 <= now && worker.1 <= now) {
                if let Some(since) = waiting.pop_front() {
                    waits.push(now - since);
                    worker.1 = now + ITEM;
                }
            }
            let busy = workers.iter().filter(|worker| worker.1 > now).count();
            day.worker_hours += (workers.len() as u64 * STEP) as f64 / 3600.0;
            day.idle_worker_hours += ((workers.len() - busy) as u64 * STEP) as f64 / 3600.0;
            let demand = Demand { waiting: waiting.len() as u32, running: busy as u32 };
            let next = pool.decide(demand, current, &mut memory, Duration::from_secs(now));
            if next != current {
                day.scale_events += 1;
                current = next;
            }
            workers.sort_by_key(|worker| std::cmp::Reverse(worker.1));
            workers.truncate(current as usize);
            while workers.len() < current as usize {
                workers.push((now + START, 0));
            }
        }
        waits.sort_unstable();
        day.wait_p95 = waits.get(waits.len() * 95 / 100).copied().unwrap_or(0);
        day
    }

    #[test]
    fn over_a_day_the_pool_does_not_flap_waits_are_short_and_nights_cost_nothing() {
        let day = simulate(&pool(0, 4));
        println!(
            "scale events {}, wait p95 {} s, worker hours {:.1}, of them idle {:.1}",
            day.scale_events, day.wait_p95, day.worker_hours, day.idle_worker_hours
        );
        assert!(day.scale_events < 120, "{} scale events", day.scale_events);
        assert!(day.wait_p95 <= 120, "{} s", day.wait_p95);
        // Four workers for 24 hours would be 96.
        assert!(day.worker_hours < 40.0, "{} hours", day.worker_hours);
        let always_on = simulate(&Autoscale { cool_down_seconds: Some(0), ..pool(0, 4) });
        assert!(day.scale_events * 2 < always_on.scale_events, "the cool-down is what keeps it calm");
    }
}
