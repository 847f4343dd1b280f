//! Runs a function on every directory of its fixtures, and holds each run against the rules that
//! every function keeps.
//!
//! `fixtures/<function>/<case>/` has `input.yaml` (a stream of documents, or a ResourceList; without it
//! the case has that of the function), the configuration `config.yaml` (for a ResourceList it may stand in the list instead), and what is
//! expected, to the byte: `output.yaml`, and `stderr` where there is any. `UPDATE_EXPECTED=1` writes
//! the expected files anew.

pub(crate) mod command;
pub(crate) mod forms;
mod lines;
pub(crate) mod mistakes;
mod secrets;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use test_support::{Fixture, fixtures};

use command::{Answer, fn_on, fn_on_stdin};

/// Every case of a function, by name.
pub(crate) fn all(function: &'static str) -> Vec<Case> {
    fixtures(function).into_iter().map(|fixture| Case::of(function, fixture)).collect()
}

/// Runs every case of a function; says of all that fail what is wrong with them.
pub(crate) fn run_all(function: &'static str) {
    let mut failures = Vec::new();
    let cases = all(function);
    assert!(!cases.is_empty(), "{function} has no case");
    for case in cases {
        if let Err(failure) = case.check() {
            failures.push(format!("{}: {failure}", case.name));
        }
    }
    assert!(failures.is_empty(), "{} cases fail\n\n{}", failures.len(), failures.join("\n\n"));
}

/// One directory.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) function: &'static str,
    folder: PathBuf,
    pub(crate) config: Option<String>,
    pub(crate) input: String,
}

type Checked = Result<(), String>;

impl Case {
    fn of(function: &'static str, fixture: Fixture) -> Self {
        let Fixture { name, folder, config, input } = fixture;
        let case = Self { name, function, folder, config, input };
        assert!(case.config.is_some() || case.is_list(), "{}: no config.yaml", case.name);
        case
    }

    pub(crate) fn expected_stderr(&self) -> String {
        fs::read_to_string(self.folder.join("stderr")).unwrap_or_default()
    }

    /// The case as a ResourceList with the configuration in it; none where the input can't be read.
    pub(crate) fn as_list(&self) -> Option<String> {
        match (&self.config, self.is_list()) {
            (None, _) | (_, false) => forms::as_list(self.config.as_deref(), &self.input),
            // A list has the configuration of its file only by hand.
            (Some(_), true) => None,
        }
    }

    pub(crate) fn is_list(&self) -> bool {
        forms::is_list(&self.input)
    }

