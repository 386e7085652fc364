//! Where the keyboard's attention can be, and what a key can mean.

use Mode as M;

/// Where the keyboard's attention is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// On every screen.
    Everywhere,
    /// On the Nodes screen.
    Nodes,
    /// On the Run screen.
    Run,
    /// On the Keys screen.
    Keys,
    /// On the History screen.
    History,
    /// In a dialog without a text field.
    Dialog,
    /// In a text field; characters are typed and mean nothing else.
    Field,
    /// Always, also in dialogs and text fields.
    Always,
}

impl Mode {
    /// All modes, in the order in which they are explained.
    pub const ALL: [Self; 8] = [M::Everywhere, M::Nodes, M::Run, M::Keys, M::History, M::Dialog, M::Field, M::Always];

    /// Its name in the keymap file.
    pub fn word(self) -> &'static str {
        match self {
            M::Everywhere => "everywhere",
            M::Nodes => "nodes",
            M::Run => "run",
            M::Keys => "keys",
            M::History => "history",
            M::Dialog => "dialog",
            M::Field => "field",
            M::Always => "always",
        }
    }

    /// Its heading on the help page.
    pub fn title(self) -> &'static str {
        match self {
            M::Everywhere => "On every screen",
            M::Nodes => "On the Nodes screen",
            M::Run => "On the Run screen",
            M::Keys => "On the Keys screen",
            M::History => "On the History screen",
            M::Dialog => "In a dialog",
            M::Field => "While typing",
            M::Always => "Always, also in dialogs and while typing",
        }
    }

    /// Modes whose keys may be pressed while this one has the keyboard.
    pub(super) fn heard_with(self) -> &'static [Self] {
        match self {
            M::Nodes => &[M::Nodes, M::Everywhere, M::Always],
            M::Run => &[M::Run, M::Everywhere, M::Always],
            M::Keys => &[M::Keys, M::Everywhere, M::Always],
            M::History => &[M::History, M::Everywhere, M::Always],
            M::Everywhere => &[M::Everywhere, M::Always],
            M::Dialog => &[M::Dialog, M::Always],
            M::Field => &[M::Field, M::Always],
            M::Always => &[M::Always],
        }
    }
}

/// What a key can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the table below explains each in the words that users read")]
pub enum Command {
    Scan,
    WatchNet,
    Identify,
    Order,
    SetUp,
    Bench,
    Exec,
    ExecOutput,
    Messages,
    Help,
    Search,
    CommandLine,
    GoNodes,
    GoSetup,
    GoRun,
    GoKeys,
    GoHistory,
    NextScreen,
    PreviousScreen,
    Up,
    Down,
    Left,
    Right,
    Top,
    Bottom,
    PageUp,
    PageDown,
    Back,
    Quit,
    Mark,
    MarkPis,
    Open,
    Rename,
    MakeHead,
    Remove,
    SetLogin,
    ShowSteps,
    CheckPairs,
    NextFailing,
    Mesh,
    PushKey,
    RotateKey,
    RotateNodes,
    RemoveKey,
    PasswordsOff,
    PasswordsOn,
    Unclone,
    Replay,
    DeleteRun,
    Output,
    Timeline,
    Panels,
    Table,
    ZoomIn,
    ZoomOut,
    Freeze,
    Again,
    Accept,
    Refuse,
    Toggle,
    Art,
    Compare,
    StopAndQuit,
    LeaveRunning,
    Pause,
    StepOn,
    StepBack,
    Faster,
    Slower,
    NextField,
    PreviousField,
    Cancel,
    Suspend,
    Redraw,
}

impl Command {
    /// It moves the cursor, or what is seen.
    pub(crate) fn is_move(self) -> bool {
        matches!(
            self,
            Self::Up | Self::Down | Self::Left | Self::Right | Self::Top | Self::Bottom | Self::PageUp | Self::PageDown
        )
    }
}
