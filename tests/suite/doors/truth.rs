//! The promise over packages whose verdict the controller's own code gave: an open one never passes,
//! and a sound one is not called open.
//!
//! The controller knows its own Ingresses alone. What `set-ingress-params` refuses for another reason
//! has a code that does not say that a request gets through: an Ingress of a class that is not modelled
//! (`ingress-class-not-judged`), a namespace that is missing (`alb-namespace-missing`), annotations of
//! another application that ask and do not count (`alb-annotation-misspelt`, `alb-conditions-empty`),
//! rules that nobody reaches (`alb-never-reached`), what AWS or the webhook refuses.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::cases;

/// One package of the file.
#[derive(Deserialize)]
struct Package {
    name: String,
    spec: Value,
    items: Vec<Value>,
    #[serde(default)]
    added: Vec<Value>,
    verdict: String,
}

/// Of a thousand sound packages fewer than so many are called open.
const MOST_FALSE: usize = 2;

/// The codes of the errors of a run; none where it passes.
fn errors(package: &Package, with_added: bool) -> Option<Vec<String>> {
    let config = json!({
        "apiVersion": "fn.kserve-aws.dev/v1alpha1", "kind": "IngressParams",
        "metadata": { "name": "params" }, "spec": package.spec,
    });
    let mut items = package.items.clone();
    if with_added {
        items.extend(package.added.iter().cloned());
    }
    let list = cases::resource_list(Some(&config), &items).to_string();
    let answer = cases::command::fn_on_stdin("set-ingress-params", None, &list, &[]);
    if answer.code == 0 {
        return None;
    }
    let errors = answer.stderr.lines().filter(|line| line.starts_with("[error]"));
    let code = |line: &str| Some(line.rsplit_once(" (")?.1.trim_end_matches(')').to_owned());
    Some(errors.filter_map(code).collect())
}

/// The runs of every package that has a verdict, without and with what the cluster adds.
fn answers(packages: &[Package]) -> Vec<Vec<Option<Vec<String>>>> {
    let runs = |package: &Package| {
        let both = [false, true].into_iter().take(if package.added.is_empty() { 1 } else { 2 });
        both.filter(|_| package.verdict != "refused").map(|added| errors(package, added)).collect()
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let share = packages.len().div_ceil(processors).max(1);
    std::thread::scope(|scope| {
        let parts = packages.chunks(share);
        let parts =
            parts.map(|part| scope.spawn(move || part.iter().map(runs).collect::<Vec<_>>()));
        let parts: Vec<_> = parts.collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

fn says_open(code: &str) -> bool {
    code.starts_with("alb-open-") || code.starts_with("door-")
}

#[test]
fn what_the_controller_leaves_open_never_passes_and_what_is_sound_is_not_called_open() {
    let packages: Vec<Package> = test_support::oracle::truth("load-balancer-random.jsonl.gz");
    let answers = answers(&packages);
    let (mut open, mut sound) = (0, 0);
    let (mut passed, mut called_open) = (Vec::new(), Vec::new());
    for (package, runs) in packages.iter().zip(&answers) {
        if package.verdict == "open" {
            open += 1;
            if runs.iter().any(Option::is_none) {
                passed.push(&package.name);
            }
        } else if package.verdict == "sound" {
            sound += 1;
            let mut codes = runs.iter().flatten().flatten();
            if let Some(code) = codes.find(|code| says_open(code)) {
                called_open.push((&package.name, code.clone()));
            }
        }
    }
    println!(
        "{} of {open} open packages pass; {} of {sound} sound ones are called open",
        passed.len(),
        called_open.len()
    );
    assert!(packages.is_empty() || (open > 0 && sound > 0));
    assert!(passed.is_empty(), "{passed:?} are open and pass");
    assert!(called_open.len() * 1_000 <= MOST_FALSE * sound, "{called_open:?} are sound");
}
