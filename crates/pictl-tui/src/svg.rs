//! A picture of the terminal as a standalone SVG: text and rectangles, no fonts to fetch, the same bytes every time.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Size of one cell in pixels.
const CELL: (f32, f32) = (8.4, 18.0);
/// Space around the text, and above it for the title.
const MARGIN: (f32, f32) = (14.0, 40.0);
const BACKGROUND: &str = "#11151c";
const FOREGROUND: &str = "#d5dae3";

/// The picture of `buffer` as an SVG document under a title bar that says `title`.
pub fn svg(buffer: &Buffer, title: &str) -> String {
    let area = buffer.area;
    let width = f32::from(area.width) * CELL.0 + 2.0 * MARGIN.0;
    let height = f32::from(area.height) * CELL.1 + MARGIN.1 + MARGIN.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <text x=\"{x:.0}\" y=\"22\" fill=\"#7d8799\" text-anchor=\"middle\" font-family=\"sans-serif\" \
         font-size=\"13\">{title}</text>\n\
         <g font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n",
        x = width / 2.0,
        title = escaped(title),
    );
    for row in 0..area.height {
        let cells: Vec<&Cell> = (0..area.width).map(|column| &buffer[(area.x + column, area.y + row)]).collect();
        let y = MARGIN.1 + f32::from(row) * CELL.1;
        let mut column = 0;
        while column < cells.len() {
            let look = Look::of(cells[column]);
            let mut end = column + 1;
            while end < cells.len() && Look::of(cells[end]) == look {
                end += 1;
            }
            run(&mut out, &cells[column..end], &look, column, y);
            column = end;
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// What cells of one run have in common.
#[derive(PartialEq)]
struct Look {
    fg: &'static str,
    bg: &'static str,
    bold: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (fg, bg) = (rgb(cell.fg, FOREGROUND), rgb(cell.bg, BACKGROUND));
        let (fg, bg) = if cell.modifier.contains(Modifier::REVERSED) { (bg, fg) } else { (fg, bg) };
        Self { fg, bg, bold: cell.modifier.contains(Modifier::BOLD) }
    }
}

fn run(out: &mut String, cells: &[&Cell], look: &Look, column: usize, y: f32) {
    let x = MARGIN.0 + column as f32 * CELL.0;
    let wide = cells.len() as f32 * CELL.0;
    if look.bg != BACKGROUND {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{}\" fill=\"{}\"/>",
            CELL.1, look.bg
        );
    }
    let mut text = String::new();
    let mut covered = 0;
    for cell in cells {
        // The cell after a wide character holds nothing of its own.
        if covered > 0 {
            covered -= 1;
            continue;
        }
        text.push_str(cell.symbol());
        covered = cell.symbol().width().saturating_sub(1);
    }
    if text.trim().is_empty() {
        return;
    }
    let bold = if look.bold { " font-weight=\"bold\"" } else { "" };
    let lead = text.len() - text.trim_start().len();
    let (x, trimmed) = (x + lead as f32 * CELL.0, text.trim());
    let wide = trimmed.width() as f32 * CELL.0;
    // The length is given, so that the columns stand whatever monospaced font the viewer has.
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{wide:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{bold}>{}</text>",
        y + 13.5,
        look.fg,
        escaped(trimmed),
    );
}

/// The colours of the terminal's palette; others are not used by the dashboard.
fn rgb(color: Color, otherwise: &'static str) -> &'static str {
    match color {
        Color::Black => "#11151c",
        Color::Red => "#f26d78",
        Color::Green => "#8cc265",
        Color::Yellow => "#e5c07b",
        Color::Blue => "#61afef",
        Color::Magenta => "#c678dd",
        Color::Cyan => "#56b6c2",
        Color::DarkGray => "#7d8799",
        Color::Gray => "#aab2bf",
        Color::White => "#ffffff",
        _ => otherwise,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn text_is_escaped_and_colours_become_rectangles() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_string(0, 0, "a<&>", Style::new().bg(Color::Cyan));
        let svg = svg(&buffer, "x & y");
        assert!(svg.contains("<title>x &amp; y</title>"));
        assert!(svg.contains(">a&lt;&amp;&gt;</text>"), "{svg}");
        assert_eq!(svg.matches("fill=\"#56b6c2\"").count(), 1);
    }
}
