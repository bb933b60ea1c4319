//! The recipe in the documentation is made of this example.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[test]
fn recipe_snippets_match_example_source() {
    let code = [include_str!("../src/chat.rs"), include_str!("../src/model.rs")].concat();
    let recipe = include_str!("../../../docs/axum.md");
    let pieces: Vec<_> = recipe.split("```rust\n").skip(1).collect();
    assert_eq!(pieces.len(), 7);
    for piece in pieces {
        let (piece, _) = piece.split_once("```").unwrap();
        assert!(code.contains(piece), "not in the example:\n{piece}");
    }
}
