//! What the folder is for: each setting a flag, and a question where the flag is absent.

use std::fmt::Display;
use std::str::FromStr;

use super::super::diags::WrongArguments;
use super::super::environment::Environment;
use crate::cli::output::Refusal;
use crate::values::arn::{CertificateArn, UserPoolArn};
use crate::values::cognito::{UserPoolClientId, UserPoolDomain};
use crate::values::dns_name::DnsName;
use crate::values::jwt::ScopeValue;
use crate::values::scheme::Scheme;

/// Whose folder it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Kustomize,
    Kpt,
    Both,
}

impl Layout {
    pub(super) fn of(word: &str) -> Self {
        match word {
            "kpt" => Self::Kpt,
            "both" => Self::Both,
            _ => Self::Kustomize,
        }
    }
}

/// Who logs users in, or issues the tokens of programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    Cognito,
    Dex,
    Jwt,
}

impl Provider {
    const ALL: [Self; 3] = [Self::Cognito, Self::Dex, Self::Jwt];

    /// The words of `--provider`, in the order of [`Self::ALL`].
    const WORDS: [&'static str; 3] = ["cognito", "dex", "jwt"];

    fn of(word: &str) -> Option<Self> {
        let found = Self::WORDS.iter().position(|known| *known == word);
        found.and_then(|place| Self::ALL.get(place)).copied()
    }
}

/// A setting.
pub(super) struct Question {
    /// The flag.
    pub(super) flag: &'static str,
    /// What help calls its value.
    pub(super) value: &'static str,
    pub(super) help: &'static str,
    /// The words that it may be; empty where it is a text.
    pub(super) words: &'static [&'static str],
    /// What it is without an answer.
    default: Option<&'static str>,
    /// The providers that have it.
    of: &'static [Provider],
    /// Why a text is wrong.
    check: fn(&str) -> Result<(), String>,
}

/// The settings, in the order in which they are requested.
pub(super) const QUESTIONS: [Question; 8] = [
    Question {
        flag: "provider",
        value: "PROVIDER",
        help: "Who logs users in: a Cognito user pool at the load balancer, or Dex after it; jwt: programs with \
               access tokens of a user pool",
        words: &Provider::WORDS,
        default: None,
        of: &Provider::ALL,
        check: anything,
    },
    Question {
        flag: "domain",
        value: "DOMAIN",
        help: "The domain under which Knative serves, such as platform.example.com",
        words: &[],
        default: None,
        of: &Provider::ALL,
        check: read::<DnsName>,
    },
    Question {
        flag: "certificate",
        value: "ARN",
        help: "ARN of the certificate in ACM for *.staging.DOMAIN and *.prod.DOMAIN",
        words: &[],
        default: None,
        of: &Provider::ALL,
        check: read::<CertificateArn>,
    },
    Question {
        flag: "scheme",
        value: "SCHEME",
        help: "Whether the load balancer has public addresses; default: internet-facing",
        words: &["internet-facing", "internal"],
        default: Some("internet-facing"),
        of: &Provider::ALL,
        check: read::<Scheme>,
    },
    Question {
        flag: "user-pool-arn",
        value: "ARN",
        help: "With Cognito or JWT: ARN of the user pool",
        words: &[],
        default: None,
        of: &[Provider::Cognito, Provider::Jwt],
        check: read::<UserPoolArn>,
    },
    Question {
        flag: "user-pool-client",
        value: "ID",
        help: "With Cognito or JWT: id of the user pool's app client",
        words: &[],
        default: None,
        of: &[Provider::Cognito, Provider::Jwt],
        check: read::<UserPoolClientId>,
    },
    Question {
        flag: "user-pool-domain",
        value: "DOMAIN",
        help: "With Cognito: domain of the user pool",
        words: &[],
        default: None,
        of: &[Provider::Cognito],
        check: read::<UserPoolDomain>,
    },
    Question {
        flag: "scope",
        value: "SCOPE",
        help: "With JWT: scope that a token must have, such as models/predict; default: any",
        words: &[],
        default: Some(""),
        of: &[Provider::Jwt],
        check: scope,
    },
];

fn anything(_: &str) -> Result<(), String> {
    Ok(())
}

