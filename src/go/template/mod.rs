//! Go templates, as far as Knative's `domain-template` and `tag-template` and `KServe`'s
//! `domainTemplate` and `pathTemplate` need them.
//!
//! Taken: text, comments, trim markers, fields, map keys, variables, parentheses, pipelines,
//! `if`/`else if`/`else`, `with`, strings, decimal numbers, `nil`, and the functions `and`, `or`,
//! `not`, `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `index`, `slice`, `len`, `print`, `println` and
//! `printf`. Everything else that Go knows (`range`, `define`, `template`, `block`, `html`, `js`,
//! `urlquery`, `call`, floating point …) is [`TemplateError::Unsupported`] and named: it is never
//! rendered as something that Go would not render.
//!
//! Source: `text/template` (`parse/lex.go`, `parse/parse.go`, `exec.go`, `funcs.go`) of Go 1.26.

mod error;
mod evaluator;
mod functions;
mod lexer;
mod parser;
mod tree;
mod value;

pub use error::TemplateError;
pub use value::Record;
pub(crate) use value::StringMap;

/// The longest template. Knative's default has 35 bytes.
const LONGEST_TEMPLATE: usize = 1 << 14;

/// A parsed template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    nodes: Vec<tree::Node>,
}

impl Template {
    /// Parses a template's text.
    ///
    /// # Errors
    /// [`TemplateError::Syntax`] where Go would refuse it, [`TemplateError::Unsupported`] where it
    /// uses what this module leaves out.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.len() > LONGEST_TEMPLATE {
            let found = format!("{} bytes, of which {LONGEST_TEMPLATE} are allowed", text.len());
            return Err(TemplateError::Unsupported(found));
        }
        let tokens = lexer::tokens(text)?;
        Ok(Self { nodes: parser::parse(tokens)? })
    }

    /// Renders the template over the fields of `record`.
    ///
    /// # Errors
    /// [`TemplateError::Execution`] for a field that the record does not have, a wrong argument
    /// and so on; what Go prints for an absent map key (`<no value>`) is not an error.
    pub fn render(&self, record: &Record<'_>) -> Result<String, TemplateError> {
        evaluator::render(&self.nodes, record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> Result<String, TemplateError> {
        let labels = StringMap::from([("team".to_owned(), "blue".to_owned())]);
        let record =
            Record::new().text("Name", "iris").text("Domain", "example.com").map("Labels", &labels);
        Template::parse(text)?.render(&record)
    }

    #[test]
    fn fields_keys_and_pipelines_render_as_in_go() {
        for (text, expected) in [
            ("{{.Name}}.{{ .Domain }}", "iris.example.com"),
            ("{{ index .Labels \"team\" }}-{{.Labels.team}}", "blue-blue"),
            ("{{ .Labels.none }}", "<no value>"),
            ("{{ index .Labels `none` }}|", "|"),
            (
                "{{ if .Labels.team }}{{ printf \"%s-%s\" .Name .Labels.team }}{{ else }}x{{ end }}",
                "iris-blue",
            ),
            ("{{ if .Labels.none }}a{{ else if eq .Name \"iris\" }}b{{ else }}c{{ end }}", "b"),
            ("{{ with .Labels.team }}{{.}}-{{$.Name}}{{ end }}", "blue-iris"),
            ("{{ with .Labels.none }}a{{ else }}{{.Name}}{{ end }}", "iris"),
            ("a {{- /* c */ -}} b {{- .Name -}} c", "abirisc"),
            ("{{ $n := .Name }}{{ $n }}{{ $n = \"x\" }}{{ $n }}", "irisx"),
            ("{{ .Name | printf \"%s-%s\" \"a\" }}", "a-iris"),
            ("{{ slice .Name 0 2 }}{{ len .Name }}{{ slice .Name 2 }}", "ir4is"),
            ("{{ or .Labels.none .Name }}{{ and .Name true }}{{ not .Name }}", "iristruefalse"),
            (
                "{{ printf \"%.2s|%5s|%-5s|%q|%d|%v|%%\" .Name .Name .Name .Name 7 .Labels }}",
                "ir| iris|iris |\"iris\"|7|map[team:blue]|%",
            ),
            (
                "{{ printf \"%s\" .Labels.none }}{{ printf \"%d\" .Name }}{{ printf \"a\" 1 }}",
                "%!s(<nil>)%!d(string=iris)a%!(EXTRA int=1)",
            ),
            ("{{ print 1 2 \"a\" \"b\" 3 }}{{ println .Name 1 }}", "1 2ab3iris 1\n"),
            (
                "{{ eq .Labels.none \"x\" }}{{ eq .Name \"a\" \"iris\" }}{{ lt 1 2 }}{{ ge \"a\" \"b\" }}",
                "falsetruetruefalse",
            ),
            ("{{.Labels}}{{.}}", "map[team:blue]{iris example.com map[team:blue]}"),
            ("{{ .Name | }}", "iris"),
        ] {
            assert_eq!(rendered(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in [
            "{{ .Name",
            "{{ .Name }",
            "{{ if }}a{{end}}",
            "{{end}}",
            "{{ $x }}",
            "{{ foo }}",
            "{{ \"a }}",
            "{{ .Name | 1 }}",
            "{{ (.Name }}",
            "{{}}",
            "{{ .Name := 1 }}",
            "{{ ' }}",
        ] {
            assert!(
                matches!(rendered(text), Err(TemplateError::Syntax(_))),
                "{text}: {:?}",
                rendered(text)
            );
        }
        for text in [
            "{{ .Foo }}",
            "{{ .Name.x }}",
            "{{ .Name 1 }}",
            "{{ nil }}",
            "{{ index .Labels 1 }}",
            "{{ eq .Name 1 }}",
            "{{ printf .Labels }}",
            "{{ len 3 }}",
            "{{ slice .Name 9 }}",
            "{{ not }}",
        ] {
            assert!(
                matches!(rendered(text), Err(TemplateError::Execution(_))),
                "{text}: {:?}",
                rendered(text)
            );
        }
    }

    #[test]
    fn what_is_left_out_is_named() {
        for (text, name) in [
            ("{{ range .Labels }}{{ end }}", "range"),
            ("{{ define \"a\" }}{{ end }}", "define"),
            ("{{ template \"a\" }}", "template"),
            ("{{ .Name | urlquery }}", "urlquery"),
            ("{{ 1.5 }}", "1.5"),
        ] {
            let error = rendered(text).unwrap_err();
            assert!(matches!(error, TemplateError::Unsupported(_)), "{text}: {error}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let parens = format!("{{{{ {}1{} }}}}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(Template::parse(&parens).is_err());
        let ifs = "{{if 1}}".repeat(50_000) + &"{{end}}".repeat(50_000);
        assert!(Template::parse(&ifs).is_err());
        assert!(rendered("{{ printf \"%999999s\" .Name }}").is_err());
    }
}
