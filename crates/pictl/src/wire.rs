//! Puts the crates together: an engine with real sockets, and the defaults from command line and preferences.

use std::io::IsTerminal as _;
use std::sync::Arc;

use pictl_engine::ports::OperatorSsh;
use pictl_engine::programs::Program;
use pictl_engine::store::Store;
use pictl_engine::{Engine, Parts};
use pictl_formats::rules::Rules;
use pictl_model::Millis;
use pictl_model::node::Member;
use pictl_model::request::{Head, LaunchWish, Login, ScanRequest};
use pictl_model::run::Workload;
use pictl_model::trust::TrustPolicy;
use pictl_net::Parked;
use pictl_net::scan::Scanner;
use pictl_net::ssh::config::load;
use pictl_net::ssh::{KeyFolder, Ssh};

use crate::cli::{Global, LaunchArgs, LoginArgs, Trust};
use crate::config::{Config, SshConfigFile, expand};
use crate::exit::Trouble;
use crate::paths::Paths;

/// Logins at the same time: enough for a rack, and few enough for a laptop's network.
const LOGINS: usize = 64;

fn seconds(s: u64) -> Millis {
    Millis(s.saturating_mul(1000))
}

/// Everything that a command can need.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// Options of all commands.
    pub global: Global,
    /// Login options.
    pub login_args: LoginArgs,
    /// The user's preferences.
    pub config: Config,
    /// The folders of pictl.
    pub paths: Paths,
}

impl Setting {
    /// The cluster's store.
    pub(crate) fn store(&self) -> Store {
        Store::new(&self.paths.data, &self.global.cluster)
    }

    /// Starts an engine for the cluster.
    pub(crate) fn engine(&self) -> Result<Engine, Trouble> {
        let parked = Parked::default();
        let parts = Parts {
            cluster: self.global.cluster.clone(),
            store: self.store(),
            discover: Arc::new(Scanner::new(parked.clone())),
            connect: Arc::new(Ssh::new(LOGINS, parked)),
            keys: Arc::new(self.key_folder()),
            rules: Rules::compile(&self.config.rules).map_err(Trouble::usage)?,
            mpi: self.config.setup.mpi,
            ssh: self.operator_ssh()?,
        };
        Ok(Engine::start(parts)?)
    }

    /// Where the operator's keys are.
    pub(crate) fn key_folder(&self) -> KeyFolder {
        let made = self.login_args.key_type.unwrap_or(self.config.login.key_type);
        KeyFolder::new(self.paths.ssh.clone(), format!("{} by pictl", self.paths.user)).making(made.into())
    }

    /// The OpenSSH configuration. A file named in pictl.toml must exist.
    fn operator_ssh(&self) -> Result<OperatorSsh, Trouble> {
        let home = &self.paths.home;
        let path = match &self.config.login.ssh_config {
            SshConfigFile::Usual(false) => None,
            SshConfigFile::Usual(true) => Some(self.paths.ssh.join("config")),
            SshConfigFile::File(path) => {
                let path = expand(path, home);
                if !path.is_file() {
                    let why =
                        format!("the file {}, which pictl.toml names as ssh_config, does not exist", path.display());
                    return Err(Trouble::usage(anyhow::anyhow!(why)));
                }
                Some(path)
            }
        };
        let (config, problems) = path.map(|path| load(&path, home)).unwrap_or_default();
        let (home, user) = (home.to_string_lossy().into_owned(), self.paths.user.clone());
        Ok(OperatorSsh { config, problems, home, user })
    }

