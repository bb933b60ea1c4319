//! Files of the page.

use std::borrow::Cow;

/// File of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asset {
    Page,
    Script,
    Style,
}

impl Asset {
    /// Returns the file. A debug build reads it from the folder `AGENTOPS_WEB_DIR`, if that is set.
    pub(super) fn text(self) -> Cow<'static, str> {
        #[cfg(debug_assertions)]
        if let Some(text) = self.read() {
            return text.into();
        }
        Cow::Borrowed(match self {
            Self::Page => include_str!("../../web/dist/index.html"),
            Self::Script => include_str!("../../web/dist/app.js"),
            Self::Style => include_str!("../../web/dist/app.css"),
        })
    }

    #[cfg(debug_assertions)]
    fn read(self) -> Option<String> {
        let folder = std::env::var_os("AGENTOPS_WEB_DIR")?;
        std::fs::read_to_string(std::path::Path::new(&folder).join(self.name())).ok()
    }

    /// Returns the name of the file.
    #[cfg(debug_assertions)]
    fn name(self) -> &'static str {
        match self {
            Self::Page => "index.html",
            Self::Script => "app.js",
            Self::Style => "app.css",
        }
    }

    /// Returns the type of the file.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Page => "text/html; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Style => "text/css; charset=utf-8",
        }
    }
}
