//! The tables of the README, read once for every test that proves them.

use super::FUNCTION;
use test_support::kubeflow::Kubeflow;
use test_support::project;

use super::mesh::GatewayPods;

/// A request as a table writes it: `POST /v1/models/x:predict host: other.example.com`.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) host: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// What a table says of a request to each component's pods.
#[derive(Debug)]
pub(crate) struct PodRow {
    /// The identity, with its trust domain; none in plaintext.
    pub(crate) peer: Option<String>,
    pub(crate) sent: Sent,
    /// Whether each component answers, by `SERVICE COMPONENT`.
    pub(crate) said: Vec<(String, bool)>,
}

/// Where a request leads that the gateway itself refuses.
pub(crate) const REFUSED: &str = "403 of the gateway";

/// What a table says of a request to a gateway.
#[derive(Debug)]
pub(crate) struct GatewayRow {
    pub(crate) at: GatewayPods,
    pub(crate) sent: Sent,
    /// Where it leads: a component, `the dashboard` or `nothing`.
    pub(crate) leads_to: String,
    /// Whether that answers, by mode.
    pub(crate) said: Vec<(String, bool)>,
}

impl Sent {
    fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let mut host = "iris-predictor.team-a.svc.cluster.local".to_owned();
        let mut headers = Vec::new();
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            match name.trim_end_matches(':') {
                "host" => host = value.to_owned(),
                name => headers.push((name.to_owned(), value.to_owned())),
            }
        }
        Self { method: method.to_owned(), path: path.to_owned(), host, headers }
    }
}

/// The tables are for Kubeflow 1.8 and later; before, the README says, each row of the owner's is a yes,
/// and with the login of 1.9 each row at the ingress gateway a no.
fn on(kubeflow: Kubeflow, sent: &Sent, said: Vec<(String, bool)>) -> Vec<(String, bool)> {
    let owners = sent.headers.iter().any(|(_, value)| value == "ada@example.com");
    let yes = kubeflow == Kubeflow::Old && owners;
    said.into_iter().map(|(column, said)| (column, said || yes)).collect()
}

fn yes(cell: &str) -> bool {
    match cell {
        "yes" => true,
        "no" => false,
        other => panic!("{other:?} is neither yes nor no"),
    }
}

/// The table below a heading, without backticks: its head and its rows.
fn table(heading: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let path = project("functions").join(FUNCTION);
    let readme = std::fs::read_to_string(path.join("README.md")).unwrap();
    let (_, section) = readme.split_once(&format!("\n### {heading}\n")).expect("a heading");
    let section = section.split("\n### ").next().unwrap().split("\n## ").next().unwrap();
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim_matches('|');
        line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let lines = section.lines().filter(|line| line.starts_with('|'));
    let mut rows: Vec<Vec<String>> =
        lines.map(cells).filter(|row| !row[0].starts_with("---")).collect();
    let head = rows.remove(0);
    (head, rows)
}

fn said(head: &[String], row: &[String], from: usize) -> Vec<(String, bool)> {
    assert_eq!(head.len(), row.len(), "{row:?}");
    head.iter().zip(row).skip(from).map(|(column, cell)| (column.clone(), yes(cell))).collect()
}

/// The rows of a mode: who can ask the pods of each component.
pub(crate) fn of_pods(mode: &str, kubeflow: Kubeflow) -> Vec<PodRow> {
    let (head, rows) = table(mode);
    let row = |row: &Vec<String>| {
        let peer = match row[1].as_str() {
            "none, in plaintext" => None,
            identity => Some(format!("cluster.local/{identity}")),
        };
        let sent = Sent::parse(&row[2]);
        PodRow { peer, said: on(kubeflow, &sent, said(&head, row, 3)), sent }
    };
    rows.iter().map(row).collect()
}

/// The rows of requests through gateways.
pub(crate) fn of_gateways(kubeflow: Kubeflow) -> Vec<GatewayRow> {
    let (head, rows) = table("Through the gateways");
    let row = |row: &Vec<String>| {
        let (at, sent) = (GatewayPods::of(&row[1]), Sent::parse(&row[2]));
        let mut said = on(kubeflow, &sent, said(&head, row, 4));
        let mut leads_to = row[3].clone();
        if kubeflow == Kubeflow::Login && at == GatewayPods::Ingress {
            said.iter_mut().for_each(|(_, said)| *said = false);
            leads_to = REFUSED.to_owned();
        }
        GatewayRow { at, sent, leads_to, said }
    };
    rows.iter().map(row).collect()
}
