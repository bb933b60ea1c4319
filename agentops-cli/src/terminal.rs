//! Output for people: widths, colours, numbers, and texts that cannot control the terminal.

mod arguments;
mod figures;
mod pager;
mod plain_text;
mod progress_bar;
mod screen;

pub(crate) use self::{
    arguments::{parse_size, parse_time},
    figures::{ago, bytes, dollars, duration, short_duration, tokens},
    plain_text::{fit, fit_end, legible_json, plain, width, wrap},
    progress_bar::{ProgressBar, TaskState},
    screen::{Colour, Screen, Style, now},
};
