//! Values of other crates, each with a way of its own to be looked at.

use std::sync::Arc;

use agentops::{LlmResponse, Message, Usage, current, llm, session, testing::Capture, tool};
use bytes::Bytes;
use dashmap::{DashMap, DashSet};
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

/// An attribute of the span of this name, as JSON if it is that.
fn recorded(capture: &Capture, span: &str, key: &str) -> String {
    let spans = capture.spans();
    let span = spans.iter().find(|it| it.name.ends_with(&format!(" {span}"))).expect("the span");
    let found = span.attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.expect("the attribute").value.to_string()
}

#[test]
fn private_struct_formats_are_written_as_values() {
    #[tool]
    fn hidden(args: Value, raw: Box<RawValue>, raws: Vec<&RawValue>, date: toml::Value) -> Value {
        let _ = (raw, raws, date);
        args
    }
    #[session]
    fn hides() {
        let args: Value = serde_json::from_str(r#"{"big":1e+400,"days":3,"exact":1.10}"#).unwrap();
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let secret = raw(r#"{"password": "hunter2", "n": [1, 2]}"#);
        let date = "d = 1979-05-27T07:32:00Z\nn = 1".parse::<toml::Table>().unwrap();
        hidden(args, raw("[1,  2.50]"), vec![&secret], date.into());
    }
    let capture = Capture::start();
    hides();
    let expected = concat!(
        r#"{"args":{"big":1e+400,"days":3,"exact":1.10},"raw":[1,  2.50],"#,
        r#""raws":[{"password": "<redacted>", "n": [1, 2]}],"#,
        r#""date":{"d":"1979-05-27T07:32:00Z","n":1}}"#
    );
    assert_eq!(recorded(&capture, "hidden", "input.value"), expected);
    let output = r#"{"big":1e+400,"days":3,"exact":1.10}"#;
    assert_eq!(recorded(&capture, "hidden", "output.value"), output);
}

#[test]
fn hidden_value_is_cut_like_a_text() {
    #[tool(max_len = 60)]
    fn long(raw: &RawValue) -> u8 {
        raw.get().len().min(1) as u8
    }
    #[session]
    fn is_long() {
        let list = json!({"list": vec!["a long text"; 100]}).to_string();
        long(&RawValue::from_string(list).unwrap());
    }
    let capture = Capture::start();
    is_long();
    let input: Value =
        serde_json::from_str(&recorded(&capture, "long", "input.value")).expect("it is JSON");
    let raw = input["raw"].as_str().expect("a text");
    assert!(raw.starts_with("{\"list\":[\"a long") && raw.ends_with("…[truncated]"), "{raw}");
}

#[test]
fn messages_and_answers_have_numbers_in_them() {
    #[llm(model = "m")]
    fn model() -> String {
        let said = json!([{"role": "assistant", "tool_calls": [
            {"id": "1", "function": {"name": "f", "arguments": {"n": 7, "x": 1.5}}}
        ]}]);
        current()
            .set_input_messages(&Message::list_of(&said))
            .set_usage(Usage::new().input(3).output(4));
        current().set_response(&LlmResponse::new().text("t"));
        "t".to_owned()
    }
    #[session]
    fn asks() {
        model();
    }
    let capture = Capture::start();
    asks();
    let messages = recorded(&capture, "m", "gen_ai.input.messages");
    assert!(messages.contains(r#""arguments":{"n":7,"x":1.5}"#), "{messages}");
}

#[derive(Debug, Serialize)]
struct Cache {
    name: &'static str,
    map: DashMap<u8, u8>,
    lock: parking_lot::RwLock<u8>,
}

#[derive(Debug)]
struct Wrapped<T>(T);

#[test]
fn foreign_locks_are_not_waited_for() {
    #[tool]
    #[expect(clippy::too_many_arguments, reason = "as many ways to hold a lock")]
    fn locked(
        mutex: &parking_lot::Mutex<u8>,
        shared: Arc<parking_lot::RwLock<u8>>,
        free: parking_lot::Mutex<u8>,
        map: &DashMap<u8, u8>,
        set: Arc<DashSet<u8>>,
        maps: Vec<&DashMap<u8, u8>>,
        wrapped: Wrapped<&DashMap<u8, u8>>,
        cache: &Cache,
    ) {
        let _ = (mutex, shared, free, map, set, maps, wrapped, cache);
    }
    #[session]
    fn holds_locks() {
        let mutex = parking_lot::Mutex::new(1);
        let shared = Arc::new(parking_lot::RwLock::new(1));
        let map = DashMap::from_iter([(1, 1)]);
        let lock = parking_lot::RwLock::new(1);
        let cache = Cache { name: "n", map: DashMap::from_iter([(1, 1)]), lock };
        let _held = (mutex.lock(), shared.write(), cache.lock.write());
        let _entries = (map.get_mut(&1), cache.map.get_mut(&1));
        locked(
            &mutex,
            Arc::clone(&shared),
            parking_lot::Mutex::new(2),
            &map,
            Arc::default(),
            vec![&map],
            Wrapped(&map),
            &cache,
        );
    }
    let capture = Capture::start();
    holds_locks();
    let input: Value =
        serde_json::from_str(&recorded(&capture, "locked", "input.value")).expect("it is JSON");
    let expected = json!({
        "mutex": "Mutex { data: <locked> }", "shared": "RwLock { data: <locked> }",
        "free": "Mutex { data: 2 }", "map": "<lock>", "set": "<lock>", "maps": ["<lock>"],
        "wrapped": "<lock>", "cache": {"name": "n", "map": "<lock>", "lock": "<lock>"},
    });
    assert_eq!(input, expected);
}

#[test]
fn bytes_are_text_where_they_are_text() {
    #[tool]
    fn bytes(text: Bytes, image: Bytes) -> Bytes {
        let _ = text;
        image
    }
    #[session]
    fn has_bytes() {
        bytes(Bytes::from_static(b"tea"), Bytes::from_static(b"\x89PNG\0"));
    }
    let capture = Capture::start();
    has_bytes();
    let expected = r#"{"text":"tea","image":"<5 bytes, base64> iVBORwA="}"#;
    assert_eq!(recorded(&capture, "bytes", "input.value"), expected);
}
