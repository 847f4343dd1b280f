//! The documents that `make docs` binds: each command is run, each output is what it printed, each link
//! leads to a file. `UPDATE_EXPECTED=1` writes what is generated anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kserve_aws::functions;
use serde_json::Value;

use crate::cases::command::Memory;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn expect(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(expected, found, "{} is not what is generated", path.display());
}

/// The documents in a folder and those below.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The pages of functions and findings are listed, each once, and include what is their text.
#[test]
fn the_summary_lists_every_page() {
    let path = root().join("docs/SUMMARY.md");
    let text = read(&path);
    let mut summary = text.split("# Functions\n").next().unwrap().trim_end().to_owned();
    summary.push_str("\n\n# Functions\n\n");
    for function in functions::ALL.iter() {
        let name = function.name;
        summary.push_str(&format!("- [{name}](functions/{name}.md)\n"));
        let page = root().join(format!("docs/functions/{name}.md"));
        expect(&page, &format!("{{{{#include ../../functions/{name}/README.md}}}}\n"));
    }
    summary.push_str("\n# Findings\n\n- [Findings](findings/README.md)\n");
    for page in pages(&root().join("docs/findings")) {
        let name = page.file_stem().unwrap().to_str().unwrap();
        if name != "README" {
            summary.push_str(&format!("  - [{name}](findings/{name}.md)\n"));
        }
    }
    expect(&path, &summary);
    for page in pages(&root().join("docs")) {
        let name = page.strip_prefix(root().join("docs")).unwrap().to_str().unwrap();
        let times = summary.matches(&format!("({name})")).count();
        assert_eq!(times, usize::from(name != "SUMMARY.md"), "{name}");
    }
}

/// The targets of a document's links, without those to other sites.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if is_code {
            continue;
        }
        let targets = line.match_indices("](").filter_map(|(at, _)| {
            // Not in code.
            let is_text = line[..at].matches('`').count() % 2 == 0;
            line[at + 2..].split(')').next().filter(|_| is_text)
        });
        found.extend(targets.filter(|target| !target.contains("://") && !target.contains(' ')));
    }
    found
}

/// What GitHub and mdBook call a heading's place.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn links_lead_to_what_is_there() {
    let mut all = pages(&root().join("docs"));
    all.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    all.extend(pages(&root().join("functions")));
    let mut count = 0;
    for page in all {
        let text = read(&page);
        for link in links(&text) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            if !anchor.is_empty() {
                let anchors = anchors(&read(&target));
                assert!(anchors.iter().any(|one| one == anchor), "{}: {link}", page.display());
            }
            count += 1;
        }
    }
    assert!(count > 500, "{count}");
}

/// A folder for the commands of a page; removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn of(page: &str) -> Self {
        let name = format!("kserve-aws-book-{}-{}", std::process::id(), page.replace('/', "-"));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const OUTPUT: &str = "<!-- output -->\n";

/// A page with what its commands print. A block `sh` is run, each in the folder of those before it; what
/// it prints follows it where the page has a mark for that, and it must succeed.
fn with_outputs(page: &str, text: &str) -> (String, usize) {
    let folder = Folder::of(page);
    let program = Path::new(env!("CARGO_BIN_EXE_kserve-aws")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut out = String::new();
    let mut rest = text;
    let mut count = 0;
    while let Some((before, after)) = rest.split_once("```sh\n") {
        let (script, mut after) = after.split_once("```\n").expect("a block ends");
        out.push_str(&format!("{before}```sh\n{script}```\n"));
        let variables = "[ ! -f .variables ] || . ./.variables\n";
        let kept = "set | grep '^token=' >.variables || true";
        let ran = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &format!("{variables}{script}{kept}")])
            .current_dir(&folder.0)
            .env("PATH", &path)
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        let print = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let printed = print(&ran.stderr) + &print(&ran.stdout);
        assert!(ran.status.success(), "{page}: {script}{printed}");
        // The folder's tokens are random, and in no output.
        let tokens = fs::read_to_string(folder.0.join("endpoint/tokens.yaml")).unwrap_or_default();
        let mut tokens = tokens.split('"').skip(1).step_by(2);
        assert!(tokens.all(|token| !printed.contains(token)), "{page}: {script}");
        count += 1;
        if let Some(marked) = after.strip_prefix('\n').and_then(|after| after.strip_prefix(OUTPUT))
        {
            // What was there before is written anew.
            after = match marked.strip_prefix("\n```text\n") {
                Some(shown) => shown.split_once("```\n").expect("an output ends").1,
                None => marked,
            };
            out.push_str(&format!("\n{OUTPUT}"));
            if !printed.trim().is_empty() {
                out.push_str(&format!("\n```text\n{}\n```\n", printed.trim_end()));
            }
        }
        rest = after;
    }
    out.push_str(rest);
    (out, count)
}

