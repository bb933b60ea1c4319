//! Bytes of the futures of annotated async functions, beside those of `#[tracing::instrument]`.
//!
//! ```text
//! sizes            prints the table
//! sizes --check    fails if one is more than 1.3 × as large as the peer's
//! ```
//!
//! The compiler lays futures out, so the sizes are the same on each machine with the same compiler.

use std::{env, process::ExitCode};

/// At most so much of the peer's.
const RATIO: f64 = 1.3;

/// The same functions, each with an attribute.
macro_rules! functions {
    ($module:ident, $($attribute:tt)*) => {
        mod $module {
            use std::hint::black_box;

            use agentops_benches::work::Yields;

            pub struct Shop {
                pub prices: [u64; 4],
            }

            impl Shop {
                #[$($attribute)*]
                pub async fn method(&self, item: usize) -> u64 {
                    Yields(1).await;
                    self.prices[item % 4]
                }
            }

            #[$($attribute)*]
            pub async fn small(a: u8) -> u8 {
                Yields(1).await;
                a
            }

            #[$($attribute)*]
            pub async fn small_2(a: u8) -> u8 {
                small(a).await
            }

            #[$($attribute)*]
            pub async fn small_3(a: u8) -> u8 {
                small_2(a).await
            }

            #[$($attribute)*]
            pub async fn small_4(a: u8) -> u8 {
                small_3(a).await
            }

            #[$($attribute)*]
            pub async fn large(a: [u8; 1024]) -> usize {
                let b = [1_u8; 1024];
                Yields(1).await;
                black_box(&b);
                a.len()
            }

            #[$($attribute)*]
            pub async fn large_2(a: [u8; 1024]) -> usize {
                large(a).await + 1
            }

            #[$($attribute)*]
            pub async fn large_3(a: [u8; 1024]) -> usize {
                large_2(a).await + 1
            }

            #[$($attribute)*]
            pub async fn large_4(a: [u8; 1024]) -> usize {
                large_3(a).await + 1
            }

            #[$($attribute)*]
            pub async fn large_5(a: [u8; 1024]) -> usize {
                large_4(a).await + 1
            }

            #[$($attribute)*]
            pub async fn large_6(a: [u8; 1024]) -> usize {
                large_5(a).await + 1
            }

            #[$($attribute)*]
            pub async fn large_7(a: [u8; 1024]) -> usize {
                large_6(a).await + 1
            }

            #[$($attribute)*]
            pub async fn texts(prompt: String, system: &str, stop: Vec<String>) -> usize {
                Yields(1).await;
                prompt.len() + system.len() + stop.len()
            }

            #[$($attribute)*]
            pub async fn fails(prompt: String) -> Result<String, std::fmt::Error> {
                small_4(0).await;
                if prompt.is_empty() { Err(std::fmt::Error) } else { Ok(prompt) }
            }

            #[$($attribute)*]
            pub async fn by_reference(words: &[String]) -> usize {
                let mut all = 0;
                for word in words {
                    Yields(1).await;
                    all += word.len();
                }
                all
            }

            /// The bytes of each.
            pub fn sizes() -> Vec<(&'static str, usize)> {
                let (shop, kilobyte, none) = (Shop { prices: [1; 4] }, [0; 1024], String::new);
                vec![
                    ("a small function", size_of_val(&small(1))),
                    ("4 small functions, each in the next", size_of_val(&small_4(1))),
                    ("an argument and a local of 1 KiB", size_of_val(&large(kilobyte))),
                    ("7 arguments of 1 KiB, each in the next", size_of_val(&large_7(kilobyte))),
                    ("a text, a borrowed one and a list", size_of_val(&texts(none(), "", vec![]))),
                    ("a result, with 4 small functions inside", size_of_val(&fails(none()))),
                    ("a borrowed list in a loop", size_of_val(&by_reference(&[]))),
                    ("a method", size_of_val(&shop.method(1))),
                ]
            }
        }
    };
}

functions!(theirs, tracing::instrument(skip_all));
functions!(tools, agentops::tool);
functions!(calls, agentops::llm(model = "gpt-4o-mini"));

fn main() -> ExitCode {
    let checks = env::args().nth(1).is_some_and(|arg| arg == "--check");
    let kinds: [(&str, Vec<(&str, usize)>); 2] =
        [("tool", tools::sizes()), ("llm", calls::sizes())];
    println!("{:60} {:>8} {:>8} {:>18}", "bytes of a future", "ours", "peer", "budget");
    let mut missed = false;
    for (kind, sizes) in kinds {
        for ((name, ours), (_, peer)) in sizes.into_iter().zip(theirs::sizes()) {
            let is_missed = ours as f64 > peer as f64 * RATIO;
            missed |= is_missed;
            let mark = if is_missed { "✗ " } else { "" };
            println!(
                "{:60} {ours:>8} {peer:>8} {:>18}",
                format!("{kind}: {name}"),
                format!("{mark}{RATIO} ×")
            );
        }
    }
    ExitCode::from(u8::from(missed && checks))
}
