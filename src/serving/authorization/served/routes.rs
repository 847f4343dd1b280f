//! What the servers have below the paths with a star: a policy can't say more than the star, a server's routes do.

use crate::go::url;

/// Routes below a path with a star, without what is before the star; `{}` is a part of a path. Below others the servers
/// have each part, and no further path.
struct Below {
    method: &'static str,
    path: &'static str,
    routes: &'static [&'static str],
}

/// The routes of all servers that speak a protocol: of `KServe` (`v1_endpoints.py`, `v2_endpoints.py`, whose parameters
/// Starlette matches with `[^/]+`), TensorFlow Serving (`http_rest_api_util.cc`), Triton (`model_regex_` in
/// `http_server.cc`), `MLServer` (`mlserver/rest/app.py`) and vLLM (`responses/api_router.py`).
const BELOW: [Below; 6] = [
    Below {
        method: "GET",
        path: "/v1/models/*",
        routes: &[
            "{}",
            "{}/metadata",
            "{}/versions/{}",
            "{}/versions/{}/metadata",
            "{}/labels/{}",
            "{}/labels/{}/metadata",
        ],
    },
    Below {
        method: "POST",
        path: "/v1/models/*",
        routes: &[
            "{}:predict",
            "{}:explain",
            "{}:classify",
            "{}:regress",
            "{}/versions/{}:predict",
            "{}/versions/{}:classify",
            "{}/versions/{}:regress",
            "{}/labels/{}:predict",
            "{}/labels/{}:classify",
            "{}/labels/{}:regress",
        ],
    },
    Below { method: "GET", path: "/v2/health/*", routes: &["live", "ready"] },
    Below {
        method: "GET",
        path: "/v2/models/*",
        routes: &[
            "{}",
            "{}/ready",
            "{}/config",
            "{}/stats",
            "{}/trace/setting",
            "{}/docs",
            "{}/docs/dataplane.json",
            "{}/versions/{}",
            "{}/versions/{}/ready",
            "{}/versions/{}/config",
            "{}/versions/{}/stats",
            "{}/versions/{}/docs",
            "{}/versions/{}/docs/dataplane.json",
        ],
    },
    Below {
        method: "POST",
        path: "/v2/models/*",
        routes: &[
            "{}/infer",
            "{}/infer_stream",
            "{}/generate",
            "{}/generate_stream",
            "{}/trace/setting",
            "{}/versions/{}/infer",
            "{}/versions/{}/infer_stream",
            "{}/versions/{}/generate",
            "{}/versions/{}/generate_stream",
        ],
    },
    Below { method: "POST", path: "/v1/responses/*", routes: &["{}/cancel"] },
];

/// Whether servers have a path, as one of a policy's lets it through.
pub(super) fn has(method: &str, listed: &str, path: &str) -> bool {
    let Some(above) = listed.strip_suffix('*') else { return path == listed };
    let Some(below) = path.strip_prefix(above) else { return false };
    let of = BELOW.iter().find(|one| one.method == method && one.path == listed);
    of.map_or(&["{}"][..], |one| one.routes).iter().any(|route| matches(route, below))
}

/// A path that servers have, of a model of this name, where a policy's lets it through; the star is the name where they
/// have no route of their own.
pub(super) fn example(method: &str, listed: &str, name: &str) -> String {
    let of = BELOW.iter().find(|one| one.method == method && one.path == listed);
    let first = of.and_then(|one| one.routes.first()).unwrap_or(&"{}");
    listed.replace('*', &first.replace("{}", name))
}

/// The path of a target as servers compare it: without its query, and unescaped, as `uvicorn` and Go do before they look
/// for a route.
pub(super) fn path_of(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    url::unescaped(path).unwrap_or_else(|_| path.to_owned())
}

/// Each part of a route that is `{}` or ends in a word after it stands for at least one character.
fn matches(route: &str, path: &str) -> bool {
    let (mut routes, mut paths) = (route.split('/'), path.split('/'));
    loop {
        match (routes.next(), paths.next()) {
            (None, None) => return true,
            (Some(route), Some(path)) => {
                let is_alike = match route.strip_prefix("{}") {
                    Some(end) => path.len() > end.len() && path.ends_with(end),
                    None => path == route,
                };
                if !is_alike {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_end_where_the_servers_end_them() {
        let models = "/v1/models/*";
        for (method, listed, path, expected) in [
            ("POST", models, "/v1/models/iris:predict", true),
            ("POST", models, "/v1/models/iris:explain", true),
            ("POST", models, "/v1/models/iris:explain/more", false),
            ("POST", models, "/v1/models/iris:predict/", false),
            ("POST", models, "/v1/models/:predict", false),
            ("POST", models, "/v1/models/iris", false),
            ("POST", models, "/v1/models/iris:predicted", false),
            ("POST", models, "/v1/models/iris/versions/3:predict", true),
            ("POST", models, "/v1/models/a/iris:predict", false),
            ("GET", models, "/v1/models/iris", true),
            ("GET", models, "/v1/models/", false),
            ("GET", models, "/v1/models/iris/more", false),
            ("GET", models, "/v1/models/iris/versions/3/metadata", true),
            ("GET", "/v2/health/*", "/v2/health/live", true),
            ("GET", "/v2/health/*", "/v2/health/x", false),
            ("GET", "/v2/models/*", "/v2/models/stats", true),
            ("GET", "/v2/models/*", "/v2/models/iris/infer", false),
            ("POST", "/v2/models/*", "/v2/models/iris/infer", true),
            ("POST", "/v2/models/*", "/v2/models/iris/infer/more", false),
            ("POST", "/v2/models/*", "/v2/models/iris/versions/1/generate_stream", true),
            ("GET", "/v1/responses/*", "/v1/responses/r1", true),
            ("GET", "/v1/responses/*", "/v1/responses/r1/cancel", false),
            ("POST", "/v1/responses/*", "/v1/responses/r1/cancel", true),
            ("POST", "/grpc.health.v1.Health/*", "/grpc.health.v1.Health/Check", true),
            ("POST", "/grpc.health.v1.Health/*", "/grpc.health.v1.Health/a/b", false),
            ("GET", "/v1/models", "/v1/models", true),
        ] {
            assert_eq!(has(method, listed, path), expected, "{method} {listed} {path}");
        }
        assert_eq!(path_of("/v1/models/%69ris%2Fx?x=1"), "/v1/models/iris/x");
        assert_eq!(path_of("/v1/models/%zz"), "/v1/models/%zz");
    }

    #[test]
    fn each_route_is_below_a_listed_path() {
        use super::super::servers::{OLLAMA, OPENAI, PREFIXED_OPENAI, V1, V2, VLLM};
        let all = [&V1, &V2, &PREFIXED_OPENAI, &OPENAI, &VLLM, &OLLAMA];
        for Below { method, path, .. } in &BELOW {
            let listed = |one: &&super::super::servers::Paths| {
                if *method == "GET" { one.get.contains(path) } else { one.post.contains(path) }
            };
            assert!(all.iter().any(listed), "{method} {path}");
        }
    }
}
