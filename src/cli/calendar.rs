//! `casenet calendar import`: the State Council's notice for another year, kept
//! in the network's folder beside what this build knows.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Failure, say};

/// The years that were imported, in the network's folder.
const FILE: &str = "calendar.toml";

/// What to do with the calendar.
#[derive(Debug, Subcommand)]
pub(crate) enum Calendar {
    /// Add the notice of a year to the network's folder. Checked first: every
    /// day in its year, shifted workdays on weekends, none both on and off.
    #[command(
        after_help = "The file is TOML:\n  [2027]\n  notice = \"number of the State Council's notice\"\n  holidays = [\"2027-01-01\"]   # all days off, weekends among them\n  workdays = [\"2027-01-09\"]   # Saturdays and Sundays that are worked\nExample: casenet calendar import 2027.toml --data casenet-data"
    )]
    Import {
        /// The file.
        file: PathBuf,
        /// The network's folder.
        #[arg(long, env = "CASENET_DATA", default_value = "casenet-data")]
        data: PathBuf,
        /// Take the file's years even where others are known for them.
        #[arg(long)]
        replace: bool,
    },
}

impl Calendar {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let Self::Import {
            file,
            data,
            replace,
        } = self;
        if !data.is_dir() {
            return Err(format!("there is no folder {}: give --data", data.display()).into());
        }
        let more = read(&file)?;
        // Against everything that is known, so that a year is not changed unseen.
        known(&data)?.merged(&more, replace)?;
        let target = data.join(FILE);
        let kept = match target.exists() {
            true => read(&target)?.merged(&more, true)?,
            false => more.clone(),
        };
        // Whole or not at all: another process may be reading it.
        let draft = data.join("calendar.toml.new");
        std::fs::write(&draft, kept.to_toml()?)?;
        std::fs::rename(&draft, &target)?;
        let years: Vec<_> = more.years().map(|year| year.to_string()).collect();
        say(&format!(
            "{} now in {}\n",
            years.join(", "),
            target.display()
        ))
    }
}

/// What this build knows, and what was imported into a network's folder.
pub(crate) fn known(data: &Path) -> Result<law::calendar::Calendar, Failure> {
    let built_in = law::calendar::Calendar::built_in();
    let file = data.join(FILE);
    if !file.exists() {
        return Ok(built_in.clone());
    }
    Ok(built_in.merged(&read(&file)?, true)?)
}

fn read(file: &Path) -> Result<law::calendar::Calendar, Failure> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
    Ok(text
        .parse()
        .map_err(|error: law::calendar::CalendarError| wrong(&error))?)
}
