//! Tests of the command line: exit statuses, options and output.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::harness::{POSTIL, Run, Site, commands, compare, postil, tree};

/// A site with one warning: a text without notes.
fn with_a_warning() -> Site {
    Site::small(&[("sources/b.md", "A text without notes.\n")])
}

/// A site with one error.
fn with_an_error() -> Site {
    Site::small(&[(
        "annotations/a.md",
        "## Quick? {#quick .marketing-claim}\n\n> slow green\n\nIt is not.\n",
    )])
}

/// A site with several thousand errors.
fn with_many_errors() -> Site {
    Site::small(&[("annotations/a.md", &"## Quick?\n\n".repeat(3000))])
}

#[test]
fn a_valid_site_ends_with_0() {
    for command in ["build", "check"] {
        let run = Site::small(&[]).run(&[command]).ends_with(0);
        assert_eq!(run.stderr, "");
        assert_eq!(Site::small(&[]).run(&[command, "."]).ends_with(0).stderr, "");
    }
}

#[test]
fn a_site_with_errors_ends_with_1() {
    let site = with_an_error();
    let run = site.run(&["build"]).ends_with(1);
    assert!(run.stderr.contains("error[anchor.orphan]"), "{}", run.stderr);
    assert!(run.stderr.ends_with("\n1 error; nothing was published\n"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    assert!(!site.at("public").exists());
    let run = site.run(&["check"]).ends_with(1);
    assert!(run.stdout.contains("1 error") && run.stderr.contains("error[anchor.orphan]"), "{run:?}");
    Run::of(postil().args(["build", "/no/such/site"])).ends_with(1);
}

#[test]
fn an_invalid_command_line_ends_with_2() {
    let site = Site::small(&[]);
    for arguments in [
        &["no-such-command"] as &[&str],
        &["build", "--no-such-option"],
        &["build", ".", "another"],
        &["build", "--jobs", "many"],
        &["build", "--jobs", "-1"],
        &["build", "-o"],
        &["build", "--strict"],
        &["check", "--format", "xml"],
        &["check", "--drafts"],
        &[],
    ] {
        let run = site.run(arguments).ends_with(2);
        assert!(!run.stderr.is_empty() && run.stdout.is_empty(), "{arguments:?} {run:?}");
    }
    assert!(!site.at("public").exists());
}

#[test]
fn a_warning_is_reported_and_does_not_prevent_publishing() {
    let site = with_a_warning();
    let run = site.run(&["build"]).ends_with(0);
    assert!(
        run.stderr.contains("warning[source.unannotated]") && run.stderr.contains("1 warning"),
        "{}",
        run.stderr
    );
    assert!(site.at("public/b/index.html").exists());
    site.run(&["check"]).ends_with(0);
}

#[test]
fn strict_fails_on_a_warning() {
    with_a_warning().run(&["check", "--strict"]).ends_with(1);
    with_a_warning().run(&["check", "--strict", "--format", "json"]).ends_with(1);
    Site::small(&[]).run(&["check", "--strict"]).ends_with(0);
}

#[test]
fn check_writes_nothing() {
    let site = with_a_warning();
    let before = tree(site.path());
    site.run(&["check"]).ends_with(0);
    site.run(&["check", "--format", "json"]).ends_with(0);
    assert_eq!(tree(site.path()), before);
}

#[test]
fn json_is_one_object_with_the_documented_fields() {
    let site = Site::small(&[
        ("sources/b.md", "A text without notes.\n"),
        ("annotations/a.md", "## «Quick» {#quick .marketing-clam}\n\n> slow green\n\nIt is not.\n"),
    ]);
    let run = site.run(&["check", "--format", "json"]).ends_with(1);
    assert_eq!(run.stderr, "");
    assert_eq!(run.stdout.lines().count(), 1);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&report), ["diagnostics", "errors", "warnings"]);
    assert_eq!((report["errors"].as_u64(), report["warnings"].as_u64()), (Some(2), Some(1)));
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        assert_eq!(keys(diagnostic), ["code", "column", "file", "help", "line", "message", "severity"]);
        assert!(diagnostic["line"].as_u64() > Some(0) && diagnostic["column"].as_u64() > Some(0));
        assert!(["error", "warning"].contains(&diagnostic["severity"].as_str().unwrap()));
    }
    let places: Vec<String> = run.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        places,
        [
            "error note.kind annotations/a.md:1:21",
            "error anchor.orphan annotations/a.md:3:1",
            "warning source.unannotated sources/b.md:1:1",
        ]
    );
}

