//! The definitions: generated files are up to date, and the rules refuse what can never work.
use operator::resource::reference;
use std::path::Path;

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn generated_files_are_as_the_types_say() -> anyhow::Result<()> {
    for (path, text) in reference::generated()? {
        let committed = std::fs::read_to_string(repository().join(&path)).unwrap_or_default();
        assert!(committed == text, "{path} is not as the types say: run `make crds`");
    }
    Ok(())
}
