//! A stream of documents: what is in it when some of them go and others come.

use super::emit::{Style, Written};
use super::new_object::NewObject;
use super::page::Page;
use super::ranges::Ranges;
use super::rewrite::{Documents, Rewrite};
use super::splice::Splice;
use crate::error::SourceError;
use crate::read::contents::Entry;

/// What is around the documents of a stream.
pub(crate) struct StreamFrame<'p> {
    pub(crate) page: Page<'p>,
    pub(crate) documents: &'p [Entry],
    pub(crate) ranges: &'p [Ranges],
    pub(crate) style: Style,
    /// JSON objects, with nothing between them.
    pub(crate) is_json: bool,
}

impl StreamFrame<'_> {
    /// Takes out the documents that leave, and puts new ones after the last.
    pub(crate) fn change(
        &self,
        removed: &[bool],
        added: &[&NewObject],
        rewrite: &mut Rewrite<'_>,
    ) -> Result<(), SourceError> {
        let mut kept = Vec::new();
        let mut from = 0;
        for item in self.documents.iter().filter_map(|document| document.item()) {
            if removed[item] {
                let Ranges { lead, own, .. } = self.ranges[item];
                rewrite.remove(item, lead..own);
                kept.push(&self.page.source[from..lead]);
                from = own;
            }
        }
        kept.push(&self.page.source[from..]);
        if added.is_empty() {
            return Ok(());
        }
        NewObject::check(added, self.page.source)?;
        if !self.is_json && self.style == NewObject::STYLE {
            return self.put_behind(added, &kept, rewrite);
        }
        let text =
            if self.is_json { self.objects(added, &kept) } else { self.documents(added, &kept) }?;
        rewrite.push(Splice::insert(self.page.source.len(), text));
        Ok(())
    }

    /// New documents behind what is kept, as they are.
    fn put_behind(
        &self,
        added: &[&NewObject],
        kept: &[&str],
        rewrite: &mut Rewrite<'_>,
    ) -> Result<(), SourceError> {
        if ends_within_line(kept) {
            self.page.check_line_can_end(self.page.source.len())?;
            let line_break = self.style.line_break.to_owned();
            rewrite.push(Splice::insert(self.page.source.len(), line_break));
        }
        let texts = added.iter().map(|object| object.text()).collect();
        rewrite.add_documents(Documents { texts, are_marked: !is_blank(kept) });
        Ok(())
    }

    /// New documents after what is kept.
    fn documents(&self, added: &[&NewObject], kept: &[&str]) -> Result<String, SourceError> {
        let mut text = String::new();
        if ends_within_line(kept) {
            self.page.check_line_can_end(self.page.source.len())?;
            text.push_str(self.style.line_break);
        }
        // Comments, or a document in which nothing is, are no part of a new document.
        let mut needs_marker = !is_blank(kept);
        for object in added {
            if needs_marker {
                text.push_str("---");
                text.push_str(self.style.line_break);
            }
            object.push_block(0, self.style, &mut text)?;
            text.push_str(self.style.line_break);
            needs_marker = true;
        }
        Ok(text)
    }

    /// New objects of JSON, each on a line of its own.
    fn objects(&self, added: &[&NewObject], kept: &[&str]) -> Result<String, SourceError> {
        let line_break = self.style.line_break;
        let mut text = String::new();
        if ends_within_line(kept) && !is_blank(kept) {
            text.push_str(line_break);
        }
        for object in added {
            text.push_str(&object.flow()?);
            text.push_str(line_break);
        }
        Ok(text)
    }
}

fn without_mark<'k>(kept: &[&'k str]) -> impl DoubleEndedIterator<Item = &'k str> {
    let texts = kept.iter().map(|text| text.trim_start_matches('\u{feff}'));
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().into_iter()
}

fn ends_within_line(kept: &[&str]) -> bool {
    without_mark(kept).next_back().is_some_and(|last| !last.ends_with('\n'))
}

fn is_blank(kept: &[&str]) -> bool {
    without_mark(kept).all(|text| text.trim_ascii().is_empty())
}
