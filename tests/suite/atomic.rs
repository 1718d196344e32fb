//! All or nothing: whatever becomes of a build, the site that was there before is there whole, or
//! the new one is.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Options, Site, postil, tree};

/// How many texts a site has that takes long enough to be interrupted.
const TEXTS: usize = 60;

/// A site of many texts, all of which say `words`.
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

fn start(site: &Site) -> Child {
    let mut command = postil();
    command.args(["build", "--quiet"]).current_dir(site.path()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn leftovers(site: &Site) -> Vec<String> {
    site.names().into_iter().filter(|name| name.contains(".postil-")).collect()
}

type Tree = BTreeMap<String, Vec<u8>>;

/// Kills builds at `times` moments spread over their course; each time the old site or the new one is there, whole.
fn kill(times: u32) {
    let site = large("The grapes are sweet");
    site.build().succeeds();
    let sweet = tree(&site.at("public"));
    rewrite(&site, "The grapes are sour");
    let begun = Instant::now();
    assert!(start(&site).wait().unwrap().success());
    let course = begun.elapsed();
    let sour = tree(&site.at("public"));
    assert!(sweet != sour && sweet.len() > 2 * TEXTS, "the test needs two sites to tell apart");

    let (mut killed, mut untouched, mut replaced) = (0, 0, 0);
    for time in 0..times {
        let before = tree(&site.at("public"));
        rewrite(&site, if before == sweet { "The grapes are sour" } else { "The grapes are sweet" });
        let mut build = start(&site);
        // A little beyond the end, so that the exchange and the clearing up are met too.
        std::thread::sleep(course * (2 * time + 1) / (2 * times) * 11 / 10);
        build.kill().unwrap();
        killed += u32::from(build.wait().unwrap().code().is_none());
        let after = tree(&site.at("public"));
        match after {
            _ if after == before => untouched += 1,
            _ if after == sweet || after == sour => replaced += 1,
            _ => panic!("neither the old site nor the new one: {}", difference(&before, &after)),
        }
    }
    assert!(
        killed * 3 > times,
        "only {killed} of {times} builds were still running: the test misses its moments"
    );
    assert!(untouched > 0, "no build was killed before it was done ({replaced} were replaced)");
    site.build().succeeds();
    assert_eq!(leftovers(&site), [""; 0], "what killed builds left behind was not cleared up");
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
fn a_build_killed_at_any_moment_leaves_a_whole_site() {
    kill(12);
}

#[test]
#[ignore = "takes minutes; `cargo test --test suite atomic -- --ignored`"]
fn a_build_killed_200_times_leaves_a_whole_site() {
    kill(200);
}

#[test]
fn a_first_build_that_is_killed_leaves_nothing_to_be_seen() {
    let site = large("The grapes are sweet");
    let mut build = start(&site);
    let workshop = wait_for(|| leftovers(&site).pop());
    build.kill().unwrap();
    build.wait().unwrap();
    assert!(workshop.starts_with(".public.postil-"), "{workshop}");
    assert!(!site.at("public").exists());
    site.build().succeeds();
    assert_eq!(leftovers(&site), [""; 0]);
}

fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "waited for a minute");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_reader_never_meets_a_half_site() {
    let site = large("The grapes are sweet");
    site.build().succeeds();
    let sweet = tree(&site.at("public"));
    rewrite(&site, "The grapes are sour");
    let mut build = start(&site);
    let home = || std::fs::read(site.at("public/index.html")).ok();
    let mut looks = 0;
    while build.try_wait().unwrap().is_none() {
        // Where two folders can be exchanged in one step, there is no moment without either.
        assert!(home().is_some() || !cfg!(target_os = "linux"), "for a moment there was no home page");
        looks += 1;
    }
    assert!(looks > 10 && build.wait().unwrap().success());
    assert_ne!(tree(&site.at("public")), sweet);
}

#[test]
fn two_builds_at_once_make_one_whole_site() {
    let site = large("The grapes are sweet");
    site.build().succeeds();
    let alone = tree(&site.at("public"));
    for _ in 0..3 {
        let builds: Vec<Child> = (0..3).map(|_| start(&site)).collect();
        for mut build in builds {
            assert!(build.wait().unwrap().success(), "a build failed because of another");
        }
        assert_eq!(tree(&site.at("public")), alone);
        assert_eq!(leftovers(&site), [""; 0]);
    }
}

#[test]
fn a_running_build_is_not_taken_for_one_left_behind() {
    let site = large("The grapes are sweet");
    let mut first = start(&site);
    wait_for(|| leftovers(&site).pop());
    let small = Site::small(&[]);
    let into = site.at("public");
    small.build_with(Options { output: Some(into.clone()), ..Options::default() }).succeeds();
    assert!(first.wait().unwrap().success());
    assert_eq!(
        tree(&into).keys().filter(|path| path.ends_with("/annotations.jsonld")).count(),
        TEXTS,
        "the last to finish wins, whole"
    );
}

#[test]
fn a_folder_of_someone_else_is_refused() {
    for (file, told) in [
        ("index.html", "not made by Postil"),
        (".git/HEAD", "not made by Postil"),
        (".postil/x", "not made by Postil"),
    ] {
        let site = Site::small(&[(&format!("public/{file}"), "mine\n")]);
        let before = tree(site.path());
        let run = site.build().fails();
        assert!(run.text.contains(told), "{}", run.text);
        assert_eq!(tree(site.path()), before);
    }
    let site = Site::small(&[("public", "a file\n")]);
    let run = site.build().fails();
    assert!(run.text.contains("is a file"), "{}", run.text);
    assert_eq!(site.read("public"), "a file\n");
}

#[test]
fn an_empty_folder_is_taken() {
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
fn a_page_that_is_no_more_is_gone() {
    let site = Site::small(&[("sources/b.md", "Another.\n")]);
    site.build().succeeds();
    assert!(site.at("public/b/index.html").exists());
    std::fs::remove_file(site.at("sources/b.md")).unwrap();
    site.build().succeeds();
    assert!(!site.at("public/b").exists() && site.at("public/a/index.html").exists());
}

#[test]
fn what_a_killed_build_left_behind_is_cleared_up_and_nothing_else() {
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
    let mut build = start(&site);
    wait_for(|| leftovers(&site).pop());
    // Not by INT, which is ignored by all that a shell runs in the background.
    assert!(Command::new("kill").args(["-TERM", &build.id().to_string()]).status().unwrap().success());
    assert!(!build.wait().unwrap().success());
    assert_eq!(tree(&site.at("public")), before);
    site.build().succeeds();
    assert_eq!(leftovers(&site), [""; 0]);
}
