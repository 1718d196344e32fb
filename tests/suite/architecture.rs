//! Tests that the folders of `src/` keep the order in `src/lib.rs`: each imports only folders above it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The folders that a file names as `crate::FOLDER`, without its unit tests and comments.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names = lines.flat_map(|line| line.split("crate::").skip(1));
    names.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn folders_import_only_folders_above_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    let order: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .filter(|name| *name != "laws")
        .collect();
    let place = |name: &str| order.iter().position(|known| *known == name);
    assert!(order.len() > 15 && place("pipeline") > place("page"), "{order:?}");

    let (mut edges, mut upwards) = (BTreeSet::new(), Vec::new());
    for (own, name) in order.iter().enumerate() {
        let mut files = Vec::new();
        rust_files(&src.join(name), &mut files);
        assert!(!files.is_empty(), "src/{name} is no folder");
        for file in files {
            for import in imports(&fs::read_to_string(&file).unwrap()) {
                let Some(other) = place(&import).filter(|other| *other != own) else { continue };
                edges.insert((own, other));
                if other > own {
                    upwards.push(format!("{} imports {import}", file.display()));
                }
            }
        }
    }
    println!("{} folders, {} imports between them", order.len(), edges.len());
    assert_eq!(upwards, [""; 0]);
}
