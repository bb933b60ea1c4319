use std::{cell::Cell, collections::BTreeMap};

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::*;
use crate::inspect::TRUNCATED;

fn json_of(value: &impl Serialize, max_len: usize) -> String {
    super::value(&Captured::Serialize(value), Extent::whole(max_len))
}

#[derive(Serialize)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, Option<&'static str>),
    Struct { side: f64 },
}

#[test]
fn fitting_value_equals_serde_json() {
    let map: BTreeMap<u8, Vec<Shape>> = BTreeMap::from([
        (1, vec![Shape::Unit, Shape::Newtype(2)]),
        (
            2,
            vec![
                Shape::Tuple(3, None),
                Shape::Tuple(4, Some("é\"\n")),
                Shape::Struct { side: 1.5 },
            ],
        ),
        (3, vec![]),
    ]);
    assert_eq!(json_of(&map, 4096), serde_json::to_string(&map).unwrap());
}

#[test]
fn capture_truncates_string_at_char_boundary() {
    assert_eq!(json_of(&"ééééééééééééééééééé", 25), "\"éééé…[truncated]\"");
}

#[test]
fn cut_object_is_closed_and_valid_json() {
    let value = json!({"a": [1, 2, {"b": "x".repeat(100)}], "c": 1});
    assert_eq!(json_of(&value, 40), "{\"a\":[1,2,{\"b\":\"xxxxxxxxx…[truncated]\"}]}");
}

#[test]
fn cut_list_ends_in_a_mark() {
    assert_eq!(json_of(&vec![1234; 100], 12), "[1234,1234,\"…[truncated]\"]");
}

#[test]
fn conversation_keeps_the_last_message() {
    let kept = |messages: &Value, max_len| {
        let json = conversation(&[("m", Captured::Serialize(messages))], Extent::whole(max_len));
        serde_json::from_str::<Value>(&json).unwrap()["m"].clone()
    };
    let messages: Vec<_> = (0..100).map(|n| json!({"role": "user", "content": n})).collect();
    let (all, last) = (json!(messages), json!({"role": "user", "content": 99}));
    assert_eq!(kept(&all, 100_000), all);
    let first = json!({"role": "user", "content": 0});
    let cut = json!({"content": 2, TRUNCATED: true});
    let second = json!({"role": "user", "content": 1});
    assert_eq!(kept(&all, 100), json!([first, second, cut, last]));
    let long = json!([{"content": "a"}, {"content": "b".repeat(200)}]);
    assert_eq!(kept(&long, 80)[0], json!({"content": "a"}));
    assert!(kept(&long, 80).to_string().ends_with("bbb…[truncated]\"}]"), "{}", kept(&long, 80));
    assert_eq!(kept(&json!(["x".repeat(100)]), 30), json!(["xxxxxxxxxxxxx…[truncated]"]));
}

#[test]
fn serialising_stops_at_the_bound() {
    struct Counting<'a>(&'a Cell<usize>);
    impl Serialize for Counting<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.set(self.0.get() + 1);
            serializer.serialize_u8(1)
        }
    }
    let count = Cell::new(0);
    let many: Vec<_> = (0..1_000_000).map(|_| Counting(&count)).collect();
    json_of(&many, 100);
    assert_eq!(count.get(), 50);
}

#[test]
fn endless_nesting_is_cut() {
    #[derive(Serialize)]
    struct Nested(Option<Box<Nested>>, u8);
    let deep = (0..500).fold(Nested(None, 0), |inner, _| Nested(Some(Box::new(inner)), 0));
    let json = json_of(&deep, 4096);
    assert!(json.starts_with("[[[[") && json.contains("truncated"), "{json}");
    serde_json::from_str::<Value>(&json).unwrap();
}

#[test]
fn refusing_and_panicking_values_are_named() {
    struct Refusing;
    impl Serialize for Refusing {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not today"))
        }
    }
    struct Panicking;
    impl fmt::Debug for Panicking {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("in debug")
        }
    }
    let values = [
        ("a", Captured::Serialize(&Refusing)),
        ("b", Captured::Debug(&Panicking, "")),
        ("c", Captured::Opaque("C")),
        ("d", Captured::Debug(&"x", "&str")),
    ];
    let expected = json!({
        "a": "<not serialisable: not today>", "b": "<panicked>", "c": "<opaque>", "d": "\"x\"",
    });
    assert_eq!(
        serde_json::from_str::<Value>(&object(&values, Extent::whole(100))).unwrap(),
        expected
    );
}

