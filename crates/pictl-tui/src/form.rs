//! Dialogs with fields to fill in.

use crate::field::TextField;
use crate::key::Key;

/// What stands in a field.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text.
    Text(TextField),
    /// One of several.
    Choice(Vec<String>, usize),
}

/// One field.
#[derive(Clone, Debug)]
pub(crate) struct FormField {
    pub(crate) label: &'static str,
    pub(crate) value: Value,
    /// What it means, or what leaving it empty means.
    pub(crate) note: String,
}

impl FormField {
    /// A field for a text.
    pub(crate) fn text(label: &'static str, text: &str, note: impl Into<String>) -> Self {
        Self { label, value: Value::Text(TextField::with(text)), note: note.into() }
    }

    /// A field for one of `options`, the first at the beginning.
    pub(crate) fn choice(label: &'static str, options: Vec<String>, at: usize, note: impl Into<String>) -> Self {
        Self { label, value: Value::Choice(options, at), note: note.into() }
    }

    /// The text typed or chosen.
    pub(crate) fn as_text(&self) -> &str {
        match &self.value {
            Value::Text(field) => field.text().trim(),
            Value::Choice(options, at) => options.get(*at).map_or("", String::as_str),
        }
    }

    /// The number of the option chosen.
    pub(crate) fn chosen(&self) -> usize {
        match &self.value {
            Value::Text(_) => 0,
            Value::Choice(_, at) => *at,
        }
    }
}

/// A dialog with fields.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) title: String,
    /// What Enter will do, in a sentence or two.
    pub(crate) intro: String,
    pub(crate) fields: Vec<FormField>,
    pub(crate) focus: usize,
    /// Why it cannot be taken as it is.
    pub(crate) error: Option<String>,
}

impl Form {
    /// Takes a key that edits the focused field; false when it is not one.
    pub(crate) fn key(&mut self, key: Key) -> bool {
        use crossterm::event::KeyCode::{Char, Left, Right};
        let Some(field) = self.fields.get_mut(self.focus) else { return false };
        let took = match &mut field.value {
            Value::Text(text) => text.key(key),
            Value::Choice(options, at) => {
                let step = match key.code {
                    Left => options.len().saturating_sub(1),
                    Right | Char(' ') => 1,
                    // Letters are for text fields; here they must not reach a command either.
                    _ => return key.typed().is_some(),
                };
                *at = (*at + step) % options.len().max(1);
                true
            }
        };
        if took {
            self.error = None;
        }
        took
    }

    /// Puts `text` into the field of this number.
    pub(crate) fn set_text(&mut self, number: usize, text: &str) {
        if let Some(FormField { value: Value::Text(field), .. }) = self.fields.get_mut(number) {
            *field = TextField::with(text);
        }
    }

    /// Takes pasted text into the focused field.
    pub(crate) fn paste(&mut self, text: &str) {
        if let Some(FormField { value: Value::Text(field), .. }) = self.fields.get_mut(self.focus) {
            field.paste(text);
            self.error = None;
        }
    }

    /// Puts the focus on the next field, or back on the one before.
    pub(crate) fn step(&mut self, forward: bool) {
        let all = self.fields.len().max(1);
        self.focus = (self.focus + if forward { 1 } else { all - 1 }) % all;
    }

    /// The text of the field at `index`.
    pub(crate) fn text(&self, index: usize) -> &str {
        self.fields.get(index).map_or("", FormField::as_text)
    }

    /// Shows what is wrong with the field at `index` and puts the focus there.
    pub(crate) fn refuse(&mut self, index: usize, why: impl Into<String>) {
        self.focus = index;
        self.error = Some(why.into());
    }
}