    /// Runs the case as its files say: by hand over a stream, or as a host passes a list.
    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        self.run_on(&self.input, arguments)
    }

    fn run_on(&self, input: &str, arguments: &[&str]) -> Answer {
        let config = self.config.as_deref();
        if self.is_list() {
            fn_on_stdin(self.function, config, input, arguments)
        } else {
            fn_on(self.function, config.unwrap_or_default(), input, arguments)
        }
    }

    fn check(&self) -> Checked {
        let answer = self.run(&[]);
        self.is_as_expected("output.yaml", &answer.stdout)?;
        self.is_as_expected("stderr", &answer.stderr)?;
        if answer.code != u8::from(answer.stderr.contains("[error]")) {
            return Err(format!("exit code {} beside\n{}", answer.code, answer.stderr));
        }
        if self.run(&[]) != answer {
            return Err("a second run on the same input gives something else".to_owned());
        }
        self.tells_no_secret(&answer)?;
        if answer.code == 0 {
            self.second_run_changes_nothing(&answer)?;
            self.changes_only_what_the_plan_names(&answer)?;
        } else {
            self.failure_leaves_the_input(&answer)?;
        }
        self.other_forms_agree(&answer)
    }

    fn is_as_expected(&self, name: &str, found: &str) -> Checked {
        let path = self.folder.join(name);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            if found.is_empty() {
                let _ = fs::remove_file(path);
            } else {
                fs::write(path, found).unwrap();
            }
            return Ok(());
        }
        let expected = fs::read_to_string(path).unwrap_or_default();
        if expected == found {
            return Ok(());
        }
        Err(format!("{name} differs:\n{}", lines::shown_difference(&expected, found)))
    }

    fn tells_no_secret(&self, answer: &Answer) -> Checked {
        let results = forms::results(&answer.stdout);
        let told = format!("{}\n{}", answer.stderr, Value::from(results));
        for secret in self.secrets() {
            if told.contains(&secret) {
                return Err(format!("the token {secret:?} is told in\n{told}"));
            }
        }
        Ok(())
    }

    /// The tokens of the case.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let texts = [self.config.as_deref().unwrap_or_default(), &self.input];
        texts.iter().flat_map(|text| secrets::of(text)).collect()
    }

    /// Hosts pass a function's results on to nobody: the second run gets the objects alone.
    fn second_run_changes_nothing(&self, answer: &Answer) -> Checked {
        let first = forms::without_results(&answer.stdout);
        let again = self.run_on(&first, &[]);
        let second = forms::without_results(&again.stdout);
        if again.code != 0 || first != second {
            let difference = lines::shown_difference(&first, &second);
            return Err(format!("a second run changes\n{difference}\n{}", again.stderr));
        }
        // Where one is passed its own results, they are not repeated.
        let third = self.run_on(&again.stdout, &[]);
        if third.stdout != again.stdout {
            let difference = lines::shown_difference(&again.stdout, &third.stdout);
            return Err(format!("a third run changes\n{difference}"));
        }
        Ok(())
    }

    /// The dry run's patches give the output's objects, and each line that differs is one of theirs.
    fn changes_only_what_the_plan_names(&self, answer: &Answer) -> Checked {
        let dry = self.run(&["--dry-run", "--show-tokens"]);
        if (dry.code, &dry.stderr) != (answer.code, &answer.stderr) {
            return Err(format!("the dry run says something else:\n{}", dry.stderr));
        }
        let plan: Vec<Value> = serde_json::from_str(&dry.stdout).unwrap();
        let before = forms::objects(&self.input);
        let after = forms::objects(&answer.stdout);
        let expected = lines::patched(&before, &plan)?;
        if expected != after {
            return Err(format!(
                "the dry run's patches give\n{:#}\nbut the output is\n{:#}",
                Value::from(expected),
                Value::from(after)
            ));
        }
        let output = forms::without_results(&answer.stdout);
        lines::are_named(&forms::without_results(&self.input), &output, &plan)
    }

    fn failure_leaves_the_input(&self, answer: &Answer) -> Checked {
        if !self.is_list() {
            return if answer.stdout.is_empty() {
                Ok(())
            } else {
                Err("a failed run over a stream has an output".to_owned())
            };
        }
        if answer.stdout.is_empty() {
            return Err("a failed run lost the list".to_owned());
        }
        let left = forms::without_results(&answer.stdout);
        if left == forms::without_results(&self.input) {
            Ok(())
        } else {
            Err("the failed run changed the input".to_owned())
        }
    }

    /// The same objects as a ResourceList with the configuration in it, and that list as JSON.
    fn other_forms_agree(&self, answer: &Answer) -> Checked {
        let Some(list) = forms::as_list(self.config.as_deref(), &self.input) else {
            return Ok(());
        };
        let json = forms::as_json(&list);
        for (form, text) in [("ResourceList", Some(list)), ("JSON", json)] {
            let Some(text) = text else {
                continue;
            };
            let other = fn_on_stdin(self.function, None, &text, &[]);
            // A place in the text is another in another form.
            if other.code != answer.code
                || forms::without_places(&other.stderr) != forms::without_places(&answer.stderr)
            {
                return Err(format!("as {form} it says:\n{}", other.stderr));
            }
            let same = if answer.code == 0 {
                forms::objects(&other.stdout) == forms::objects(&answer.stdout)
            } else {
                forms::without_results(&other.stdout) == forms::without_results(&text)
            };
            if !same {
                return Err(format!("as {form} the objects are others:\n{}", other.stdout));
            }
            let told: Vec<String> = forms::results(&other.stdout).iter().map(stderr_line).collect();
            let lines: Vec<&str> = other.stderr.lines().collect();
            // A result that an earlier function left is in the list and not on stderr.
            if !told.ends_with(&lines.iter().map(ToString::to_string).collect::<Vec<_>>()) {
                return Err(format!("as {form} the results are {told:#?}, stderr {lines:#?}"));
            }
        }
        Ok(())
    }
}

/// A result as stderr shows it.
fn stderr_line(result: &Value) -> String {
    let text = |pointer: &str| result.pointer(pointer).and_then(Value::as_str);
    let mut line = format!("[{}]", text("/severity").unwrap_or_default());
    if let Some(name) = text("/resourceRef/name") {
        let parts = [
            text("/resourceRef/apiVersion"),
            text("/resourceRef/kind"),
            text("/resourceRef/namespace"),
            Some(name),
        ];
        line.push(' ');
        line.push_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("/"));
    }
    if let Some(path) = text("/field/path") {
        line.push(' ');
        line.push_str(path);
    }
    if line.contains(' ') {
        line.push(':');
    }
    let code = text("/tags/code").unwrap_or_default();
    format!("{line} {} ({code})", text("/message").unwrap_or_default())
}

/// The codes that the expected stderr of a function's cases show.
pub(crate) fn codes_shown(function: &'static str) -> BTreeSet<String> {
    let code = |line: &str| Some(line.strip_suffix(')')?.rsplit_once(" (")?.1.to_owned());
    all(function)
        .iter()
        .map(Case::expected_stderr)
        .flat_map(|text| text.lines().filter_map(code).collect::<Vec<_>>())
        .collect()
}

/// A ResourceList's frame around objects.
pub(crate) fn resource_list(config: Option<&Value>, items: &[Value]) -> Value {
    let mut list = json!({ "apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList" });
    if let Some(config) = config {
        list["functionConfig"] = config.clone();
    }
    list["items"] = items.into();
    list
}
