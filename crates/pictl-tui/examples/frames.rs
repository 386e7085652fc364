//! What a picture of a run of 1,024 ranks costs on 200 columns and 60 rows: what `tests/bench-run` measures `frames` with.
//!
//! Before each picture 33 ms pass, in which ranks say 200 things. A line of JSON for each view: what a picture takes of a
//! processor, which others at work on this machine hardly change, and what it takes by the clock on the wall.
#![allow(clippy::expect_used, reason = "a measurement that cannot be prepared has failed")]
#![allow(clippy::print_stdout, reason = "what it found")]

use std::io;
use std::time::{Duration, Instant};

use pictl_model::run::RunEvent;
use pictl_model::{Event, Rank};
use pictl_tui::fixtures::{SCENES, Session};
use pictl_tui::view::view;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use rustix::time::{ClockId, clock_gettime};

use counting::allocations;

/// What the names of the scenes that are measured begin with.
const VIEWS: &str = "run-many";
const FRAMES: usize = 300;
const SAID: u32 = 200;
const SIZE: (u16, u16) = (200, 60);

fn main() {
    let views = SCENES.iter().filter(|(name, _)| name.starts_with(VIEWS));
    for (name, make) in views {
        let mut session = make();
        session.resize(SIZE.0, SIZE.1);
        // What is written is thrown away; a terminal would take its time, but not this program's.
        let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.0, SIZE.1));
        let mut terminal = Terminal::with_options(CrosstermBackend::new(io::sink()), TerminalOptions { viewport })
            .expect("nothing is asked of a terminal");
        let (mut took, mut wall, mut allocated) = (Vec::new(), Vec::new(), Vec::new());
        for frame in 0..=FRAMES {
            go_on(&mut session, frame as u32);
            let (before, began, used) = (allocations(), Instant::now(), processor_time());
            terminal.draw(|frame| view(&session.app, frame)).expect("drawn");
            took.push(processor_time().saturating_sub(used));
            wall.push(began.elapsed());
            allocated.push(allocations() - before);
        }
        // The first picture fills the screen and the caches.
        let (first, first_allocations) = (ms(took.remove(0)), allocated.remove(0));
        wall.remove(0);
        took.sort();
        wall.sort();
        allocated.sort_unstable();
        let (median, p95) = (FRAMES / 2, FRAMES * 95 / 100);
        println!(
            "{{\"view\": \"{name}\", \"first_ms\": {first:.3}, \"median_ms\": {:.3}, \"p95_ms\": {:.3}, \
             \"wall_median_ms\": {:.3}, \"wall_p95_ms\": {:.3}, \"first_allocations\": {first_allocations}, \
             \"allocations\": {}}}",
            ms(took[median]),
            ms(took[p95]),
            ms(wall[median]),
            ms(wall[p95]),
            allocated[median],
        );
    }
}

/// What this thread has used so far.
fn processor_time() -> Duration {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(used.tv_sec.unsigned_abs(), used.tv_nsec as u32)
}

/// The next 33 ms of the run.
fn go_on(session: &mut Session, frame: u32) {
    let run = session.app.cx.world.run.as_ref().expect("a run").plan.id.clone();
    session.wait(33);
    for nth in 0..SAID {
        let (rank, slice) = (Rank((frame * SAID + nth) * 7 % 1_024), 100_000 + frame);
        let event = match nth % 4 {
            0 => RunEvent::Assign { rank, slice },
            1 => RunEvent::Slice { rank, slice, seconds: 0.9, value: None },
            _ => RunEvent::Part { rank, slice, fraction: (frame % 10) as f32 / 10.0 },
        };
        session.event(Event::Run { run: run.clone(), event });
    }
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// The system's allocator, counted.
#[allow(unsafe_code, reason = "an allocator can be stood in for in no other way; every call goes on unchanged")]
mod counting {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::sync::atomic::{AtomicU64, Ordering};

    static COUNT: AtomicU64 = AtomicU64::new(0);

    struct Counting;

    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            COUNT.fetch_add(1, Ordering::Relaxed);
            unsafe { System.alloc(layout) }
        }

        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            COUNT.fetch_add(1, Ordering::Relaxed);
            unsafe { System.realloc(at, layout, size) }
        }

        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            unsafe { System.dealloc(at, layout) }
        }
    }

    #[global_allocator]
    static ALLOCATOR: Counting = Counting;

    /// How often memory was asked for since the program began.
    pub(super) fn allocations() -> u64 {
        COUNT.load(Ordering::Relaxed)
    }
}
