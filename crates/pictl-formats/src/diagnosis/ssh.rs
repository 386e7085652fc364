//! Failures of logins by `ssh`: of a launcher from the head, or of one node to another. "The node" is the one that is to
//! be logged in to.

use crate::failure::{Failure, Sign};

/// A failure of this list, whose order counts here instead of a place in the catalogue.
const fn of_ssh(id: &'static str, cause: &'static str, hint: &'static str) -> Failure {
    Failure { order: 0, id, cause, hint }
}

/// Order matters: `ssh` says what is wrong with a key or a file first, and then that it was not let in.
pub(super) const SIGNS: &[Sign] = &[
    Sign {
        failure: of_ssh(
            "F-09",
            "the node shows another host key than the one on record",
            "if its SD card was reflashed, run `pictl keys mesh`; if not, somebody may be intercepting the connection",
        ),
        patterns: &[
            r"Host key for (?P<node>\S+) has changed and you have requested",
            r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        ],
    },
    Sign {
        failure: of_ssh(
            "F-09",
            "the node shows a host key that is marked as revoked",
            "give it new host keys; if the mark is a mistake, take the line with @revoked out of known_hosts",
        ),
        patterns: &[r"host key for (?P<node>\S+) was revoked and you have requested", r"REVOKED HOST KEY DETECTED"],
    },
    Sign {
        failure: of_ssh(
            "F-22",
            "the host that logs in does not know the node's host key under this name",
            "run `pictl keys mesh`",
        ),
        patterns: &[
            r"host key is known for (?P<node>\S+) and you have requested strict",
            r"Host key verification failed",
        ],
    },
    Sign {
        failure: of_ssh(
            "F-23",
            "ssh refuses to read {file}: others may write to it",
            "on the node that logs in: chmod go-w {file}, and chown it to the user",
        ),
        patterns: &[r"Bad owner or permissions on (?P<file>[\w./~-]+)"],
    },
    Sign {
        failure: of_ssh(
            "F-23",
            "ssh does not understand {file}",
            "on the node that logs in: correct it; `ssh -G x` shows what is wrong",
        ),
        patterns: &[r"(?P<file>[\w./~-]+):? (?:line \d+: Bad configuration option|terminating, \d+ bad configuration)"],
    },
    Sign {
        failure: of_ssh(
            "F-23",
            "ssh does not use a private key that others may read",
            "on the node that logs in: chmod 600 ~/.ssh/id_ed25519",
        ),
        patterns: &[
            r"UNPROTECTED PRIVATE KEY FILE",
            r"private key files are NOT accessible by others",
            r#"Load key "[^"]+": bad permissions"#,
        ],
    },
    Sign {
        failure: of_ssh(
            "F-23",
            "the private key {file} cannot be read",
            "check it on the node that logs in; without it `pictl keys mesh` makes a new one",
        ),
        patterns: &[r#"Load key "(?P<file>[\w./~-]+)": "#],
    },
    Sign {
        failure: of_ssh(
            "F-23",
            "the node gave up after too many keys that it does not take",
            "on the node that logs in: take keys out of the agent, or set IdentitiesOnly in ~/.ssh/config",
        ),
        patterns: &[r"Too many authentication failures"],
    },
    Sign {
        failure: of_ssh(
            "F-01",
            "the account on the node has expired, or its password has",
            "on the node: sudo chage -l USER shows the dates, sudo passwd USER sets a new password",
        ),
        patterns: &[
            r"[Aa]ccount (?:has )?expired",
            r"[Pp]assword (?:has )?expired",
            r"[Pp]assword change required",
            r"required to change your password",
        ],
    },
    Sign {
        failure: of_ssh(
            "F-01",
            "the account on the node is not for logins",
            "use another user, or on the node: sudo usermod -s /bin/bash USER",
        ),
        patterns: &[r"This account is (?:currently )?not available"],
    },
    Sign {
        failure: of_ssh("F-01", "the node is starting or shutting down", "wait a moment and try again"),
        patterns: &[
            r"System is booting up",
            r"system is going down",
            r"Unprivileged users are not permitted to log in",
        ],
    },
    Sign {
        failure: of_ssh(
            super::KEY_REFUSED,
            "the node refused the key",
            "run `pictl keys mesh`; then check who owns the home folder, ~/.ssh and authorized_keys there, and who can write to them",
        ),
        patterns: &[
            r"\S+@(?P<node>[\w.:-]+): Permission denied \((?:publickey|password|keyboard|gssapi)",
            r"Permission denied \((?:publickey|password|keyboard|gssapi)",
            r"Permission denied, please try again",
        ],
    },
    Sign {
        failure: of_ssh("F-07", "the name of a node is not known where it is needed", "run `pictl setup --only hosts`"),
        patterns: &[
            r"Could not resolve hostname (?P<node>[\w.-]+)",
            r"unable to get host address for (?P<node>[\w.-]+)",
            r"getaddrinfo failed for (?P<node>[\w.-]+)",
        ],
    },
    Sign {
        failure: of_ssh(
            super::NO_ANSWER,
            "the node does not answer: it is off, or has another address",
            "check its power and cable, then run `pictl scan`",
        ),
        patterns: &[
            r"connect to host (?P<node>[\w.:%-]+) port \d+: (?:No route to host|(?:Connection|Operation) timed out|Host is down)",
            r"connect to address (?P<node>[\w.:%-]+) port \d+: (?:No route to host|(?:Connection|Operation) timed out)",
            r"(?:Connection|Operation) timed out during banner exchange",
            r"banner exchange: Connection to (?P<node>[\w.:%-]+) port \d+: (?:Connection|Operation) timed out",
            r"Connection to (?P<node>[\w.:%-]+) port \d+ timed out",
        ],
    },
    Sign {
        failure: of_ssh(
            super::NO_ANSWER,
            "the host that logs in has no route to the node's network",
            "all nodes of a cluster need addresses in one network; on the host that logs in, `ip route get {node}` shows \
             which way packets go",
        ),
        patterns: &[r"connect to host (?P<node>[\w.:%-]+) port \d+: Network is unreachable"],
    },
    Sign {
        failure: of_ssh(
            "F-02",
            "no SSH server answers on port {port} of the node",
            "if its SSH server listens on another port: pictl nodes set {node} --port PORT, then pictl setup; if it is off, \
             on the node: sudo systemctl enable --now ssh",
        ),
        patterns: &[r"connect to host (?P<node>[\w.:%-]+) port (?P<port>\d+): Connection refused"],
    },
    Sign {
        failure: of_ssh("F-05", "the two have no {what} in common", "bring both to the same release of the system"),
        patterns: &[r"no matching (?P<what>host key type|key exchange method|cipher|MAC|compression method) found"],
    },
    Sign {
        failure: of_ssh(
            "F-05",
            "the node's SSH server refused the connection before the login",
            "wait half a minute and try again; too many logins at once, or failed ones, make it do so",
        ),
        patterns: &[
            r"Connection closed by (?:remote host|UNKNOWN|(?P<node>[\w.:-]+) port \d+)",
            r"kex_exchange_identification",
            r"banner exchange: Connection to (?P<node>[\w.:-]+) port \d+",
            r"Connection reset by (?P<node>[\w.:-]+) port \d+",
            r"Not allowed at this time",
        ],
    },
    Sign {
        failure: of_ssh(
            "F-22",
            "ssh is missing on the host that logs in",
            "install it there: sudo apt install openssh-client",
        ),
        patterns: &[r"\bssh: (?:command )?not found"],
    },
];
