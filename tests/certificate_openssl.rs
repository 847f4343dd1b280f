//! Which host a wildcard covers, by openssl's matcher and not ours: it makes a certificate with the
//! planned names and is asked for every host, and for hosts near them.

use std::io::Write;
use std::process::{Command, Stdio};

use kserve_aws::certificate::{CertificateFacts, KnownNames, names_for};
use kserve_aws::dns_name::WildcardName;

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

#[test]
fn openssl_agrees_on_every_host() {
    let services = ["iris", "iris-predictor", "mnist"];
    let topologies = [
        vec!["staging.platform.example.com"],
        vec!["staging.platform.example.com", "prod.platform.example.com", "platform.example.com"],
        vec!["a.eu.platform.example.com", "eu.platform.example.com", "b.example.org"],
    ];
    for domains in topologies {
        let hosts: Vec<WildcardName> = domains
            .iter()
            .flat_map(|domain| services.map(|service| format!("{service}.{domain}")))
            .map(|host| host.parse().unwrap())
            .collect();
        let names: Vec<String> = names_for(hosts.iter().cloned(), None)
            .iter()
            .map(|covered| covered.name.to_string())
            .collect();
        let Some(pem) = certificate(&names) else {
            println!("openssl is not installed; its matcher was not asked");
            return;
        };
        let mut findings = Vec::new();
        let facts = CertificateFacts { pem: Some(pem.clone()), ..CertificateFacts::default() };
        let read: KnownNames =
            facts.read("certificate", &mut findings).names.unwrap().into_iter().collect();
        // The hosts, and what lies one label above and below each.
        let mut asked: Vec<WildcardName> = hosts.clone();
        for host in &hosts {
            asked.push(format!("x.{host}").parse().unwrap());
            asked.extend(host.name().parent().map(WildcardName::from));
        }
        let (mut covered, mut uncovered) = (0, 0);
        for host in asked {
            let said = openssl(&["x509", "-noout", "-checkhost", &host.to_string()], &pem).unwrap();
            let matches = said.contains("does match certificate");
            assert!(matches || said.contains("does NOT match certificate"), "{said}");
            assert_eq!(read.cover(&host), matches, "{host} by {names:?}");
            assert!(matches || !hosts.contains(&host), "{host} is not covered by {names:?}");
            if matches { covered += 1 } else { uncovered += 1 }
        }
        assert!(covered >= hosts.len() && uncovered > 0);
    }
}