/// Returns the captured JSON of a value with credentials redacted.
fn redacted(value: &impl Serialize) -> Value {
    let extent = Extent { max_len: 4096, redacts: true };
    serde_json::from_str(&super::value(&Captured::Serialize(value), extent)).unwrap()
}

#[derive(Serialize)]
struct Login<'a> {
    user: &'a str,
    password: Option<&'a str>,
    #[serde(rename = "apiKey")]
    key: &'a str,
    token: u64,
    pin: u16,
    max_tokens: u8,
    auth: Option<Auth>,
    more: BTreeMap<&'a str, Auth>,
}

#[derive(Clone, Serialize)]
enum Auth {
    Bearer(&'static str),
    Token(&'static str),
    Secret { id: u8, value: &'static str },
    Cookie(u8, &'static str),
    Basic { user: &'static str, password: &'static str },
}

#[test]
fn credentials_are_redacted_at_any_depth() {
    let more = BTreeMap::from([
        ("a", Auth::Bearer("b")),
        ("b", Auth::Secret { id: 1, value: "s" }),
        ("c", Auth::Cookie(1, "c")),
        ("d", Auth::Basic { user: "ann", password: "hunter2" }),
        ("e", Auth::Token("the")),
        ("set-cookie", Auth::Token("c=d")),
    ]);
    let login = Login {
        user: "ann",
        password: Some("hunter2"),
        key: "k",
        token: 7,
        pin: 1234,
        max_tokens: 8,
        auth: Some(Auth::Basic { user: "ann", password: "hunter2" }),
        more,
    };
    let expected = json!([{
        "user": "ann", "password": REDACTED, "apiKey": REDACTED, "token": 7, "pin": REDACTED,
        "max_tokens": 8, "auth": REDACTED,
        "more": {
            "a": {"Bearer": REDACTED}, "b": {"Secret": {"id": 1, "value": REDACTED}},
            "c": {"Cookie": [1, REDACTED]}, "d": {"Basic": {"user": "ann", "password": REDACTED}},
            "e": {"Token": "the"}, "set-cookie": REDACTED,
        },
    }]);
    assert_eq!(redacted(&[&login]), expected);
    let nothing = Login { password: None, auth: None, more: BTreeMap::new(), ..login };
    let nothing = redacted(&nothing);
    assert_eq!((&nothing["password"], &nothing["auth"]), (&Value::Null, &Value::Null));
}

#[test]
fn schema_of_a_credential_is_kept() {
    let schema = json!({"properties": {
        "password": {"type": "string"}, "token": "given", "n": {"secret": "s"}
    }, "password": {"type": "string"}});
    let expected = json!({"properties": {
        "password": {"type": "string"}, "token": REDACTED, "n": {"secret": REDACTED}
    }, "password": REDACTED});
    assert_eq!(redacted(&schema), expected);
}

#[test]
fn credentials_in_json_strings_are_redacted() {
    let text = json!({"password": "hunter2", "user": "ann"}).to_string();
    let expected = json!({"password": REDACTED, "user": "ann"}).to_string();
    assert_eq!(redacted(&json!({"arguments": text})), json!({"arguments": expected}));
    assert_eq!(redacted(&"password: \"x\""), json!("password: \"x\""));
}

#[test]
#[expect(clippy::needless_borrow, reason = "the references are what chooses")]
fn debug_of_headers_keeps_names_without_values() {
    let mut headers = http::HeaderMap::new();
    headers.insert("x-own", http::HeaderValue::from_static("hunter2"));
    let by_debug =
        |captured: Captured<'_>| value(&captured, Extent { max_len: 200, redacts: true });
    let expected = json!("{\"x-own\": \"<redacted>\"}").to_string();
    assert_eq!(by_debug((&&&&Probe(&headers)).captured()), expected);
    assert_eq!(by_debug((&&&&Probe(&&headers)).captured()), expected);
    let in_an_option = by_debug((&&&&Probe(&Some(&headers))).captured());
    assert_eq!(in_an_option, json!("Some({\"x-own\": \"<redacted>\"})").to_string());
    assert_eq!(by_debug((&&&&Probe(&headers["x-own"])).captured()), json!(REDACTED).to_string());
    let request = http::Request::get("https://host/?api_key=hunter2&q=tea");
    let request =
        by_debug((&&&&Probe(&request.header("a", "hunter2").body(()).unwrap())).captured());
    assert!(request.contains("q=tea") && request.contains(r#"\"a\": \"<redacted>\""#), "{request}");
    assert!(!request.contains("hunter2"), "{request}");
}

#[test]
#[expect(clippy::needless_borrow, reason = "the references are what chooses")]
fn cut_and_redacted_value_is_marked_and_bounded() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "it is shown by its Debug")]
    struct Login<'a> {
        password: &'a str,
    }
    let password = "hunter2".repeat(10);
    let login = Login { password: &password };
    let cut = |max_len| value(&(&&&&Probe(&login)).captured(), Extent { max_len, redacts: true });
    assert_eq!(cut(40), r#""Login { password: \"<redacted>…[truncated]""#);
    assert_eq!(cut(22), r#""Login { password: \"<re…[truncated]""#);
}

#[test]
#[expect(clippy::needless_borrow, reason = "the references are what chooses")]
fn capture_chooses_the_best_trait() {
    #[derive(Debug)]
    struct OnlyDebug;
    #[derive(Serialize)]
    struct OnlySerialize;
    struct Nothing;
    let choose = [
        format!("{:?}", (&&&&Probe(&1)).captured()),
        format!("{:?}", (&&&&Probe(&OnlySerialize)).captured()),
        format!("{:?}", (&&&&Probe(&OnlyDebug)).captured()),
        format!("{:?}", (&&&&Probe(&Nothing)).captured()),
    ];
    assert_eq!(choose, ["Both", "Serialize", "Debug", "Opaque"]);
}

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-4000_i32..4000).prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn redacted_json_is_valid_and_bounded(value in any_json(), max_len in 0_usize..200) {
        let value = json!({"password": value, "properties": {"token": value}, "other": value});
        let json = super::value(&Captured::Serialize(&value), Extent { max_len, redacts: true });
        prop_assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
        prop_assert!(json.len() <= max_len + TRUNCATED.len() + 8 + 2 * MAX_CLOSERS + 4, "{json}");
    }

    #[test]
    fn captured_json_is_valid_and_bounded(value in any_json(), max_len in 0_usize..200) {
        let json = json_of(&value, max_len);
        let parsed: Value = serde_json::from_str(&json).unwrap();
        let whole = serde_json::to_string(&value).unwrap();
        if whole.len() <= max_len {
            prop_assert_eq!(parsed, value);
        } else {
            // Limit plus one truncation mark with its quotes and comma, and the closing brackets.
            prop_assert!(json.len() <= max_len + TRUNCATED.len() + 8 + 2 * MAX_CLOSERS, "{json}");
        }
    }
}

proptest! {
    #[test]
    fn text_is_cut_between_escaped_characters(text in r#"([\\"ué\n\x01]|u000){0,40}"#, max_len in 14_usize..80) {
        let json = json_of(&text, max_len);
        let parsed: String = serde_json::from_str(&json).unwrap();
        let kept = parsed.strip_suffix(TRUNCATED).unwrap_or(&parsed);
        prop_assert!(text.starts_with(kept), "{json} of {text:?}");
        prop_assert!(json.len() <= max_len.max(TRUNCATED.len() + 2), "{json}");
        let next = text[kept.len()..].chars().next();
        let with_next = next.map(|next| serde_json::to_string(&format!("{kept}{next}")).unwrap());
        let as_much_as_fits = with_next.is_none_or(|longer| longer.len() + TRUNCATED.len() > max_len);
        prop_assert!(as_much_as_fits, "{json} of {text:?}");
    }
}

const MAX_CLOSERS: usize = 6;

proptest! {
    #[test]
    fn items_of_any_stream_are_valid_bounded_json(values in prop::collection::vec(any_json(), 0..8), max_len in 0_usize..400) {
        let mut items = Items::new(Extent::whole(max_len));
        values.iter().for_each(|value| items.push(&Captured::Serialize(value)));
        let json = items.json();
        let parsed: Value = serde_json::from_str(&json).unwrap();
        let whole = serde_json::to_string(&values).unwrap();
        if whole.len() <= max_len {
            let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            let joined = texts.filter(|texts| !texts.is_empty()).map(|texts| texts.concat());
            prop_assert_eq!(parsed, joined.map_or(Value::from(values), Value::from));
        } else {
            prop_assert!(json.len() <= max_len + TRUNCATED.len() + 24 + 2 * MAX_CLOSERS, "{json}");
        }
    }
}
