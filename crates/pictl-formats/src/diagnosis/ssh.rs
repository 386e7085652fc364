//! Failures of logins by `ssh`: of a launcher from the head, or of one node to another. "The node" is the one that is to
//! be logged in to.

use super::Failure;

/// Order matters: `ssh` says what is wrong with a key or a file first, and then that it was not let in.
pub(super) const FAILURES: &[Failure] = &[
    Failure {
        id: "F-09",
        patterns: &[r"REMOTE HOST IDENTIFICATION HAS CHANGED", r"Host key for \S+ has changed and you have requested"],
        cause: "the node shows another host key than the one on record",
        hint: "if its card was flashed anew, run `pictl keys mesh`; if not, somebody may be in between",
    },
    Failure {
        id: "F-09",
        patterns: &[r"REVOKED HOST KEY DETECTED", r"host key for \S+ was revoked and you have requested"],
        cause: "the node shows a host key that is marked as revoked",
        hint: "give it new host keys; if the mark is a mistake, take the line with @revoked out of known_hosts",
    },
    Failure {
        id: "F-22",
        patterns: &[r"Host key verification failed", r"host key is known for \S+ and you have requested strict"],
        cause: "who logs in does not know the node's host key under this name",
        hint: "run `pictl keys mesh`",
    },
    Failure {
        id: "F-23",
        patterns: &[r"Bad owner or permissions on (?P<file>[\w./~-]+)"],
        cause: "ssh refuses to read {file}: others may write to it",
        hint: "on the node that logs in: chmod go-w {file}, and chown it to the user",
    },
    Failure {
        id: "F-23",
        patterns: &[r"(?P<file>[\w./~-]+):? (?:line \d+: Bad configuration option|terminating, \d+ bad configuration)"],
        cause: "ssh does not understand {file}",
        hint: "on the node that logs in: mend it; `ssh -G x` tells what is wrong",
    },
    Failure {
        id: "F-23",
        patterns: &[
            r"UNPROTECTED PRIVATE KEY FILE",
            r"private key files are NOT accessible by others",
            r#"Load key "[^"]+": bad permissions"#,
        ],
        cause: "ssh does not use a private key that others may read",
        hint: "on the node that logs in: chmod 600 ~/.ssh/id_ed25519",
    },
    Failure {
        id: "F-23",
        patterns: &[r#"Load key "(?P<file>[\w./~-]+)": "#],
        cause: "the private key {file} cannot be read",
        hint: "look at it on the node that logs in; without it `pictl keys mesh` makes a new one",
    },
    Failure {
        id: "F-23",
        patterns: &[r"Too many authentication failures"],
        cause: "the node gave up after too many keys that it does not take",
        hint: "on the node that logs in: take keys out of the agent, or set IdentitiesOnly in ~/.ssh/config",
    },
    Failure {
        id: "F-01",
        patterns: &[
            r"[Aa]ccount (?:has )?expired",
            r"[Pp]assword (?:has )?expired",
            r"[Pp]assword change required",
            r"required to change your password",
        ],
        cause: "the account on the node has expired, or its password has",
        hint: "on the node: sudo chage -l USER shows the dates, sudo passwd USER sets a new password",
    },
    Failure {
        id: "F-01",
        patterns: &[r"This account is (?:currently )?not available"],
        cause: "the account on the node is not for logins",
        hint: "use another user, or on the node: sudo usermod -s /bin/bash USER",
    },
    Failure {
        id: "F-01",
        patterns: &[
            r"System is booting up",
            r"system is going down",
            r"Unprivileged users are not permitted to log in",
        ],
        cause: "the node is starting or shutting down",
        hint: "wait a moment and try again",
    },
    Failure {
        id: "F-23",
        patterns: &[
            r"\S+@(?P<node>[\w.:-]+): Permission denied \((?:publickey|password|keyboard|gssapi)",
            r"Permission denied \((?:publickey|password|keyboard|gssapi)",
            r"Permission denied, please try again",
        ],
        cause: "the node does not let the key in",
        hint: "run `pictl keys mesh`; then look at who owns the home, ~/.ssh and authorized_keys there, and who may write to them",
    },
    Failure {
        id: "F-07",
        patterns: &[
            r"Could not resolve hostname (?P<node>[\w.-]+)",
            r"unable to get host address for (?P<node>[\w.-]+)",
            r"getaddrinfo failed for (?P<node>[\w.-]+)",
        ],
        cause: "the name of a node is not known where it is needed",
        hint: "run `pictl setup --only hosts`",
    },
    Failure {
        id: "F-08",
        patterns: &[
            r"connect to host (?P<node>[\w.:%-]+) port \d+: (?:No route to host|(?:Connection|Operation) timed out|Host is down|Network is unreachable)",
            r"connect to address (?P<node>[\w.:%-]+) port \d+: (?:No route to host|(?:Connection|Operation) timed out)",
            r"(?:Connection|Operation) timed out during banner exchange",
            r"banner exchange: Connection to (?P<node>[\w.:%-]+) port \d+: (?:Connection|Operation) timed out",
            r"Connection to (?P<node>[\w.:%-]+) port \d+ timed out",
        ],
        cause: "the node does not answer: it is off, or has another address",
        hint: "look at its power and cable, then run `pictl scan`",
    },
    Failure {
        id: "F-02",
        patterns: &[r"connect to host (?P<node>[\w.:%-]+) port \d+: Connection refused"],
        cause: "no SSH server answers on the node",
        hint: "start it on the node: sudo systemctl enable --now ssh",
    },
    Failure {
        id: "F-05",
        patterns: &[r"no matching (?P<what>host key type|key exchange method|cipher|MAC|compression method) found"],
        cause: "the two have no {what} in common",
        hint: "bring both to the same release of the system",
    },
    Failure {
        id: "F-05",
        patterns: &[
            r"Connection closed by (?:remote host|UNKNOWN|(?P<node>[\w.:-]+) port \d+)",
            r"kex_exchange_identification",
            r"banner exchange: Connection to (?P<node>[\w.:-]+) port \d+",
            r"Connection reset by (?P<node>[\w.:-]+) port \d+",
            r"Not allowed at this time",
        ],
        cause: "the node's SSH server turned the connection away before the login",
        hint: "wait half a minute and try again; too many logins at once, or failed ones, make it do so",
    },
    Failure {
        id: "F-22",
        patterns: &[r"\bssh: (?:command )?not found"],
        cause: "who logs in has no ssh",
        hint: "install it there: sudo apt install openssh-client",
    },
];
