//! The programs that `make mesh` builds: Istio's generator, `istioctl`, Envoy, and logins.

use std::path::PathBuf;

use serde_json::{Value, json};
use test_support::hosts::{missing, target};
use test_support::oracle::Program;

/// Where the programs are.
pub(crate) struct Parts {
    folder: PathBuf,
}

/// A mesh and requests, as `oracles/mesh` reads them.
pub(crate) struct Question {
    pub(crate) istio: Vec<Value>,
    pub(crate) proxies: Vec<Value>,
    pub(crate) services: Vec<Value>,
    pub(crate) requests: Vec<Value>,
}

impl Question {
    pub(crate) fn value(&self) -> Value {
        let documents: Vec<String> = self.istio.iter().map(Value::to_string).collect();
        json!({
            "istio": documents.join("\n---\n"), "proxies": self.proxies, "services": self.services,
            "requests": self.requests,
        })
    }
}

impl Parts {
    /// The programs; `None` where they have not been built and the tests may do without.
    pub(crate) fn found() -> Option<Self> {
        let parts = Self { folder: target().join("oracles") };
        let programs =
            [parts.generator(), parts.istioctl(), parts.envoy(), parts.oauth2_proxy(), parts.dex()];
        let Some(absent) = programs.iter().find(|program| !program.is_file()) else {
            return Some(parts);
        };
        missing(&format!(
            "there is no {}; make mesh builds it with Go and Python's pip",
            absent.display()
        ));
        None
    }

    fn generator(&self) -> PathBuf {
        self.folder.join("mesh")
    }

    pub(crate) fn istioctl(&self) -> PathBuf {
        self.folder.join("istioctl")
    }

    fn envoy(&self) -> PathBuf {
        self.folder.join("envoy-1.40.0/envoy/_bin/envoy")
    }

    pub(crate) fn oauth2_proxy(&self) -> PathBuf {
        self.folder.join("oauth2-proxy-7.15.3/oauth2-proxy")
    }

    pub(crate) fn dex(&self) -> PathBuf {
        self.folder.join("dex")
    }

    /// What became of the objects and of each request, as the program writes it.
    pub(crate) fn ask(&self, questions: &[Value]) -> Vec<Value> {
        let envoy = self.envoy();
        let program = Program::at(self.generator(), &["-envoy", envoy.to_str().unwrap()]);
        let answers = program.ask(questions);
        for answer in &answers {
            assert_eq!(answer["error"], "");
        }
        answers
    }
}
