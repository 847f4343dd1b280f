//! The pictures of `trace` and `access` as a browser draws them: headless Chromium measures each text in
//! the document, in the light and in the dark scheme.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use test_support::hosts::is_installed;

use crate::package::Folder;
use crate::process::{binary, command, run, skip};

const BROWSER: &str = "chromium";

/// Writes into the title how many texts there are, those that leave the box before them or meet the next
/// text of their line, and the colour of the first one.
const MEASURE: &str = "<script>
const texts = [...document.querySelectorAll('text')];
let box = null, before = null, wrong = 0;
for (const one of document.querySelectorAll('rect, text')) {
  const at = one.getBBox();
  if (one.tagName === 'rect') { box = at; before = null; continue; }
  const inside = box && at.x >= box.x && at.y >= box.y
    && at.x + at.width <= box.x + box.width && at.y + at.height <= box.y + box.height;
  const apart = !before || before.y !== at.y || before.x + before.width <= at.x;
  if (!inside || !apart) wrong += 1;
  before = at;
}
document.title = `${texts.length} ${wrong} ${getComputedStyle(texts[0]).fill}`;
</script>";

/// How many texts a picture has, how many of them overflow, and their colour.
fn measured(folder: &Path, picture: &str, scheme: &str) -> (usize, usize, String) {
    let page = folder.join("picture.html");
    fs::write(&page, format!("<!doctype html><meta charset=\"utf-8\">{picture}{MEASURE}")).unwrap();
    let mut browse = command(BROWSER, folder);
    browse.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    browse.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    browse.arg(format!("--blink-settings=preferredColorScheme={scheme}"));
    let outcome = run(browse.arg(format!("file://{}", page.display())));
    let title =
        outcome.stdout.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let (title, _) = title.unwrap_or_else(|| panic!("{}", outcome.terminal()));
    let words: Vec<&str> = title.splitn(3, ' ').collect();
    let [texts, wrong, color] = words[..] else { panic!("{title}") };
    (texts.parse().unwrap(), wrong.parse().unwrap(), color.to_owned())
}

#[test]
fn no_text_overflows_its_box() {
    if !is_installed(BROWSER) {
        return skip("the pictures of trace and access", "chromium is not installed");
    }
    let folder = Folder::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/validate-serving-path");
    // A path without a space, letters that are wider than others, and what has to be escaped.
    let long = format!("/v1/models/{}:predict?a=<b>&c=ＷＷ模型", "W".repeat(120));
    for input in ["input.yaml", "path-unknown/input.yaml", "login-at-the-gateway/input.yaml"] {
        fs::copy(root.join(input), folder.path().join("input.yaml")).unwrap();
        let url = format!("https://sklearn-iris.staging.platform.example.com{long}");
        for call in [
            &["trace", url.as_str(), "-H", "x-api-key: wrong", "input.yaml"][..],
            &["trace", "--all", "input.yaml"],
            &["access", "input.yaml"],
        ] {
            let mut draw = command(binary(), folder.path());
            let picture = run(draw.args(call).args(["--format", "svg"])).stdout;
            let mut colors = BTreeSet::new();
            for scheme in ["0", "1"] {
                let (texts, wrong, color) = measured(folder.path(), &picture, scheme);
                assert!(texts > 5, "{call:?}: {texts} texts");
                assert_eq!(wrong, 0, "{call:?} of {input}");
                colors.insert(color);
            }
            assert_eq!(colors.len(), 2, "light and dark: {colors:?}");
        }
    }
    // A measure that finds nothing anywhere would prove nothing.
    let narrow = "<svg><rect x=\"0\" y=\"0\" width=\"9\" height=\"20\"/><text x=\"0\" y=\"14\">text</text></svg>";
    assert_eq!(measured(folder.path(), narrow, "1").1, 1);
}
