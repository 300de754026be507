//! The command line. Human tables by default, `--json` for scripts; exit codes:
//! 0 ok, 1 failed, 2 usage, 3 not found or not allowed, 4 precondition,
//! 5 unavailable.

mod agency;
mod agreement;
mod break_glass;
mod calendar;
mod calls;
mod case;
mod check;
mod connect;
mod consent;
mod deadline;
mod disclosure;
mod feed;
mod given;
mod lists;
mod matter;
mod notice;
mod plain;
mod referral;
mod rules;
mod show;
#[cfg(test)]
mod tests;
mod watch;
mod webhook;
mod why;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory as _, Parser, Subcommand};
use host::SystemClock;
use host::telemetry::{self, Format};

use crate::city;
use crate::config::{Config, Role};
use crate::network::Running;
use crate::web::Pages;
use crate::{demo, replay};

/// What any command can fail with.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A multi-agency collaborative case network for workers' rights.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found or not allowed, 4 precondition, 5 unavailable."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a city, replay the published cases, show who sees what, stay up.
    #[command(after_help = "Example: casenet demo --exit --json --data ./city")]
    Demo {
        /// Keep the city in this folder; else it goes with the demo.
        #[arg(long)]
        data: Option<PathBuf>,
        /// Replay the case files of this folder.
        #[arg(long)]
        cases: Option<PathBuf>,
        /// Stop after the replay.
        #[arg(long)]
        exit: bool,
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
    },
    /// Make a network: authority, certificates, keys, configuration.
    Init {
        /// The folder; must not hold a network.
        #[arg(long, default_value = "casenet-data")]
        data: PathBuf,
        /// Port of the gateway; the services take the next six, the pages
        /// the seventh. 0: any.
        #[arg(long, default_value_t = 7330)]
        first_port: u16,
    },
    /// Run the network, or only some of its roles.
    Serve {
        /// The network's folder.
        #[arg(long, env = "CASENET_DATA", default_value = "casenet-data")]
        data: PathBuf,
        /// Only this role; may be given again. Without it: all in one process.
        #[arg(long)]
        role: Vec<Role>,
        /// Log as JSON lines.
        #[arg(long)]
        log_json: bool,
    },
    /// Replay case files through a running network.
    Replay {
        /// Case files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        connect: connect::Connect,
    },
    /// Check a network's folder, or a set of policies: parsed, valid, proven.
    #[command(
        after_help = "Exit codes: 0 proven, 1 refused with a counterexample, 2 not proven for want of a solver.\nExample: casenet check --policies deploy/policies"
    )]
    Check(check::Check),
    /// Statutory deadlines: calculate one with its working, list the rules.
    Deadline {
        #[command(subcommand)]
        what: deadline::Deadline,
    },
    /// The calendar of working days.
    Calendar {
        #[command(subcommand)]
        what: calendar::Calendar,
    },
    #[command(flatten)]
    Call(Box<calls::Call>),
    /// Print the OpenAPI document of the API over HTTP/JSON.
    #[command(after_help = "Example: casenet openapi > openapi.json")]
    Openapi,
    /// Print completions for a shell.
    Completion {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Parses, runs, and answers the exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return report(&error.into()),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => report(&error),
    }
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Demo {
            data,
            cases,
            exit,
            json,
        } => {
            quiet_log()?;
            let done = demo::run(demo::Options {
                data,
                cases,
                exit,
                json,
            })
            .await?;
            return Ok(if done {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Command::Init { data, first_port } => {
            let now = host::Clock::now(&SystemClock);
            let config = crate::init::make(&data, city::yiwu(), first_port, now)?;
            say(&format!(
                "made a network of {} agencies in {}\nstart it: casenet serve --data {}\n",
                config.agencies.len(),
                data.display(),
                data.display()
            ))?;
        }
        Command::Serve {
            data,
            role,
            log_json,
        } => {
            telemetry::init(if log_json {
                Format::Json
            } else {
                Format::Human
            })?;
            serve(&Config::read(&data)?, role).await?;
        }
        Command::Replay { files, connect } => {
            quiet_log()?;
            return replay_files(files, connect).await;
        }
        Command::Check(check) => return check.run().await,
        Command::Deadline { what } => what.run()?,
        Command::Calendar { what } => what.run()?,
        Command::Call(call) => call.run().await?,
        Command::Openapi => {
            let contract = proto::contract::Contract::load()?;
            say(&format!("{:#}\n", gateway::openapi(&contract)))?;
        }
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "casenet", &mut script);
            say(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Commands for people log only what is wrong, unless they ask for more.
fn quiet_log() -> Result<(), Failure> {
    if std::env::var_os("CASENET_LOG").is_some() {
        telemetry::init(Format::Human)?;
    }
    Ok(())
}

async fn serve(config: &Config, roles: Vec<Role>) -> Result<(), Failure> {
    let with_pages = roles.contains(&Role::Web) || roles.is_empty() && Pages::can_start(config);
    let all = roles.is_empty();
    let of_network: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|role| all || roles.contains(role))
        .collect();
    let clock = Arc::new(SystemClock);
    let running = Running::start(config, &of_network, clock.clone()).await?;
    let pages = if with_pages {
        let gateway = match running.gateway() {
            Some(address) => address.to_string(),
            None => config.address(Role::Gateway).to_owned(),
        };
        Some(Pages::start(config, &gateway, clock).await?)
    } else {
        None
    };
    for (role, address) in &running.addresses {
        say(&format!("{} {address}\n", role.name()))?;
    }
    if let Some(pages) = &pages {
        say(&format!("web {}\n", pages.address))?;
    }
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    if let Some(pages) = pages {
        pages.stop().await;
    }
    running.stop().await;
    Ok(())
}

async fn replay_files(files: Vec<PathBuf>, connect: connect::Connect) -> Result<ExitCode, Failure> {
    let cases = files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path)?;
            replay::CaseFile::parse(&text)
                .map_err(|error| Failure::from(format!("{}: {error}", path.display())))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let config = Config::read(&connect.data)?;
    let cast = replay::Cast::new(&config, &connect.address(&config))?;
    let bar = demo::progress(cases.len(), connect.json);
    let report = replay::replay(&cast, &cases, |_| bar.inc(1)).await?;
    bar.finish_and_clear();
    if connect.json {
        say(&format!("{}\n", serde_json::to_string_pretty(&report)?))?;
    } else {
        say(&demo::summary(&report))?;
    }
    let done = report.steps_not_replayed.is_empty();
    Ok(if done {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Writes to standard output; a reader that has gone is no error.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// One line for what went wrong, then what can be done; answers the exit code.
fn report(error: &Failure) -> ExitCode {
    let mut lines = String::new();
    let status = error.downcast_ref::<tonic::Status>().or_else(|| {
        match error.downcast_ref::<crate::client::CallError>() {
            Some(crate::client::CallError::Refused(status)) => Some(&**status),
            _ => None,
        }
    });
    let code = match status {
        None => {
            lines.push_str(&format!("error: {error}\n"));
            let is_usage = matches!(
                error.downcast_ref(),
                Some(crate::client::CallError::Usage(_))
            ) || error.is::<law::deadline::DeadlineError>();
            if is_usage { 2 } else { 1 }
        }
        Some(status) => {
            let refused = host::Refused::read(status);
            let reason = if refused.reason.is_empty() {
                String::new()
            } else {
                format!(" [{}]", refused.reason)
            };
            lines.push_str(&format!("error: {}{reason}\n", refused.message));
            for (field, description) in &refused.violations {
                lines.push_str(&format!("  {field}: {description}\n"));
            }
            if !refused.allowed.is_empty() {
                lines.push_str(&format!("  legal now: {}\n", refused.allowed.join(", ")));
            }
            exit_code(refused.code)
        }
    };
    // Nothing more can be done where even standard error is closed.
    let _ = std::io::stderr().write_all(lines.as_bytes());
    ExitCode::from(code)
}

fn exit_code(code: tonic::Code) -> u8 {
    use tonic::Code as C;
    match code {
        C::Ok => 0,
        C::InvalidArgument => 2,
        C::NotFound | C::PermissionDenied | C::Unauthenticated => 3,
        C::FailedPrecondition | C::Aborted | C::AlreadyExists => 4,
        C::Unavailable | C::DeadlineExceeded | C::ResourceExhausted => 5,
        _ => 1,
    }
}
