//! What Knative's webhook refuses of the annotations of a Service and its revisions.
//!
//! Source: `RevisionTemplateSpec.Validate` in `pkg/apis/serving/v1/revision_validation.go`, `ValidateAnnotations` in
//! `pkg/apis/autoscaling/annotation_validation.go` and `ValidateRolloutDurationAnnotation` in
//! `pkg/apis/serving/metadata_validation.go` of knative/serving 0.48.1; `ValidateAnnotations` in
//! `pkg/apis/networking/metadata_validation.go` of knative.dev/networking.

use std::collections::BTreeMap;

use crate::values::release::Release;

/// From here on the webhook knows the annotations of its network's group: knative/serving 0.44 to 0.47 take any.
const NETWORK_ANNOTATIONS: Release = Release::new(1, 21, 0);
/// The annotations of the network's group that a revision may have.
const OF_NETWORK: [&str; 9] = [
    "certificate.class",
    "certificate-class",
    "disableAutoTLS",
    "disable-auto-tls",
    "disable-external-domain-tls",
    "httpOption",
    "http-protocol",
    "ingress.class",
    "ingress-class",
];
const CLASS: &str = "autoscaling.knative.dev/class";
/// The autoscaler that `KServe` sets where none is given.
const KPA: &str = "kpa.autoscaling.knative.dev";
const HPA: &str = "hpa.autoscaling.knative.dev";
const ALGORITHM: &str = "autoscaling.knative.dev/metric-aggregation-algorithm";
/// The end of a class that is one of Knative's own.
const OWN_CLASS: &str = ".knative.dev";
/// `WindowMax`, in seconds.
const WINDOW_MAX: f64 = 3600.0;

/// An annotation that Knative refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAnnotation {
    /// Its key.
    pub key: String,
    /// Its value, with what it must be; `None` where the key itself is refused.
    pub(crate) value: Option<(String, &'static str)>,
}

/// What an annotation must be, each key with the former one, which is read where the key is absent.
const VALUES: [(&str, &str, Value); 20] = [
    ("autoscaling.knative.dev/max-scale", "autoscaling.knative.dev/maxScale", Value::Scale),
    (
        "autoscaling.knative.dev/panic-window-percentage",
        "autoscaling.knative.dev/panicWindowPercentage",
        Value::Number(1.0, 100.0, "a number from 1 to 100"),
    ),
    (
        "autoscaling.knative.dev/panic-threshold-percentage",
        "autoscaling.knative.dev/panicThresholdPercentage",
        Value::Number(110.0, 1000.0, "a number from 110 to 1000"),
    ),
    (
        "autoscaling.knative.dev/target",
        "",
        Value::Number(0.01, f64::INFINITY, "a number of at least 0.01"),
    ),
    (
        "autoscaling.knative.dev/target-utilization-percentage",
        "autoscaling.knative.dev/targetUtilizationPercentage",
        Value::Number(1.0, 100.0, "a number from 1 to 100"),
    ),
    (
        "autoscaling.knative.dev/target-burst-capacity",
        "autoscaling.knative.dev/targetBurstCapacity",
        Value::BurstCapacity,
    ),
    (
        "autoscaling.knative.dev/window",
        "",
        Value::Seconds(6.0, WINDOW_MAX, true, "whole seconds from 6s to 1h"),
    ),
    (
        "autoscaling.knative.dev/scale-to-zero-pod-retention-period",
        "autoscaling.knative.dev/scaleToZeroPodRetentionPeriod",
        Value::Seconds(0.0, WINDOW_MAX, false, "a duration up to 1h"),
    ),
    (
        "autoscaling.knative.dev/scale-down-delay",
        "autoscaling.knative.dev/scaleDownDelay",
        Value::Seconds(0.0, WINDOW_MAX, true, "whole seconds up to 1h"),
    ),
    ("autoscaling.knative.dev/initial-scale", "autoscaling.knative.dev/initialScale", Value::Scale),
    ("autoscaling.knative.dev/activation-scale", "", Value::Activation),
    (
        "queue.sidecar.serving.knative.dev/resource-percentage",
        "queue.sidecar.serving.knative.dev/resourcePercentage",
        Value::Number(0.1, 100.0, "a number from 0.1 to 100"),
    ),
    ("queue.sidecar.serving.knative.dev/cpu-resource-request", "", Value::Quantity),
    ("queue.sidecar.serving.knative.dev/cpu-resource-limit", "", Value::Quantity),
    ("queue.sidecar.serving.knative.dev/memory-resource-request", "", Value::Quantity),
    ("queue.sidecar.serving.knative.dev/memory-resource-limit", "", Value::Quantity),
    ("queue.sidecar.serving.knative.dev/ephemeral-storage-resource-request", "", Value::Quantity),
    ("queue.sidecar.serving.knative.dev/ephemeral-storage-resource-limit", "", Value::Quantity),
    ("serving.knative.dev/rollout-duration", "", Value::Deadline),
    ("serving.knative.dev/progress-deadline", "", Value::Deadline),
];

