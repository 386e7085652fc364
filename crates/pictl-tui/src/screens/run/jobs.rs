//! The job table of a program whose servers take jobs, with the columns of Parallel Python's own statistics.

use pictl_model::world::RunView;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::look::Look;
use crate::paint::{Painter, rows, split_top};
use crate::words::{more, number};

/// Programs that work through servers.
const PROGRAMS: [&str; 1] = ["ppsum"];

/// The run's program works through servers.
pub(crate) fn known(run: &RunView) -> bool {
    PROGRAMS.contains(&run.plan.workload.name.as_str())
}

/// Jobs and the seconds that they took.
#[derive(Clone, Copy, Default)]
struct Jobs {
    count: u32,
    seconds: f64,
}

impl Jobs {
    fn line(self, all: u32, server: &str, wide: bool) -> String {
        let share = if all == 0 { 0.0 } else { f64::from(self.count) / f64::from(all) * 100.0 };
        let each =
            if self.count == 0 { "-".to_owned() } else { format!("{:.3}", self.seconds / f64::from(self.count)) };
        let (count, sum) = (number(self.count.into()), self.seconds);
        if wide {
            format!(" {count:>9}  {share:>12.2}  {sum:>15.3}  {each:>16}  {server}")
        } else {
            format!(" {count:>5} {share:>5.1} {sum:>8.1} {each:>8} {server}")
        }
    }
}

fn jobs(look: &Look<'_>, host: usize) -> Jobs {
    look.on(host).iter().map(|r| look.rank(*r)).fold(Jobs::default(), |jobs, view| Jobs {
        count: jobs.count + view.slices,
        seconds: jobs.seconds + view.seconds,
    })
}

/// Servers, and how many of them are seen.
pub(crate) fn extent(look: &Look<'_>, area: Rect) -> (usize, usize) {
    (look.hosts().len(), usize::from(area.height).saturating_sub(3))
}

pub(crate) fn draw(look: &Look<'_>, painter: &mut Painter<'_>, area: Rect) {
    if area.height < 4 {
        return;
    }
    let theme = painter.theme;
    let wide = area.width >= 76;
    let (servers, height) = extent(look, area);
    let start = look.screen.place.scroll.min(servers.saturating_sub(height));
    let (head, rest) = split_top(area, 1);
    let below = servers.saturating_sub(start + height);
    painter.rule(head, 0, format!("Jobs of each server  {}", more(start, below)).trim_end());
    let title = if wide {
        " job count  % of all jobs  job time sum, s  time per job, s  job server"
    } else {
        "  jobs     %    sum s    each s server"
    };
    painter.line(rest, 0, Line::styled(title, theme.dim()));
    let each: Vec<Jobs> = (0..servers).map(|host| jobs(look, host)).collect();
    let all =
        each.iter().fold(Jobs::default(), |a, b| Jobs { count: a.count + b.count, seconds: a.seconds + b.seconds });
    for (nth, host) in (start..servers).take(height).enumerate() {
        let run_host = &look.hosts()[host];
        let server = if wide { format!("{} ({})", run_host.name, run_host.address) } else { run_host.name.clone() };
        painter.line(rest, rows(nth + 1), Line::raw(each[host].line(all.count, &server, wide)));
    }
    let sum = all.line(all.count, "all", wide);
    painter.line(rest, rows(servers.min(height) + 1), Line::styled(sum, theme.strong()));
}