/// A scope of a resource server, or none: no other is in a token for client credentials.
///
/// Source: "Scopes, M2M, and resource servers", Amazon Cognito's developer guide.
fn scope(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    read::<ScopeValue>(text)?;
    if text.trim_matches('/').contains('/') {
        return Ok(());
    }
    Err(format!(
        "invalid scope {text:?}: must be SERVER/SCOPE of a resource server of the user pool, such as models/predict"
    ))
}

fn read<T: FromStr<Err: Display>>(text: &str) -> Result<(), String> {
    text.parse::<T>().map(drop).map_err(|error| error.to_string())
}

/// The settings, each valid.
pub(super) struct Settings {
    pub(super) layout: Layout,
    pub(super) provider: Provider,
    pub(super) domain: String,
    pub(super) certificate: String,
    pub(super) scheme: String,
    /// The ARN, the client and the domain of the user pool; each empty where the provider has none.
    pub(super) user_pool: [String; 3],
    /// The scope of tokens; empty where any will do.
    pub(super) scope: String,
}

/// How often a wrong answer is corrected.
const ATTEMPTS: usize = 3;

impl Settings {
    /// Reads the flags, and requests what they leave open.
    ///
    /// # Errors
    /// A wrong flag; a flag that is absent where there is no terminal to ask at.
    pub(super) fn of(
        layout: Layout,
        given: &[Option<String>],
        environment: &mut dyn Environment,
    ) -> Result<Self, Refusal> {
        let mut answers: Vec<String> = Vec::new();
        let mut provider = Provider::Cognito;
        for (question, given) in QUESTIONS.iter().zip(given) {
            if !question.of.contains(&provider) {
                if given.is_some() {
                    let provider = answers.first().map_or("", String::as_str);
                    return Err(WrongArguments::NoEffect { flag: question.flag, provider }.into());
                }
                answers.push(String::new());
                continue;
            }
            let answer = match given {
                Some(text) => question.checked(text)?,
                None => question.answer(environment)?,
            };
            // The first question is the provider's.
            if answers.is_empty() {
                provider = Provider::of(&answer).unwrap_or(provider);
            }
            answers.push(answer);
        }
        let mut answers = answers.into_iter().skip(1);
        let mut next = || answers.next().unwrap_or_default();
        let (domain, certificate, scheme) = (next(), next(), next());
        let user_pool = [next(), next(), next()];
        Ok(Self { layout, provider, domain, certificate, scheme, user_pool, scope: next() })
    }
}

impl Question {
    fn checked(&self, text: &str) -> Result<String, WrongArguments<'static>> {
        let text = text.trim();
        let problem = if self.words.is_empty() || self.words.contains(&text) {
            (self.check)(text).err()
        } else {
            Some(format!("invalid value {text:?}; use one of {}", self.words.join(", ")))
        };
        match problem {
            None => Ok(text.to_owned()),
            Some(why) => Err(WrongArguments::Setting { flag: self.flag, why }),
        }
    }

    /// The answer of whoever sits at the terminal.
    fn answer(&self, environment: &mut dyn Environment) -> Result<String, Refusal> {
        let missing = || {
            let value =
                if self.words.is_empty() { self.value.to_owned() } else { self.words.join("|") };
            WrongArguments::MissingSetting { flag: self.flag, value }.into()
        };
        if !environment.stdin_is_terminal() {
            return self.default.map(str::to_owned).ok_or_else(missing);
        }
        let choice = if self.words.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.words.join(", "))
        };
        let mut note = String::new();
        for _ in 0..ATTEMPTS {
            let question = format!("{note}{}{choice}: ", self.help);
            let Ok(answer) = environment.answer(&question) else { break };
            let answer = match (answer.trim(), self.default) {
                ("", Some(default)) => default,
                (answer, _) => answer,
            };
            match self.checked(answer) {
                Ok(text) => return Ok(text),
                Err(wrong) => note = format!("{}\n", wrong.message()),
            }
        }
        // Whoever has not answered has not objected to the default.
        self.default.filter(|_| note.is_empty()).map(str::to_owned).ok_or_else(missing)
    }
}
