//! The dashboard, and somebody who does the main job at its keyboard.

use crate::terminal::key::ENTER;
use crate::{End, Home, LIMIT, Terminal, pictl};

/// A dashboard in a terminal. Key presses are counted; the letters of a password are none.
pub struct Dashboard {
    /// Where it is seen.
    pub terminal: Terminal,
    presses: u32,
    nodes: u32,
}

impl Dashboard {
    /// `pictl demo` with more arguments, in a home and in a terminal of `size` columns and rows, on its first screen.
    pub fn demo(home: &Home, size: (u16, u16), nodes: u32, args: &[&str]) -> Self {
        let count = nodes.to_string();
        let args = [&["demo", "--nodes", &count], args].concat();
        Self::on(Terminal::start(size, &pictl(), &args, home.environment()), nodes)
    }

    /// A dashboard that was just started in `terminal` where a scan finds as many Raspberry Pis as `nodes`.
    pub fn on(mut terminal: Terminal, nodes: u32) -> Self {
        terminal.wait_for_text("Press s to scan for hosts", LIMIT);
        Self { terminal, presses: 0, nodes }
    }

    /// A dashboard that was just started in `terminal` where there is a cluster already, once all its nodes are connected.
    pub fn with_cluster(mut terminal: Terminal, nodes: u32) -> Self {
        terminal.wait_for("cluster that is connected", LIMIT, |screen| {
            screen.contains(&format!("{nodes} nodes in the cluster"))
                && screen.matches("yes  connected").count() == nodes as usize
        });
        Self { terminal, presses: 0, nodes }
    }

    /// Keys pressed so far.
    pub fn presses(&self) -> u32 {
        self.presses
    }

    /// Presses one key.
    pub fn press(&mut self, key: &str) {
        self.presses += 1;
        self.terminal.send(key);
    }

    /// Presses one key, and waits for a text to come up.
    pub fn press_for(&mut self, key: &str, text: &str) {
        self.press(key);
        self.see(text);
    }

    /// Waits for a text to come up.
    pub fn see(&mut self, text: &str) {
        self.terminal.wait_for_text(text, LIMIT);
    }

    /// Waits for a text to go away.
    pub fn see_gone(&mut self, text: &str) {
        self.terminal.wait_for(&format!("screen without {text:?}"), LIMIT, |screen| !screen.contains(text));
    }

    /// Types a line behind `:`.
    pub fn command(&mut self, line: &str) {
        self.press_for(":", "completes");
        self.terminal.send(line);
        self.press(ENTER);
    }

    /// Looks for hosts and marks those that are Raspberry Pis.
    pub fn find(&mut self) {
        let nodes = self.nodes;
        self.press_for("s", &format!("{nodes} Raspberry Pis, in "));
        self.press_for("a", &format!("set up {nodes} marked"));
    }

    /// Asks for the setup, as the dialog proposes it; ends at the question for the host keys.
    pub fn ask_for_setup(&mut self) {
        let nodes = self.nodes;
        self.press_for("u", &format!("Set up {nodes} nodes"));
        // A window that nobody asked for offers its keys when they work.
        self.press_for(ENTER, &format!("Enter trust {nodes}"));
    }

    /// Trusts the host keys; ends at the question for the password.
    pub fn trust(&mut self) {
        self.press_for(ENTER, "Enter go on");
    }

    /// Answers the question for the password.
    pub fn give_password(&mut self, password: &str) {
        self.terminal.send(password);
        self.press(ENTER);
    }

    /// Gives the right password; ends at the planned changes.
    pub fn log_in(&mut self, password: &str) {
        self.give_password(password);
        self.see("Enter make these changes");
    }

    /// Agrees to the changes; ends when they are made.
    pub fn apply(&mut self) {
        self.press(ENTER);
        self.terminal.wait_for_text(&format!("Setup done on {} nodes", self.nodes), 3 * LIMIT);
    }

    /// From the first screen to a cluster.
    pub fn set_up(&mut self, password: &str) {
        self.find();
        self.ask_for_setup();
        self.trust();
        self.log_in(password);
        self.apply();
    }

    /// Starts the benchmark that the dialog proposes.
    pub fn bench(&mut self) {
        self.press_for("b", "Tab next field");
        self.press(ENTER);
    }

    /// Waits for the whole screen of a run that succeeded.
    pub fn see_success(&mut self) {
        // The line of keys is the last to be drawn: with it all above is there.
        self.terminal.wait_for("run that succeeded", 2 * LIMIT, |screen| {
            screen.contains("✓ succeeded") && screen.contains("b benchmark")
        });
    }

    /// Leaves by `q`, where nothing runs.
    pub fn quit(mut self) -> End {
        self.press("q");
        self.terminal.wait_for_end(LIMIT)
    }
}
