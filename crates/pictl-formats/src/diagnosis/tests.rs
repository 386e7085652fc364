use std::process::Command;

use proptest::prelude::*;

use super::*;

#[test]
fn lines_of_dashes_are_not_the_last_line() {
    assert_eq!(last_line("what went wrong\n\n-----------\n"), Some("what went wrong"));
    assert_eq!(last_line("-----\n\n"), None);
}

#[test]
fn every_pattern_compiles_and_every_failure_is_complete() {
    for (compiled, signs) in [(&SSH, ssh::SIGNS.to_vec()), (&OTHERS, others())] {
        assert_eq!(compiled.len(), signs.iter().map(|sign| sign.patterns.len()).sum::<usize>());
        for (regex, failure) in compiled.iter() {
            assert!(!failure.cause.is_empty() && !failure.hint.is_empty() && failure.id.starts_with("F-"));
            // Every pattern of a failure finds what its text mentions.
            let filled =
                regex.capture_names().flatten().fold(format!("{}{}", failure.cause, failure.hint), |words, name| {
                    words.replace(&format!("{{{name}}}"), "")
                });
            assert!(!filled.contains(['{', '}']), "{failure:?}");
        }
    }
}

#[test]
fn texts_of_real_launchers_are_explained() {
    for (text, id, node) in [
        (
            "Host key verification failed.\r\n--------\nORTE was unable to reliably start one or more daemons.\nThis usually is caused by:\n",
            "F-22",
            None,
        ),
        ("pi@10.0.0.33: Permission denied (publickey,password).", "F-23", Some("10.0.0.33")),
        ("ssh: Could not resolve hostname pi07: Name or service not known", "F-07", Some("pi07")),
        ("ssh: connect to host 10.0.0.33 port 22: No route to host", "F-08", Some("10.0.0.33")),
        ("ssh: connect to host pi03 port 2222: Connection refused", "F-02", Some("pi03")),
        ("kex_exchange_identification: Connection closed by remote host", "F-05", None),
        ("bash: line 1: orted: command not found", "F-20", None),
        ("sh: 1: prted: not found\n", "F-20", None),
        (
            "There are not enough slots available in the system to satisfy the 9\nslots that were requested by the application:",
            "F-25",
            None,
        ),
        ("UI version string does not match proxy version", "F-27", None),
        (
            "[mpiexec@pi01] HYDU_parse_hostfile (utils/args/args.c:319): token slots not supported at this time",
            "F-30",
            None,
        ),
        (
            "[proxy:0:1@pi02] HYDU_sock_connect (utils/sock/sock.c:145): unable to connect to server pi01 at port 38487 (check for firewalls!)",
            "F-31",
            Some("pi01"),
        ),
        (
            "ORTE has lost communication with a remote daemon.\n\n  HNP daemon   : [[8193,0],0] on node pi01\n  Remote daemon: [[8193,0],2] on node pi03\n\nThis is usually due to",
            "F-56",
            Some("pi03"),
        ),
        (
            "PRTE has lost communication with a remote daemon.\n\n  HNP daemon   : [prterun-pi01-8@0,0] on node pi01\n  Remote daemon: [prterun-pi01-8@0,1] on node pi02\n",
            "F-56",
            Some("pi02"),
        ),
        (
            "[pi02][[1,1],1][btl_tcp_endpoint.c:625] connect() to 172.17.0.1:1026 failed: No route to host (113)",
            "F-32",
            Some("172.17.0.1"),
        ),
        ("/usr/bin/python3: No module named mpi4py", "F-17", None),
        ("python3: can't open file '/home/pi/x.py': [Errno 2] No such file or directory", "F-35", None),
        ("mpirun has detected an attempt to run as root.", "F-37", None),
        ("Connection to 10.0.0.33 closed by remote host.", "F-56", Some("10.0.0.33")),
        ("[mpiexec@pi01] control_cb (pm/pmiserv/pmiserv_cb.c:206): assert (!closed) failed", "F-56", None),
        (
            "[proxy:0:2@pi03] launch_procs (pm/pmiserv/pmip_cb.c:621): unable to change wdir to /home/a (No such file or directory)\n\
             [mpiexec@pi01] control_cb (pm/pmiserv/pmiserv_cb.c:206): assert (!closed) failed",
            "F-36",
            Some("pi03"),
        ),
        ("No network interfaces were found for out-of-band communications. We require", "F-83", None),
        (
            "Both TCP interface include and exclude lists were specified:\n\n  Include: 10.77.0.0/24\n  Exclude: docker0\n\n\
             Only one of these can be given.\n-----\nNo network interfaces were found for out-of-band communications.",
            "F-82",
            None,
        ),
        (
            "A process or daemon was unable to complete a TCP connection\nto another process:\n  Local host:    pi02\n  \
             Remote host:   pi01\nThis is usually caused by a firewall on the remote host.",
            "F-31",
            Some("pi02"),
        ),
        ("bash: line 1: /usr/bin/hydra_pmi_proxy: No such file or directory", "F-20", None),
        ("zsh:1: no such file or directory: /usr/bin/hydra_pmi_proxy", "F-20", None),
        ("zsh:1: command not found: orted", "F-20", None),
        ("fish: Unknown command: prted", "F-20", None),
        ("orted: Command not found.", "F-20", None),
        ("bash: line 1: /usr/bin/orted: Permission denied", "F-81", None),
        ("prted: error while loading shared libraries: libprrte.so.3: cannot open", "F-81", None),
        (
            "[proxy:0:2@pi03] HYDU_create_process (./utils/launch/launch.c:69): execvp error on file ./x (Permission denied)",
            "F-84",
            Some("pi03"),
        ),
        (
            "@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@\nHost key for 10.0.0.32 has changed \
             and you have requested strict checking.\r\nHost key verification failed.",
            "F-09",
            Some("10.0.0.32"),
        ),
        (
            "No ED25519 host key is known for [pi02]:2222 and you have requested strict checking.\nHost key verification failed.",
            "F-22",
            Some("pi02"),
        ),
        ("ssh: connect to host 10.1.0.2 port 22: Network is unreachable", "F-08", Some("10.1.0.2")),
        // Launchers break their lines where they are full.
        (
            "prterun noticed that process rank 1 with PID 418 on node pi02 exited on\nsignal 9 (Killed).",
            "F-58",
            Some("pi02"),
        ),
        (
            "prterun has exited due to process rank 1 with PID 0 on\nnode pi02 exiting improperly. There are three reasons \
             this could occur:",
            "F-85",
            Some("pi02"),
        ),
        ("sudo: a terminal is required to read the password; either use", "F-11", None),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt)", "F-14", None),
        ("E: Release file for http://x/InRelease is not valid yet (invalid for another 39d 2h).", "F-15", None),
        ("error: externally-managed-environment", "F-16", None),
        ("An ORTE daemon has unexpectedly failed after launch and before\ncommunicating back to mpirun.", "F-24", None),
        ("ORTE was unable to reliably start one or more daemons.", "F-21", None),
    ] {
        let found = explain(text).unwrap_or_else(|| panic!("unexplained: {text}"));
        assert_eq!((found.id, found.node.as_deref()), (id, node), "{text}");
    }
}

