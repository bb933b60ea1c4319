//! Hits of a search, a line of JSON each.

use std::{
    collections::HashMap,
    io::{self, Write},
    ops::ControlFlow,
};

use serde::Serialize;

use super::{session_list::FaultsDocument, watched_store::WatchedStore};
use crate::store::{Excerpt, Hit, SearchQuery, SearchStep};

/// Most hits of a search.
const MOST_HITS: u64 = 1_000;

/// Place that holds the text.
#[derive(Debug, Serialize)]
struct HitDocument<'h> {
    session: String,
    session_name: &'h str,
    span: String,
    kind: &'h str,
    name: &'h str,
    field: &'h str,
    before: &'h str,
    hit: &'h str,
    after: &'h str,
}

/// End of a search.
#[derive(Debug, Serialize)]
struct EndDocument {
    done: bool,
    hits: u64,
    more: bool,
    faults: Option<FaultsDocument>,
    /// Reason why the rest was not searched.
    error: Option<String>,
}

/// Writes the hits of a search as they are found, then its end. Stops when they cannot be written, also if there are none:
/// a client that has gone is noticed at each file and each line.
pub(super) fn write(
    watched: &WatchedStore,
    query: &SearchQuery,
    out: &mut impl Write,
) -> io::Result<()> {
    let names = watched.list(|list| {
        let sessions = list.since(None).sessions.into_iter();
        sessions.map(|session| (session.id, session.name.clone())).collect::<HashMap<_, _>>()
    });
    // Without the list of sessions there is nothing to be searched either, which says so itself.
    let names = names.unwrap_or_default();
    let (mut hits, mut more, mut written) = (0, false, Ok(()));
    let searched = watched.store().search(query, &mut |step| {
        let SearchStep::Hit(hit) = step else {
            written = out.flush();
            return if written.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            };
        };
        more = hits == MOST_HITS;
        if more {
            return ControlFlow::Break(());
        }
        hits += 1;
        let name = names.get(&hit.session).map_or("", String::as_str);
        written = write_line(out, &document(&hit, name));
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    let (faults, error) = match &searched {
        Ok(faults) => (FaultsDocument::new(faults), None),
        Err(error) => (None, Some(error.to_string())),
    };
    write_line(out, &EndDocument { done: true, hits, more, faults, error })
}

fn document<'h>(hit: &'h Hit, session_name: &'h str) -> HitDocument<'h> {
    let Excerpt { before, found, after } = &hit.excerpt;
    HitDocument {
        session: hit.session.to_string(),
        session_name,
        span: hit.span.to_string(),
        kind: &hit.kind,
        name: &hit.name,
        field: &hit.field,
        before,
        hit: found,
        after,
    }
}

/// Writes a line, and sends it at once.
fn write_line(out: &mut impl Write, document: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        page::{Access, StorePlace},
        store::{
            LetterCase, Needle, SessionFilter,
            fixture::{TestFolder, TestSpan},
        },
    };

    /// Client that has gone: nothing that is written is sent.
    #[derive(Default)]
    struct GoneClient {
        written: Vec<u8>,
        flushes: usize,
    }

    impl Write for GoneClient {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.written.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            self.flushes += 1;
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn search_without_a_hit_stops_once_the_client_has_gone() {
        let folder = TestFolder::new();
        for session in 1..=9 {
            folder.write(session, &[&[TestSpan::new(session, 1, 0, "session one").ended()]]);
        }
        let place = StorePlace::new(&["sessions".into()]);
        let watched = WatchedStore::new(Arc::new(folder.store()), place, Access::ReadOnly, 7);
        let query = SearchQuery {
            needle: Needle::new("absent", LetterCase::Matters),
            sessions: SessionFilter::default(),
            kind: None,
        };
        let mut client = GoneClient::default();
        let stopped = write(&watched, &query, &mut client).unwrap_err();
        assert_eq!(stopped.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!((client.written, client.flushes), (Vec::new(), 1));
    }
}