    /// How to log in. `interactive`: somebody can compare fingerprints.
    pub(crate) fn login(&self, interactive: bool) -> Login {
        let (args, config) = (&self.login_args, &self.config.login);
        let trust = match args.trust {
            Some(Trust::Ask) => TrustPolicy::Ask,
            Some(Trust::New) => TrustPolicy::New,
            Some(Trust::Strict) => TrustPolicy::Strict,
            None => config.trust.unwrap_or_default(),
        };
        let identity = args.identity.as_ref().or(config.identity.as_ref());
        Login {
            user: args.user.clone().or_else(|| config.user.clone()),
            port: args.port.or(config.port),
            identity: identity.map(|path| expand(path, &self.paths.home)),
            trust: if trust == TrustPolicy::Ask && !interactive { TrustPolicy::Strict } else { trust },
            // An empty value only has a meaning for the inventory.
            jump: args.jump.clone().filter(|jump| !jump.is_empty()),
        }
    }

    /// The scan of the preferences.
    pub(crate) fn scan(&self) -> ScanRequest {
        let config = &self.config.scan;
        ScanRequest {
            targets: config.targets.clone(),
            exclude: config.exclude.clone(),
            method: config.method,
            interface: config.interface.clone(),
            port: self.login_args.port.or(self.config.login.port).unwrap_or(22),
            prefixes: config.prefixes.clone(),
            ..ScanRequest::default()
        }
    }

    /// A scan for named hosts: nothing is excluded.
    pub(crate) fn scan_for(&self, targets: &[String]) -> ScanRequest {
        ScanRequest { targets: targets.to_vec(), exclude: Vec::new(), ..self.scan() }
    }

    /// The workload of a benchmark: from the options, else (for π) from the preferences, else its own default.
    pub(crate) fn workload(&self, program: Program, slices: Option<u32>, slice_size: Option<u64>) -> Workload {
        let preferred = Some(&self.config.bench).filter(|_| program.is_python_pi());
        program.workload(&Workload {
            name: program.name.to_owned(),
            slices: slices.or(preferred.and_then(|b| b.slices)),
            slice_size: slice_size.or(preferred.and_then(|b| b.slice_size)),
            ..Workload::default()
        })
    }

    /// How to launch a run: from the options, else from the preferences.
    pub(crate) fn launch(&self, args: &LaunchArgs, members: &[Member]) -> Result<LaunchWish, Trouble> {
        let preferred = self.preferred_launch();
        let head = match args.head.as_deref() {
            None => Head::Cluster,
            Some("operator") => Head::Operator,
            some => match &crate::commands::select(some, members)?[..] {
                [node] => Head::Node(node.clone()),
                _ => return Err(Trouble::usage(anyhow::anyhow!("--head takes one node, or `operator`"))),
            },
        };
        Ok(LaunchWish {
            head,
            map: args.map.map_or(preferred.map, Into::into),
            spawn: args.launch.map_or(preferred.spawn, Into::into),
            silence: args.silence.map(seconds).or(preferred.silence),
            slots: Vec::new(),
        })
    }

    /// How to launch a run by the preferences.
    pub(crate) fn preferred_launch(&self) -> LaunchWish {
        let config = &self.config.run;
        LaunchWish {
            map: config.map,
            spawn: config.launch,
            silence: config.silence.map(seconds),
            ..LaunchWish::default()
        }
    }

    /// The time limit of a run.
    pub(crate) fn timeout(&self, args: &LaunchArgs) -> Option<Millis> {
        args.timeout.map(seconds).or(self.preferred_timeout())
    }

    /// The time limit of a run by the preferences.
    pub(crate) fn preferred_timeout(&self) -> Option<Millis> {
        self.config.run.timeout.map(seconds)
    }

    /// The prefix of new names.
    pub(crate) fn prefix(&self, asked: Option<&String>) -> String {
        asked.or(self.config.setup.prefix.as_ref()).cloned().unwrap_or_else(|| "pi".to_owned())
    }

    /// A user at a terminal can be asked.
    pub(crate) fn interactive(&self) -> bool {
        std::io::stdin().is_terminal()
            && std::io::stderr().is_terminal()
            && !(self.login_args.password_stdin || self.login_args.passphrase_stdin)
    }
}
