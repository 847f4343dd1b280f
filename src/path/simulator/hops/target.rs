//! Where a request goes next.

use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::objects::IntOrString;

/// A port of a Service that a request comes to.
pub(in crate::path::simulator) struct TargetService {
    pub(in crate::path::simulator) namespace: String,
    pub(in crate::path::simulator) name: String,
    pub(in crate::path::simulator) port: IntOrString,
    /// The load balancer's health check.
    pub(in crate::path::simulator) health_check: Option<HealthCheck>,
    /// Whether a load balancer sends the request over TLS; `None` where no load balancer sends it.
    pub(in crate::path::simulator) over_tls: Option<bool>,
}

/// What a load balancer requests of its targets, and which answers it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HealthCheck {
    /// `traffic-port`, a number or the name of a port of the Service.
    pub(crate) port: String,
    pub(crate) path: String,
    /// `200`, `200,302` or `200-299`.
    pub(crate) success_codes: String,
}

impl HealthCheck {
    /// The one of annotations; the defaults are the controller's
    /// (`pkg/ingress/model_build_target_group.go`, v3.5).
    #[must_use]
    pub(crate) fn of(annotations: Annotations<'_>) -> Self {
        let text =
            |suffix: &str, default: &str| annotations.text(suffix).unwrap_or(default).to_owned();
        let is_grpc = annotations.text("backend-protocol-version") == Some("GRPC");
        let (path, codes) = if is_grpc { ("/AWS.ALB/healthcheck", "12") } else { ("/", "200") };
        Self {
            port: text("healthcheck-port", "traffic-port"),
            path: text("healthcheck-path", path),
            success_codes: text("success-codes", codes),
        }
    }

    /// Whether the check takes an answer.
    pub(super) fn takes(&self, status: u16) -> bool {
        self.success_codes.split(',').map(str::trim).any(|part| {
            let (least, most) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| text.trim().parse::<u16>().ok();
            number(least).zip(number(most)).is_some_and(|(a, b)| (a..=b).contains(&status))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_codes_are_lists_and_ranges() {
        let check = |codes: &str| HealthCheck {
            port: "traffic-port".to_owned(),
            path: "/".to_owned(),
            success_codes: codes.to_owned(),
        };
        for (codes, status, takes) in [
            ("200", 200, true),
            ("200", 404, false),
            ("200,404", 404, true),
            ("200-399, 404", 302, true),
            ("200-299", 302, false),
            ("", 200, false),
        ] {
            assert_eq!(check(codes).takes(status), takes, "{codes} {status}");
        }
    }
}
