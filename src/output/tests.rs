use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use super::exchange::replace_folder;
use super::*;

/// A temporary site with its folders.
struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        for folder in ["sources", "annotations"] {
            fs::create_dir(site.at(folder)).unwrap();
        }
        fs::write(site.at("sources/a.md"), "a").unwrap();
        site
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn begin(&self, destination: &Path) -> Result<Staging, OutputError> {
        let protected = ["sources", "annotations", "theme"].map(|folder| self.at(folder));
        Staging::begin(destination, self.0.path(), &protected.each_ref().map(PathBuf::as_path), &[])
    }

    fn build(&self, destination: &str, files: &[(&str, &str)]) {
        let staging = self.begin(&self.at(destination)).unwrap();
        for (path, text) in files {
            staging.write(path, text.as_bytes()).unwrap();
        }
        staging.publish().unwrap();
    }

    /// The sorted names in a folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.at(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A staging folder of `public` as a killed build leaves it, with a tree in it.
    fn left_behind(&self, name: &str, mark: Option<&str>, tree: &str) -> PathBuf {
        let folder = self.at(&format!(".public.postil-{name}"));
        fs::create_dir_all(folder.join(tree)).unwrap();
        fs::write(folder.join(tree).join("page.html"), "left behind").unwrap();
        if let Some(mark) = mark {
            fs::write(folder.join(MARKER), mark).unwrap();
        }
        folder
    }
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}

fn refusal(result: Result<Staging, OutputError>) -> Diagnostic {
    match result.unwrap_err() {
        OutputError::Refused(diagnostic) => *diagnostic,
        error @ OutputError::System { .. } => panic!("{error}"),
    }
}

/// All files below `folder` with their bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

