//! The files of a new folder. What does not depend on its settings is that of the endpoints in `awsconfigs/`.

use super::super::shell;
use super::settings::{Layout, Provider, Settings};

/// The file of the tokens, which must not be committed.
pub(super) const TOKENS: &str = "tokens.yaml";

const STAGES: [&str; 2] = ["staging", "prod"];

macro_rules! endpoint {
    ($name:literal) => {
        ($name, include_str!(concat!("../../../awsconfigs/endpoints/dex/", $name)))
    };
}

/// The files that are the same for everybody: their names and texts.
const SAME: [(&str, &str); 4] = [
    endpoint!("namespaces.yaml"),
    endpoint!("gateway.yaml"),
    endpoint!("ingresses.yaml"),
    endpoint!("inference-services.yaml"),
];

const FUNCTION: &str = "serving-endpoint.yaml";

/// The names of the files that every folder of a layout has, in each spelling.
pub(super) fn always(layout: Layout) -> impl Iterator<Item = &'static str> {
    let kustomize = (layout != Layout::Kpt).then_some(kustomize_types::kustomization::FILE_NAMES);
    let kpt = (layout != Layout::Kustomize).then_some(kustomize_types::kptfile::FILE_NAME);
    let same = SAME.iter().map(|(name, _)| *name);
    same.chain([FUNCTION, "README.md"]).chain(kustomize.into_iter().flatten()).chain(kpt)
}

/// The names and texts of the files, in a folder that messages call `shown`.
pub(super) fn of(
    settings: &Settings,
    shown: &str,
    tokens: &[String],
) -> Vec<(&'static str, String)> {
    let mut files: Vec<(&'static str, String)> =
        SAME.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    if !tokens.is_empty() {
        files.push((TOKENS, secrets(tokens)));
    }
    let resources: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let kustomization = format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata:\n  name: endpoint\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\nresources:\n- {}\ntransformers:\n- {FUNCTION}\n",
        resources.join("\n- ")
    );
    files.push((FUNCTION, configuration(settings)));
    if settings.layout != Layout::Kpt {
        files.push((kustomize_types::kustomization::FILE_NAMES[0], kustomization));
    }
    if settings.layout != Layout::Kustomize {
        files.push((kustomize_types::kptfile::FILE_NAME, kptfile()));
    }
    files.push(("README.md", readme(settings, shown)));
    files
}

/// The image of the function, as this release names it.
fn image() -> String {
    format!("ghcr.io/kserve-aws/serving-endpoint:v{}", env!("CARGO_PKG_VERSION"))
}

fn secrets(tokens: &[String]) -> String {
    let secret = |(stage, token): (&&str, &String)| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tokens-{stage}\n  namespace: istio-system\nstringData:\n  # The tokens, any one of which opens the listener: openssl rand -hex 32\n  httpHeaderValues: '[\"{token}\"]'\n"
        )
    };
    STAGES.iter().zip(tokens).map(secret).collect::<Vec<_>>().join("---\n")
}

fn kptfile() -> String {
    format!(
        "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: serving-endpoint\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\ninfo:\n  description: The whole way to the models of staging and prod\npipeline:\n  mutators:\n  - image: {}\n    configPath: {FUNCTION}\n",
        image()
    )
}

/// The configuration of `serving-endpoint`.
fn configuration(settings: &Settings) -> String {
    let Settings { domain, certificate, scheme, scope, .. } = settings;
    let [arn, client, pool_domain] = &settings.user_pool;
    let provider = match settings.provider {
        Provider::Dex => "  authProvider: dex\n".to_owned(),
        Provider::Cognito => format!(
            "  authProvider: cognito\n  # Browsers log in to this user pool at the load balancer.\n  cognito:\n    userPoolArn: {arn}\n    userPoolClientId: {client}\n    userPoolDomain: {pool_domain}\n"
        ),
        Provider::Jwt => {
            let scopes = match scope.as_str() {
                "" => String::new(),
                scope => format!("    scopes:\n    - {}\n", serde_json::Value::from(scope)),
            };
            format!(
                "  authProvider: jwt\n  # The load balancer validates access tokens that this user pool issues to the client.\n  jwt:\n    userPoolArn: {arn}\n    clientIds:\n    - \"{client}\"\n{scopes}"
            )
        }
    };
    let stage = |stage: &&str| {
        let tokens = match settings.provider {
            Provider::Dex => format!(
                "      valuesFrom:\n        secret:\n          name: tokens-{stage}\n          namespace: istio-system\n"
            ),
            Provider::Cognito | Provider::Jwt => String::new(),
        };
        format!(
            "  - name: {stage}\n    namespaces:\n    - {stage}\n    ingress:\n      target:\n        name: istio-ingress-{stage}\n{tokens}"
        )
    };
    let names: String =
        STAGES.iter().map(|stage| format!("    - \"*.{stage}.{domain}\"\n")).collect();
    format!(
        "apiVersion: {}\nkind: ServingEndpoint\nmetadata:\n  name: serving-endpoint\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\n    config.kubernetes.io/function: |\n      container:\n        image: {}\nspec:\n  # The domain under which Knative serves: sklearn-iris.staging.{domain}\n  domain: {domain}\n{provider}  certificate:\n    arn: {certificate}\n    names:\n{names}  ingress:\n    scheme: {scheme}\n  stages:\n{}  authorization:\n    mode: namespace\n  dns:\n    mode: external-dns\n",
        crate::runtime::API_VERSION,
        image(),
        STAGES.iter().map(stage).collect::<String>()
    )
}

const TOKENS_README: &str = include_str!("tokens.md");
const CLIENTS_README: &str = include_str!("clients.md");

fn readme(settings: &Settings, shown: &str) -> String {
    let kustomize = format!("kustomize build --enable-alpha-plugins {shown}");
    let kpt = format!("kpt fn render {shown} --output unwrap");
    let (hosts, which) = match settings.layout {
        Layout::Kustomize => (kustomize, "It renders"),
        Layout::Kpt => (kpt, "It renders"),
        Layout::Both => (format!("{kustomize}\n{kpt}"), "Each renders"),
    };
    let more = match settings.provider {
        Provider::Dex => TOKENS_README.replace("FOLDER", shown),
        Provider::Jwt => {
            let [arn, ..] = &settings.user_pool;
            let pool = arn.rsplit('/').next().unwrap_or_default();
            // A scope of a user pool is the resource server's and its own name.
            let (server, scope) = settings.scope.rsplit_once('/').unwrap_or(("models", "predict"));
            let created = format!("ScopeName={scope},ScopeDescription={scope}");
            let named = CLIENTS_README
                .replace("POOL", pool)
                .replace("ALLOWED", &shell::word(&format!("{server}/{scope}")))
                .replace("SERVER", &shell::word(server))
                .replace("CREATED", &shell::word(&created));
            named.replace("FOLDER", shown)
        }
        Provider::Cognito => String::new(),
    };
    include_str!("readme.md")
        .replace("FUNCTION", FUNCTION)
        .replace("FOLDER", shown)
        .replace("HOSTS", &hosts)
        .replace("WHICH", which)
        + &more
}
