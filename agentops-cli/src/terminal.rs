//! Output for people: widths, colours, numbers, and texts that cannot control the terminal.

mod figures;
mod pager;
mod plain_text;
mod progress_bar;
mod screen;

#[cfg(test)]
pub(crate) use self::screen::Colour;

pub(crate) use self::{
    figures::{ago, bytes, dollars, duration, short_duration, tokens},
    plain_text::{fit, fit_end, legible_json, plain, width, wrap},
    progress_bar::{ProgressBar, TaskState},
    screen::{Screen, Style},
};
