//! What styles mean. Colour never says anything alone: a word or a symbol always says it too.

use pictl_model::event::Level;
use pictl_model::node::Link;
use pictl_model::step::StepState;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// Named meanings, each with its style.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    colors: bool,
}

impl Theme {
    /// With or without colours; bold, dim and reverse are used in both.
    pub(crate) fn new(colors: bool) -> Self {
        Self { colors }
    }

    fn fg(self, color: Color) -> Style {
        if self.colors { Style::new().fg(color) } else { Style::new() }
    }

    /// Ordinary text.
    pub(crate) fn plain(self) -> Style {
        self.fg(Color::Reset)
    }

    /// Headings and what matters most.
    pub(crate) fn strong(self) -> Style {
        self.plain().add_modifier(Modifier::BOLD)
    }

    /// What matters less: units, labels, old values.
    pub(crate) fn dim(self) -> Style {
        self.fg(Color::DarkGray)
    }

    /// Keys that can be pressed.
    pub(crate) fn key(self) -> Style {
        self.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Good.
    pub(crate) fn ok(self) -> Style {
        self.fg(Color::Green)
    }

    /// Look at it.
    pub(crate) fn warn(self) -> Style {
        self.fg(Color::Yellow)
    }

    /// It did not work.
    pub(crate) fn bad(self) -> Style {
        self.fg(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Work goes on.
    pub(crate) fn busy(self) -> Style {
        self.fg(Color::Cyan)
    }

    /// Where the cursor is; the colour stays that of what is under it.
    pub(crate) fn cursor() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The row that the cursor is on; one colour, whatever its cells have.
    pub(crate) fn cursor_row() -> Style {
        Self::cursor().fg(Color::Reset).bg(Color::Reset)
    }

    /// The banner that must not be overlooked.
    pub(crate) fn banner(self) -> Style {
        let style = if self.colors { Style::new().fg(Color::Black).bg(Color::Yellow) } else { Self::cursor() };
        style.add_modifier(Modifier::BOLD)
    }

    /// The present tab.
    pub(crate) fn tab(self) -> Style {
        let style = if self.colors { Style::new().fg(Color::Black).bg(Color::Cyan) } else { Self::cursor() };
        style.add_modifier(Modifier::BOLD)
    }

    /// Borders and rules.
    pub(crate) fn border(self) -> Style {
        self.fg(Color::DarkGray)
    }

    /// The `index`th of lines in different colours.
    pub(crate) fn series(self, index: usize) -> Style {
        const COLORS: [Color; 6] = [Color::Cyan, Color::Yellow, Color::Green, Color::Magenta, Color::Blue, Color::Red];
        self.fg(COLORS[index % COLORS.len()])
    }

    /// For a notice.
    pub(crate) fn level(self, level: Level) -> Style {
        match level {
            Level::Info => self.plain(),
            Level::Warn => self.warn(),
            Level::Error => self.bad(),
        }
    }

    /// For pictl's connection to a node.
    pub(crate) fn link(self, link: &Link) -> Style {
        match link {
            Link::Idle => self.dim(),
            Link::Connecting => self.busy(),
            Link::Waiting { .. } => self.warn(),
            Link::Up => self.ok(),
            Link::Lost { .. } | Link::Failed { .. } => self.bad(),
        }
    }

    /// Symbol and style of a step's state.
    pub(crate) fn step(self, state: StepState) -> (&'static str, Style) {
        match state {
            StepState::Pending => ("·", self.dim()),
            StepState::Waiting => ("w", self.warn()),
            StepState::Checking => ("?", self.busy()),
            StepState::Planned => ("P", self.warn()),
            StepState::Applying => (">", self.busy()),
            StepState::Verifying => ("v", self.busy()),
            StepState::Done => ("✓", self.ok()),
            StepState::AlreadySo => ("=", self.ok()),
            StepState::Warned => ("!", self.warn()),
            StepState::Skipped => ("-", self.dim()),
            StepState::Failed => ("✗", self.bad()),
            StepState::Aborted => ("■", self.bad()),
        }
    }
}

/// The eight heights of a cell, lowest first.
pub(crate) const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The frames of the symbol that turns while something runs.
pub(crate) const SPINNER: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠛"];

/// Replaces every symbol outside ASCII in the finished picture, so that no widget needs to know of it.
pub(crate) fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        let plain = match symbol {
            "─" | "━" | "╌" | "–" | "—" => "-",
            "│" | "┃" => "|",
            "┌" | "┐" | "└" | "┘" | "├" | "┤" | "┬" | "┴" | "┼" | "╭" | "╮" | "╰" | "╯" => {
                "+"
            }
            "…" | "±" | "≈" => "~",
            "°" => "'",
            "·" | "░" => ".",
            "•" | "×" => "x",
            "█" | "■" | "▓" => "#",
            "✓" => "*",
            "✗" => "X",
            "→" | "▸" | "▶" => ">",
            "←" | "◂" => "<",
            "↑" | "▲" => "^",
            "↓" | "▼" => "v",
            "π" => "p",
            "µ" => "u",
            other => match LEVELS.iter().position(|level| *level == other) {
                Some(level) => ["1", "2", "3", "4", "5", "6", "7", "#"][level],
                None => match SPINNER.iter().position(|frame| *frame == other) {
                    Some(frame) => ["|", "/", "-", "\\"][frame % 4],
                    None => "?",
                },
            },
        };
        cell.set_symbol(plain);
    }
}