#[test]
fn json_without_problems_is_an_empty_list() {
    let run = Site::small(&[]).run(&["check", "--format", "json"]).ends_with(0);
    assert_eq!(run.stdout, "{\"errors\":0,\"warnings\":0,\"diagnostics\":[]}\n");
}

#[test]
fn json_is_one_object_with_fix_too() {
    let site =
        Site::small(&[("annotations/a.md", "## Quick? {.marketing-claim}\n\n> quick brown\n\nIt is not.\n")]);
    let run = site.run(&["check", "--fix", "--yes", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(report["diagnostics"].is_array(), "{run:?}");
    assert!(run.stderr.contains("wrote 1 change"), "{run:?}");
    assert!(site.read("annotations/a.md").starts_with("## Quick? {#quick .marketing-claim}"), "{run:?}");
}

#[test]
fn json_is_valid_without_a_site() {
    let run = Site::empty().run(&["check", "--format", "json"]).ends_with(1);
    assert_eq!(run.problems()[0].code, "site.config");
}

#[test]
fn build_prints_what_was_built() {
    let run = Site::small(&[]).run(&["build"]).ends_with(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("built 1 text with 1 note and 0 works cited: "), "{lines:?}");
    assert!(lines[0].contains(" files, ") && lines[0].contains(" in "), "{lines:?}");
    assert_eq!(lines[1], format!("open {} in a browser", Path::new(".").join("public/index.html").display()));
}

#[test]
fn check_prints_what_was_checked() {
    let run = with_a_warning().run(&["check"]).ends_with(0);
    assert!(
        run.stdout.starts_with("checked 2 texts with 1 note in ") && run.stdout.ends_with(": 1 warning\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn quiet_prints_only_problems() {
    let run = Site::small(&[]).run(&["build", "--quiet"]).ends_with(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = with_a_warning().run(&["build", "-q"]).ends_with(0);
    assert!(run.stdout.is_empty() && run.stderr.contains("warning[source.unannotated]"), "{run:?}");
}

#[test]
fn output_is_written_to_the_given_folder() {
    let site = Site::small(&[("site.toml", "[build]\noutput = \"web/site\"\n")]);
    site.run(&["build"]).ends_with(0);
    assert!(site.at("web/site/index.html").exists());
    for option in ["-o", "--output"] {
        site.run(&["build", option, "elsewhere/deep"]).ends_with(0);
        assert_eq!(tree(&site.at("elsewhere/deep")), tree(&site.at("web/site")));
    }
    assert!(!site.at("public").exists());
}

#[test]
fn output_is_relative_to_the_site_in_site_toml_and_to_the_current_folder_as_an_option() {
    let parent = Site::empty();
    for (path, text) in [("site/site.toml", ""), ("site/sources/a.md", "Text.\n")] {
        parent.write(path, text);
    }
    parent.run(&["build", "site"]).ends_with(0);
    parent.run(&["build", "site", "-o", "out"]).ends_with(0);
    assert!(parent.at("site/public/index.html").exists() && parent.at("out/index.html").exists());
}

#[test]
fn base_url_is_used_in_exported_addresses() {
    let site = Site::small(&[]);
    site.run(&["build"]).ends_with(0);
    let without = tree(&site.at("public"));
    for url in ["https://example.org/reader", "https://example.org/reader/"] {
        site.run(&["build", "--base-url", url]).ends_with(0);
        let annotations: serde_json::Value =
            serde_json::from_str(&site.read("public/a/annotations.jsonld")).unwrap();
        let item = &annotations["first"]["items"][0];
        assert_eq!(item["id"], "https://example.org/reader/a/index.html#note-quick");
        assert_eq!(item["target"][0]["source"], "https://example.org/reader/a/index.html");
    }
    site.write("site.toml", "title = \"Test\"\nbase_url = \"https://example.org/reader/\"\n");
    let with = tree(&site.at("public"));
    site.run(&["build"]).ends_with(0);
    assert_eq!(tree(&site.at("public")), with, "the option and the key have the same effect");
    site.run(&["build", "--base-url", ""]).ends_with(0);
    assert_eq!(tree(&site.at("public")), without, "an empty address is the same as none");
}

#[test]
fn an_invalid_base_url_is_reported() {
    let run = Site::small(&[]).run(&["build", "--base-url", "javascript:alert(1)"]);
    assert!(run.status == Some(1) || run.status == Some(2), "{run:?}");
    assert!(run.stderr.contains("javascript:alert(1)"), "{}", run.stderr);
}

#[test]
fn drafts_are_included_on_request() {
    let draft = "## Slow? {#slow .marketing-claim draft=true}\n\n> lazy dog\n\nUnfinished.\n";
    let site =
        Site::small(&[("annotations/a/more.md", draft), ("sources/b.md", "+++\ndraft = true\n+++\nB.\n")]);
    site.run(&["build"]).ends_with(0);
    assert!(!site.at("public/b").exists() && !site.read("public/a/index.html").contains("note-slow"));
    site.run(&["build", "--drafts"]).ends_with(0);
    assert!(
        site.at("public/b/index.html").exists() && site.read("public/a/index.html").contains("note-slow")
    );
}

#[test]
fn an_audience_has_its_own_edition() {
    let note = "## Slow? {#slow .marketing-claim audience=teacher}\n\n> lazy dog\n\nAsk them.\n\n\
                ## Dog? {#dog .marketing-claim audience=pupil}\n\n> dog\n\nAsk it.\n";
    let site = Site::small(&[("annotations/a/more.md", note)]);
    for (arguments, shown) in [
        (&["build"] as &[&str], false),
        (&["build", "--audience", "pupil"], false),
        (&["build", "--audience", "teacher"], true),
    ] {
        site.run(arguments).ends_with(0);
        assert_eq!(site.read("public/a/index.html").contains("note-slow"), shown, "{arguments:?}");
    }
    site.run(&["check", "--audience", "teacher"]).ends_with(0);

    // An unknown audience is an error, and the old site is kept.
    site.run(&["build", "--audience", "techer"]).ends_with(1);
    assert!(site.read("public/a/index.html").contains("note-slow"));
}

#[test]
fn the_number_of_jobs_does_not_affect_the_output() {
    let site = Site::small(&[("sources/b.md", "B.\n"), ("sources/c.md", "C.\n"), ("sources/d.md", "D.\n")]);
    site.run(&["build", "--jobs", "1"]).ends_with(0);
    let one = tree(&site.at("public"));
    for jobs in ["0", "2", "7", "100000"] {
        site.run(&["build", "--jobs", jobs]).ends_with(0);
        assert_eq!(tree(&site.at("public")), one, "--jobs {jobs}");
    }
}

#[test]
fn time_zone_and_locale_do_not_affect_the_output() {
    let site = Site::small(&[]);
    site.run(&["build"]).ends_with(0);
    let before = tree(&site.at("public"));
    let variables = [
        ("TZ", "Pacific/Kiritimati"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("RAYON_NUM_THREADS", "1"),
        ("SOURCE_DATE_EPOCH", "1"),
    ];
    Run::of(postil().arg("build").envs(variables).current_dir(site.path())).ends_with(0);
    assert_eq!(tree(&site.at("public")), before);
}

/// Runs a command and closes its standard output or error after the first line.
fn close_early(site: &Site, arguments: &[&str], error: bool) -> Option<i32> {
    let mut command = postil();
    command.args(arguments).current_dir(site.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    let (stdout, stderr) =
        (child.stdout.take().expect("the command runs"), child.stderr.take().expect("the command runs"));
    let mut line = String::new();
    if error {
        drop(stdout);
        BufReader::with_capacity(64, stderr).read_line(&mut line).expect("the command runs");
    } else {
        let drain =
            std::thread::spawn(move || std::io::copy(&mut BufReader::new(stderr), &mut std::io::sink()));
        BufReader::with_capacity(64, stdout).take_line(&mut line);
        drain.join().expect("the command runs").expect("a test may fail here");
    }
    child.wait().expect("the command runs").code()
}

trait TakeLine {
    fn take_line(self, line: &mut String);
}

impl<R: std::io::Read> TakeLine for BufReader<R> {
    /// Reads the start of the first line.
    fn take_line(mut self, line: &mut String) {
        let bytes = self.fill_buf().expect("the command runs");
        line.push_str(&String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_closed_pipe_does_not_cause_a_panic() {
    let site = with_many_errors();
    assert_eq!(close_early(&site, &["check", "--format", "json"], false), Some(1));
    assert_eq!(close_early(&site, &["check"], true), Some(1));
    assert_eq!(close_early(&site, &["build"], true), Some(1));
    let warned = Site::small(&[("sources/a.md", &"[x](y) ".repeat(3000))]);
    warned.write("annotations/a.md", "");
    assert_eq!(close_early(&warned, &["build"], true), Some(0));
}

#[test]
#[cfg(target_os = "linux")]
fn json_that_cannot_be_written_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let site = Site::small(&[]);
    let mut command = postil();
    command.args(["check", "--format", "json"]).current_dir(site.path()).stdout(full);
    assert_eq!(command.status().unwrap().code(), Some(1));
}

#[test]
#[cfg(unix)]
fn closed_streams_do_not_cause_a_panic() {
    let site = with_a_warning();
    for command in [
        "build >&-",
        "build 2>&-",
        "build >&- 2>&- <&-",
        "check 2>&-",
        "check --format json >&-",
        "--help >&-",
        "build > /dev/full",
        "build 2> /dev/full",
    ] {
        let script = format!("exec \"$0\" {command}");
        let status = std::process::Command::new("sh")
            .args(["-c", &script, POSTIL])
            .current_dir(site.path())
            .output()
            .unwrap()
            .status;
        assert_eq!(status.code(), Some(0), "{command}");
    }
}

#[test]
fn colours_are_used_only_in_terminals() {
    let run = with_an_error().run(&["check"]);
    assert!(!run.stderr.contains('\u{1b}') && !run.stdout.contains('\u{1b}'));
}

#[test]
fn a_narrow_terminal_does_not_cause_a_panic() {
    for columns in ["0", "1", "7", "20", "", "wide", "99999999999999999999", "-5"] {
        Run::of(postil().arg("check").env("COLUMNS", columns).current_dir(with_an_error().path()))
            .ends_with(1);
    }
}

#[test]
fn help_is_as_expected() {
    let mut shown = String::new();
    for command in std::iter::once(String::new()).chain(commands()) {
        let run = Run::of(postil().args(command.split_whitespace()).arg("--help")).ends_with(0);
        assert_eq!(run.stderr, "");
        let words = format!("postil {command}");
        shown.push_str(&format!("$ {} --help\n{}\n", words.trim(), run.stdout));
    }
    compare(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/help.txt"), &shown).unwrap();
}

#[test]
fn styles_are_listed_by_word() {
    let all = Run::of(postil().arg("styles")).ends_with(0).stdout;
    assert!(all.contains("american-medical-association, ama\n    AMA Manual of Style"), "{all}");
    let some = Run::of(postil().args(["styles", "Vancouver"])).ends_with(0).stdout;
    assert!(some.contains("vancouver") && some.len() < all.len() / 2, "{some}");
    let none = Run::of(postil().args(["styles", "zzz"])).ends_with(1);
    assert_eq!(
        (none.stdout.as_str(), none.stderr.as_str()),
        ("", "no style matches `zzz`; `postil styles` lists all of them\n")
    );
}

#[test]
fn the_version_is_that_of_the_crate() {
    let run = Run::of(postil().arg("--version")).ends_with(0);
    assert_eq!(run.stdout, format!("postil {}\n", env!("CARGO_PKG_VERSION")));
}

/// Runs `check --fix` on a site with one text and one layer, and returns the layer.
fn fixed(text: &str, notes: &str) -> String {
    let site = Site::small(&[("sources/a.md", text), ("annotations/a.md", notes)]);
    let run = site.run(&["check", "--fix", "--yes"]);
    assert!(run.stdout.contains("wrote "), "{run:?}");
    site.run(&["check"]).ends_with(0);
    site.read("annotations/a.md")
}

#[test]
fn a_long_quote_is_fixed_at_any_position() {
    let letter = |n: u32| char::from_digit(10 + n % 26, 36).unwrap();
    let word = |n: u32| [n, n / 26, n / 676].into_iter().map(letter).collect::<String>();
    let text: String = (0..600).map(|n| format!("{} ", word(n * 7919))).collect();
    let note = |words: &str| format!("## Long {{#long .marketing-claim}}\n\n> {words}\n\nBody.\n");
    let right = note(text.trim());
    for at in [10, 550] {
        let typo = format!("{}q ", word(at * 7919));
        let word = format!("{} ", word(at * 7919));
        assert_eq!(fixed(&text, &right.replacen(&word, &typo, 1)), right);
    }
}

#[test]
fn a_fixed_quote_keeps_its_bold_omissions_paragraphs_and_line_endings() {
    let text = "The quick brown fox jumps over the lazy dog while many careful readers watch.\n\nThey stand on the hill.\n";
    let right = "## Fox {#fox .marketing-claim}\r\n\r\n> The quick […] over **the lazy dog** while\r\n> many careful readers watch.\r\n>\r\n> They stand on the hill.\r\n\r\nBody.\r\n";
    let wrong = right.replace("lazy", "lazzy").replace("careful ", "carefull ").replace("hill", "hil");
    assert_eq!(fixed(text, &wrong), right);
}

#[test]
fn a_short_quote_and_equal_titles_are_fixed() {
    let notes =
        "## N {.marketing-claim}\n\n> beta gama\n\nBody.\n\n## N {.marketing-claim}\n\n> delta\n\nBody.\n";
    let right = "## N {#n .marketing-claim}\n\n> beta gamma\n\nBody.\n\n## N {#n-2 .marketing-claim}\n\n> delta\n\nBody.\n";
    assert_eq!(fixed("Alpha beta gamma delta.\n", notes), right);
}

#[test]
fn the_reviewed_key_has_the_line_endings_of_its_file() {
    let notes =
        "+++\r\nlayer = \"L\"\r\n+++\r\n\r\n## N {#n .marketing-claim}\r\n\r\n> quick\r\n\r\nBody.\r\n";
    let site = Site::small(&[("annotations/a.md", notes)]);
    site.run(&["check", "--reviewed"]).ends_with(0);
    let written = site.read("annotations/a.md");
    assert!(written.contains("\"\r\n+++\r\n"), "{written:?}");
    assert_eq!(written.matches('\n').count(), written.matches("\r\n").count());
}

#[test]
fn without_a_terminal_and_yes_nothing_is_written() {
    let notes = "## Quick? {.marketing-claim}\n\n> quick brown\n\nIt is not.\n";
    let site = Site::small(&[("annotations/a.md", notes)]);
    let run = site.run(&["check", "--fix"]);
    assert!(run.stdout.contains("nothing was written") && run.stdout.contains("`--yes`"), "{run:?}");
    assert!(run.stdout.contains("  + ## Quick? {#quick .marketing-claim}"), "{run:?}");
    assert_eq!(site.read("annotations/a.md"), notes);
}

#[cfg(unix)]
#[test]
fn a_fix_never_follows_a_symbolic_link() {
    let outside = Site::of(&[("victim", "precious\n")]);
    let site =
        Site::small(&[("annotations/a.md", "## Quick? {.marketing-claim}\n\n> quick brown\n\nIt is not.\n")]);
    let link = site.at("annotations/a.md.postil-new");
    std::os::unix::fs::symlink(outside.at("victim"), link).unwrap();
    site.run(&["check", "--fix", "--yes"]);
    assert_eq!(outside.read("victim"), "precious\n");
    assert!(site.at("annotations/a.md").symlink_metadata().unwrap().is_file());
    assert!(site.read("annotations/a.md").contains("{#quick "));
}

#[test]
fn init_creates_a_valid_site() {
    let folder = Site::empty();
    let run = folder.run(&["init", "reader"]).ends_with(0);
    assert!(run.stdout.contains("  cd reader\n") && run.stdout.contains("  postil build "), "{}", run.stdout);
    let run = folder.run(&["check", "reader", "--strict"]).ends_with(0);
    assert_eq!(run.stderr, "");
    assert!(run.stdout.starts_with("checked 1 text with 7 notes in "), "{}", run.stdout);
    folder.run(&["build", "reader", "--quiet"]).ends_with(0);
    let page = folder.read("reader/public/window-lamp/index.html");
    for kind in ["marketing-claim", "cited-study", "guideline-gap"] {
        assert!(page.contains(&format!("data-kind=\"{kind}\"")), "no note of the kind {kind}");
    }
}

#[test]
fn init_accepts_only_an_empty_folder() {
    let folder = Site::empty();
    folder.run(&["init", "."]).ends_with(0);
    let before = tree(folder.path());
    let run = folder.run(&["init", "."]).ends_with(1);
    assert!(
        run.stderr.contains("error[site.path]: the folder is not empty: it contains `.gitignore`"),
        "{run:?}"
    );
    let run = folder.run(&["init", "site.toml"]).ends_with(1);
    assert!(run.stderr.contains("error[site.path]: cannot write the file"), "{run:?}");
    assert_eq!(tree(folder.path()), before);
}

#[test]
fn completions_include_every_command() {
    for (shell, line) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef postil"),
        ("fish", "complete -c postil"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let run = Run::of(postil().args(["completions", shell])).ends_with(0);
        assert!(run.stdout.contains(line), "{shell}");
        for command in ["build", "check", "completions", "import", "init", "stats"] {
            assert!(run.stdout.contains(command), "{shell} {command}");
        }
    }
    Run::of(postil().args(["completions", "csh"])).ends_with(2);
}

#[test]
fn stats_count_texts_and_notes() {
    let notes = "+++\nlayer = \"Readers\"\nauthor = \"Ida\"\n+++\n\n## Lazy? {#lazy .guideline-gap}\n\n> lazy dog\n\nYes.\n\n\
                 ## All? {#all .marketing-claim verdict=supported}\n\n> brown fox jumps over\n\nYes.\n";
    let site = Site::small(&[("annotations/a/readers.md", notes), ("sources/b.md", "Three more words.\n")]);
    let run = site.run(&["stats", "--format", "json"]).ends_with(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let total = &report["total"];
    assert_eq!(
        (total["words"].as_u64(), total["marked"].as_u64(), total["notes"].as_u64()),
        (Some(13), Some(7), Some(3)),
        "{total}"
    );
    assert_eq!(total["verdicts"]["marketing-claim"], serde_json::json!({"-": 1, "supported": 1}));
    assert_eq!(total["layers"], serde_json::json!({"Readers": 2, "a": 1}));
    assert_eq!(total["authors"], serde_json::json!({"-": 1, "Ida": 2}));
    assert_eq!(report["texts"][0]["kinds"]["guideline-gap"], 1);
    let run = site.run(&["stats"]).ends_with(0);
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/stats.txt");
    compare(&expected, &run.stdout).unwrap();
    let run = with_an_error().run(&["stats"]).ends_with(1);
    assert!(run.stderr.ends_with("1 error; correct the errors first\n"), "{run:?}");
}

#[test]
fn links_are_checked_only_on_request() {
    let site = Site::small(&[(
        "annotations/a.md",
        "## Quick? {#quick .marketing-claim}\n\n> quick brown\n\nNo: [proof](http://127.0.0.1:9/).\n",
    )]);
    assert_eq!(site.run(&["check"]).ends_with(0).stderr, "");
    let run = site.run(&["check", "--links"]).ends_with(0);
    assert!(
        run.stderr.contains("warning[link.dead]: no response from http://127.0.0.1:9/"),
        "{}",
        run.stderr
    );
    site.run(&["check", "--links", "--strict"]).ends_with(1);
}

#[test]
fn strict_lets_pass_the_warnings_that_the_edition_allows() {
    let site = with_a_warning();
    let code = site.run(&["check", "--format", "json"]).ends_with(0).stdout.clone();
    let report: serde_json::Value = serde_json::from_str(&code).unwrap();
    let code = report["diagnostics"][0]["code"].as_str().unwrap();
    site.run(&["check", "--strict"]).ends_with(1);
    let toml = site.read("site.toml");
    site.write("site.toml", format!("{toml}\n[check]\nallow = [\"{code}\"]\n"));
    site.run(&["check", "--strict"]).ends_with(0);
    site.write("site.toml", format!("{toml}\n[check]\nallow = [\"no.code\"]\n"));
    assert!(site.run(&["check"]).ends_with(1).stderr.contains("unknown code `no.code`"));
}

#[test]
fn leftovers_of_editors_are_not_published() {
    let site = Site::empty();
    site.write("site.toml", "[build]\nignore = [\"*.log\"]\n");
    site.write("sources/a/index.md", "Words.\n");
    for name in
        ["index.md~", "#index.md#", "index.md.orig", "index.md.bak", "Thumbs.db", "~$b.docx", "4913", "x.log"]
    {
        site.write(&format!("sources/a/{name}"), "x");
    }
    site.write("sources/a/data.csv", "x");
    let run = site.run(&["build"]).ends_with(0);
    assert!(run.stderr.contains("no text links to it") && run.stderr.contains("data.csv"), "{}", run.stderr);
    let mut published: Vec<String> = tree(&site.at("public/a")).into_keys().collect();
    published.retain(|name| !matches!(name.as_str(), "annotations.jsonld" | "feed.xml"));
    assert_eq!(published, ["data.csv", "index.html"]);
}

#[test]
fn only_certain_fixes_are_applied() {
    let site = Site::small(&[(
        "annotations/a.md",
        "## Q {#q .Marketing-Claim, verdict=Unsupported}\n\n> The quick brown fxo\n\nNo.\n",
    )]);
    site.run(&["check", "--fix", "--yes"]);
    assert!(
        site.read("annotations/a.md").contains(".marketing-claim verdict"),
        "{}",
        site.read("annotations/a.md")
    );
    let site = Site::empty();
    site.write("site.toml", "");
    site.write("sources/a.md", "The drug reduced deaths by 21% in all the patients.\n");
    let layer =
        |quote: &str| format!("## Q {{#q .marketing-claim verdict=unsupported}}\n\n> {quote}\n\nNo.\n");
    for (quote, is_fixed) in
        [("drug reduced deaths by 12% in all", false), ("drug redcued deaths by 21% in all", true)]
    {
        site.write("annotations/a.md", layer(quote));
        site.run(&["check", "--fix", "--yes"]);
        assert_eq!(site.read("annotations/a.md") != layer(quote), is_fixed, "{quote}");
    }
}
