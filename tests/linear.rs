//! The cost of recording a conversation: no more than twice for twice as many messages.
#![deny(clippy::pedantic)]

use agentops::{Message, llm, session};
use agentops_tests::{Recording, attribute};
use allocation_counter::{AllocationInfo, measure};

/// So many messages that the most of them have to go, in all that is kept of one value.
fn conversation(messages: usize) -> Vec<Message> {
    let turns = 0..messages;
    turns.map(|turn| Message::user(format!("{turn:>8} {}", "what? ".repeat(32)))).collect()
}

#[llm(model = "m", skip_all)]
fn ask(messages: &[Message]) -> AllocationInfo {
    measure(|| {
        agentops::current().set_input_messages(messages);
    })
}

#[session]
fn chat(conversations: &[Vec<Message>]) -> Vec<AllocationInfo> {
    conversations.iter().map(|messages| ask(messages)).collect()
}

#[test]
fn conversation_recording_is_linear() {
    let recording = Recording::global();
    let conversations = [100, 1_000, 2_000, 4_000].map(conversation);
    let [_, once, twice, four_times] = chat(&conversations)[..] else { panic!("four calls") };
    for (shorter, longer) in [(&once, &twice), (&twice, &four_times)] {
        assert!(10 * longer.bytes_total <= 21 * shorter.bytes_total, "{shorter:?} {longer:?}");
        assert!(10 * longer.count_total <= 21 * shorter.count_total, "{shorter:?} {longer:?}");
    }
    // They are copied, and their JSON is written, a few times in all: not once for each bound that is tried.
    let texts: usize = conversations[1].iter().map(|message| message.text().len()).sum();
    assert!(once.bytes_total < 12 * texts as u64, "{once:?} for {texts} bytes");
    let trace = recording.trace_of("chat");
    for (span, messages) in trace[1..].iter().zip(&conversations) {
        let kept = attribute(span, "gen_ai.input.messages").unwrap().to_string();
        assert!(kept.len() <= 32 << 10, "{} bytes", kept.len());
        assert!(kept.contains(&format!("{:>8}", messages.len() - 1)), "the last one is kept");
    }
}
