//! Passwords and passphrases.

use secrecy::{ExposeSecret, SecretString};

/// A password or passphrase: wiped when dropped, never printed, and without any serialisation, so it cannot reach
/// an event, the record or a log. It travels by [`crate::request::SecretAnswer`] alone.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes over `text`.
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The secret itself, for the one place that must pass it on.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", super::Secret::new("hunter2".into())), "Secret(…)");
    }
}
