//! Writes what is generated from the Rust types: `crdgen REPOSITORY`.
use operator::resource::reference;
use std::{error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(repository) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err("usage: crdgen REPOSITORY".into());
    };
    for (path, text) in reference::generated()? {
        let path = repository.join(path);
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}