/// What a value must be.
#[derive(Clone, Copy)]
enum Value {
    /// A number of pods.
    Scale,
    /// A number of pods of which one alone is none.
    Activation,
    /// A number of a range, in words.
    Number(f64, f64, &'static str),
    /// A number, or -1 for no limit.
    BurstCapacity,
    /// A duration of a range, of whole seconds or not, in words.
    Seconds(f64, f64, bool, &'static str),
    /// Whole seconds; empty for none.
    Deadline,
    /// An amount, as Kubernetes writes it.
    Quantity,
}

impl Value {
    /// What a text must be that is not.
    fn refused(self, text: &str) -> Option<&'static str> {
        let number = || text.parse::<f64>().ok();
        let (is_right, wanted) = match self {
            Self::Scale => {
                (text.parse::<i32>().is_ok_and(|count| count >= 0), "a whole number from 0")
            }
            Self::Activation => {
                (text.parse::<i32>().is_ok_and(|count| count >= 2), "a whole number from 2")
            }
            Self::Quantity => (is_quantity(text), "an amount, as 100m or 64Mi"),
            Self::Number(least, most, words) => {
                (number().is_some_and(|number| (least..=most).contains(&number)), words)
            }
            Self::BurstCapacity => (
                number().is_some_and(|number| {
                    number >= 0.0 || number.to_bits() == (-1.0_f64).to_bits()
                }),
                "a number from 0, or -1",
            ),
            Self::Seconds(least, most, whole, words) => {
                let is_right = seconds(text).is_some_and(|seconds| {
                    (least..=most).contains(&seconds) && !(whole && seconds.fract() != 0.0)
                });
                (is_right, words)
            }
            Self::Deadline => {
                let is_right = text.is_empty()
                    || seconds(text).is_some_and(|found| found >= 0.0 && found.fract() == 0.0);
                (is_right, "whole seconds, as 60s")
            }
        };
        (!is_right).then_some(wanted)
    }
}

/// An annotation of a revision that Knative's webhook refuses.
#[must_use]
pub(crate) fn refused_annotation(
    annotations: &BTreeMap<String, String>,
    knative: Release,
) -> Option<RefusedAnnotation> {
    let of_value = |key: &str, wanted| {
        let value = annotations.get(key)?.clone();
        Some(RefusedAnnotation { key: key.to_owned(), value: Some((value, wanted)) })
    };
    let unknown =
        annotations.keys().find(|key| is_unknown(key)).filter(|_| knative >= NETWORK_ANNOTATIONS);
    if let Some(key) = unknown {
        return Some(RefusedAnnotation { key: key.clone(), value: None });
    }
    let class = annotations.get(CLASS).map_or(KPA, String::as_str);
    if class.ends_with(OWN_CLASS) && class != KPA && class != HPA {
        return of_value(CLASS, "kpa.autoscaling.knative.dev or hpa.autoscaling.knative.dev");
    }
    const METRIC: &str = "autoscaling.knative.dev/metric";
    let algorithm = annotations.get(ALGORITHM).map_or("", String::as_str);
    let metric = annotations.get(METRIC).map(String::as_str);
    match (class, metric) {
        (KPA, Some(metric)) if !matches!(metric, "concurrency" | "rps") => {
            return of_value(METRIC, "concurrency or rps");
        }
        (KPA, _) if !is_algorithm(algorithm) => {
            return of_value(ALGORITHM, "linear or weighted-exponential");
        }
        (HPA, Some("")) => return of_value(METRIC, "the name of a metric"),
        _ => {}
    }
    VALUES.iter().find_map(|(key, former, value)| {
        let key = [*key, *former].into_iter().find(|key| annotations.contains_key(*key))?;
        of_value(key, value.refused(&annotations[key])?)
    })
}

/// Whether a key is of the network's group, and none that it knows.
fn is_unknown(key: &str) -> bool {
    let known =
        key.strip_prefix("networking.knative.dev/").is_some_and(|name| OF_NETWORK.contains(&name));
    key.starts_with("networking.knative.dev") && !known
}

fn is_algorithm(word: &str) -> bool {
    matches!(word, "" | "linear" | "weighted-exponential" | "weightedExponential")
}

/// Whether `resource.ParseQuantity` of apimachinery reads it.
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    // A number without digits is 0.
    let is_number = number.bytes().filter(|b| *b == b'.').count() <= 1;
    let is_exponent =
        suffix.strip_prefix(['e', 'E']).is_some_and(|power| power.parse::<i32>().is_ok());
    let is_known = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E"].contains(&suffix)
        || ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].contains(&suffix);
    !text.is_empty() && is_number && (is_known || is_exponent)
}