#[test]
fn a_site_is_published_to_a_new_folder() {
    let site = Site::new();
    site.build("public", &[("index.html", "home"), ("a/b/index.html", "page")]);
    assert_eq!(site.names("public"), [".postil", "a", "index.html"]);
    assert_eq!(read(site.at("public/a/b/index.html")), "page");
    let names = "a\nindex.html\n";
    assert_eq!(read(site.at("public/.postil")), format!("postil {}\n{names}", env!("CARGO_PKG_VERSION")));
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[test]
fn a_new_site_completely_replaces_the_old_one() {
    let site = Site::new();
    site.build("public", &[("index.html", "one"), ("old/index.html", "old")]);
    site.build("public", &[("index.html", "two")]);
    assert_eq!(read(site.at("public/index.html")), "two");
    assert_eq!(site.names("public"), [".postil", "index.html"]);
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[test]
fn an_unpublished_site_changes_nothing() {
    let site = Site::new();
    site.build("public", &[("index.html", "one")]);
    let staging = site.begin(&site.at("public")).unwrap();
    staging.write("index.html", b"two").unwrap();
    assert_eq!(site.names(".").len(), 4);
    drop(staging);
    assert_eq!(read(site.at("public/index.html")), "one");
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);

    let staging = site.begin(&site.at("deep/er/public")).unwrap();
    staging.write("index.html", b"two").unwrap();
    drop(staging);
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[test]
fn folders_above_the_destination_are_created() {
    let site = Site::new();
    site.build("deep/er/public", &[("index.html", "one")]);
    assert_eq!(site.names("deep/er"), ["public"]);
}

#[test]
fn an_empty_folder_is_accepted() {
    let site = Site::new();
    fs::create_dir(site.at("public")).unwrap();
    site.build("public", &[("index.html", "one")]);
    assert_eq!(read(site.at("public/index.html")), "one");
}

#[test]
fn input_folders_are_never_written_to() {
    let site = Site::new();
    fs::create_dir(site.at("x")).unwrap();
    for (path, what) in [
        ("sources/out", "is inside `"),
        ("sources/not/yet/there", "is inside `"),
        ("annotations", "is inside `"),
        ("theme", "is inside `"),
        ("x/../sources/out", "is inside `"),
        ("nowhere/../theme/x", "is inside `"),
        ("", "contains the site itself"),
        (".", "contains the site itself"),
        ("..", "contains the site itself"),
        ("sources/../../", "contains the site itself"),
    ] {
        let error = refusal(site.begin(&site.at(path)));
        assert_eq!(error.code, Code::SitePath);
        assert!(error.message.contains(what), "{path}: {}", error.message);
        assert!(error.help.is_some());
    }
    assert_eq!(site.names("sources"), ["a.md"]);
    let error = refusal(Staging::begin(&site.at("x"), &site.at("sources"), &[&site.at("x/theme")], &[]));
    assert!(error.message.contains("contains `"), "{}", error.message);
    assert!(site.begin(Path::new("/")).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_into_the_sources_is_resolved() {
    let site = Site::new();
    std::os::unix::fs::symlink(site.at("sources"), site.at("public")).unwrap();
    for path in ["public", "public/out"] {
        let error = refusal(site.begin(&site.at(path)));
        assert!(error.message.contains("is inside"), "{}", error.message);
    }
}

#[test]
fn a_folder_not_created_by_postil_is_never_emptied() {
    let site = Site::new();
    for (folder, file, what) in [
        ("foreign", "foreign/thesis.docx", "not created by Postil"),
        ("hidden", "hidden/.keep", "not created by Postil"),
        ("marked", "marked/.postil/x", "not created by Postil"),
        ("named", "named/.postil", "not created by Postil"),
        ("file", "file", "is a file"),
    ] {
        fs::create_dir_all(site.at(file).parent().unwrap()).unwrap();
        fs::write(site.at(file), "important").unwrap();
        let error = refusal(site.begin(&site.at(folder)));
        assert!(error.message.contains(what), "{}", error.message);
        assert_eq!(read(site.at(file)), "important");
    }
}

#[test]
fn a_repository_in_the_output_is_not_replaced() {
    let site = Site::new();
    site.build("public", &[("index.html", "one")]);
    fs::create_dir(site.at("public/.git")).unwrap();
    assert!(refusal(site.begin(&site.at("public"))).message.contains("Git"));
}

#[test]
fn a_folder_that_others_fill_during_the_build_is_not_emptied() {
    let site = Site::new();
    let staging = site.begin(&site.at("public")).unwrap();
    fs::create_dir(site.at("public")).unwrap();
    fs::write(site.at("public/thesis.docx"), "important").unwrap();
    assert!(matches!(staging.publish(), Err(OutputError::Refused(_))));
    assert_eq!(read(site.at("public/thesis.docx")), "important");
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[cfg(unix)]
#[test]
fn a_destination_that_is_a_link_stays_a_link() {
    use std::os::unix::fs::symlink;
    let (site, elsewhere) = (Site::new(), tempfile::tempdir().unwrap());
    symlink(elsewhere.path().join("www"), site.at("public")).unwrap();
    let error = site.begin(&site.at("public")).unwrap_err();
    assert!(error.to_string().ends_with("a broken symbolic link"), "{error}");
    fs::create_dir(elsewhere.path().join("www")).unwrap();
    site.build("public", &[("index.html", "one")]);
    site.build("public", &[("index.html", "two")]);
    assert!(site.at("public").is_symlink());
    assert_eq!(read(elsewhere.path().join("www/index.html")), "two");
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn links_in_an_old_site_are_not_followed() {
    let (site, elsewhere) = (Site::new(), tempfile::tempdir().unwrap());
    fs::write(elsewhere.path().join("thesis.docx"), "important").unwrap();
    site.build("public", &[("a/index.html", "one")]);
    std::os::unix::fs::symlink(elsewhere.path(), site.at("public/a/link")).unwrap();
    site.build("public", &[("a/index.html", "two")]);
    assert_eq!(site.names("public/a"), ["index.html"]);
    assert!(elsewhere.path().join("thesis.docx").exists());
}

#[cfg(unix)]
#[test]
fn files_are_world_readable_and_a_private_site_stays_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let site = Site::new();
    fs::write(site.at("figure.png"), "png").unwrap();
    fs::set_permissions(site.at("figure.png"), fs::Permissions::from_mode(0o600)).unwrap();
    for _ in 0..2 {
        let staging = site.begin(&site.at("public")).unwrap();
        staging.write("a/index.html", b"page").unwrap();
        staging.copy("a/figure.png", &site.at("figure.png")).unwrap();
        staging.publish().unwrap();
        assert_eq!(mode(site.at("public/a/figure.png")), 0o644);
        assert_eq!(mode(site.at("public/a/index.html")), 0o644);
        assert_eq!(mode(site.at("public/a")), 0o755);
        assert_eq!(read(site.at("public/a/figure.png")), "png");
        fs::set_permissions(site.at("public"), fs::Permissions::from_mode(0o700)).unwrap();
    }
    site.build("public", &[("index.html", "one")]);
    assert_eq!(mode(site.at("public")), 0o700);
    let _staging = site.begin(&site.at("public")).unwrap();
    let staging = site.names(".").into_iter().find(|name| name.starts_with(".public")).unwrap();
    assert_eq!(mode(site.at(&staging)), 0o700);
}

#[test]
fn nothing_is_written_outside_or_twice() {
    let site = Site::new();
    let staging = site.begin(&site.at("public")).unwrap();
    for path in ["../x", "/tmp/x", "a/../../x", "", "a//b", "C:x", "a\\b", "a/"] {
        assert!(matches!(staging.write(path, b"x"), Err(OutputError::Refused(_))), "{path}");
        assert!(staging.copy(path, &site.at("sources/a.md")).is_err(), "{path}");
    }
    staging.write("a", b"one").unwrap();
    for path in ["a", "a/b"] {
        assert!(matches!(staging.write(path, b"two"), Err(OutputError::System { .. })), "{path}");
    }
    staging.publish().unwrap();
    assert_eq!(site.names("public"), [".postil", "a"]);
    assert_eq!(read(site.at("public/a")), "one");
}

#[test]
fn several_threads_can_write_into_the_same_folders() {
    let site = Site::new();
    let staging = site.begin(&site.at("public")).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let staging = &staging;
            scope.spawn(move || {
                for i in 0..100 {
                    staging.write(&format!("a/{i}/b/{thread}.html"), b"page").unwrap();
                }
            });
        }
    });
    staging.publish().unwrap();
    assert_eq!(tree(&site.at("public/a")).len(), 800);
}

#[test]
fn of_two_concurrent_builds_the_last_one_wins_completely() {
    let site = Site::new();
    site.build("public", &[("zero", "")]);
    let [one, two] = ["one", "two"].map(|name| {
        let staging = site.begin(&site.at("public")).unwrap();
        staging.write(name, b"").unwrap();
        staging
    });
    two.publish().unwrap();
    assert_eq!(site.names("public"), [".postil", "two"]);
    one.publish().unwrap();
    assert_eq!(site.names("public"), [".postil", "one"]);
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_site_exists_at_all_times() {
    let (site, done) = (Site::new(), AtomicBool::new(false));
    site.build("public", &[("index.html", "one")]);
    std::thread::scope(|scope| {
        let builders: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| (0..60).for_each(|_| site.build("public", &[("index.html", "two")]))))
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(site.at("public/index.html").exists());
            }
        });
        let built: Vec<_> = builders.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        done.store(true, Ordering::Relaxed);
        assert!(built.iter().all(Result::is_ok));
    });
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

