//! `actions.<name>` and `transforms.<service>`.
//!
//! Source: `Action`, `Transform` and their `validate` in `pkg/ingress/config_types.go`, v3.5.

use std::borrow::Cow;

use super::error::BuildError;
use super::objects::IntOrString;
use crate::go::json::go_struct;
use crate::go::json::{self, GoJsonError, GoSlice, GoTarget};

macro_rules! named_text {
    ($(#[$doc:meta])* $name:ident = $go_type:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(crate) struct $name(pub String);

        impl GoTarget for $name {
            fn go_type(&self) -> Cow<'static, str> {
                Cow::Borrowed($go_type)
            }
            fn text(&mut self, value: &str) -> bool {
                value.clone_into(&mut self.0);
                true
            }
        }
    };
}

named_text! {
    /// `type` of an action.
    ActionType = "ingress.ActionType"
}
named_text! {
    /// `type` of a transform.
    TransformType = "ingress.TransformType"
}

impl GoTarget for IntOrString {
    fn go_type(&self) -> Cow<'static, str> {
        Cow::Borrowed("intstr.IntOrString")
    }
    fn is_custom(&self) -> bool {
        true
    }
    fn custom(&mut self, written: &str) -> Result<(), GoJsonError> {
        if written.starts_with('"') {
            let mut text = String::new();
            json::unmarshal(written, &mut text)?;
            *self = Self::Text(text);
        } else {
            let mut number = 0_i32;
            json::unmarshal(written, &mut number)?;
            *self = Self::Int(number);
        }
        Ok(())
    }
}

go_struct! {
    /// An action as the annotation gives it.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct ActionConfig as "ingress", "Action" {
        /// `forward`, `redirect` or `fixed-response`.
        pub kind: ActionType = "type",
        /// Short for a forward to one target group.
        pub target_group_arn: Option<String> = "targetGroupARN",
        /// Short for a forward to one target group.
        pub target_group_name: Option<String> = "targetGroupName",
        /// For `fixed-response`.
        pub fixed_response: Option<FixedResponseConfig> = "fixedResponseConfig",
        /// For `redirect`.
        pub redirect: Option<RedirectConfig> = "redirectConfig",
        /// For `forward`.
        pub forward: Option<ForwardConfig> = "forwardConfig",
    }
}

go_struct! {
    /// `fixedResponseConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct FixedResponseConfig as "ingress", "FixedResponseActionConfig" {
        /// The content type.
        pub content_type: Option<String> = "contentType",
        /// The body.
        pub message_body: Option<String> = "messageBody",
        /// The status, unchecked.
        pub status_code: String = "statusCode",
    }
}

go_struct! {
    /// `redirectConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct RedirectConfig as "ingress", "RedirectActionConfig" {
        /// The host; that of the request where absent.
        pub host: Option<String> = "host",
        /// The path.
        pub path: Option<String> = "path",
        /// The port.
        pub port: Option<String> = "port",
        /// The protocol.
        pub protocol: Option<String> = "protocol",
        /// The query.
        pub query: Option<String> = "query",
        /// `HTTP_301` or `HTTP_302`, unchecked.
        pub status_code: String = "statusCode",
    }
}

go_struct! {
    /// `forwardConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct ForwardConfig as "ingress", "ForwardActionConfig" {
        /// The target groups.
        pub target_groups: GoSlice<TargetGroupTuple> = "targetGroups",
        /// How long a client stays with one.
        pub stickiness: Option<StickinessConfig> = "targetGroupStickinessConfig",
    }
}

go_struct! {
    /// `targetGroupStickinessConfig`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct StickinessConfig as "ingress", "TargetGroupStickinessConfig" {
        /// Whether it is on.
        pub enabled: Option<bool> = "enabled",
        /// For how many seconds.
        pub duration_seconds: Option<i32> = "durationSeconds",
    }
}

go_struct! {
    /// One of `targetGroups`.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct TargetGroupTuple as "ingress", "TargetGroupTuple" {
        /// By ARN.
        pub target_group_arn: Option<String> = "targetGroupARN",
        /// By name.
        pub target_group_name: Option<String> = "targetGroupName",
        /// By Service.
        pub service_name: Option<String> = "serviceName",
        /// The Service's port.
        pub service_port: Option<IntOrString> = "servicePort",
        /// The share of requests.
        pub weight: Option<i32> = "weight",
    }
}

impl TargetGroupTuple {
    fn validate(&self) -> Result<(), &'static str> {
        let named = self.target_group_arn.is_some() || self.target_group_name.is_some();
        match (&self.service_name, named) {
            (None, false) => Err("missing serviceName or targetGroupARN/targetGroupName"),
            (Some(_), true) => {
                Err("either serviceName or targetGroupARN/targetGroupName can be specified")
            }
            (Some(_), false) if self.service_port.is_none() => Err("missing servicePort"),
            _ => Ok(()),
        }
    }
}