/// Said by OpenSSH 9.2, but for the accounts, which PAM and login(1) speak of.
#[test]
fn errors_of_ssh_are_explained() {
    for (said, why, hint) in [
        (
            "@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@\nIT IS POSSIBLE \
            THAT SOMEONE IS DOING SOMETHING NASTY!\nHost key for pi02 has changed and you have requested strict \
            checking.\nHost key verification failed.\n",
            "another host key",
            "keys mesh",
        ),
        (
            "@       WARNING: REVOKED HOST KEY DETECTED!               @\nED25519 host key for pi02 was revoked and \
            you have requested strict checking.\r\nHost key verification failed.\r\n",
            "marked as revoked",
            "@revoked",
        ),
        (
            // On one line, as the script that tries all pairs gives it.
            "No ED25519 host key is known for [pi02]:2222 and you have requested strict checking. Host key \
            verification failed. ",
            "does not know the node's host key",
            "keys mesh",
        ),
        ("pi@pi02: Permission denied (publickey,keyboard-interactive).", "refused the key", "keys mesh"),
        ("Bad owner or permissions on /home/pi/.ssh/config", "/home/pi/.ssh/config", "chmod go-w /home/pi/.ssh/config"),
        (
            "/home/pi/.ssh/config: line 3: Bad configuration option: prot\r\n/home/pi/.ssh/config: terminating, 1 bad \
            configuration options\r\n",
            "does not understand /home/pi/.ssh/config",
            "ssh -G",
        ),
        (
            "Permissions 0644 for '/home/pi/.ssh/id_ed25519' are too open.\nIt is required that your private key files \
            are NOT accessible by others.\nLoad key \"/home/pi/.ssh/id_ed25519\": bad permissions\npi@pi02: Permission \
            denied (publickey).",
            "others may read",
            "chmod 600",
        ),
        (
            "Load key \"/home/pi/.ssh/id_ed25519\": error in libcrypto\r\npi@pi02: Permission denied (publickey).",
            "/home/pi/.ssh/id_ed25519 cannot be read",
            "keys mesh",
        ),
        (
            "Received disconnect from 10.0.0.32 port 22:2: Too many authentication failures\r\nDisconnected from \
            10.0.0.32 port 22",
            "too many keys",
            "IdentitiesOnly",
        ),
        ("Your account has expired; please contact your system administrator.", "expired", "chage"),
        ("WARNING: Your password has expired.\nPassword change required but no TTY available.", "expired", "passwd"),
        ("This account is currently not available.", "not for logins", "usermod"),
        (
            "\"System is booting up. Unprivileged users are not permitted to log in yet. Please come back later. For \
            technical details, see pam_nologin(8).\"\nConnection closed by 10.0.0.32 port 22",
            "starting",
            "wait",
        ),
        ("ssh: Could not resolve hostname pi02: Name or service not known", "name of a node", "--only hosts"),
        (
            "ssh: connect to host pi02 port 22: Connection refused",
            "no SSH server answers on port 22",
            "set pi02 --port",
        ),
        ("ssh: connect to host 10.0.0.32 port 22: No route to host", "does not answer", "power"),
        ("ssh: connect to host 10.0.0.32 port 22: Connection timed out", "does not answer", "power"),
        ("ssh: connect to host fe80::2%eth0 port 22: Network is unreachable", "no route", "one network"),
        ("Connection timed out during banner exchange", "does not answer", "power"),
        (
            "Unable to negotiate with 10.0.0.32 port 22: no matching host key type found. Their offer: ssh-rsa",
            "no host key type in common",
            "release",
        ),
        (
            "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 10.0.0.32 port 22",
            "refused the connection",
            "wait",
        ),
        ("banner exchange: Connection to 10.0.0.32 port 22: Broken pipe", "refused the connection", "wait"),
        ("Connection closed by 10.0.0.32 port 22", "refused the connection", "wait"),
        ("sh: 1: ssh: not found", "ssh is missing", "openssh-client"),
        ("ssh: something\u{1b}[31m new\n-----\n", "ssh: something[31m new", "ssh -v"),
        ("", "without a message", "ssh -v"),
    ] {
        let problem = ssh_failure(said);
        assert!(problem.why.contains(why) && problem.hint.contains(hint), "{said}: {problem:?}");
    }
}