/// A duration as Go reads it (`time.ParseDuration`), in seconds.
fn seconds(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        sum += number * unit;
        rest = &rest[end..];
    }
    Some(sign * sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(annotations: &[(&str, &str)]) -> Option<String> {
        let annotations =
            annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        refused_annotation(&annotations.collect(), NETWORK_ANNOTATIONS).map(|one| one.key)
    }

    #[test]
    fn values_are_read_as_go_does() {
        for (key, right, wrong) in [
            ("autoscaling.knative.dev/class", "kpa.autoscaling.knative.dev", "x.knative.dev"),
            ("autoscaling.knative.dev/class", "keda.example.com", "kpa.knative.dev"),
            ("autoscaling.knative.dev/metric", "rps", "cpu"),
            ("autoscaling.knative.dev/maxScale", "3", "three"),
            ("autoscaling.knative.dev/max-scale", "0", "-1"),
            ("autoscaling.knative.dev/target", "0.5", "0"),
            ("autoscaling.knative.dev/target-burst-capacity", "-1", "-2"),
            ("autoscaling.knative.dev/targetUtilizationPercentage", "70", "0.5"),
            ("autoscaling.knative.dev/panic-window-percentage", "10.0", "101"),
            ("autoscaling.knative.dev/panic-threshold-percentage", "200", "100"),
            ("autoscaling.knative.dev/window", "1m30s", "5s"),
            ("autoscaling.knative.dev/window", "6s", "6.5s"),
            ("autoscaling.knative.dev/scale-down-delay", "15m", "15"),
            ("autoscaling.knative.dev/scale-to-zero-pod-retention-period", "1.5s", "2h"),
            ("autoscaling.knative.dev/initial-scale", "2", "x"),
            ("autoscaling.knative.dev/activation-scale", "2", "1"),
            (ALGORITHM, "weightedExponential", "mean"),
            ("queue.sidecar.serving.knative.dev/resource-percentage", "0.1", "0"),
            ("queue.sidecar.serving.knative.dev/cpu-resource-request", "100m", "100x"),
            ("queue.sidecar.serving.knative.dev/memory-resource-limit", "1.5Gi", "1.5.1Gi"),
            ("queue.sidecar.serving.knative.dev/memory-resource-limit", "1e6", "1e"),
            ("serving.knative.dev/rollout-duration", "", "-1s"),
            ("serving.knative.dev/progress-deadline", "600s", "0.5s"),
        ] {
            assert_eq!(refused(&[(key, right)]), None, "{key}: {right}");
            assert_eq!(refused(&[(key, wrong)]).as_deref(), Some(key), "{key}: {wrong}");
        }
    }

    #[test]
    fn a_metric_depends_on_the_autoscaler() {
        let metric = ("autoscaling.knative.dev/metric", "cpu");
        assert_eq!(refused(&[(CLASS, HPA), metric]), None);
        assert_eq!(refused(&[(CLASS, "keda.example.com"), metric]), None);
        assert_eq!(refused(&[(CLASS, HPA), (metric.0, "")]).as_deref(), Some(metric.0));
    }

    #[test]
    fn the_former_key_counts_where_the_new_one_is_absent() {
        let (new, former) =
            ("autoscaling.knative.dev/max-scale", "autoscaling.knative.dev/maxScale");
        assert_eq!(refused(&[(new, "2"), (former, "x")]), None);
        assert_eq!(refused(&[(former, "x")]).as_deref(), Some(former));
    }

    #[test]
    fn keys_of_the_network_are_known_since_1_21() {
        let one = BTreeMap::from([("networking.knative.dev/visibility".to_owned(), String::new())]);
        assert!(refused_annotation(&one, NETWORK_ANNOTATIONS).is_some());
        assert_eq!(refused_annotation(&one, Release::new(1, 20, 0)), None);
        assert_eq!(refused(&[("networking.knative.dev/ingress-class", "x")]), None);
    }
}
