//! The programs of `assets/bench`, carried in the binary and written to the nodes before a launch.

use crate::setup::action::PutFile;

/// The folder on every node that deployed programs go to, from the login's home.
pub const FOLDER: &str = ".pictl/bench";

const PROGRESS: (&str, &str) = ("pictl_progress.py", include_str!("../../../assets/bench/pictl_progress.py"));

/// A program that pictl brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name for people.
    pub name: &'static str,
    file: &'static str,
    text: &'static str,
}

/// Says who runs where; the smoke test.
pub const HELLO: Program =
    Program { name: "hello", file: "hello.py", text: include_str!("../../../assets/bench/hello.py") };
/// π by Leibniz's series, in slices.
pub const PI: Program = Program { name: "pi", file: "pi.py", text: include_str!("../../../assets/bench/pi.py") };

/// The benchmarks that `pictl bench` knows.
pub const BENCHMARKS: [Program; 1] = [PI];

impl Program {
    /// The files it needs on every node.
    pub fn files(self) -> Vec<PutFile> {
        [(self.file, self.text), PROGRESS]
            .into_iter()
            .map(|(file, text)| PutFile {
                kind: None,
                path: format!("~/{FOLDER}/{file}"),
                mode: 0o644,
                content: text.as_bytes().to_vec(),
                expect: None,
                backup: None,
                root: false,
            })
            .collect()
    }

    /// The words that start it with `args` on nodes whose login homes are `homes`.
    ///
    /// `-m mpi4py` makes an uncaught exception on one rank end the job, which would otherwise hang. Where homes differ,
    /// a shell finds each rank's own: one absolute path cannot.
    pub fn words(self, homes: &[&str], args: &[String]) -> Vec<String> {
        let python = ["/usr/bin/python3", "-m", "mpi4py"].map(str::to_owned);
        let same = homes.windows(2).all(|pair| pair[0] == pair[1]);
        let mut words: Vec<String> = match homes.first() {
            Some(home) if same => python.into_iter().chain([format!("{home}/{FOLDER}/{}", self.file)]).collect(),
            _ => {
                let find = format!("exec {} \"$HOME/{FOLDER}/{}\" \"$@\"", python.join(" "), self.file);
                vec!["sh".to_owned(), "-c".to_owned(), find, self.name.to_owned()]
            }
        };
        words.extend_from_slice(args);
        words
    }
}
