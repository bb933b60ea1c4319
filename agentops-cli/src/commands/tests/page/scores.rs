//! Scores that are given on the page.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    super::{run_on, sample::trace, store},
    Answer, HOSTILE, PORT, TestServer, exported, write_hostile,
};
use crate::{
    page::{Access, Token},
    store::FileStore,
    terminal::Colour,
};

/// Returns the error of an answer with its status.
fn refusal(answer: &Answer) -> (u16, String) {
    let document: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    (answer.status.as_u16(), document["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn score_that_is_given_is_stored_and_seen() {
    let store = store();
    let (server, ask) = (TestServer::new(store.path()), trace(1));
    let path = format!("/api/s/{ask}");
    let before = server.json(&path);
    assert_eq!((&before["scores"], &before["may_score"]), (&json!([]), &json!(true)));
    let body = json!({ "value": 1, "label": "correct", "explanation": " as\nexpected " });
    let answer = server.post_score(&ask, &[], &body.to_string());
    let stored: Value = serde_json::from_str(&answer.body).unwrap();
    let expected = json!({
        "span": null,
        "name": "correctness",
        "value": 1.0,
        "label": "correct",
        "explanation": "as\nexpected",
        "author": null,
        "time": stored["time"],
    });
    assert_eq!((answer.status, &stored), (StatusCode::CREATED, &expected));
    let body =
        json!({ "span": "8888888888888888", "name": "quality", "value": -0.5, "author": "ada" });
    let kind = [("content-type", "application/json; charset=utf-8")];
    assert_eq!(server.post_score(&ask, &kind, &body.to_string()).status, StatusCode::CREATED);
    let after = server.json(&format!("{path}?version={}", before["version"].as_str().unwrap()));
    let shown = |scores: &Value| -> Vec<_> {
        let scores = scores.as_array().unwrap().iter();
        scores.map(|score| json!([score["span"], score["name"], score["value"]])).collect()
    };
    let both =
        vec![json!([null, "correctness", 1.0]), json!(["8888888888888888", "quality", -0.5])];
    assert_eq!(shown(&after["scores"]), both);
    let listed = server.json(&format!("{path}/scores"));
    assert_eq!((shown(&listed["scores"]), &listed["faults"]), (both, &Value::Null));
    let (printed, _) = run_on(store.path(), 80, Colour::Plain, &["show", &ask]);
    assert_eq!(printed.lines().nth(3), Some("scores: correctness 1 correct · 1 score of spans"));
    let (printed, _) = run_on(store.path(), 80, Colour::Plain, &["show", &format!("{ask}/8")]);
    assert!(printed.contains("\nscores\n  quality  -0.5 · ada\n"), "{printed}");
    let (printed, _) = run_on(store.path(), 80, Colour::Plain, &["show", &ask, "--json"]);
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(shown(&printed["scores"]), shown(&after["scores"]));
}

#[test]
fn scores_that_are_none_are_refused() {
    let store = store();
    let (server, ask) = (TestServer::new(store.path()), trace(1));
    let long = |length: usize| "a".repeat(length);
    let refused = |others: &[(&str, &str)], body: &Value| {
        refusal(&server.post_score(&ask, others, &body.to_string()))
    };
    let good = json!({ "value": 1 });
    let no_json = (415, "the body is no JSON; send it as `Content-Type: application/json`".into());
    let guarded = (403, String::new());
    let request = |text: &str| (400, text.to_owned());
    let cases = [
        (refused(&[("content-type", "text/plain")], &good), no_json.clone()),
        (refused(&[("content-type", "")], &good), no_json),
        (refused(&[("sec-fetch-site", "cross-site")], &good), guarded.clone()),
        (refused(&[("sec-fetch-site", "none")], &good), guarded.clone()),
        (refused(&[("sec-fetch-site", "")], &good), guarded.clone()),
        (refused(&[("host", "evil.example:7001")], &good), guarded),
        (refused(&[], &json!({})), request("a score needs a `value` or a `label`")),
        (refused(&[], &json!({ "label": " " })), request("a score needs a `value` or a `label`")),
        (
            refused(&[], &json!({ "value": 1, "name": long(101) })),
            request("`name` is longer than 100 characters; shorten it"),
        ),
        (
            refused(&[], &json!({ "value": 1, "explanation": long(10_001) })),
            request("`explanation` is longer than 10000 characters; shorten it"),
        ),
        (
            refused(&[], &json!({ "value": 1, "explanation": long(70_000) })),
            (413, "the body is longer than 65536 bytes; shorten the explanation".into()),
        ),
        (
            refused(&[], &json!({ "value": 1, "span": "9" })),
            request("`9` is no id of a span; 16 hexadecimal digits are one"),
        ),
        (
            refused(&[], &json!({ "value": 1, "span": "9999999999999999" })),
            (404, "the session has no such span, or it has not ended".into()),
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
    for body in ["", "[]", "{\"value\": 1e999}", "{\"value\": NaN}", "{\"value\": 1, \"x\": 2}"] {
        let (status, error) = refusal(&server.post_score(&ask, &[], body));
        assert!(status == 400 && error.starts_with("the body is no score: "), "{body}: {error}");
    }
    let other = server.post_score(&"9".repeat(32), &[], &good.to_string());
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let path = format!("/{}/api/s/{ask}/scores", Token::new().unwrap());
    let host = format!("127.0.0.1:{PORT}");
    let own = [("host", &*host), ("sec-fetch-site", "same-origin")];
    assert_eq!(server.ask(&Method::POST, &path, &own).status, StatusCode::NOT_FOUND);
    assert!(!store.path().join(format!("{ask}.scores")).exists());
}

#[test]
fn page_that_is_read_only_takes_no_scores() {
    let store = store();
    let ask = trace(1);
    let server = TestServer::with_access(store.path(), Access::ReadOnly);
    let answer = server.post_score(&ask, &[], "{\"value\": 1}");
    let reason = "scores are off by `--read-only`; start `agentops view` without it";
    assert_eq!(refusal(&answer), (405, reason.to_owned()));
    assert_eq!(answer.headers["allow"], "GET, HEAD");
    assert_eq!(server.json(&format!("/api/s/{ask}"))["may_score"], false);
    assert!(!store.path().join(format!("{ask}.scores")).exists());
    let file = FileStore::open(store.path().join(format!("{ask}.jsonl"))).unwrap();
    let server = TestServer::of(Arc::new(file), Access::Scores);
    let (status, error) = refusal(&server.post_score(&ask, &[], "{\"value\": 1}"));
    assert!(status == 405 && error.ends_with("view its folder to give scores"), "{error}");
    assert_eq!(server.json(&format!("/api/s/{ask}"))["may_score"], false);
}

#[test]
fn exported_page_has_the_scores() {
    let dir = TempDir::new().unwrap();
    write_hostile(dir.path());
    let server = TestServer::new(dir.path());
    let key = format!("sk-proj-{}", "a1B2".repeat(12));
    let body = json!({ "name": HOSTILE, "value": 0.5, "label": "fair", "explanation": format!("{HOSTILE} {key}") });
    server.post_score(&trace(1), &[], &body.to_string());
    let (_, page, data) = exported(dir.path(), &[]);
    let session = &data["session"];
    let score = &session["scores"][0];
    assert_eq!(
        (&score["name"], &score["value"], &score["label"]),
        (&json!(HOSTILE), &json!(0.5), &json!("fair"))
    );
    assert!(score["explanation"].as_str().unwrap().ends_with("<key>"), "{score}");
    assert_eq!((&session["may_score"], page.contains(&key)), (&json!(false), false));
    let (_, page, data) = exported(dir.path(), &["--no-content"]);
    let score = &data["session"]["scores"][0];
    assert_eq!(
        [&score["value"], &score["label"], &score["explanation"]],
        [&json!(0.5), &Value::Null, &Value::Null]
    );
    assert!(!page.contains("fair"));
}