/// What the `ssh` of this machine says without a connection to any other.
#[test]
fn the_ssh_of_this_machine_is_understood() {
    if Command::new("ssh").arg("-V").output().is_err() {
        return eprintln!("skipped: OpenSSH's ssh is not installed");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("config");
    for (text, why) in [
        ("ProxyCommand false\n", "refused the connection"),
        ("Bogus yes\n", "does not understand"),
        // Port 1 of this machine: nobody listens there.
        ("HostName 127.0.0.1\nPort 1\n", "no SSH server"),
    ] {
        std::fs::write(&config, text).expect("written");
        let output = Command::new("ssh").args(["-o", "BatchMode=yes", "-F"]).arg(&config).arg("pi02").output();
        let said = String::from_utf8_lossy(&output.expect("ssh runs").stderr).into_owned();
        assert!(ssh_failure(&said).why.contains(why), "{said}");
    }
}

#[test]
fn a_signal_that_ended_a_rank_is_named() {
    let cause = |text: &str| explain(text).map(|found| (found.cause, found.node));
    let said = |cause: &str, node: &str| Some((cause.to_owned(), Some(node.to_owned())));
    // After what the others say of it.
    let open_mpi_4 = "An MPI communication peer process has unexpectedly disconnected.\n  Peer host:  10.77.0.32\n\
        mpirun.openmpi noticed that process rank 1 with PID 397 on node 10.77.0.32 exited on signal 11 (Segmentation fault).\n\
        [pi01][[1,1],0][btl_tcp_endpoint.c:625] connect() to 10.77.0.32:1026 failed: Connection refused (111)";
    assert_eq!(cause(open_mpi_4), said("rank 1 was ended by signal 11", "10.77.0.32"));
    let ucx = "[pi02:481  :0:481] Caught signal 11 (Segmentation fault: kill(2) or raise(3) at address (nil))";
    assert_eq!(cause(ucx), said("a rank was ended by signal 11", "pi02"));
    let hydra = "=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES\n=   PID 391 RUNNING AT 10.77.0.32\n=   EXIT CODE: 11\n";
    assert_eq!(cause(hydra), said("a rank ended with 11: an exit status, or the number of a signal", "10.77.0.32"));
}

#[test]
fn what_was_printed_is_quoted_and_not_runnable_is_not_missing() {
    let found = explain("noise\r\n  bash: line 1: orted: command not found  \nmore").expect("known");
    assert_eq!((found.said.as_str(), found.is_of_ssh), ("bash: line 1: orted: command not found", false));
    let found = explain("execvp error on file ./x (Permission denied)").expect("known");
    assert!(found.cause.contains("refuses to run ./x") && found.hint.contains("chmod +x ./x"), "{found:?}");
    assert!(explain("pi@pi02: Permission denied (publickey).").expect("known").is_of_ssh);
}

#[test]
fn addresses_become_names_and_parts_of_others_stay() {
    let hosts = || [([10, 0, 0, 3].into(), "pi03"), ("fd00::3".parse().expect("an address"), "pi04")];
    for (text, named) in [
        ("on node 10.0.0.3.", "on node pi03."),
        ("10.0.0.3:1026 failed", "pi03:1026 failed"),
        ("10.0.0.31, 110.0.0.3, 10.0.0.3.1", "10.0.0.31, 110.0.0.3, 10.0.0.3.1"),
        ("pi@10.0.0.3 and 10.0.0.3", "pi@pi03 and pi03"),
        ("[fd00::3]:22, fd00::31, fd00::3:1", "[pi04]:22, fd00::31, fd00::3:1"),
        ("", ""),
    ] {
        assert_eq!(with_names(text, hosts()), named);
    }
}

#[test]
fn a_programs_own_errors_are_left_alone() {
    for text in ["", "Traceback (most recent call last):\nZeroDivisionError: division by zero\n", "hello"] {
        assert_eq!(explain(text), None, "{text}");
    }
}

#[test]
fn the_end_of_a_long_text_counts_too() {
    let long = format!("{}Host key verification failed.\n", "é\n".repeat(WINDOW));
    assert_eq!(explain(&long).map(|e| e.id), Some("F-22"));
}

proptest! {
    #[test]
    fn garbage_never_panics(text in any::<String>()) {
        let _ = explain(&text);
        let problem = ssh_failure(&text);
        prop_assert!(!problem.why.is_empty() && !problem.hint.is_empty());
    }
}
