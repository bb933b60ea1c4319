use std::any::type_name;

use super::*;

#[test]
fn type_name_omits_pointers() {
    let all = [
        type_name::<Box<dyn Error + Send + Sync>>(),
        type_name::<Arc<dyn Error + Send>>(),
        type_name::<Rc<dyn Error>>(),
        type_name::<&dyn Error>(),
        type_name::<dyn Error + Send + Sync>(),
        type_name::<Arc<Box<dyn Error + Send + Sync>>>(),
        type_name::<Box<Arc<std::fmt::Error>>>(),
        type_name::<&str>(),
        type_name::<Vec<Box<u8>>>(),
    ];
    let expected = [
        "Box<dyn Error>",
        "Arc<dyn Error>",
        "Rc<dyn Error>",
        "&dyn Error",
        "dyn Error",
        "Box<dyn Error>",
        "core::fmt::Error",
        "&str",
        "alloc::vec::Vec<alloc::boxed::Box<u8>>",
    ];
    assert_eq!(all.map(short), expected);
}

#[test]
fn text_is_found_by_whole_words() {
    let all = ["no", "oh no", "no: why?", "(no)", "not", "casino", ""];
    assert_eq!(all.map(|text| holds(text, "no")), [true, true, true, true, false, false, false]);
}

#[test]
fn hidden_std_error_types_are_known() {
    let parsed: Box<dyn Error> = "x".parse::<u8>().unwrap_err().into();
    assert_eq!(known(&*parsed), Some("core::num::error::ParseIntError"));
    let other: Box<dyn Error> = std::io::Error::other(parsed.to_string()).into();
    assert_eq!(known(&*other), Some("std::io::error::Error"));
    let wrapped: Box<dyn Error> = std::io::Error::other(std::fmt::Error).into();
    assert_eq!(known(&*wrapped), Some("core::fmt::Error"));
    assert_eq!(known(&*Box::<dyn Error>::from("text")), None);
}
