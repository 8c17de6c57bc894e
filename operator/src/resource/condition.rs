//! Conditions: what is true of a resource, since when, and what a person can do about it.
use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};

/// What is known of one aspect, before it becomes a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `Available`, `DatabaseReady`, …
    pub type_: &'static str,
    /// True, false, or not known yet.
    pub holds: Option<bool>,
    /// A word for programs.
    pub reason: &'static str,
    /// A sentence for people: what is, and what to do.
    pub message: String,
}

impl Finding {
    /// It holds.
    pub fn yes(type_: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { type_, holds: Some(true), reason, message: message.into() }
    }
    /// It does not hold.
    pub fn no(type_: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { type_, holds: Some(false), reason, message: message.into() }
    }
    /// Nobody knows yet.
    pub fn unknown(type_: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self { type_, holds: None, reason, message: message.into() }
    }
    /// Whether it is known to hold.
    pub fn is_true(&self) -> bool {
        self.holds == Some(true)
    }
}

/// The findings as conditions. A condition keeps its time as long as it holds or does not.
pub fn conditions(
    findings: &[Finding],
    before: &[Condition],
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    let one = |finding: &Finding| {
        let status = match finding.holds {
            Some(true) => "True",
            Some(false) => "False",
            None => "Unknown",
        };
        let same = before.iter().find(|old| old.type_ == finding.type_ && old.status == status);
        Condition {
            type_: finding.type_.to_owned(),
            status: status.to_owned(),
            reason: finding.reason.to_owned(),
            message: finding.message.clone(),
            observed_generation: Some(generation),
            last_transition_time: same.map_or(Time(now), |old| old.last_transition_time.clone()),
        }
    };
    findings.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_goes_on_keeps_its_time_and_one_that_turns_gets_a_new_one()
    -> Result<(), k8s_openapi::jiff::Error> {
        let (early, late) = ("2026-01-01T00:00:00Z".parse()?, "2026-01-02T00:00:00Z".parse()?);
        let before = conditions(
            &[Finding::yes("A", "Good", "good"), Finding::yes("B", "Good", "good")],
            &[],
            1,
            early,
        );
        let after = conditions(
            &[Finding::yes("A", "Better", "better"), Finding::no("B", "Bad", "bad")],
            &before,
            2,
            late,
        );
        assert_eq!(after[0].last_transition_time, Time(early));
        assert_eq!(after[1].last_transition_time, Time(late));
        assert_eq!(after[0].observed_generation, Some(2));
        Ok(())
    }
}
