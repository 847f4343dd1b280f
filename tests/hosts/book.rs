//! `make docs`: mdBook binds the documents, and no link of a page leads nowhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::package::Folder;
use crate::process::{command, run, skip, which};

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.extension().is_some_and(|end| end == "html") {
            found.push(path);
        }
    }
    found
}

#[test]
fn is_bound_and_its_links_lead_to_pages() {
    if which("mdbook").is_none() {
        return skip("the book", "mdbook is not installed");
    }
    let folder = Folder::new();
    let book = folder.path().join("book");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut build = command("mdbook", project);
    let built = run(build.args(["build", "docs", "--dest-dir"]).arg(&book));
    let built = built.expect_success("mdbook");
    assert!(!built.terminal().contains("WARN"), "{}", built.terminal());
    let mut links = 0;
    for page in pages(&book) {
        let text = fs::read_to_string(&page).unwrap();
        // Of the page itself, without what is around it on each.
        let text = text.split_once("<main>").map_or(&*text, |(_, main)| main);
        let text = text.split_once("</main>").map_or(text, |(main, _)| main);
        if page.ends_with("404.html") || page.ends_with("print.html") || page.ends_with("toc.html")
        {
            continue;
        }
        for attribute in ["href=\"", "src=\""] {
            for link in text.split(attribute).skip(1) {
                let link = link.split('"').next().unwrap();
                let path = link.split('#').next().unwrap();
                if path.contains("://") || path.is_empty() {
                    continue;
                }
                let target = page.parent().unwrap().join(path);
                assert!(target.exists(), "{}: {link}", page.display());
                links += 1;
            }
        }
    }
    assert!(links > 500, "{links}");
    // A README is included, not copied; its links lead to pages of the book, and to files on GitHub.
    let function = fs::read_to_string(book.join("functions/set-ingress-params.html")).unwrap();
    assert!(function.contains("../findings/token-short.html"), "{function}");
    assert!(function.contains("kserve-aws/blob/main/functions/set-ingress-params/schema.json"));
}
