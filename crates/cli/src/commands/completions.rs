//! `completions`: the shell completions, made from the declaration of the command line.

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

use crate::{arguments::Arguments, output::Output};

pub(crate) fn run(shell: Shell) -> Output {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = vec![];
    generate(shell, &mut command, name, &mut script);
    Output::good(String::from_utf8_lossy(&script).into_owned())
}