fn no_exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[test]
fn without_an_exchange_the_old_tree_is_moved_away() {
    let site = Site::new();
    for folder in ["new", "public"] {
        fs::create_dir(site.at(folder)).unwrap();
        fs::write(site.at(folder).join("name"), folder).unwrap();
    }
    replace_folder(&site.at("new"), &site.at("public"), &site.at("old"), no_exchange).unwrap();
    assert_eq!(read(site.at("public/name")), "new");
    assert_eq!(read(site.at("old/name")), "public");
    assert!(!site.at("new").exists());
}

#[test]
fn without_an_exchange_a_failure_restores_the_old_tree() {
    let site = Site::new();
    fs::create_dir(site.at("new")).unwrap();
    fs::create_dir(site.at("public")).unwrap();
    fs::write(site.at("public/name"), "public").unwrap();
    let new_vanishes = |new: &Path, _: &Path| {
        fs::remove_dir(new)?;
        no_exchange(new, new)
    };
    replace_folder(&site.at("new"), &site.at("public"), &site.at("old"), new_vanishes).unwrap_err();
    assert_eq!(read(site.at("public/name")), "public");
}

#[test]
fn without_an_exchange_concurrent_builds_do_not_mix() {
    let site = Site::new();
    std::thread::scope(|scope| {
        for name in ["one", "two", "three"] {
            let site = &site;
            scope.spawn(move || {
                for _ in 0..50 {
                    let new = site.at(&format!("{name}-new"));
                    fs::create_dir(&new).unwrap();
                    fs::write(new.join("a"), name).unwrap();
                    fs::write(new.join("b"), name).unwrap();
                    let old = site.at(&format!("{name}-old"));
                    replace_folder(&new, &site.at("public"), &old, no_exchange).unwrap();
                    let _ = fs::remove_dir_all(old);
                }
            });
        }
    });
    assert_eq!(read(site.at("public/a")), read(site.at("public/b")));
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[test]
fn staging_folders_of_killed_builds_are_removed() {
    let site = Site::new();
    site.left_behind("0123456789abcdef", Some("postil 0.0.1\n"), "site");
    fs::create_dir(site.at(".public.postil-empty")).unwrap();
    fs::create_dir(site.at(".public.postil-unsaid")).unwrap();
    fs::write(site.at(".public.postil-unsaid/.postil"), "").unwrap();
    site.build("public", &[("index.html", "one")]);
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[test]
fn foreign_folders_and_those_in_use_are_not_removed() {
    let site = Site::new();
    let kept = [
        site.left_behind("unmarked", None, "site"),
        site.left_behind("foreign", Some("something else"), "site"),
        site.left_behind("being-marked", Some(""), "site"),
    ];
    fs::rename(site.left_behind("x", Some(MARK), "site"), site.at(".private.postil-x")).unwrap();
    let live = site.begin(&site.at("public")).unwrap();
    live.write("index.html", b"live").unwrap();
    site.build("public", &[("index.html", "one")]);
    for folder in kept {
        assert_eq!(read(folder.join("site/page.html")), "left behind");
    }
    assert!(site.at(".public.postil-being-marked/.postil").exists());
    assert!(site.at(".private.postil-x/site").exists());
    live.publish().unwrap();
    assert_eq!(read(site.at("public/index.html")), "live");
}

#[test]
fn an_old_site_that_a_killed_build_had_moved_away_is_restored() {
    let site = Site::new();
    let folder = site.left_behind("x", Some(MARK), "old");
    fs::write(folder.join("old/.postil"), MARK).unwrap();
    drop(site.begin(&site.at("public")).unwrap());
    assert_eq!(read(site.at("public/page.html")), "left behind");
    assert_eq!(site.names("."), ["annotations", "public", "sources"]);
}

#[test]
fn a_destination_may_have_a_long_or_non_ascii_name() {
    let site = Site::new();
    for name in ["日".repeat(85), "a b'&?".to_owned(), ".hidden".to_owned()] {
        site.build(&name, &[("index.html", "one")]);
        site.build(&name, &[("index.html", "two")]);
        assert_eq!(read(site.at(&name).join("index.html")), "two");
    }
}

#[test]
fn same_input_gives_same_output() {
    let site = Site::new();
    let files = [("index.html", "home"), ("a/index.html", "page")];
    site.build("public", &files);
    let first = tree(&site.at("public"));
    site.build("public", &files);
    assert_eq!(tree(&site.at("public")), first);
}

#[test]
fn errors_name_the_path_and_the_reason() {
    let site = Site::new();
    let staging = site.begin(&site.at("public")).unwrap();
    let missing = site.at("missing.png");
    let error = staging.copy("a.png", &missing).unwrap_err().into_diagnostic();
    assert!(error.message.contains(&format!("cannot read `{}`: ", missing.display())), "{}", error.message);
    staging.write("a", b"").unwrap();
    let error = staging.write("a", b"").unwrap_err().into_diagnostic();
    let path = site.at("public").join("a");
    assert!(error.message.contains(&format!("cannot write `{}`: ", path.display())), "{}", error.message);
    assert_eq!(error.place.file.path, path.to_str().unwrap());
    assert!(site.begin(&site.at("sources/a.md/public")).is_err());
}

#[test]
fn staging_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Staging>();
    shared::<OutputError>();
}
