//! Tests that a build is all or nothing: however it ends, the output folder contains either the complete old
//! site or the complete new one.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Options, Site, postil, tree};

/// The number of texts in a site that takes long enough to be interrupted.
const TEXTS: usize = 60;

/// A site of many texts, all of which contain `words`.
fn large(words: &str) -> Site {
    let site = Site::of(&[("annotations/_index.md", words)]);
    rewrite(&site, words);
    site
}

fn rewrite(site: &Site, words: &str) {
    for number in 0..TEXTS {
        let text = format!(
            "# Text {number}\n\n{words}, said the fox.\n\n{}",
            "A paragraph with *some* words in it.\n\n".repeat(40)
        );
        site.write(&format!("sources/part-{}/t{number}.md", number % 7), text);
        let note = format!("## Indeed? {{#n .marketing-claim}}\n\n> {words}, said\n\nIt is *not*.\n");
        site.write(&format!("annotations/part-{}/t{number}.md", number % 7), note);
    }
}

fn spawn(site: &Site) -> Child {
    let mut command = postil();
    command.args(["build", "--quiet"]).current_dir(site.path()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn leftovers(site: &Site) -> Vec<String> {
    site.names().into_iter().filter(|name| name.contains(".postil-")).collect()
}

type Tree = BTreeMap<String, Vec<u8>>;

/// Kills builds at `times` moments spread over their duration; after each, the old site or the new one must
/// be complete.
fn kill(times: u32) {
    let site = large("The grapes are sweet");
    site.build().succeeds();
    let sweet = tree(&site.at("public"));
    rewrite(&site, "The grapes are sour");
    let start = Instant::now();
    assert!(spawn(&site).wait().unwrap().success());
    let duration = start.elapsed();
    let sour = tree(&site.at("public"));
    assert!(sweet != sour && sweet.len() > 2 * TEXTS, "the test needs two different sites");

    let (mut killed, mut untouched, mut replaced) = (0, 0, 0);
    for time in 0..times {
        let before = tree(&site.at("public"));
        rewrite(&site, if before == sweet { "The grapes are sour" } else { "The grapes are sweet" });
        let mut build = spawn(&site);
        // Continue slightly beyond the end, so that the exchange and the cleanup are interrupted too.
        std::thread::sleep(duration * (2 * time + 1) / (2 * times) * 11 / 10);
        build.kill().unwrap();
        killed += u32::from(build.wait().unwrap().code().is_none());
        let after = tree(&site.at("public"));
        match after {
            _ if after == before => untouched += 1,
            _ if after == sweet || after == sour => replaced += 1,
            _ => panic!("neither the old site nor the new one: {}", difference(&before, &after)),
        }
    }
    assert!(killed * 3 > times, "only {killed} of {times} builds were killed while running");
    assert!(untouched > 0, "no build was killed before publishing ({replaced} sites were replaced)");
    site.build().succeeds();
    assert_eq!(leftovers(&site), [""; 0], "staging folders of killed builds were not removed");
    assert!([&sweet, &sour].contains(&&tree(&site.at("public"))));
}

fn difference(a: &Tree, b: &Tree) -> String {
    let only =
        |a: &Tree, b: &Tree| a.keys().filter(|path| !b.contains_key(*path)).cloned().collect::<Vec<_>>();
    let changed: Vec<_> = a
        .iter()
        .filter(|(path, bytes)| b.get(*path).is_some_and(|other| other != *bytes))
        .map(|(path, _)| path)
        .collect();
    format!("gone {:?}, new {:?}, changed {changed:?}", only(a, b), only(b, a))
}

#[test]
fn a_build_killed_at_any_moment_leaves_a_complete_site() {
    kill(12);
}

#[test]
#[ignore = "takes minutes; `cargo test --test suite atomic -- --ignored`"]
fn a_build_killed_200_times_leaves_a_complete_site() {
    kill(200);
}

#[test]
fn a_first_build_that_is_killed_leaves_no_visible_output() {
    let site = large("The grapes are sweet");
    let mut build = spawn(&site);
    let staging = wait_for(|| leftovers(&site).pop());
    build.kill().unwrap();
    build.wait().unwrap();
    assert!(staging.starts_with(".public.postil-"), "{staging}");
    assert!(!site.at("public").exists());
    site.build().succeeds();
    assert_eq!(leftovers(&site), [""; 0]);
}

fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "waited for a minute");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn readers_never_see_an_incomplete_site() {
    let site = large("The grapes are sweet");
    site.build().succeeds();
    let sweet = tree(&site.at("public"));
    rewrite(&site, "The grapes are sour");
    let mut build = spawn(&site);
    let home = || std::fs::read(site.at("public/index.html")).ok();
    let mut requests = 0;
    while build.try_wait().unwrap().is_none() {
        // With an atomic exchange, the home page exists at all times.
        assert!(home().is_some() || !cfg!(target_os = "linux"), "the home page was missing for a moment");
        requests += 1;
    }
    assert!(requests > 10 && build.wait().unwrap().success());
    assert_ne!(tree(&site.at("public")), sweet);
}

#[test]
fn concurrent_builds_give_one_complete_site() {
    let site = large("The grapes are sweet");
    site.build().succeeds();
    let alone = tree(&site.at("public"));
    for _ in 0..3 {
        let builds: Vec<Child> = (0..3).map(|_| spawn(&site)).collect();
        for mut build in builds {
            assert!(build.wait().unwrap().success(), "a build failed because of a concurrent one");
        }
        assert_eq!(tree(&site.at("public")), alone);
        assert_eq!(leftovers(&site), [""; 0]);
    }
}

#[test]
fn a_running_build_is_not_treated_as_abandoned() {
    let site = large("The grapes are sweet");
    let mut first = spawn(&site);
    wait_for(|| leftovers(&site).pop());
    let small = Site::small(&[]);
    let into = site.at("public");
    small.build_with(Options { output: Some(into.clone()), ..Options::default() }).succeeds();
    assert!(first.wait().unwrap().success());
    assert_eq!(
        tree(&into).keys().filter(|path| path.ends_with("/annotations.jsonld")).count(),
        TEXTS,
        "the last build to finish wins completely"
    );
}

#[test]
fn a_folder_not_created_by_postil_is_refused() {
    for (file, message) in [
        ("index.html", "not created by Postil"),
        (".git/HEAD", "not created by Postil"),
        (".postil/x", "not created by Postil"),
    ] {
        let site = Site::small(&[(&format!("public/{file}"), "mine\n")]);
        let before = tree(site.path());
        let run = site.build().fails();
        assert!(run.text.contains(message), "{}", run.text);
        assert_eq!(tree(site.path()), before);
    }
    let site = Site::small(&[("public", "a file\n")]);
    let run = site.build().fails();
    assert!(run.text.contains("is a file"), "{}", run.text);
    assert_eq!(site.read("public"), "a file\n");
}

#[test]
fn an_empty_folder_is_accepted() {
    let site = Site::small(&[]);
    std::fs::create_dir(site.at("public")).unwrap();
    site.build().succeeds();
    assert!(site.at("public/a/index.html").exists());
}

#[test]
fn a_build_that_fails_leaves_the_old_site() {
    let site = Site::small(&[]);
    site.build().succeeds();
    let before = tree(&site.at("public"));
    for (path, text) in [
        ("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> slow green\n\nIt is not.\n"),
        ("theme/templates/home.html", "{{ nothing }}"),
        ("theme/templates/reader.html", "{% if %}"),
        ("site.toml", "titel = 1\n"),
        ("sources/con.md", "A device.\n"),
    ] {
        let broken = Site::small(&[]);
        broken.build().succeeds();
        let whole = tree(&broken.at("public"));
        broken.write(path, text);
        broken.build().fails();
        assert_eq!(tree(&broken.at("public")), whole, "{path}");
        assert_eq!(leftovers(&broken), [""; 0], "{path}");
    }
    assert_eq!(tree(&site.at("public")), before);
}

#[test]
fn a_removed_page_is_deleted() {
    let site = Site::small(&[("sources/b.md", "Another.\n")]);
    site.build().succeeds();
    assert!(site.at("public/b/index.html").exists());
    std::fs::remove_file(site.at("sources/b.md")).unwrap();
    site.build().succeeds();
    assert!(!site.at("public/b").exists() && site.at("public/a/index.html").exists());
}

#[test]
fn only_staging_folders_of_killed_builds_are_removed() {
    let site = Site::small(&[
        (".public.postil-mine/diary.txt", "mine\n"),
        (".other.postil-0123456789abcdef/.postil", "postil 0\n"),
    ]);
    site.write(".public.postil-0123456789abcdef/.postil", "postil 0.1.0\n");
    site.write(".public.postil-0123456789abcdef/site/index.html", "half\n");
    site.build().succeeds();
    assert_eq!(leftovers(&site), [".other.postil-0123456789abcdef", ".public.postil-mine"]);
    assert_eq!(site.read(".public.postil-mine/diary.txt"), "mine\n");
}

#[test]
#[cfg(unix)]
fn an_interrupted_build_leaves_the_old_site() {
    let site = large("The grapes are sweet");
    site.build().succeeds();
    let before = tree(&site.at("public"));
    rewrite(&site, "The grapes are sour");
    let mut build = spawn(&site);
    wait_for(|| leftovers(&site).pop());
    // SIGINT cannot be used, because background processes of a shell ignore it.
    assert!(Command::new("kill").args(["-TERM", &build.id().to_string()]).status().unwrap().success());
    assert!(!build.wait().unwrap().success());
    assert_eq!(tree(&site.at("public")), before);
    site.build().succeeds();
    assert_eq!(leftovers(&site), [""; 0]);
}
