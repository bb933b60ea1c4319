//! Texts as people write them: no two lines are alike, so that the processor cannot learn where the next
//! character is that JSON escapes, which makes times depend on the layout of the program.

const WORDS: [&str; 16] = [
    "a",
    "of",
    "say",
    "the",
    "what",
    "plan",
    "shall",
    "board",
    "report",
    "figures",
    "customer",
    "summarise",
    "quarterly",
    "assumption",
    "nevertheless",
    "misunderstanding",
];

/// So many prompts are different from each other, and each begins so many bytes after the one before.
const COUNT: usize = 16;
const STEP: usize = 4 << 10;

/// Prompts of one length.
#[derive(Debug)]
pub struct Prompts {
    text: String,
    len: usize,
}

impl Prompts {
    /// Each has at most so many bytes as JSON.
    pub fn of(bytes: usize) -> Self {
        // What escaping adds is less than this.
        let len = bytes - bytes / 16;
        Self { text: text(len + COUNT * STEP), len }
    }

    /// The prompt of a call.
    pub fn nth(&self, n: i64) -> &str {
        &self.text[n as usize % COUNT * STEP..][..self.len]
    }
}

/// Words, with line breaks and quotes here and there.
fn text(len: usize) -> String {
    let mut text = String::new();
    let mut random = 1_u64;
    while text.len() < len {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let word = WORDS[(random >> 60) as usize];
        match random >> 40 & 31 {
            0 => text.extend(["\"", word, "\" "]),
            1 | 2 => text.extend([word, ".\n"]),
            _ => text.extend([word, " "]),
        }
    }
    text
}
