//! Instructions of the caller's thread for each span, counted by callgrind, in one run with the peer.
//!
//! ```text
//! instructions            counts and prints the table
//! instructions --check    fails if a budget is missed or `instructions.txt` says something else
//! instructions --update   also writes `instructions.txt`
//! ```
//!
//! Seconds depend on the machine and on who else is using it; instructions do not.

use std::{env, process::ExitCode};

use callgrind::table;
use case::CASES;
use table::{check, report, update};

mod callgrind;
mod case;
mod table;

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["run", case, calls] => {
            let calls = calls.parse().expect("a whole number");
            (CASES[case.parse::<usize>().expect("the number of a case")].run)(calls);
            // What is left is thrown away anyhow.
            std::process::exit(0)
        }
        [] => report(&table()),
        ["--check"] => check(&table()),
        ["--update"] => update(&table()),
        _ => {
            eprintln!("usage: instructions [--check | --update]");
            ExitCode::from(2)
        }
    }
}
