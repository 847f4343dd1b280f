//! Unified differences, as git and kpt write them: of files, and applied to files.

use std::path::PathBuf;

use crate::rendering::{self, Texts};

/// The unified difference of every file.
pub(super) fn unified(before: &Texts, after: &Texts) -> String {
    let changed = rendering::changed(before, after).into_iter();
    changed.map(|path| rendering::line_diff(path, before, after)).collect()
}

/// What a difference makes of files.
///
/// # Errors
/// The first place that does not fit.
pub(super) fn applied(before: &Texts, patch: &str) -> Result<Texts, String> {
    let mut files = before.clone();
    let mut lines = patch.split_inclusive('\n').enumerate().peekable();
    while let Some((_, line)) = lines.next() {
        let Some(old) = line.strip_prefix("--- ") else { continue };
        let new = lines.next().and_then(|(_, line)| line.strip_prefix("+++ ")).unwrap_or_default();
        let (old, new) = (file(old), file(new));
        let text = old.as_ref().and_then(|path| files.remove(path)).unwrap_or_default();
        let source: Vec<&str> = text.split_inclusive('\n').collect();
        let (mut next, mut result) = (0, String::new());
        while let Some((_, hunk)) = lines.next_if(|(_, line)| line.starts_with("@@ ")) {
            let (first, mut left) =
                hunk_of(hunk).ok_or_else(|| format!("invalid hunk {:?}", hunk.trim_end()))?;
            let kept = source.get(next..first).ok_or_else(|| past(&old, first))?;
            result.extend(kept.iter().copied());
            next = first;
            while left.0 > 0 || left.1 > 0 {
                let Some((number, line)) = lines.next() else {
                    return Err("ends within a hunk".to_owned());
                };
                let (sign, rest) = line.split_at_checked(1).unwrap_or((line, ""));
                let (is_old, is_new) = (sign != "+", sign != "-");
                let rest = ended(rest, lines.peek().map(|(_, line)| *line));
                if is_old {
                    if source.get(next) != Some(&rest) {
                        return Err(format!("line {} is not in the file it names", number + 1));
                    }
                    next += 1;
                }
                if is_new {
                    result.push_str(rest);
                }
                left = (
                    left.0.saturating_sub(usize::from(is_old)),
                    left.1.saturating_sub(usize::from(is_new)),
                );
                lines.next_if(|(_, line)| line.starts_with('\\'));
            }
        }
        result.extend(source.get(next..).unwrap_or_default().iter().copied());
        if let Some(path) = new {
            files.insert(path, result);
        }
    }
    Ok(files)
}

/// A line of a hunk, without the line break that its file lacks.
fn ended<'l>(line: &'l str, below: Option<&str>) -> &'l str {
    match below {
        Some(note) if note.starts_with("\\ No newline") => line.strip_suffix('\n').unwrap_or(line),
        _ => line,
    }
}

/// The file that a header names; none for `/dev/null`.
fn file(name: &str) -> Option<PathBuf> {
    let name = name.trim_end().split('\t').next()?;
    (name != "/dev/null").then(|| name.split_once('/').map_or(name, |(_, rest)| rest).into())
}

/// Where a hunk begins, from 0, and how many lines of both sides it has.
fn hunk_of(line: &str) -> Option<(usize, (usize, usize))> {
    let mut words = line.split(' ').skip(1);
    let (first, old) = range(words.next()?.strip_prefix('-')?)?;
    let (_, new) = range(words.next()?.strip_prefix('+')?)?;
    // A hunk without old lines is behind the line that it names.
    Some((if old == 0 { first } else { first.checked_sub(1)? }, (old, new)))
}

fn range(text: &str) -> Option<(usize, usize)> {
    let (first, count) = text.split_once(',').unwrap_or((text, "1"));
    Some((first.parse().ok()?, count.parse().ok()?))
}

fn past(file: &Option<PathBuf>, line: usize) -> String {
    let name = file.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    format!("{name} has no line {}", line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "a\nb\nc\nd\ne\nf\ng\nh\n";
    const GIT: &str = "diff --git a/x/one.yaml b/x/one.yaml\nindex 72943a1..aed29ff 100644\n--- a/x/one.yaml\n+++ b/x/one.yaml\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n@@ -7,2 +7,3 @@ f\n g\n h\n+i\n";

    #[test]
    fn applies_what_git_writes() {
        let before = Texts::from([("x/one.yaml".into(), OLD.to_owned())]);
        let after = applied(&before, GIT).unwrap();
        assert_eq!(after[std::path::Path::new("x/one.yaml")], "a\nB\nc\nd\ne\nf\ng\nh\ni\n");
        let new = "--- /dev/null\n+++ b/two.yaml\n@@ -0,0 +1,2 @@\n+kind: A\n+name: b\n\\ No newline at end of file\n";
        let after = applied(&before, new).unwrap();
        assert_eq!(after[std::path::Path::new("two.yaml")], "kind: A\nname: b");
        let gone =
            "--- a/x/one.yaml\n+++ /dev/null\n@@ -1,8 +0,0 @@\n-a\n-b\n-c\n-d\n-e\n-f\n-g\n-h\n";
        assert!(applied(&before, gone).unwrap().is_empty());
        assert_eq!(applied(&before, "").unwrap(), before);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let before = Texts::from([("x/one.yaml".into(), OLD.replace('b', "z"))]);
        let problem = applied(&before, GIT).unwrap_err();
        assert_eq!(problem, "line 7 is not in the file it names");
        assert!(applied(&Texts::new(), GIT).is_err());
        assert!(applied(&before, "--- a/x\n+++ b/x\n@@ -x +1 @@\n").is_err());
    }
}
