//! Session as one file that shows it in a browser.

use std::{io, path::Path};

use super::Show;
use crate::{
    commands::{Failure, Outcome, cells::counted, out_file::OutFile},
    page::{ExportedPage, PageContent, PageSummary},
    terminal::{Screen, bytes},
};

impl Show {
    /// Writes the file. Before it is there, a line tells what is in it.
    pub(super) fn write_html(
        &self,
        screen: &mut Screen<'_>,
        path: &Path,
    ) -> Result<Outcome, Failure> {
        let selected = self.store.select_whole(&self.session, "show --html")?;
        let content = if self.no_content { PageContent::LeftOut } else { PageContent::Masked };
        let page = ExportedPage::read(&*selected.store, selected.session, content, screen.now)?;
        let unwritable = |error: io::Error| {
            let path = agentops_core::push::shown(path);
            Failure::Usage(format!("`{path}` cannot be written: {error}"))
        };
        let mut file = OutFile::create(path).map_err(unwritable)?;
        let written = page.write(file.writer()).map_err(unwritable)?;
        screen.line(&inside(&written, content))?;
        file.finish().map_err(unwritable)?;
        screen.line(&format!("written to `{}`", agentops_core::push::shown(path)))?;
        Ok(Outcome::Fine)
    }
}

/// Returns what is in the file.
fn inside(written: &PageSummary, content: PageContent) -> String {
    let messages = match content {
        PageContent::Masked => counted(written.messages, "message"),
        PageContent::LeftOut => "no content".to_owned(),
    };
    let masked = match written.masked {
        0 => "no value looks like a key".to_owned(),
        1 => "1 value looks like a key (masked)".to_owned(),
        many => format!("{many} values look like keys (masked)"),
    };
    let (spans, size) = (counted(written.spans, "span"), bytes(written.bytes));
    format!("{spans}, {messages}, {size}, {masked}")
}