impl ActionConfig {
    /// What the controller checks of an action when a backend uses it.
    ///
    /// # Errors
    /// The controller's words.
    pub(crate) fn validate(&self) -> Result<(), BuildError> {
        match self.kind.0.as_str() {
            "fixed-response" => match &self.fixed_response {
                None => Err(BuildError::new("missing FixedResponseConfig")),
                Some(config) if config.status_code.is_empty() => {
                    Err(BuildError::new("invalid FixedResponseConfig: statusCode is required"))
                }
                Some(_) => Ok(()),
            },
            "redirect" => match &self.redirect {
                None => Err(BuildError::new("missing RedirectConfig")),
                Some(config) if config.status_code.is_empty() => {
                    Err(BuildError::new("invalid RedirectConfig: statusCode is required"))
                }
                Some(_) => Ok(()),
            },
            "forward" => {
                let named = self.target_group_arn.is_some() || self.target_group_name.is_some();
                let Some(config) = &self.forward else {
                    return if named {
                        Ok(())
                    } else {
                        Err(BuildError::new(
                            "missing ForwardConfig or TargetGroupARN/TargetGroupName",
                        ))
                    };
                };
                if named {
                    let words =
                        "either ForwardConfig or TargetGroupARN/TargetGroupName can be specified";
                    return Err(BuildError::new(words));
                }
                for target in config.target_groups.iter() {
                    target.validate().map_err(|words| {
                        let context = "invalid ForwardConfig: invalid TargetGroupTuple";
                        BuildError::new(format!("{context}: {words}"))
                    })?;
                }
                if config.target_groups.len() > 1
                    && config.target_groups.iter().any(|target| target.weight.is_none())
                {
                    return Err(BuildError::new(
                        "invalid ForwardConfig: weight must be set when route to multiple target \
                         groups",
                    ));
                }
                Ok(())
            }
            unknown => Err(BuildError::new("unknown action type: ").quoting(unknown)),
        }
    }

    /// Writes out the short form of a forward, and makes numbers of ports that are written as
    /// text.
    pub(crate) fn normalize(&mut self) {
        if self.kind.0 != "forward" {
            return;
        }
        if self.target_group_arn.is_some() || self.target_group_name.is_some() {
            let target = TargetGroupTuple {
                target_group_arn: self.target_group_arn.take(),
                target_group_name: self.target_group_name.take(),
                ..TargetGroupTuple::default()
            };
            self.forward = Some(ForwardConfig {
                target_groups: [target].into_iter().collect(),
                stickiness: None,
            });
        }
        if let Some(config) = &mut self.forward {
            config.target_groups = config
                .target_groups
                .iter()
                .cloned()
                .map(|mut target| {
                    if let Some(port) = &mut target.service_port {
                        *port = IntOrString::parse(&port.to_string());
                    }
                    target
                })
                .collect();
        }
    }

    /// A forward to one Service.
    pub(crate) fn to_service(name: &str, port: IntOrString) -> Self {
        let target = TargetGroupTuple {
            service_name: Some(name.to_owned()),
            service_port: Some(port),
            ..TargetGroupTuple::default()
        };
        Self {
            kind: ActionType("forward".to_owned()),
            forward: Some(ForwardConfig {
                target_groups: [target].into_iter().collect(),
                stickiness: None,
            }),
            ..Self::default()
        }
    }

    /// The fixed 503 that replaces a Service or an action that is not there.
    pub(crate) fn unavailable(message: &str) -> Self {
        Self {
            kind: ActionType("fixed-response".to_owned()),
            fixed_response: Some(FixedResponseConfig {
                content_type: Some("text/plain".to_owned()),
                message_body: Some(message.to_owned()),
                status_code: "503".to_owned(),
            }),
            ..Self::default()
        }
    }
}

go_struct! {
    /// A transform as the annotation gives it.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct TransformConfig as "ingress", "Transform" {
        /// `host-header-rewrite` or `url-rewrite`.
        pub kind: TransformType = "type",
        /// For `host-header-rewrite`.
        pub host_header_rewrite: Option<RewriteConfigs> = "hostHeaderRewriteConfig",
        /// For `url-rewrite`.
        pub url_rewrite: Option<RewriteConfigs> = "urlRewriteConfig",
    }
}

go_struct! {
    /// The rewrites of a transform.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct RewriteConfigs as "ingress", "RewriteConfigObject" {
        /// The rewrites.
        pub rewrites: GoSlice<RewriteConfig> = "rewrites",
    }
}

go_struct! {
    /// One rewrite.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct RewriteConfig as "ingress", "RewriteConfig" {
        /// What is replaced.
        pub regex: String = "regex",
        /// By what.
        pub replace: String = "replace",
    }
}

impl TransformConfig {
    /// What the controller checks of a transform.
    ///
    /// # Errors
    /// The controller's words.
    pub(crate) fn validate(&self) -> Result<(), BuildError> {
        let (name, config) = match self.kind.0.as_str() {
            "host-header-rewrite" => ("hostHeaderRewriteConfig", &self.host_header_rewrite),
            "url-rewrite" => ("urlRewriteConfig", &self.url_rewrite),
            unknown => {
                return Err(BuildError::new("unknown transform type: ").quoting(unknown));
            }
        };
        match config {
            None => Err(BuildError::new(format!("missing {name}"))),
            Some(config) if config.rewrites.is_empty() => {
                Err(BuildError::new(format!("{name}.rewrites cannot be empty")))
            }
            Some(_) => Ok(()),
        }
    }
}
