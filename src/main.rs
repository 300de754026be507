//! casenet: one program for the network's operator, its agencies and scripts.

use std::process::ExitCode;

fn main() -> ExitCode {
    casenet::cli::main()
}
