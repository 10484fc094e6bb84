//! The command line: what was typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::verbs;

/// The keeper of the gate: an API security gateway driven by your OpenAPI document and one policy file.
#[derive(Debug, Parser)]
#[command(
    name = "durward",
    version,
    propagate_version = true,
    after_help = "Start here:\n  durward demo                  see it work, with proofs\n  durward init openapi.yaml     write a secure policy for your API\n  durward check                 is the policy right?\n  durward run                   the gateway"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What every verb understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The policy file.
    #[arg(long, short, global = true, env = "DURWARD_POLICY", default_value = "durward.toml", value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// For people, or for machines.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// Colours; off when the output is not a terminal.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    Text,
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Write a secure policy for an API.
    Init(verbs::init::InitArgs),
    /// Find mistakes in the policy and its contracts.
    Check(verbs::check::CheckArgs),
    /// Run the gateway.
    Run(verbs::run::RunArgs),
    /// Show the whole policy with its defaults.
    Print(verbs::print::PrintArgs),
    /// Decide a request from a file, without a server.
    Explain(verbs::explain::ExplainArgs),
    /// Show why a request was answered as it was.
    Why(verbs::why::WhyArgs),
    /// Have the running gateway read its policy again.
    Reload(verbs::reload::ReloadArgs),
    /// Make, list and revoke API keys.
    Keys(verbs::keys::KeysArgs),
    /// Start a vulnerable sample API behind the gateway, and prove what it stops.
    Demo(verbs::demo::DemoArgs),
    /// Write shell completions.
    Completion(verbs::completion::CompletionArgs),
}
