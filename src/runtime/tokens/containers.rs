//! Keys and tokens of the programs in containers: nothing here reads them, but the line that a finding shows of
//! an object may hold one.

use krm_function::Secrets;
use krm_package::NodeRef;

use super::encoded::add;
use super::keys::folded;

/// Kinds with containers that findings are about.
pub(super) const KINDS: [&str; 9] = [
    "InferenceService",
    "LLMInferenceService",
    "ServingRuntime",
    "ClusterServingRuntime",
    "InferenceGraph",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Pod",
];

/// How the names of variables and flags end that hold one: `HF_TOKEN`, `VLLM_API_KEY`, `--api-key`.
const ENDINGS: [&str; 7] =
    ["token", "apikey", "password", "secret", "secretkey", "secretaccesskey", "privatekey"];

/// Shorter values are settings, such as a number of tokens.
const SHORTEST: usize = 8;

/// The values of variables and flags of such a name, in every container of an object.
pub(super) fn add_containers(tokens: &mut Secrets, node: NodeRef<'_>) {
    if node.is_mapping() {
        for (key, value) in node.fields() {
            match key.as_ref() {
                "env" => value.elements().for_each(|variable| add_variable(tokens, variable)),
                "args" | "command" => add_flags(tokens, value),
                // Of what an object was and is, nothing is shown.
                "metadata" | "status" if node.get("kind").is_some() => {}
                _ => add_containers(tokens, value),
            }
        }
    } else {
        node.elements().for_each(|element| add_containers(tokens, element));
    }
}

fn add_variable(tokens: &mut Secrets, variable: NodeRef<'_>) {
    let text = |field| variable.get(field).and_then(NodeRef::as_str);
    if let (Some(name), Some(value)) = (text("name"), text("value"))
        && is_of_secret(&name)
    {
        add_value(tokens, &value);
    }
}

/// A flag's value is after `=`, or the next argument. Shells take a whole line as one argument.
fn add_flags(tokens: &mut Secrets, arguments: NodeRef<'_>) {
    let mut is_next = false;
    for argument in arguments.elements() {
        let Some(text) = argument.as_str() else { continue };
        for word in text.split_whitespace() {
            let (flag, value) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (word, None),
            };
            if std::mem::take(&mut is_next) {
                add_value(tokens, word);
            } else if is_of_secret(flag) {
                match value {
                    Some(value) => add_value(tokens, value),
                    None => is_next = flag.starts_with('-'),
                }
            }
        }
    }
}

fn add_value(tokens: &mut Secrets, value: &str) {
    let value = value.trim_matches(['"', '\'']);
    if value.len() >= SHORTEST {
        add(tokens, value);
    }
}

fn is_of_secret(name: &str) -> bool {
    let name = folded(name);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use krm_package::Package;

    fn tokens(text: &str) -> Secrets {
        let package = Package::manifests(text).unwrap();
        let mut tokens = Secrets::default();
        package.items().for_each(|(_, node)| add_containers(&mut tokens, node));
        tokens
    }

    #[test]
    fn variables_and_flags_of_secrets_are_hidden() {
        for container in [
            "env: [{name: HF_TOKEN, value: q8Zr2kLm9xWv}]",
            "env: [{name: VLLM_API_KEY, value: q8Zr2kLm9xWv}]",
            "args: ['--api-key=q8Zr2kLm9xWv']",
            "args: [--api_key, q8Zr2kLm9xWv]",
            "command: [sh, -c, 'HF_TOKEN=\"q8Zr2kLm9xWv\" vllm serve']",
        ] {
            let text = format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{{container}}}]}}\n"
            );
            assert_eq!(tokens(&text).hidden_in("it is q8Zr2kLm9xWv"), "it is …", "{container}");
        }
    }

    #[test]
    fn other_variables_and_settings_are_shown() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{env: [{name: MAX_TOKEN, \
                    value: '4096'}, {name: TOKENIZER, value: bert-base-uncased}, {name: HF_TOKEN, valueFrom: \
                    {secretKeyRef: {name: hugging, key: face}}}], args: [--tokenizer, bert-base-uncased]}]}\n";
        assert!(tokens(text).is_empty());
    }
}
