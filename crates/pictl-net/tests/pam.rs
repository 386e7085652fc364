//! Passwords and second factors against the real OpenSSH and PAM, on 127.0.0.1. Needs root; skipped, with a message, elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use common::sshd::Sshd;
use common::{command, ed25519, password, soon};
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

/// The question of a second factor, as a PAM module asks it, comes after the key or the password, and is no business of a program.
#[tokio::test]
async fn a_second_factor_is_named_with_its_question_and_the_hint_lets_in() {
    let asks =
        "KbdInteractiveAuthentication yes\nAuthenticationMethods publickey,keyboard-interactive keyboard-interactive";
    let key = ed25519();
    let Some(sshd) = Sshd::with_second_factor(&[&key], &[PI], asks) else { return };
    let of_pi = |credentials| ConnectSpec { user: "pictl-pi".into(), ..sshd.spec(credentials) };
    let own_key = || sshd.saved(&key, "id");
    for credentials in [vec![password("raspberry")], vec![own_key(), password("raspberry")]] {
        let with_key = credentials.len() > 1;
        match soon(Ssh::default().connect(of_pi(credentials), None)).await.err() {
            Some(error @ ConnectError::Refused { password_refused: false, unanswered: Some(_), .. }) => {
                let text = error.to_string();
                assert!(text.contains("the host asks for more than a password: Verification code"), "{text}");
                assert_eq!(text.contains("taken, but the host also wants keyboard-interactive"), with_key, "{text}");
                let ConnectError::Refused { unanswered: Some(asked), user, .. } = error else { return };
                assert_eq!((asked.question.as_str(), asked.new_password), ("Verification code", false));
                let hint = asked.hint(&user);
                assert!(
                    hint.contains("`Match User pictl-pi`") && hint.contains("`AuthenticationMethods publickey`"),
                    "{hint}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
    // What the hint says, at the end of sshd_config.
    sshd.reload_with("Match User pictl-pi\nAuthenticationMethods publickey\n").await;
    let spec = ConnectSpec { user: "pictl-pi".into(), ..sshd.spec(vec![sshd.saved(&key, "id")]) };
    let session = soon(Ssh::default().connect(spec, None)).await.unwrap();
    assert!(matches!(session.logged_in_by(), LoginMethod::Key(_)));
}
