//! Bar on a terminal that tells how far a long task is.
//!
//! It is one line that is written over, with room to the right, so that no terminal breaks it, and it is cleared before
//! anything else is written.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use super::plain_text::{fit, width};

/// Least time between two frames.
const PERIOD: Duration = Duration::from_millis(100);
/// Fewest and most columns of the bar itself; with fewer it is left out.
const BAR: [usize; 2] = [8, 40];
/// Start of the line, and what clears the rest of it.
const START: &str = "\r";
const CLEAR: &str = "\x1b[K";

/// State of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskState {
    /// Part of the task that is done, and all of it.
    pub(crate) share: [u64; 2],
    /// Texts behind the bar, the most important first.
    pub(crate) texts: Vec<String>,
}

/// Bar on a terminal.
#[derive(Debug)]
pub(crate) struct ProgressBar<W> {
    out: W,
    /// Frame on the screen, and the time of the last one.
    frame: Option<String>,
    drawn: Option<Instant>,
}

impl<W: Write> ProgressBar<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, frame: None, drawn: None }
    }

    /// Draws a state on a terminal of this width, unless a frame has been drawn shortly before.
    pub(crate) fn draw(
        &mut self,
        state: &TaskState,
        columns: usize,
        now: Instant,
    ) -> io::Result<()> {
        if self.drawn.is_some_and(|drawn| now.duration_since(drawn) < PERIOD) {
            return Ok(());
        }
        self.drawn = Some(now);
        let frame = frame(state, columns);
        if self.frame.as_ref() == Some(&frame) {
            return Ok(());
        }
        self.write(&format!("{START}{frame}{CLEAR}"))?;
        self.frame = Some(frame);
        Ok(())
    }

    /// Writes a line above the bar.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        match &self.frame {
            Some(frame) => self.write(&format!("{START}{CLEAR}{line}\n{frame}{CLEAR}")),
            None => self.write(&format!("{line}\n")),
        }
    }

    /// Removes the bar from the screen.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.drawn = None;
        match self.frame.take() {
            Some(_) => self.write(&format!("{START}{CLEAR}")),
            None => Ok(()),
        }
    }

    /// Writes at once, since a terminal may show what is written in pieces.
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

/// Returns the bar and as many texts as fit, with a free column at the end.
fn frame(state: &TaskState, columns: usize) -> String {
    let room = columns.saturating_sub(1);
    let mut texts = &state.texts[..];
    loop {
        let text = texts.join("  ");
        let left = room.saturating_sub(width(&text) + 2);
        match texts.split_last() {
            Some((_, fewer)) if left < BAR[0] && !fewer.is_empty() => texts = fewer,
            _ if left < BAR[0] => return fit(&text, room),
            _ => return format!("{}  {text}", bar(state, left.min(BAR[1]))),
        }
    }
}

/// Returns a bar of this width, by the share of the task that is done.
fn bar(state: &TaskState, columns: usize) -> String {
    let [done, all] = state.share;
    let full = (u128::from(done.min(all)) * columns as u128 / u128::from(all.max(1))) as usize;
    "█".repeat(full) + &"░".repeat(columns - full)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Terminal that keeps what is on the screen.
    struct FakeTerminal {
        columns: usize,
        lines: Vec<String>,
        column: usize,
    }

    impl FakeTerminal {
        fn new(columns: usize) -> Self {
            Self { columns, lines: vec![String::new()], column: 0 }
        }

        fn put(&mut self, letter: char) {
            let line = self.lines.last_mut().unwrap();
            let mut letters: Vec<_> = line.chars().collect();
            letters.resize(letters.len().max(self.column + 1), ' ');
            letters[self.column] = letter;
            *line = letters.into_iter().collect();
            self.column += 1;
            assert!(self.column < self.columns, "the line is full: {:?}", self.lines);
        }
    }

    impl Write for FakeTerminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = str::from_utf8(bytes).unwrap().replace(CLEAR, "\u{7f}");
            for letter in text.chars() {
                match letter {
                    '\r' => self.column = 0,
                    '\n' => {
                        self.lines.push(String::new());
                        self.column = 0;
                    }
                    '\u{7f}' => {
                        let kept: String =
                            self.lines.last().unwrap().chars().take(self.column).collect();
                        *self.lines.last_mut().unwrap() = kept;
                    }
                    letter => self.put(letter),
                }
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn state(done: u64) -> TaskState {
        let texts = vec![format!("{done} of 214 sessions"), "3.40 MiB of 120 MiB".to_owned()];
        TaskState { share: [done, 214], texts }
    }

    fn bar(columns: usize) -> ProgressBar<FakeTerminal> {
        ProgressBar::new(FakeTerminal::new(columns))
    }

    #[test]
    fn progress_bar_fits_the_width() {
        let shown = |columns, done| {
            let mut bar = bar(columns);
            bar.draw(&state(done), columns, Instant::now()).unwrap();
            bar.out.lines.join("\n")
        };
        let long =
            "████████████████████░░░░░░░░░░░░░░░░░░░░  107 of 214 sessions  3.40 MiB of 120 MiB";
        assert_eq!(shown(120, 107), long);
        let wide =
            "██████████████████░░░░░░░░░░░░░░░░░░░  107 of 214 sessions  3.40 MiB of 120 MiB";
        assert_eq!(shown(80, 107), wide);
        assert_eq!(shown(40, 107), "█████████░░░░░░░░░  107 of 214 sessions");
        assert_eq!(shown(40, 0), "░░░░░░░░░░░░░░░░░░░░  0 of 214 sessions");
        assert_eq!(shown(40, 214), "██████████████████  214 of 214 sessions");
        assert_eq!(shown(24, 107), "107 of 214 sessions");
        assert_eq!(shown(12, 107), "107 of 214…");
    }

    #[test]
    fn progress_bar_is_drawn_ten_times_a_second() {
        let (mut bar, start, mut frames) = (bar(40), Instant::now(), Vec::new());
        for (done, millis) in [(0, 0), (1, 99), (2, 100), (3, 150), (4, 200)] {
            bar.draw(&state(done), 40, start + Duration::from_millis(millis)).unwrap();
            frames.push(bar.out.lines.clone());
        }
        let frame = |done| vec![format!("░░░░░░░░░░░░░░░░░░░░  {done} of 214 sessions")];
        assert_eq!(frames, [0, 0, 2, 2, 4].map(frame));
    }

    #[test]
    fn line_goes_above_the_bar_and_nothing_is_left_of_it() {
        let mut bar = bar(40);
        bar.line("first").unwrap();
        bar.draw(&state(107), 40, Instant::now()).unwrap();
        bar.line("agentops: waiting: refused").unwrap();
        let frame = "█████████░░░░░░░░░  107 of 214 sessions";
        assert_eq!(bar.out.lines, ["first", "agentops: waiting: refused", frame]);
        bar.clear().unwrap();
        bar.clear().unwrap();
        bar.line("last").unwrap();
        assert_eq!(bar.out.lines, ["first", "agentops: waiting: refused", "last", ""]);
    }
}
