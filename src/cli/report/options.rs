//! The options of every command that finds something.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

use super::super::diags::WrongInput;
use super::super::environment::Environment;
use super::super::manifests;
use super::super::output::Refusal;
use super::baseline;
use crate::finding::{Finding, Severity};
use crate::runtime::Acceptances;

/// How findings are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// For a person, with the line that each is about.
    #[default]
    Human,
    /// One line each, as under a host.
    Plain,
    /// JSON, of the schema that `kserve-aws schema findings` prints.
    Json,
    /// Workflow commands of GitHub Actions.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit's XML.
    Junit,
}

impl Format {
    /// The words of `--format`.
    pub(crate) const WORDS: [&'static str; 6] =
        ["human", "plain", "json", "github", "sarif", "junit"];

    const NAMES: [(&'static str, Self); 6] = [
        ("human", Self::Human),
        ("plain", Self::Plain),
        ("json", Self::Json),
        ("github", Self::Github),
        ("sarif", Self::Sarif),
        ("junit", Self::Junit),
    ];
}

/// Whether findings are colored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    const NAMES: [(&'static str, Self); 3] =
        [("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];

    pub(super) fn is_on(self, environment: &dyn Environment) -> bool {
        match self {
            Self::Auto => environment.stderr_is_terminal() && !environment.refuses_color(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// What a report is like, and what of it counts.
#[derive(Debug, Clone)]
pub(crate) struct ReportOptions {
    pub(crate) format: Format,
    /// Whether the format was chosen, and is not the default.
    pub(crate) has_format: bool,
    /// The least severe finding that fails the command.
    pub(crate) fail_on: Severity,
    pub(crate) quiet: bool,
    pub(crate) color: Color,
    accept: Option<PathBuf>,
    baseline: Option<PathBuf>,
    write_baseline: Option<PathBuf>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            format: Format::default(),
            has_format: false,
            fail_on: Severity::Error,
            quiet: false,
            color: Color::default(),
            accept: None,
            baseline: None,
            write_baseline: None,
        }
    }
}

impl ReportOptions {
    /// Those that need the findings themselves, and not what another program prints of them.
    pub(crate) const OF_OWN_FINDINGS: [&'static str; 5] =
        ["format", "fail-on", "accept", "baseline", "write-baseline"];

    /// Adds the options to a command.
    pub(crate) fn arguments(command: clap::Command) -> clap::Command {
        Self::known(Self::formats(command, &Format::WORDS))
    }

    /// Adds what says which findings are known already.
    pub(crate) fn known(command: clap::Command) -> clap::Command {
        let file = |name: &'static str, help: &'static str| {
            let parser = clap::value_parser!(PathBuf);
            Arg::new(name).long(name).value_name("FILE").value_parser(parser).help(help)
        };
        command
            .arg(file("accept", "Findings that are accepted, each with its reason"))
            .arg(file("baseline", "Baseline of known findings, which are accepted"))
            .arg(file("write-baseline", "Baseline file to create from the present findings"))
    }

    /// Adds how findings are printed, and which ones fail the command.
    pub(crate) fn formats(command: clap::Command, formats: &[&'static str]) -> clap::Command {
        let choice = |name: &'static str, of: Vec<&'static str>, help: &'static str| {
            Arg::new(name).long(name).value_name("WORD").value_parser(of).help(help)
        };
        command
            .arg(choice(
                "format",
                formats.to_vec(),
                "How to print findings: human by default, plain under a host",
            ))
            .arg(choice(
                "fail-on",
                vec!["error", "warning"],
                "The least severe finding that fails the command; error by default",
            ))
            .arg(
                Arg::new("quiet")
                    .long("quiet")
                    .short('q')
                    .action(ArgAction::SetTrue)
                    .help("Print only the findings that fail the command"),
            )
            .arg(choice(
                "color",
                Color::NAMES.map(|(name, _)| name).to_vec(),
                "When to use color; auto by default: on a terminal without NO_COLOR",
            ))
    }

    /// Reads the options, of those that the command has.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let word = |name: &str| matches.get_one::<String>(name).map(String::as_str);
        let file = |name: &str| matches.try_get_one::<PathBuf>(name).ok().flatten().cloned();
        let format = word("format").and_then(|word| named(&Format::NAMES, word));
        let color = word("color").and_then(|word| named(&Color::NAMES, word));
        Self {
            format: format.unwrap_or_default(),
            has_format: format.is_some(),
            fail_on: match word("fail-on") {
                Some("warning") => Severity::Warning,
                _ => Severity::Error,
            },
            quiet: matches.get_flag("quiet"),
            color: color.unwrap_or_default(),
            accept: file("accept"),
            baseline: file("baseline"),
            write_baseline: file("write-baseline"),
        }
    }

    /// Whether a finding fails the command.
    pub(crate) fn fails(&self, finding: &Finding) -> bool {
        finding.severity <= self.fail_on && finding.accepted.is_none()
    }

    /// Whether the report is a document, beside which nothing else may be.
    pub(crate) fn is_document(&self) -> bool {
        matches!(self.format, Format::Json | Format::Sarif | Format::Junit)
    }

    /// The same for a command whose output has a form of its own, which the same option chooses: JSON
    /// there leaves the findings one line each.
    pub(crate) fn beside_output(self) -> Self {
        match self.format {
            Format::Json => Self { format: Format::Plain, ..self },
            _ => self,
        }
    }

    /// The same, one line a finding unless a format was chosen: as a host needs it.
    pub(crate) fn under_host(self) -> Self {
        if self.has_format { self } else { Self { format: Format::Plain, ..self } }
    }

    /// The same, where a format was chosen.
    pub(crate) fn chosen(&self) -> Option<Self> {
        self.has_format.then(|| self.clone())
    }

    /// What is accepted by file.
    ///
    /// # Errors
    /// Files that cannot be read, or are not what they must be.
    pub(crate) fn accepted(
        &self,
        environment: &mut dyn Environment,
    ) -> Result<Acceptances, Refusal> {
        let mut accepted = Acceptances::default();
        if let Some(path) = &self.accept {
            let file = manifests::read(path, environment)?;
            let of_file = Acceptances::of_file(&file.text, &file.name).map_err(Refusal::from)?;
            accepted = accepted.and(of_file);
        }
        if let Some(path) = &self.baseline {
            let file = manifests::read(path, environment)?;
            let of_file =
                Acceptances::of_baseline(&file.text, &file.name).map_err(Refusal::from)?;
            accepted = accepted.and(of_file);
        }
        Ok(accepted)
    }

    /// Writes the baseline, where one is to be written. No secret is in it: none is in a finding.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn write_baseline(
        &self,
        findings: &[Finding],
        environment: &mut dyn Environment,
    ) -> Result<(), Refusal> {
        let Some(path) = &self.write_baseline else { return Ok(()) };
        let text = baseline::text(findings);
        let file = (path.clone(), Some(text));
        environment.write(&[file]).map_err(|error| WrongInput::Unwritable { path, error }.into())
    }

    /// The same for a command that ended early, such as one whose folder could not be rendered because of what
    /// its functions found.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn write_baseline_of(
        &self,
        refusal: &Refusal,
        environment: &mut dyn Environment,
    ) -> Result<(), Refusal> {
        if !refusal.findings.iter().any(Finding::can_be_accepted) {
            return Ok(());
        }
        self.write_baseline(&refusal.findings, environment)
    }
}

fn named<T: Copy>(names: &[(&str, T)], word: &str) -> Option<T> {
    names.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}
