//! Output for people: widths, colours, numbers, and texts that cannot control the terminal.

mod figures;
mod plain_text;
mod screen;

pub(crate) use self::{
    figures::{ago, bytes, dollars, duration, tokens},
    plain_text::{fit, fit_end, plain, width, wrap},
    screen::{Colour, Screen, Style},
};
