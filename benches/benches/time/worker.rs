//! A child that does the calls of one case, seen from its parent.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::case::{CASES, Case};

/// A case in a process of its own.
pub struct Worker {
    case: &'static Case,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts it, and has it do once what is done once.
    pub fn start(case: &'static Case) -> Self {
        let number = CASES.iter().position(|it| it.name == case.name).expect("it is one of them");
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["run", &number.to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts again");
        let questions = child.stdin.take().expect("piped");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        let mut worker = Self { case, child, questions, answers };
        worker.block(case.block);
        worker
    }

    /// The nanoseconds of a call, from a block of so many.
    pub fn block(&mut self, calls: u64) -> f64 {
        let Case { name, spans, .. } = self.case;
        writeln!(self.questions, "{calls}").expect("it listens");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("it answers");
        let (took, arrived) = answer.trim().split_once(' ').expect("two numbers");
        let arrived: u64 = arrived.parse().expect("a number of spans");
        assert_eq!(arrived, calls * spans, "`{name}` has lost spans, or has too many");
        took.parse::<f64>().expect("nanoseconds") / calls as f64
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
