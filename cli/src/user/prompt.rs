//! Questions on the terminal.
use anyhow::Context;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{BufRead, Write};

/// Asks and returns the answer without the spaces around it.
pub(super) fn ask(question: &str) -> anyhow::Result<String> {
    print!("{question}");
    std::io::stdout().flush()?;
    Ok(read_line()?.trim().to_owned())
}

/// Asks for yes or no; anything but `y` or `yes` is no.
pub(super) fn confirm(question: &str) -> anyhow::Result<bool> {
    Ok(matches!(ask(question)?.to_lowercase().as_str(), "y" | "yes"))
}

/// Asks for a password, which is not shown when the input is a terminal.
pub(super) fn ask_password(question: &str) -> anyhow::Result<String> {
    print!("{question}");
    std::io::stdout().flush()?;
    let input = std::io::stdin();
    let Ok(shown) = tcgetattr(&input) else { return read_line() };
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    hidden.local_modes.insert(LocalModes::ECHONL);
    tcsetattr(&input, OptionalActions::Flush, &hidden)?;
    let answer = read_line();
    tcsetattr(&input, OptionalActions::Flush, &shown)?;
    answer
}

/// Asks twice until both answers agree and `check` accepts; an empty answer is `None`.
pub(super) fn ask_new_password(
    questions: [&str; 2],
    check: impl Fn(&str) -> Result<(), String>,
) -> anyhow::Result<Option<String>> {
    loop {
        let password = ask_password(questions[0])?;
        if password.is_empty() {
            return Ok(None);
        }
        if ask_password(questions[1])? != password {
            println!("Error: Passwords do not match. Please try again.\n");
        } else if let Err(reason) = check(&password) {
            println!("Error: {reason}\n");
        } else {
            return Ok(Some(password));
        }
    }
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    (read > 0).then_some(()).context("the input ended")?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}
