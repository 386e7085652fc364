//! Questions of the engine, and the windows that nobody asked for.

use pictl_model::QuestionId;
use pictl_model::event::Level;
use pictl_model::request::{Answer, Question, Request, SecretAnswer, SecretWord};

use super::trust::TrustUi;
use super::{App, Effect, Layer};
use crate::field::SecretField;
use crate::key::Key;
use crate::keymap::Command;

/// What the user did so far about the oldest open question.
#[derive(Debug)]
pub(crate) struct QuestionUi {
    pub(crate) id: QuestionId,
    pub(crate) trust: TrustUi,
    pub(crate) secret: SecretField,
    /// Why the last paste was not taken.
    pub(crate) not_pasted: Option<&'static str>,
}

impl App {
    /// The question that is on screen.
    pub(crate) fn asked(&self) -> Option<&Question> {
        let ui = self.question.as_ref()?;
        self.world.questions.iter().find(|(id, _)| *id == ui.id).map(|(_, question)| question)
    }

    /// That question wants a password.
    pub(crate) fn secret_asked(&self) -> bool {
        matches!(
            self.asked(),
            Some(Question::Password { .. } | Question::Passphrase { .. } | Question::SudoPassword { .. })
        )
    }

    /// Puts the oldest open question on screen.
    pub(super) fn sync_question(&mut self) {
        let oldest = self.world.questions.first();
        if self.question.as_ref().map(|q| q.id) != oldest.map(|(id, _)| *id) {
            self.question = oldest.map(|(id, question)| QuestionUi {
                id: *id,
                trust: TrustUi::of(question),
                secret: SecretField::default(),
                not_pasted: None,
            });
            // Another question has come up: its grace begins now.
            if matches!(self.layer(), Layer::Question) {
                self.unasked_since = None;
                self.scroll = 0;
            }
        }
    }

    /// A key while a refusal or a question is on top.
    pub(super) fn unasked_key(&mut self, key: Key, command: Option<Command>) -> Vec<Effect> {
        if self.secret_asked() && matches!(self.layer(), Layer::Question) {
            return self.secret_key(key, command);
        }
        if self.is_comparing() && matches!(self.layer(), Layer::Question) {
            self.compare_key(key, command);
            return Vec::new();
        }
        if self.in_grace() {
            return Vec::new();
        }
        if matches!(self.layer(), Layer::Refused) {
            match command {
                Some(Command::Accept | Command::Refuse) => self.refused = None,
                Some(command) => self.scroll_window(command),
                None => {}
            }
            return Vec::new();
        }
        match (command, self.asked()) {
            (Some(Command::Accept), Some(question)) => {
                let answer = self.yes(question);
                self.answer(answer)
            }
            (Some(Command::Refuse), _) => self.answer(Answer::No),
            (Some(command), Some(Question::Trust { .. })) => {
                self.trust_command(command);
                Vec::new()
            }
            (Some(command), _) => {
                self.scroll_window(command);
                Vec::new()
            }
            (None, _) => Vec::new(),
        }
    }

    fn yes(&self, question: &Question) -> Answer {
        let Question::Trust { rows } = question else { return Answer::Yes };
        self.trusted(rows)
    }

    /// Text pasted into the question on screen; into any other place it is never taken for commands.
    pub(super) fn paste_answer(&mut self, text: &str) {
        let secret = self.secret_asked();
        let Some(ui) = &mut self.question else { return };
        if secret {
            ui.not_pasted = ui.secret.paste(text).err();
        } else if let Some(field) = &mut ui.trust.comparing {
            field.paste(text);
            ui.trust.error = None;
        }
    }

    /// Answers the question on screen and takes it off; the engine's own word that it is answered comes later.
    fn answer(&mut self, answer: Answer) -> Vec<Effect> {
        let Some(id) = self.close_question() else { return Vec::new() };
        vec![Effect::Send(Request::Answer { id, answer })]
    }

    fn close_question(&mut self) -> Option<QuestionId> {
        let ui = self.question.take()?;
        self.world.questions.retain(|(id, _)| *id != ui.id);
        self.unasked_since = None;
        Some(ui.id)
    }

    fn secret_key(&mut self, key: Key, command: Option<Command>) -> Vec<Effect> {
        let in_grace = self.in_grace();
        let same_offered = matches!(self.asked(), Some(Question::SudoPassword { same_offered: true, .. }));
        let word = if matches!(self.asked(), Some(Question::Passphrase { .. })) { "passphrase" } else { "password" };
        let Some(ui) = &mut self.question else { return Vec::new() };
        ui.not_pasted = None;
        // What is typed may well be meant for this field; Enter and Esc may be meant for something else.
        if key.typed().is_some() {
            ui.secret.key(key);
            return Vec::new();
        }
        let answer = match command {
            _ if in_grace => return Vec::new(),
            Some(Command::Refuse) => SecretWord::Cancel,
            Some(Command::Accept) if !ui.secret.is_empty() => SecretWord::This(ui.secret.take()),
            Some(Command::Accept) if same_offered => SecretWord::SameAsLogin,
            Some(Command::Accept) => {
                let out = self.key_of(Command::Refuse);
                self.say(Level::Warn, format!("type the {word}; {out} leaves these nodes out"));
                return Vec::new();
            }
            _ => {
                ui.secret.key(key);
                return Vec::new();
            }
        };
        let Some(id) = self.close_question() else { return Vec::new() };
        vec![Effect::Secret(SecretAnswer { id, answer })]
    }
}
