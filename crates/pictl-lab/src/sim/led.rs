//! The board's activity LED, and `identify`, which blinks it.

use std::sync::Arc;
use std::time::Duration;

use super::node::{Cell, TRIGGER, set_trigger};
use super::shell::{Shell, Status};

/// Time between two signs that it still blinks.
const SIGN: Duration = Duration::from_millis(500);

/// `identify SECONDS`
pub(super) async fn identify(shell: &mut Shell, args: &[String]) -> Status {
    let Some(seconds) = args.first().and_then(|word| word.parse::<u64>().ok()) else {
        return shell.fail(2, "pictl-identify: 6: 1: parameter not set").await;
    };
    if shell.cell.lock().files.get(TRIGGER).is_none() {
        let why = "this board has no LED to blink: there is neither ACT nor PWR in /sys/class/leds";
        return shell.fail(4, why).await;
    }
    if !shell.root {
        return shell.fail(5, "only root can blink the LED").await;
    }
    let _blinking = Blinking::begin(&shell.cell);
    for _ in 0..seconds * 2 {
        shell.say("blinking ACT").await?;
        tokio::time::sleep(SIGN).await;
    }
    Ok(0)
}

/// The LED blinks until the last of these is dropped.
struct Blinking(Arc<Cell>);

impl Blinking {
    fn begin(cell: &Arc<Cell>) -> Self {
        let mut state = cell.lock();
        state.blinkers += 1;
        set_trigger(&mut state.files, "timer");
        Self(Arc::clone(cell))
    }
}

impl Drop for Blinking {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.blinkers -= 1;
        if state.blinkers == 0 {
            set_trigger(&mut state.files, "mmc0");
        }
    }
}
