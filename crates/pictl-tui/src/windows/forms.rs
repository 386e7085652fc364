//! Windows with fields to fill in.

pub(crate) mod bench;
pub(crate) mod exec;
pub(crate) mod logins;
mod page;
pub(crate) mod remove_key;
pub(crate) mod rename;
pub(crate) mod setup;

use super::{After, Page, Window};
use crate::context::Context;
use crate::form::Form;
use crate::key::Key;
use crate::keymap::{Command, Mode};
use crate::messages::{Effect, Msg};
use crate::theme::Theme;

/// The number of a field, and what is wrong with it.
pub(crate) type Wrong = (usize, String);

/// What a form is for.
pub(crate) trait Purpose {
    /// Does what was filled in.
    fn submit(&mut self, cx: &mut Context, form: &Form) -> Result<Submitted, Wrong>;

    /// Changes other fields after the focused one was edited.
    fn edited(&self, _cx: &Context, _form: &mut Form) {}

    /// Takes the answer to one of its effects; `None` where it has no use for it.
    fn answer(&mut self, _cx: &mut Context, _msg: &Msg) -> Option<Result<Submitted, Wrong>> {
        None
    }
}

/// What becomes of a form that was accepted.
pub(crate) enum Submitted {
    /// It closes.
    Done(Vec<Effect>),
    /// It waits for an answer to these.
    Waiting(Vec<Effect>),
}

/// A form with its purpose. It stays open with the reason when something in it is wrong.
pub(crate) struct FormWindow<P> {
    pub(crate) form: Form,
    pub(crate) purpose: P,
}

impl<P: Purpose> FormWindow<P> {
    fn edit(&mut self, cx: &Context, key: Key) -> bool {
        let took = self.form.key(key);
        if took {
            self.purpose.edited(cx, &mut self.form);
        }
        took
    }

    fn after(&mut self, submitted: Result<Submitted, Wrong>) -> After {
        match submitted {
            Ok(Submitted::Done(effects)) => After::Close(effects),
            Ok(Submitted::Waiting(effects)) => After::Stay(effects),
            Err((field, why)) => {
                self.form.refuse(field, why);
                After::Stay(Vec::new())
            }
        }
    }
}

impl<P: Purpose> Window for FormWindow<P> {
    fn page(&self, cx: &Context, theme: Theme, width: usize) -> Page {
        page::form(cx, theme, &self.form, width)
    }

    fn mode(&self, _cx: &Context) -> Mode {
        Mode::Field
    }

    fn key(&mut self, cx: &mut Context, key: Key, command: Option<Command>) -> After {
        if key.typed().is_some() && self.edit(cx, key) {
            return After::Stay(Vec::new());
        }
        match command {
            Some(Command::Accept) => {
                let submitted = self.purpose.submit(cx, &self.form);
                return self.after(submitted);
            }
            Some(Command::Refuse) => return After::Close(Vec::new()),
            Some(Command::NextField | Command::Down) => self.form.step(true),
            Some(Command::PreviousField | Command::Up) => self.form.step(false),
            _ => {
                self.edit(cx, key);
            }
        }
        After::Stay(Vec::new())
    }

    fn paste(&mut self, _cx: &Context, text: &str) {
        self.form.paste(text);
    }

    fn answer(&mut self, cx: &mut Context, msg: &Msg) -> After {
        match self.purpose.answer(cx, msg) {
            Some(submitted) => self.after(submitted),
            None => After::Unused,
        }
    }
}
