//! The game, as its player meets it: by scripts, and in a terminal of 80×24.

mod player;

mod command_line;
mod hints;
mod levels;
mod moves;
mod random;
mod replay;
mod screens;
mod terminal;
