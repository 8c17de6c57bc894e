//! Rules and dashboard ask only for metrics that exist.
use std::{collections::BTreeSet, path::Path};

fn read(path: &str) -> anyhow::Result<String> {
    Ok(std::fs::read_to_string(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path))?)
}

/// The words of a text that look like our metrics.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let plain = |word: &str| {
        let base = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| word.strip_suffix(suffix));
        base.unwrap_or(word).to_owned()
    };
    words.filter(|word| word.starts_with("invoke_")).map(plain).collect()
}

#[test]
fn rules_and_dashboard_ask_only_for_metrics_that_exist() -> anyhow::Result<()> {
    let mut known = BTreeSet::new();
    for source in ["server/src/metrics.rs", "worker/src/metrics.rs", "operator/src/metrics.rs"] {
        known.extend(metrics(&read(source).unwrap_or_default()));
    }
    for file in ["rules/studio.yaml", "rules/studio.test.yaml", "dashboards/studio.json"] {
        let asked = metrics(&read(&format!("charts/invoke-operator/{file}"))?);
        let unknown: Vec<_> = asked.difference(&known).collect();
        assert!(unknown.is_empty(), "{file} asks for {unknown:?}, which nothing has");
        assert!(!asked.is_empty());
    }
    Ok(())
}
