//! Screen that a command writes to: its width, its colours, and the time that it shows.

use std::{
    env,
    io::{self, BufWriter, IsTerminal, Write},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use agentops_core::store::wants_colours;

use super::pager::Pager;

/// Columns where there is no terminal and `COLUMNS` is not set.
const DEFAULT_COLUMNS: usize = 120;
/// Fewest columns that a table fits into.
const FEWEST_COLUMNS: usize = 40;

/// Use of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Plain,
    Coloured,
}

/// Style of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Dim,
    Bold,
    Red,
    Green,
    Yellow,
    Cyan,
}

/// Screen that a command writes to.
pub(crate) struct Screen<'o> {
    out: Box<dyn Write + 'o>,
    pub(crate) columns: usize,
    pub(crate) colour: Colour,
    /// Now, in nanoseconds since 1970.
    pub(crate) now: u64,
}

impl Screen<'static> {
    /// Returns standard output.
    pub(crate) fn stdout() -> Self {
        Self::on(Box::new(io::stdout().lock()))
    }

    /// Returns a pager if standard output is a terminal, or else standard output.
    pub(crate) fn paged() -> Self {
        let pager = io::stdout().is_terminal().then(Pager::start).flatten();
        pager.map_or_else(Self::stdout, |pager| Self::on(Box::new(BufWriter::new(pager))))
    }

    fn on(out: Box<dyn Write>) -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self {
            out,
            columns: columns(is_terminal),
            colour: if wants_colours(is_terminal) { Colour::Coloured } else { Colour::Plain },
            now: now(),
        }
    }
}

/// Returns the time in nanoseconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    u64::try_from(now).unwrap_or(u64::MAX)
}

impl<'o> Screen<'o> {
    /// Creates a screen of this width at this time.
    #[cfg(test)]
    pub(crate) fn new(out: impl Write + 'o, columns: usize, colour: Colour, now: u64) -> Self {
        Self { out: Box::new(out), columns, colour, now }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(line.trim_end().as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Writes out all lines, and waits for this time. Then the screen has the time and the width of that moment.
    ///
    /// # Errors
    /// Returns an error at once if nobody reads standard output any more.
    pub(crate) fn wait(&mut self, time: Duration) -> io::Result<()> {
        self.out.flush()?;
        wait_for_reader(time)?;
        (self.now, self.columns) = (now(), columns(io::stdout().is_terminal()));
        Ok(())
    }

    /// Returns a text in a style, if it has one and there are colours.
    pub(crate) fn styled_if(&self, style: Option<Style>, text: &str) -> String {
        style.map_or_else(|| text.to_owned(), |style| self.styled(style, text))
    }

    /// Returns a text in a style, if there are colours.
    pub(crate) fn styled(&self, style: Style, text: &str) -> String {
        if self.colour == Colour::Plain || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Bold => 1,
            Style::Dim => 2,
            Style::Red => 31,
            Style::Green => 32,
            Style::Yellow => 33,
            Style::Cyan => 36,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// Waits, unless the reader of standard output has gone. Without that, `| head` would end only by the next line.
#[cfg(unix)]
fn wait_for_reader(time: Duration) -> io::Result<()> {
    use std::time::Instant;

    use rustix::event::{PollFd, PollFlags, poll};

    let (out, start) = (io::stdout(), Instant::now());
    let mut polled = [PollFd::new(&out, PollFlags::empty())];
    let timeout = time.try_into().ok();
    // Interrupted, or no file to ask: the rest of the time is waited for in any case.
    let _ = poll(&mut polled, timeout.as_ref());
    if polled[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    thread::sleep(time.saturating_sub(start.elapsed()));
    Ok(())
}

#[cfg(not(unix))]
fn wait_for_reader(time: Duration) -> io::Result<()> {
    thread::sleep(time);
    Ok(())
}

fn columns(is_terminal: bool) -> usize {
    let of_variable = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let of_terminal = || terminal_size::terminal_size().filter(|_| is_terminal);
    let columns = of_variable.or_else(|| of_terminal().map(|(width, _)| usize::from(width.0)));
    columns.unwrap_or(DEFAULT_COLUMNS).max(FEWEST_COLUMNS)
}
