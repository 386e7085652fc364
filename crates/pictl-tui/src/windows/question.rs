//! A question of the engine.

mod apply;
mod secret;
mod table;
mod trust;

use pictl_model::QuestionId;
use pictl_model::event::Level;
use pictl_model::request::{Answer, Question, Request, SecretAnswer, SecretWord};

use super::{After, Page, Window};
use crate::context::Context;
use crate::field::SecretField;
use crate::key::Key;
use crate::keymap::{Command, Mode};
use crate::messages::Effect;
use crate::theme::Theme;
use table::TrustUi;

/// What the user did so far about the oldest open question. Nobody asked for the window, so it takes no keys at first.
#[derive(Debug)]
pub(crate) struct QuestionWindow {
    pub(crate) id: QuestionId,
    trust: TrustUi,
    secret: SecretField,
    /// Why the last paste was not taken.
    not_pasted: Option<&'static str>,
}

impl QuestionWindow {
    /// A window that shows this question.
    pub(crate) fn new(id: QuestionId, question: &Question) -> Self {
        Self { id, trust: TrustUi::of(question), secret: SecretField::default(), not_pasted: None }
    }

    /// The question, as long as it is open.
    fn asked<'a>(&self, cx: &'a Context) -> Option<&'a Question> {
        cx.world.questions.iter().find(|(id, _)| *id == self.id).map(|(_, question)| question)
    }

    /// It wants a password.
    fn wants_secret(&self, cx: &Context) -> bool {
        matches!(
            self.asked(cx),
            Some(Question::Password { .. } | Question::Passphrase { .. } | Question::SudoPassword { .. })
        )
    }

    /// A fingerprint is being typed.
    fn is_comparing(&self) -> bool {
        self.trust.comparing.is_some()
    }

    /// Answers the question; the engine's own event that it is answered comes later.
    fn answer_with(&self, answer: Answer) -> After {
        After::Close(vec![Effect::Send(Request::Answer { id: self.id, answer })])
    }

    fn yes(&self, question: &Question) -> Answer {
        let Question::Trust { rows } = question else { return Answer::Yes };
        self.trust.trusted(rows)
    }

    fn secret_key(&mut self, cx: &mut Context, key: Key, command: Option<Command>) -> After {
        self.not_pasted = None;
        // What is typed may well be meant for this field; Enter and Esc may be meant for something else.
        if key.typed().is_some() {
            self.secret.key(key);
            return After::Stay(Vec::new());
        }
        let same_offered = matches!(self.asked(cx), Some(Question::SudoPassword { same_offered: true, .. }));
        let answer = match command {
            _ if cx.in_grace() => return After::Stay(Vec::new()),
            Some(Command::Refuse) => SecretWord::Cancel,
            Some(Command::Accept) if !self.secret.is_empty() => SecretWord::This(self.secret.take()),
            Some(Command::Accept) if same_offered => SecretWord::SameAsLogin,
            Some(Command::Accept) => {
                let what =
                    if matches!(self.asked(cx), Some(Question::Passphrase { .. })) { "passphrase" } else { "password" };
                let out = cx.key_of(Command::Refuse);
                cx.say(Level::Warn, format!("type the {what}; {out} skips these nodes"));
                return After::Stay(Vec::new());
            }
            _ => {
                self.secret.key(key);
                return After::Stay(Vec::new());
            }
        };
        After::Close(vec![Effect::Secret(SecretAnswer { id: self.id, answer })])
    }
}

impl Window for QuestionWindow {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        match self.asked(cx) {
            Some(Question::Trust { rows }) => trust::page(cx, theme, &self.trust, rows, width),
            Some(Question::Apply { changes, nodes }) => apply::page(cx, theme, *changes, *nodes, width),
            Some(question) => secret::page(cx, theme, self, question, width),
            None => Page {
                title: String::new(),
                lines: Vec::new(),
                focus: None,
                keys: Vec::new(),
                width: 0,
                border: theme.border(),
            },
        }
    }

    fn mode(&self, cx: &Context) -> Mode {
        if self.wants_secret(cx) || self.is_comparing() { Mode::Field } else { Mode::Dialog }
    }

    fn key(&mut self, cx: &mut Context, key: Key, command: Option<Command>) -> After {
        if self.wants_secret(cx) {
            return self.secret_key(cx, key, command);
        }
        let Some(question) = self.asked(cx) else { return After::Unused };
        if let (true, Question::Trust { rows }) = (self.is_comparing(), question) {
            self.trust.compare_key(rows, key, command);
            return After::Stay(Vec::new());
        }
        if cx.in_grace() {
            return After::Stay(Vec::new());
        }
        match (command, question) {
            (Some(Command::Accept), question) => self.answer_with(self.yes(question)),
            (Some(Command::Refuse), _) => self.answer_with(Answer::No),
            (Some(command), Question::Trust { rows }) => {
                if let Some(words) = self.trust.command(cx, rows, command) {
                    cx.say(Level::Warn, words);
                }
                After::Stay(Vec::new())
            }
            _ => After::Unused,
        }
    }

    fn paste(&mut self, cx: &Context, text: &str) {
        if self.wants_secret(cx) {
            self.not_pasted = self.secret.paste(text).err();
        } else if let Some(field) = &mut self.trust.comparing {
            field.paste(text);
            self.trust.error = None;
        }
    }
}
