//! Which host a wildcard covers, by openssl's matcher and not ours: it makes certificates with the
//! names that are planned for generated hosts, and with some of them only, and is asked for every host
//! and for hosts near them.

use std::io::Write;
use std::process::{Command, Stdio};

use kserve_aws::serving::certificate::{CertificateFacts, KnownNames, names_for};
use kserve_aws::values::dns_name::WildcardName;
use serde_json::{Value, json};
use test_support::oracle::{Oracle, Recorded, Said, hold_alike, record};
use test_support::{Dice, hosts};

const RECORDED: &str = "openssl/hosts.jsonl";
const CERTIFICATES: usize = 40;

/// What openssl prints, given a text; `None` where it is not installed.
fn openssl(arguments: &[&str], input: &str) -> Option<String> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn certificate(names: &[String]) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| format!("DNS:{name}")).collect();
    let alternative = format!("subjectAltName={}", names.join(","));
    let request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null \
                   -days 2 -subj /CN=kserve -addext";
    let mut arguments: Vec<&str> = request.split_whitespace().collect();
    arguments.push(&alternative);
    openssl(&arguments, "").filter(|text| text.contains("BEGIN CERTIFICATE"))
}

/// Hosts of one to four labels below a few domains, some of them below others.
fn some_hosts(dice: &mut Dice) -> Vec<WildcardName> {
    const DOMAINS: [&str; 3] = ["platform.example.com", "eu.platform.example.com", "example.org"];
    const LABELS: [&str; 6] = ["iris", "mnist", "staging", "prod", "team-a", "xn--mller-kva"];
    let host = |dice: &mut Dice| {
        let labels = dice.below(4);
        let labels: Vec<&str> = (0..labels).map(|_| LABELS[dice.below(LABELS.len())]).collect();
        let domain = DOMAINS[dice.below(DOMAINS.len())];
        [&labels[..], &[domain]].concat().join(".").parse().unwrap()
    };
    (0..=dice.below(8)).map(|_| host(dice)).collect()
}

/// A certificate, and whom it is asked about: hosts, and what lies one label above, beside and below each.
/// `None` without openssl.
fn question(dice: &mut Dice, is_whole: bool) -> Option<Value> {
    let hosts = some_hosts(dice);
    let mut names: Vec<String> =
        names_for(hosts.iter().cloned(), None).iter().map(|known| known.name.to_string()).collect();
    if !is_whole {
        names.truncate(names.len().div_ceil(2));
    }
    let mut asked: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    for host in &hosts {
        let parent = host.name().parent().unwrap();
        asked.extend([format!("x.{host}"), format!("x.{parent}"), parent.to_string()]);
    }
    let pem = certificate(&names)?;
    // Those for which the names were planned come first.
    let needed = if is_whole { hosts.len() } else { 0 };
    Some(json!({ "pem": pem, "names": names, "hosts": asked, "needed": needed }))
}

fn questions(count: usize) -> Option<Vec<Value>> {
    let mut dice = Dice::new(0x9e37_79b9_7f4a_7c15);
    (0..count).map(|number| question(&mut dice, number % 2 == 0)).collect()
}

fn asked_hosts(question: &Value) -> impl Iterator<Item = &str> {
    question["hosts"].as_array().unwrap().iter().map(|host| host.as_str().unwrap())
}

/// Our reading of the certificate, and of its wildcards.
struct Ours;

impl Oracle for Ours {
    type Question = Value;
    type Answer = Vec<Said>;

    fn ask(&self, questions: &[Value]) -> Vec<Vec<Said>> {
        let said = |question: &Value| {
            let pem = question["pem"].as_str().unwrap().to_owned();
            let facts = CertificateFacts { pem: Some(pem), ..CertificateFacts::default() };
            let names = facts.read("certificate", &mut Vec::new()).names.unwrap();
            let names: KnownNames = names.into_iter().collect();
            let covers = |host: &str| Said::Is(names.cover(&host.parse().unwrap()).into());
            asked_hosts(question).map(covers).collect()
        };
        questions.iter().map(said).collect()
    }
}

struct Openssl;

impl Oracle for Openssl {
    type Question = Value;
    type Answer = Vec<Said>;

    fn ask(&self, questions: &[Value]) -> Vec<Vec<Said>> {
        let said = |question: &Value| {
            let pem = question["pem"].as_str().unwrap();
            let covers = |host: &str| {
                let told = openssl(&["x509", "-noout", "-checkhost", host], pem).unwrap();
                let matches = told.contains("does match certificate");
                assert!(matches || told.contains("does NOT match certificate"), "{told}");
                Said::Is(matches.into())
            };
            asked_hosts(question).map(covers).collect()
        };
        questions.iter().map(said).collect()
    }
}

/// Each host for which names were planned is covered by them.
fn assert_planned(questions: &[Value]) {
    for (question, said) in questions.iter().zip(Ours.ask(questions)) {
        let needed = question["needed"].as_u64().unwrap() as usize;
        let covered = said.iter().take(needed).all(|said| *said == Said::Is(true.into()));
        assert!(covered, "{}: {:?}", question["names"], asked_hosts(question).collect::<Vec<_>>());
    }
}

fn show(question: &Value) -> String {
    format!("{}: {}", question["names"], question["hosts"])
}

#[test]
fn the_hosts_that_are_covered_are_the_recorded_ones() {
    let recorded = Recorded::read(RECORDED);
    let questions = recorded.questions();
    assert_planned(&questions);
    hold_alike("certificate, recorded", &questions, &Ours, &recorded, show).assert();
}

#[test]
#[ignore = "asks openssl: make oracle"]
fn openssl_agrees_on_every_host() {
    let asked = questions(12).zip(questions(CERTIFICATES));
    let Some((few, questions)) = asked else {
        return hosts::missing("openssl makes no certificate here");
    };
    record(RECORDED, &few, &Openssl);
    assert_planned(&questions);
    let covers = Openssl.ask(&questions).concat();
    let covered = covers.iter().filter(|said| **said == Said::Is(true.into())).count();
    assert!(covered > 100 && covers.len() - covered > 100, "{covered} of {}", covers.len());
    hold_alike("certificate", &questions, &Ours, &Openssl, show).assert();
}
