//! Which host a wildcard covers, by openssl's matcher and not ours: it makes certificates with the
//! names that are planned for generated hosts, and with some of them only, and is asked for every host
//! and for hosts near them.

use std::io::Write;
use std::process::{Command, Stdio};

use kserve_aws::serving::certificate::{CertificateFacts, KnownNames, names_for};
use kserve_aws::values::dns_name::WildcardName;

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

/// A small generator with a fixed seed: the same hosts on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % sides
    }

    /// Hosts of one to four labels below a few domains, some of them below others.
    fn hosts(&mut self) -> Vec<WildcardName> {
        const DOMAINS: [&str; 3] =
            ["platform.example.com", "eu.platform.example.com", "example.org"];
        const LABELS: [&str; 6] = ["iris", "mnist", "staging", "prod", "team-a", "xn--mller-kva"];
        let host = |dice: &mut Self| {
            let labels = dice.roll(4);
            let labels: Vec<&str> = (0..labels).map(|_| LABELS[dice.roll(LABELS.len())]).collect();
            let domain = DOMAINS[dice.roll(DOMAINS.len())];
            [&labels[..], &[domain]].concat().join(".").parse().unwrap()
        };
        (0..=self.roll(8)).map(|_| host(self)).collect()
    }
}

#[test]
fn openssl_agrees_on_every_host() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut covered, mut uncovered) = (0, 0);
    for number in 0..CERTIFICATES {
        let hosts = dice.hosts();
        let mut names: Vec<String> = names_for(hosts.iter().cloned(), None)
            .iter()
            .map(|covered| covered.name.to_string())
            .collect();
        let is_whole = number % 2 == 0;
        if !is_whole {
            names.truncate(names.len().div_ceil(2));
        }
        let Some(pem) = certificate(&names) else {
            let required = std::env::var_os("KSERVE_AWS_REQUIRE_HOSTS").is_some();
            assert!(!required, "openssl is not installed");
            println!("skipped: openssl is not installed");
            return;
        };
        let mut findings = Vec::new();
        let facts = CertificateFacts { pem: Some(pem.clone()), ..CertificateFacts::default() };
        let read: KnownNames =
            facts.read("certificate", &mut findings).names.unwrap().into_iter().collect();
        // The hosts, and what lies one label above, beside and below each.
        let mut asked: Vec<WildcardName> = hosts.clone();
        for host in &hosts {
            asked.push(format!("x.{host}").parse().unwrap());
            let parent = host.name().parent().unwrap();
            asked.push(format!("x.{parent}").parse().unwrap());
            asked.push(parent.into());
        }
        for host in asked {
            let said = openssl(&["x509", "-noout", "-checkhost", &host.to_string()], &pem).unwrap();
            let matches = said.contains("does match certificate");
            assert!(matches || said.contains("does NOT match certificate"), "{said}");
            assert_eq!(read.cover(&host), matches, "{host} by {names:?}");
            let is_needed = is_whole && hosts.contains(&host);
            assert!(matches || !is_needed, "{host} is not covered by {names:?}");
            if matches { covered += 1 } else { uncovered += 1 }
        }
    }
    println!("openssl: {CERTIFICATES} certificates, {covered} hosts covered, {uncovered} not");
    assert!(covered > 100 && uncovered > 100, "{covered} covered, {uncovered} not");
}
