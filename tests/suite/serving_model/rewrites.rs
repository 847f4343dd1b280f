//! Rewrites of the domains, the order of items, and texts that nobody thought of.

use super::*;

#[test]
fn a_rewrite_shows_in_the_hosts_before_it_is_made() {
    let mut items = items(&documents(&format!("{IRIS}---{PLATFORM}")));
    let long =
        format!("{}.{}.{}.{}", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(40));
    items.replace_config_domain(Some(&BTreeMap::from([(long, String::new())])));
    let model = ServingModel::build(&items, &ServingOptions::default());
    assert!(codes(&model.endpoints[0]).contains(&Code::KnativeHostInvalid));
    items.replace_config_domain(Some(&BTreeMap::new()));
    let model = ServingModel::build(&items, &ServingOptions::default());
    assert_eq!(model.endpoints[0].exposure, Exposure::ClusterLocal);
}

#[test]
fn no_text_stops_the_readers() {
    let pieces = [
        "{{", "}}", "{", "}", "- ", " -", "/*", "*/", ".Name", ".Labels", ".", "$", "$x", ":=",
        "=", "|", "(", ")", "if ", "else ", "end", "with ", "printf ", "index ", "slice ", "eq ",
        "\"", "%s", "%", "%-5.2q", "`", "\\", "\\u", "12", "-3", "0x1", "é", "\u{fffd}", "\n",
        "\t", " ", ",", ":", "[", "]", "null", "true", "selector", "env", "&a", "*a", "!!str",
        "---", "#", "?", "@", "~", "1e9", "/",
    ];
    let labels = BTreeMap::from([("env".to_owned(), "é".to_owned())]);
    let record = Record::new().text("Name", "iris").map("Labels", &labels);
    let mut dice = Dice::new(3);
    let mut rendered = 0;
    for _ in 0..60_000 {
        let text: String =
            (0..1 + dice.below(12)).map(|_| pieces[dice.below(pieces.len())]).collect();
        for text in [text.clone(), format!("{{{{{text}}}}}")] {
            rendered += usize::from(
                Template::parse(&text).is_ok_and(|template| template.render(&record).is_ok()),
            );
        }
        let _ = unmarshal(&text, &mut KeySpellings::default());
        let _ = ConfigDomain::parse(&BTreeMap::from([("a.com".to_owned(), text.clone())]), "");
        let _ =
            ConfigNetwork::parse(&BTreeMap::from([("domain-template".to_owned(), text.clone())]));
        let _ = text.parse::<Release>();
        let _ = text.parse::<DnsName>();
    }
    assert!(rendered > 1_000, "{rendered}");
}

#[test]
fn the_order_of_the_items_does_not_matter() {
    let twice =
        IRIS.replace("sklearn", "triton").replace("team-a}", "team-a, labels: {env: prod}}");
    let more = IRIS.replace("team-a", "team-default").replace("name: iris,", "name: b,");
    let other = PLATFORM
        .replace("platform.example.com", "other.example.com")
        .replace("knative-serving", "elsewhere");
    let docs = documents(&format!(
        "{IRIS}\n---\n{twice}\n---\n{more}---{PLATFORM}---{other}\n---\napiVersion: serving.kserve.io/v1alpha1\nkind: InferenceGraph\nmetadata: {{name: g}}\n"
    ));
    let first = ServingModel::build(&items(&docs), &ServingOptions::default());
    assert_eq!(first.endpoints.len(), 4);
    let mut dice = Dice::new(7);
    for _ in 0..200 {
        let mut shuffled = docs.clone();
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, dice.below(place + 1));
        }
        assert_eq!(ServingModel::build(&items(&shuffled), &ServingOptions::default()), first);
    }
}

#[test]
fn a_rewrite_leaves_at_most_one_default_and_the_second_changes_nothing() {
    let keys = ["example.com", "a.com", "b.com", "_example", "svc.cluster.local", "Z.com"];
    let values = [
        "",
        "selector: {env: prod}\n",
        "selector:\n  team: blue\n",
        "type: wildcard",
        "null",
        "selector: {n: 1}",
    ];
    let mut dice = Dice::new(99);
    for _ in 0..3_000 {
        let mut data = BTreeMap::new();
        for _ in 0..dice.below(6) {
            data.insert(
                keys[dice.below(keys.len())].to_owned(),
                values[dice.below(values.len())].to_owned(),
            );
        }
        let annotations =
            BTreeMap::from([("knative.dev/example-checksum".to_owned(), "0".to_owned())]);
        let mut wanted = Vec::new();
        for domain in ["a.com", "c.com"] {
            if dice.below(2) == 0 {
                let mut selector = BTreeMap::new();
                if dice.below(2) == 0 {
                    selector.insert(
                        "env".to_owned(),
                        ["prod", "yes", "1", ""][dice.below(4)].to_owned(),
                    );
                }
                let selector = RouteSelector::parse(&selector).unwrap();
                wanted.push(WantedDomain { domain: domain.parse().unwrap(), selector });
            }
        }
        let both = wanted.len() == 2 && wanted.iter().all(|one| one.selector.is_empty());
        let Ok(wanted) = WantedDomains::new(wanted) else {
            assert!(both);
            continue;
        };
        let (changes, _) = rewrite(&data, &annotations, &wanted).unwrap();
        let before = ConfigDomain::parse(&data, "svc.cluster.local").unwrap();
        let mut after = data.clone();
        after.retain(|key, _| !changes.remove.contains(key));
        after.extend(changes.set.clone());
        let parsed = ConfigDomain::parse(&after, "").unwrap();
        let defaults: Vec<_> = parsed.defaults().collect();
        assert_eq!(defaults.len(), 1, "{data:?} {wanted:?}");
        match wanted.default_domain() {
            Some(default) => assert_eq!(defaults, [default.as_str()]),
            // Without a wanted default no Route that had one gets another.
            None if wanted.is_empty() && !defaults[0].is_empty() => {
                assert_eq!(parsed.lookup(&BTreeMap::new()), before.lookup(&BTreeMap::new()));
            }
            None => {}
        }
        for (domain, selector) in before.domains().filter(|(_, selector)| !selector.is_empty()) {
            let kept = parsed.domains().find(|(found, _)| *found == domain).unwrap();
            assert!(kept.1 == selector || wanted.iter().any(|one| one.domain.as_str() == domain));
        }
        assert!(!after.contains_key("_example"));
        let (second, _) = rewrite(&after, &BTreeMap::new(), &wanted).unwrap();
        assert!(second.set.is_empty() && second.remove.is_empty(), "{data:?}");
    }
}
