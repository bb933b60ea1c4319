//! Page around a session in a file: its style and its script are in it, and its policy allows these alone.

use std::io;

use base64::{Engine, prelude::BASE64_STANDARD};
use ring::digest::{SHA256, digest};

use crate::page::assets::Asset;

/// Tags of the page that name its files, and the end of what stands before its policy.
const STYLE: &str = r#"<link rel="stylesheet" href="app.css">"#;
const SCRIPT: &str = r#"<script src="app.js"></script>"#;
const CHARSET: &str = r#"<meta charset="utf-8">"#;

/// Page around a session.
pub(super) struct PageShell {
    pub(super) before_session: String,
    /// Text between the session and the content of its spans, with the script: it draws the session while the rest is read.
    pub(super) before_content: String,
    pub(super) end: String,
}

impl PageShell {
    /// Creates the page from its files.
    pub(super) fn new() -> io::Result<Self> {
        let [page, script, style] = [Asset::Page, Asset::Script, Asset::Style].map(Asset::text);
        Self::of(&page, &script, &style)
    }

    fn of(page: &str, script: &str, style: &str) -> io::Result<Self> {
        if ends_early(script, "script") || ends_early(style, "style") {
            return Err(io::Error::other("a file of the page holds the tag that would end it"));
        }
        let torn = || io::Error::other("the page does not name its files as it should");
        let (head, body) = page.split_once(STYLE).ok_or_else(torn)?;
        let (start, head) = head.split_once(CHARSET).ok_or_else(torn)?;
        let (body, end) = body.split_once(SCRIPT).ok_or_else(torn)?;
        let policy = policy(script, style);
        let policy = format!(r#"<meta http-equiv="Content-Security-Policy" content="{policy}">"#);
        let data = |id| format!(r#"<script type="application/json" id="agentops-{id}">"#);
        let (session, content) = (data("session"), data("content"));
        Ok(Self {
            before_session: format!(
                "{start}{CHARSET}\n{policy}{head}<style>{style}</style>{body}{session}"
            ),
            before_content: format!("</script>\n<script>{script}</script>\n{content}"),
            end: format!("</script>{end}"),
        })
    }
}

/// Returns `true` if a text holds what would end its element, or hide that end.
fn ends_early(text: &str, element: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains(&format!("</{element}")) || text.contains("<!--")
}

/// Returns the policy of a page with this script and this style.
fn policy(script: &str, style: &str) -> String {
    let hash = |text: &str| {
        format!("'sha256-{}'", BASE64_STANDARD.encode(digest(&SHA256, text.as_bytes())))
    };
    let (script, style) = (hash(script), hash(style));
    format!(
        "default-src 'none'; script-src {script}; style-src {style}; img-src data:; base-uri 'none'; \
         form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        format!("<!doctype html>\n<head>\n{CHARSET}\n{STYLE}\n</head>\n<body>{SCRIPT}</body>")
    }

    #[test]
    fn page_shell_allows_its_own_script_and_style_alone() {
        let PageShell { before_session, before_content, end } =
            PageShell::of(&page(), "alert(1)", "a{}").unwrap();
        let policy = "default-src 'none'; script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; \
            style-src 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='; img-src data:; base-uri 'none'; \
            form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
        assert_eq!(
            before_session,
            format!(
                "<!doctype html>\n<head>\n{CHARSET}\n<meta http-equiv=\"Content-Security-Policy\" \
                 content=\"{policy}\">\n<style>a{{}}</style>\n</head>\n<body>\
                 <script type=\"application/json\" id=\"agentops-session\">"
            )
        );
        let expected = "</script>\n<script>alert(1)</script>\n<script type=\"application/json\" id=\"agentops-content\">";
        assert_eq!(before_content, expected);
        assert_eq!(end, "</script></body>");
    }

    #[test]
    fn page_shell_refuses_files_that_would_end_early() {
        for (script, style) in [("'</script>'", ""), ("'<!--'", ""), ("", "</STYLE >")] {
            assert!(PageShell::of(&page(), script, style).is_err(), "{script}{style}");
        }
        assert!(PageShell::of("<p>", "", "").is_err());
    }

    #[test]
    fn files_of_the_page_fit_into_one() {
        assert!(PageShell::new().is_ok());
    }
}
