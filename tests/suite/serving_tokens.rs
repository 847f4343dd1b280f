//! Requests with JSON Web Tokens: what RequestAuthentications and the policies behind them make of what is
//! known of a token.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::cases::command::Memory;

const MODEL: &str =
    "https://sklearn-iris.staging.platform.example.com/v1/models/sklearn-iris:predict";
const ISSUER: &str = "https://issuer.example.com";

/// The guide's package, whose load balancer demands a token of `ISSUER` where `validates`, and whose
/// predictors admit the principals and conditions of a rule.
fn package(validates: bool, authentication: &str, rule: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("fixtures/validate-serving-path/input.yaml")).unwrap();
    let start = text.find("    alb.ingress.kubernetes.io/conditions.").unwrap();
    let end = start + text[start..].find('\n').unwrap() + 1;
    let validation = format!(
        "    alb.ingress.kubernetes.io/jwt-validation: '{{\"jwksEndpoint\":\"{ISSUER}/jwks\",\"issuer\":\"{ISSUER}\"}}'\n"
    );
    let validation = if validates { validation.as_str() } else { "" };
    let open = "  - to:\n    - operation:\n        paths: [/metrics, /healthz, /ready, /wait-for-drain, /v1/models/*, /v2/models/*]\n";
    assert!(text.contains(open));
    let text = format!("{}{validation}{}", &text[..start], &text[end..]);
    let mut text = text.replacen(open, &format!("  - {rule}\n"), 1);
    if !authentication.is_empty() {
        text.push_str(&format!(
            "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{name: tokens, namespace: staging}}\nspec: {{jwtRules: [{authentication}]}}\n"
        ));
    }
    text
}

#[track_caller]
fn ends(package: &str, arguments: &[&str], outcome: &str) {
    let answer = Memory::default()
        .with_file("package.yaml", package)
        .run(&[&["trace", MODEL, "-X", "POST"], arguments, &["package.yaml"]].concat());
    let last = answer.stdout.lines().find(|line| line.starts_with("=> ")).unwrap_or_default();
    assert_eq!(last, format!("=> {outcome}"), "{}{}", answer.stdout, answer.stderr);
}

/// A header with a token of these claims, signed by nobody.
fn bearer(claims: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("authorization: Bearer {}.{}.c2ln", part("{\"alg\":\"ES256\"}"), part(claims))
}

#[test]
fn a_token_of_the_load_balancer_reaches_the_policies() {
    let rule = format!("{{issuer: {ISSUER}}}");
    let any = package(true, &rule, "from: [{source: {requestPrincipals: ['*']}}]");
    ends(&any, &[], "401 (alb-jwt-refused)");
    ends(&any, &["--valid-jwt"], "200 (model-answers)");
    let of_issuer = format!("from: [{{source: {{requestPrincipals: ['{ISSUER}/*']}}}}]");
    ends(&package(true, &rule, &of_issuer), &["--valid-jwt"], "200 (model-answers)");
    let of_other = "from: [{source: {requestPrincipals: ['https://other.example.com/*']}}]";
    ends(&package(true, &rule, of_other), &["--valid-jwt"], "403 (workload-refused)");
    // Which subject it has is not known.
    let of_one = format!("from: [{{source: {{requestPrincipals: ['{ISSUER}/ada']}}}}]");
    ends(
        &package(true, &rule, &of_one),
        &["--valid-jwt"],
        "unknown: the claims of the token are not known; either 200 (model-answers) or 403 (workload-refused)",
    );
    // The sidecar takes tokens of another issuer alone.
    let other = package(true, "{issuer: https://other.example.com}", of_other);
    ends(&other, &["--valid-jwt"], "401 (workload-token-refused)");
    // Without a RequestAuthentication no policy sees a token.
    let unseen = package(true, "", "from: [{source: {requestPrincipals: ['*']}}]");
    ends(&unseen, &["--valid-jwt"], "403 (workload-refused)");
}

#[test]
fn what_a_token_claims_decides() {
    let rule = format!("{{issuer: {ISSUER}, audiences: [models]}}");
    let by_claim = "when: [{key: 'request.auth.claims[team]', values: [models]}]";
    let package = package(false, &rule, by_claim);
    let right = bearer(&format!(
        "{{\"iss\":\"{ISSUER}\",\"sub\":\"ada\",\"aud\":\"models\",\"team\":\"models\"}}"
    ));
    ends(&package, &["-H", &right, "--valid-jwt"], "200 (model-answers)");
    ends(
        &package,
        &["-H", &right],
        "unknown: whether the token is valid is not known; --valid-jwt states that it is; either 200 (model-answers) or 401 (workload-token-refused)",
    );
    let other_team = right.replace(
        &right[23..],
        &bearer(&format!(
            "{{\"iss\":\"{ISSUER}\",\"sub\":\"ada\",\"aud\":\"models\",\"team\":\"web\"}}"
        ))[23..],
    );
    ends(&package, &["-H", &other_team, "--valid-jwt"], "403 (workload-refused)");
    let other_audience = bearer(&format!("{{\"iss\":\"{ISSUER}\",\"aud\":\"web\"}}"));
    ends(&package, &["-H", &other_audience, "--valid-jwt"], "403 (workload-token-refused)");
    let other_issuer = bearer("{\"iss\":\"https://other.example.com\"}");
    ends(&package, &["-H", &other_issuer], "401 (workload-token-refused)");
    ends(&package, &["-H", "authorization: Bearer opaque"], "401 (workload-token-refused)");
    // Another scheme than Bearer is not a token to verify.
    ends(&package, &["-H", "authorization: Basic YWRhOmE="], "403 (workload-refused)");
    ends(&package, &[], "403 (workload-refused)");
}

/// What a token must have is told from the policies, so that the right request is known.
#[test]
fn the_right_request_has_the_token_that_policies_demand() {
    let rule = format!("{{issuer: {ISSUER}, audiences: [models]}}");
    let by_claim = "when: [{key: 'request.auth.claims[team]', values: [models]}]";
    let answer = Memory::default()
        .with_file("package.yaml", package(false, &rule, by_claim))
        .run(&["access", "package.yaml"]);
    let with = answer.stdout.lines().filter(|line| line.contains("with credentials"));
    let with: Vec<&str> = with.filter(|line| line.contains("POST")).collect();
    assert!(
        !with.is_empty() && with.iter().all(|line| line.contains("200")),
        "{}{}",
        answer.stdout,
        answer.stderr
    );
}
