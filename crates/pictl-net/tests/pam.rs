//! Passwords against the real OpenSSH and PAM, on 127.0.0.1. Needs root; skipped, with a message, elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use common::sshd::Sshd;
use common::{command, password, soon};
use pictl_engine::ports::{Connect, ConnectError, ConnectSpec, Session};
use pictl_model::link::LoginMethod;
use pictl_net::ssh::Ssh;

/// `raspberry` as `openssl passwd -6` makes it, for a user whose password is fine and for one who must change it.
const PI: &str = "pictl-pi:$6$pictltest$wJDInCU1pCBwnC2G3XIT1UnVPUvI0wKdph/ErA7zRgwT5X8ULSO99UUQvUsVmRHjH6tPO9cZXhT.cKDwm48Yi1:20000:0:99999:7:::";
const NEW: &str = "pictl-new:$6$pictltest$wJDInCU1pCBwnC2G3XIT1UnVPUvI0wKdph/ErA7zRgwT5X8ULSO99UUQvUsVmRHjH6tPO9cZXhT.cKDwm48Yi1:0:0:99999:7:::";

/// How many passwords sshd says it has refused.
const FAILED: &str = "Failed ";

async fn login(sshd: &Sshd, user: &str, secret: &str) -> Result<std::sync::Arc<dyn Session>, ConnectError> {
    let spec = ConnectSpec { user: user.into(), ..sshd.spec(vec![password(secret)]) };
    soon(Ssh::default().connect(spec, None)).await
}

#[tokio::test]
async fn a_host_that_only_asks_questions_gets_the_password_as_the_answer() {
    let Some(sshd) = Sshd::with_pam(&[PI, NEW], "KbdInteractiveAuthentication yes") else { return };
    let session = login(&sshd, "pictl-pi", "raspberry").await.unwrap();
    assert_eq!(session.logged_in_by(), LoginMethod::KeyboardInteractive);

    match login(&sshd, "pictl-pi", "wrong").await.err() {
        Some(ConnectError::Refused { tried, password_possible: true, password_refused: true, .. }) => {
            assert_eq!(tried, "keyboard-interactive");
        }
        other => panic!("{other:?}"),
    }
    match login(&sshd, "pictl-new", "raspberry").await.err() {
        Some(ConnectError::Refused { tried, password_refused: false, .. }) => {
            assert!(tried.contains("the host wants a new password: log in once by hand"), "{tried}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_host_that_lets_in_with_a_password_that_must_be_changed_says_so_to_each_command() {
    let Some(sshd) = Sshd::with_pam(&[NEW], "PasswordAuthentication yes") else { return };
    let session = login(&sshd, "pictl-new", "raspberry").await.unwrap();
    let output = soon(session.run(command("echo hi"))).await.unwrap();
    assert_ne!(output.status, Some(0));
    let said = String::from_utf8_lossy(&output.err);
    assert!(said.contains("Password change required"), "{output:?}");
}

#[tokio::test]
async fn one_wrong_password_is_one_failed_login() {
    let both = "PasswordAuthentication yes\nKbdInteractiveAuthentication yes";
    let Some(sshd) = Sshd::with_pam(&[PI], both) else { return };
    assert!(login(&sshd, "pictl-pi", "wrong").await.is_err());
    sshd.logged(FAILED).await;
    // The log of the next login comes after that of the first.
    assert!(login(&sshd, "pictl-pi", "raspberry").await.is_ok());
    sshd.logged("Accepted password for pictl-pi").await;
    // sshd counts "none", with which a client asks what there is, as no failure.
    assert_eq!(sshd.count("Failed password for pictl-pi"), 1);
    assert_eq!(sshd.count("Failed keyboard-interactive"), 0);
}
