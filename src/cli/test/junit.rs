//! The results as JUnit's XML: a test case a folder.

use std::fmt::Write;

use super::super::report::junit::escaped;
use super::tested::Tested;

pub(super) fn text(tested: &[Tested]) -> String {
    let failed = tested.iter().filter(|one| !one.failure.is_empty()).count();
    let totals = format!("tests=\"{}\" failures=\"{failed}\" errors=\"0\"", tested.len());
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(xml, "<testsuites name=\"kserve-aws test\" {totals}>");
    let _ = writeln!(xml, "  <testsuite name=\"kserve-aws test\" {totals}>");
    for one in tested {
        let name = escaped(&one.folder.display().to_string());
        let _ = write!(xml, "    <testcase classname=\"kserve-aws test\" name=\"{name}\"");
        if one.failure.is_empty() {
            xml.push_str("/>\n");
            continue;
        }
        let lines: Vec<String> = one.failure.lines().map(escaped).collect();
        let message = "what is rendered is not what is expected";
        let _ =
            writeln!(xml, ">\n      <failure message=\"{message}\">{}</failure>", lines.join("\n"));
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}
