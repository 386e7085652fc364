//! Forms.

use ratatui::text::{Line, Span};

use crate::blocks::typed;
use crate::context::Context;
use crate::form::{Form, Value};
use crate::keymap::Command;
use crate::theme::Theme;
use crate::windows::{Page, keys_of, most_rows};
use crate::words::{columns, fit, pad, wrap};

/// Columns for the labels before the fields.
const LABEL: usize = 11;

pub(super) fn form(cx: &Context, theme: Theme, form: &Form, width: usize) -> Page {
    let mut lines: Vec<Line<'static>> = wrap(&form.intro, width).into_iter().map(Line::from).collect();
    lines.push(Line::default());
    // The fields come first: without room for both there is no introduction.
    let tight = lines.len() + form.fields.len() + 1 > most_rows(cx);
    if tight {
        lines.clear();
    }
    let mut focus = None;
    for (index, field) in form.fields.iter().enumerate() {
        let focused = index == form.focus;
        let label = format!("{}{}", if focused { "▸ " } else { "  " }, pad(field.label, LABEL));
        let style = if focused { theme.strong() } else { theme.plain() };
        if focused {
            focus = Some(lines.len());
        }
        let room = width.saturating_sub(LABEL + 2);
        let mut spans = vec![Span::styled(label, style)];
        match &field.value {
            Value::Text(text) if focused => spans.extend(typed("", text, room).spans.into_iter().skip(1)),
            Value::Text(text) => spans.push(Span::raw(fit(text.text(), room))),
            Value::Choice(options, at) => {
                let option = fit(options.get(*at).map_or("", String::as_str), room.saturating_sub(4));
                let arrows = if focused && options.len() > 1 { ("◂ ", " ▸") } else { ("", "") };
                spans.push(Span::styled(format!("{}{option}{}", arrows.0, arrows.1), style));
            }
        }
        let used: usize = spans.iter().map(|s| columns(&s.content)).sum();
        // A note stands beside its field where there is room, else below the focused one only.
        let column = LABEL + 2 + 24;
        if used + 2 <= column && column + columns(&field.note) <= width {
            spans.push(Span::raw(" ".repeat(column - used)));
            spans.push(Span::styled(field.note.clone(), theme.dim()));
            lines.push(Line::from(spans));
        } else {
            lines.push(Line::from(spans));
            if focused {
                let notes = if tight { vec![fit(&field.note, room)] } else { wrap(&field.note, room) };
                for note in notes {
                    lines.push(Line::styled(format!("{}{note}", " ".repeat(LABEL + 2)), theme.dim()));
                }
            }
        }
    }
    if let Some(error) = &form.error {
        lines.push(Line::default());
        lines.extend(wrap(error, width).into_iter().map(|l| Line::styled(l, theme.bad())));
    }
    let mut keys = keys_of(cx, &[(Command::Accept, "go")]);
    if form.fields.len() > 1 {
        keys.extend(keys_of(cx, &[(Command::NextField, "next field")]));
    }
    if matches!(form.fields.get(form.focus).map(|f| &f.value), Some(Value::Choice(..))) {
        keys.push(("← →".to_owned(), "choose".to_owned()));
    }
    keys.extend(keys_of(cx, &[(Command::Refuse, "cancel")]));
    Page { title: form.title.clone(), lines, focus, keys, width: 88, border: theme.busy() }
}
