//! How a client logs in: the lines of sh that add to the headers what the login gave.

use super::super::shell::quoted;
use super::curl::{Settings, address, header};
use super::issuer::IssuerOf;
use crate::controllers::kserve::Endpoint;
use crate::path::simulator::SentRequest;

/// How a client logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// Not at all.
    None,
    /// With the session of a browser that the load balancer sent to its login.
    Session,
    /// With Dex's form.
    Dex,
    /// With a token of a Kubernetes service account.
    ServiceAccount,
    /// With a token for client credentials.
    ClientCredentials,
}

/// What a script says of a login that failed starts so.
pub(super) const FAILED: &str = "login: ";
const FAIL: &str = "fail() { echo \"login: $1\" >&2; exit 1; }\n";

impl Login {
    /// The words of `--login`.
    pub(super) const WORDS: [&'static str; 5] =
        ["none", "session", "dex", "service-account", "client-credentials"];

    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "session" => Self::Session,
            "dex" => Self::Dex,
            "service-account" => Self::ServiceAccount,
            "client-credentials" => Self::ClientCredentials,
            _ => return None,
        })
    }

    /// The lines that log the client in.
    pub(super) fn lines(
        self,
        endpoint: &Endpoint,
        request: &SentRequest,
        issuer: &IssuerOf,
        settings: &Settings,
    ) -> String {
        match self {
            Self::None => String::new(),
            Self::Session => header(
                "cookie",
                "${KSERVE_COOKIE:?log in with a browser and set it to its AWSELBAuthSessionCookie-0=… and -1=…}",
            ),
            Self::Dex => of_dex(endpoint, request, settings),
            Self::ServiceAccount => bearer(&format!(
                "token=$(kubectl create token {} --namespace {}) || fail 'kubectl gives no token'\n",
                quoted(&settings.account),
                quoted(&endpoint.namespace)
            )),
            Self::ClientCredentials => issuer.defaults() + &bearer(CLIENT_CREDENTIALS),
        }
    }
}

/// The lines that set `token`, and those that send it.
fn bearer(lines: &str) -> String {
    format!("{FAIL}{lines}{}", header("authorization", "Bearer $token"))
}

/// The answer of an endpoint that refuses a client names an error (RFC 6749, section 5.2).
const CLIENT_CREDENTIALS: &str = r#"answer=$(printf 'user = "%s:%s"\n' "${CLIENT_ID:?set it to the client}" "${CLIENT_SECRET:?set it to its secret}" |
  curl -sS --config - --data grant_type=client_credentials \
  ${TOKEN_SCOPE:+--data-urlencode} ${TOKEN_SCOPE:+"scope=$TOKEN_SCOPE"} \
  "${TOKEN_URL:?set it to the token endpoint of the issuer}") || fail "no answer of the token endpoint"
field() { printf '%s\n' "$answer" | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"; }
token=$(field access_token)
[ -n "$token" ] || fail "the token endpoint refuses the client: $(field error)"
"#;

/// The login of Kubeflow's dashboard: its session holds for the models as well, whose hosts have no form.
///
/// What answers first is a redirect to Dex or, since Kubeflow 1.9, a page of oauth2-proxy with a button that
/// starts the login (`skip_provider_button = false` in its `oauth2_proxy.cfg`; `SignInPage` in oauth2-proxy's
/// `oauthproxy.go` answers 403, and `/oauth2/start` is the button's path). A wrong password gives the form
/// once more (`handleConnectorLogin` in Dex's `server/handlers.go`), and Dex asks for an approval where
/// `skipApprovalScreen` is not set.
fn of_dex(endpoint: &Endpoint, request: &SentRequest, settings: &Settings) -> String {
    let curl = format!(
        "curl -sSL -b \"$work/cookies\" -c \"$work/cookies\" -o \"$work/page\"{}",
        address(settings)
    );
    let dashboard = dashboard(endpoint, request).map_or_else(
        || "dashboard=${DASHBOARD_URL:?set it to the URL of the dashboard of Kubeflow}".to_owned(),
        |url| {
            format!(
                "dashboard=${{DASHBOARD_URL:-}}\n[ -n \"$dashboard\" ] || dashboard={}",
                quoted(&url)
            )
        },
    );
    format!(
        r#"{dashboard}
{FAIL}login() {{
  {curl} -w '%{{http_code}} %{{num_redirects}} %{{url_effective}}' "$@" ||
    fail "no form of Dex at ${{dashboard%%\?*}}; set DASHBOARD_URL"
}}
at=$(login "${{dashboard%/}}/") || exit
case $at in 403*) at=$(login "${{dashboard%/}}/oauth2/start?rd=/") || exit ;; esac
form=${{at#* * }}
grep -q 'name="login"' "$work/page" ||
  fail "${{form%%\?*}} answers ${{at%% *}} without the form of Dex; set DASHBOARD_URL"
at=$(printf %s "${{DEX_PASSWORD:?set it to the password}}" |
  login --data-urlencode "login=${{DEX_USER:?set it to the user}}" --data-urlencode password@- "$form") || exit
case $at in
*' 0 '*) fail "Dex refuses the user or the password" ;;
*/approval\?*) login --data approval=approve "${{at#* * }}" >"$work/page" || exit ;;
esac
cookie=$(awk -F '\t' 'NF == 7 {{ printf "%s%s=%s", (n++ ? "; " : ""), $6, $7 }}' "$work/cookies")
{}"#,
        header("cookie", "$cookie")
    )
}

/// The dashboard in the guide's domain, that of a model without its own name and namespace.
fn dashboard(endpoint: &Endpoint, request: &SentRequest) -> Option<String> {
    let root = SentRequest { target: String::new(), ..request.clone() }.url();
    let (scheme, host) = root.split_once("://")?;
    let own = |between| format!("{}{between}{}.", endpoint.name, endpoint.namespace);
    let domain = host.strip_prefix(&own(".")).or_else(|| host.strip_prefix(&own("-")))?;
    Some(format!("{scheme}://kubeflow.{domain}"))
}
