//! The standard input of pictl, for rank 0 of the user's own program.

use std::io::{self, IsTerminal as _, Read as _};

use pictl_engine::payload::MOST_BYTES;
use pictl_model::request::Request;
use tokio::sync::mpsc::UnboundedSender;

use crate::front::say;

/// Bytes that are passed on at once.
const PIECE: usize = 64 << 10;

/// The program gets what pictl reads: a pipe or a file, and a terminal only where that is asked for.
pub(super) fn is_for_program(asked: bool) -> bool {
    if io::stdin().is_terminal() { asked } else { is_pipe_or_file() }
}

#[cfg(unix)]
fn is_pipe_or_file() -> bool {
    use std::os::fd::AsFd as _;
    use std::os::unix::fs::FileTypeExt as _;
    let file = io::stdin().as_fd().try_clone_to_owned().map(std::fs::File::from);
    let kind = file.and_then(|file| file.metadata()).map(|metadata| metadata.file_type());
    kind.is_ok_and(|kind| kind.is_file() || kind.is_fifo() || kind.is_socket())
}

#[cfg(not(unix))]
fn is_pipe_or_file() -> bool {
    true
}

/// Passes standard input on, piece by piece, until it ends. A thread of its own waits for it, and ends with the program.
pub(super) fn feed(requests: UnboundedSender<Request>) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; PIECE];
        let mut all = 0;
        loop {
            let read = match io::stdin().lock().read(&mut buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    say(&format!("standard input cannot be read: {e}; rank 0 gets no more of it"));
                    0
                }
                Ok(read) => read,
            };
            all += read as u64;
            if all > MOST_BYTES {
                say(&format!(
                    "standard input is longer than {MOST_BYTES} bytes, and at most so many are passed to rank 0: give it as a \
                     file (--file), and let the program open it"
                ));
                let _ = requests.send(Request::Cancel);
                return;
            }
            let sent = requests.send(Request::Input { bytes: buffer[..read].to_vec(), end: read == 0 });
            if read == 0 || sent.is_err() {
                return;
            }
        }
    });
}