#[test]
fn commands_print_what_is_shown() {
    if Command::new("bash").arg("--version").output().is_err() {
        return;
    }
    let mut count = 0;
    for page in ["introduction.md", "guide/dex.md", "guide/cognito.md", "guide/jwt.md", "gitops.md"]
    {
        let path = root().join("docs").join(page);
        let (found, commands) = with_outputs(page, &read(&path));
        expect(&path, &found);
        count += commands;
    }
    assert!(count >= 25, "{count} blocks");
    // What needs a cluster or an account is not run; nothing else is left out.
    for page in pages(&root().join("docs/guide")) {
        let text = read(&page);
        for block in text.split("```bash\n").skip(1) {
            let first = block.split_whitespace().next().unwrap();
            assert!(IN_A_CLUSTER.contains(&first) || first == "aws", "{}: {first}", page.display());
        }
    }
}

/// How a step begins that needs a cluster.
const IN_A_CLUSTER: [&str; 4] =
    ["kubectl", "KSERVE_TOKEN=$token", "KSERVE_COOKIE=$cookies", "CLIENT_SECRET=$secret"];

/// The table of the guide's first page counts the blocks of the others.
#[test]
fn the_steps_of_the_guide_are_counted() {
    let pages = ["dex", "cognito", "jwt"].map(|page| {
        let text = read(&root().join(format!("docs/guide/{page}.md")));
        let blocks = |shell: &str| -> Vec<String> {
            let start = format!("```{shell}\n");
            let starts = text.split(&start).skip(1);
            starts.map(|block| block.split_whitespace().next().unwrap().to_owned()).collect()
        };
        let by_hand = blocks("bash");
        let of_aws = by_hand.iter().filter(|first| *first == "aws").count();
        [blocks("sh").len(), of_aws, by_hand.len() - of_aws]
    });
    let mut table =
        "| steps of the page | Dex | Cognito | JSON Web Tokens |\n|---|---|---|---|\n".to_owned();
    let rows = ["with `kserve-aws` alone", "with an account of AWS", "with a cluster"];
    for (place, row) in rows.iter().enumerate() {
        let cells = pages.map(|page| page[place].to_string()).join(" | ");
        table.push_str(&format!("| {row} | {cells} |\n"));
    }
    let path = root().join("docs/guide/README.md");
    let text = read(&path);
    let (before, after) = text.split_once("<!-- counted -->\n").expect("a mark");
    let after = after.trim_start().split_once("\n\n").expect("a table").1;
    expect(&path, &format!("{before}<!-- counted -->\n\n{table}\n{after}"));
}

/// The picture on the first page.
#[test]
fn the_picture_is_what_trace_draws() {
    let memory = Memory::default();
    let written = memory.written.clone();
    let arn = "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    let flags = ["--provider", "dex", "--domain", "platform.example.com", "--certificate", arn];
    assert_eq!(memory.run(&[&["init", "endpoint"], &flags[..]].concat()).code, 0);
    let files = written.borrow().clone();
    let tokens = String::from_utf8(files[Path::new("endpoint/tokens.yaml")].clone()).unwrap();
    let token = tokens.split('"').nth(1).unwrap();
    let header = format!("x-api-key: {token}");
    let url = "https://sklearn-iris.staging.platform.example.com/v1/models/sklearn-iris:predict";
    let arguments = ["trace", url, "endpoint", "-X", "POST", "-H", &header, "--format", "svg"];
    let answer = Memory { files, ..Memory::default() }.run(&arguments);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(!answer.stdout.contains(token));
    expect(&root().join("docs/path.svg"), &answer.stdout);
}

/// How often the controllers and this project answer the same, as the oracles count.
#[test]
fn the_counts_are_those_of_the_oracles() {
    let counts = read(&root().join("tests/oracles/counts.json"));
    let counts: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_str(&counts).unwrap();
    let mut table = String::from(
        "| oracle | questions | same answer | refused by both | not compared |\n|---|---|---|---|---|\n",
    );
    for (name, of) in &counts {
        let number = |key: &str| of[key].to_string();
        table.push_str(&format!(
            "| {name} | {} | {} | {} | {} |\n",
            number("asked"),
            number("same"),
            number("refusedByBoth"),
            number("leftOut")
        ));
    }
    let path = root().join("docs/trust.md");
    let text = read(&path);
    let (before, rest) = text.split_once("<!-- generated: oracles -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /generated -->").unwrap();
    let found =
        format!("{before}<!-- generated: oracles -->\n\n{table}\n<!-- /generated -->{after}");
    expect(&path, &found);
}
