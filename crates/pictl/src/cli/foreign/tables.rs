//! What options of other programs mean here.

/// An option of another program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Its spellings.
    names: &'static [&'static str],
    /// Whose it is.
    pub of: &'static str,
    pub meaning: Meaning,
}

/// What it means here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// The same as this option of pictl, with its value.
    Same(&'static str),
    /// The same as these words; it has no value.
    Words(&'static [&'static str]),
    /// It is left out, for this reason.
    Drop(&'static str),
    /// It is left out with its value, for this reason.
    DropWithValue(&'static str),
    /// Something else does the same.
    Instead(&'static str),
}

use Meaning::{Drop, DropWithValue, Instead, Same, Words};

const fn row(of: &'static str, names: &'static [&'static str], meaning: Meaning) -> Row {
    Row { names, of, meaning }
}

const MPI: &str = "mpirun";

/// Of Open MPI's and MPICH's launchers.
const LAUNCHERS: &[Row] = &[
    row(MPI, &["-np", "--np", "--n", "-c", "--c"], Same("-n")),
    row(MPI, &["--default-hostfile", "-default-hostfile"], Same("--hostfile")),
    row(MPI, &["-H", "-hosts", "--hosts"], Same("--host")),
    row(MPI, &["-map-by", "--map-by"], Same("--map")),
    row(MPI, &["-bynode", "--bynode"], Words(&["--map", "node"])),
    row(MPI, &["-byslot", "--byslot"], Words(&["--map", "slot"])),
    row(
        MPI,
        &["-oversubscribe", "--oversubscribe", "-use-hwthread-cpus", "--use-hwthread-cpus"],
        Drop("more ranks than cores are always allowed here"),
    ),
    row(MPI, &["-allow-run-as-root", "--allow-run-as-root"], Drop("pictl adds it where it is needed")),
    row(
        MPI,
        &["-tag-output", "--tag-output", "-prepend-rank", "-l", "-timestamp-output", "--timestamp-output"],
        Drop("pictl knows the rank of each line by itself"),
    ),
    row(
        MPI,
        &["-mca", "--mca", "-gmca", "--gmca", "-omca", "--omca", "--prtemca", "--pmixmca"],
        Instead(
            "pictl chooses the launcher's parameters; put others into ~/.openmpi/mca-params.conf on the nodes, or give them to \
             the ranks: pictl run env OMPI_MCA_NAME=VALUE PROGRAM",
        ),
    ),
    row(
        MPI,
        &["-x", "-genv", "-env", "-genvlist", "-envlist", "-genvall"],
        Instead("set variables for the ranks with env: pictl run env NAME=VALUE PROGRAM"),
    ),
    row(
        MPI,
        &["-wdir", "--wdir", "-wd", "--wd", "-workdir"],
        Instead("every rank starts in a folder that holds the program's files; give other paths in full"),
    ),
    row(
        MPI,
        &["-N", "-npernode", "--npernode", "-ppn", "--ppn", "-perhost", "-pernode", "--pernode", "-rr"],
        Instead(
            "--map node places one rank on each node in turn, --map slot fills the cores of a node first, and -f FILE takes \
             slots from a machinefile",
        ),
    ),
    row(
        MPI,
        &["-bind-to", "--bind-to", "-rank-by", "--rank-by", "-report-bindings", "--report-bindings", "--cpu-set"],
        Instead("the launcher binds ranks as it does by default; pictl has no option for it"),
    ),
    row(
        MPI,
        &["-iface", "--iface", "-launcher", "-bootstrap", "--launch-agent", "-launcher-exec", "-rmk"],
        Instead("pictl starts the launcher's daemons by SSH, on the cluster's own network"),
    ),
    row(
        MPI,
        &["-app", "--app", "-configfile"],
        Instead("a run has one program; it can look at its rank to do different things"),
    ),
    row(
        MPI,
        &["-output-filename", "--output-filename", "--output", "-outfile-pattern", "-errfile-pattern"],
        Instead("the record has all output, rank by rank: pictl runs show --output"),
    ),
    row(MPI, &["-stdin", "--stdin", "-s"], Instead("rank 0 reads the standard input of pictl")),
];

/// Of programs that run a command on many hosts.
const SHELLS: &[Row] = &[
    row("pdsh", &["-w"], Same("--nodes")),
    row("pssh", &["-H", "-hosts", "--hosts"], Same("--host")),
    row("pssh", &["-l"], Same("--user")),
    row("pssh", &["-t"], Same("--timeout")),
    row("pssh", &["-i", "--inline", "-P", "--print", "-b", "-B"], Drop("output is always shown, equal output once")),
    row("pssh", &["-A", "--askpass"], Drop("pictl asks for a password where one is needed")),
    row(MPI, &["-np", "--np", "-n", "--n"], Instead("exec runs the command once on each node; pictl run starts ranks")),
];

const NMAP: &str = "nmap";

/// Of nmap and arp-scan.
const SCANNERS: &[Row] = &[
    row(NMAP, &["-sn", "-sP", "-sL", "-PR"], Drop("a scan of pictl only finds hosts; it scans no ports")),
    row(
        NMAP,
        &["-sS", "-sT", "-sU", "-sA", "-sV", "-sC", "-A", "-O", "-F", "--open", "--reason"],
        Drop("pictl finds hosts and their SSH servers, and scans no other ports"),
    ),
    row(
        NMAP,
        &["--top-ports", "--script"],
        DropWithValue("pictl finds hosts and their SSH servers, and scans no other ports"),
    ),
    row(
        NMAP,
        &[
            "-Pn",
            "-P0",
            "-PN",
            "-PE",
            "-PP",
            "-PM",
            "-PS",
            "-PA",
            "-PU",
            "-PY",
            "-n",
            "-R",
            "-6",
            "--send-eth",
            "--send-ip",
        ],
        Drop("pictl chooses how it asks by itself (--method arp or connect)"),
    ),
    row(NMAP, &["-T0", "-T1", "-T2", "-T3", "-T4", "-T5"], Drop("pictl adapts its speed to the network")),
    row(
        NMAP,
        &[
            "-T",
            "--min-rate",
            "--max-rate",
            "--max-retries",
            "--host-timeout",
            "--min-parallelism",
            "--max-rtt-timeout",
        ],
        DropWithValue("pictl adapts its speed to the network"),
    ),
    row(NMAP, &["-oN", "-oX", "-oG", "-oA", "-oS"], DropWithValue("--json prints what is found for other programs")),
    row(NMAP, &["-iL"], Instead("targets are arguments: pictl scan $(cat FILE)")),
    row(NMAP, &["--excludefile"], Instead("give --exclude TARGET for each of them")),
    row(NMAP, &["-e"], Same("--interface")),
    row(NMAP, &["-p"], Same("--port")),
    row("arp-scan", &["-I"], Same("--interface")),
    row(
        "arp-scan",
        &["-l", "--localnet", "-localnet"],
        Drop("without a target, this computer's own networks are scanned"),
    ),
    row(
        "arp-scan",
        &["-g", "--ignoredups", "-q", "--quiet", "-x", "--plain-output"],
        Drop("each host is shown once anyway"),
    ),
];

/// What `name`, with its dashes, means for the command called `command`.
pub(super) fn rows(command: &str, name: &str) -> Option<Row> {
    let table = match command {
        "run" | "bench" => LAUNCHERS,
        "exec" => SHELLS,
        "scan" | "watch" => SCANNERS,
        _ => return None,
    };
    let find = |name: &str| table.iter().find(|row| row.names.contains(&name)).copied();
    // nmap writes ports right behind an option: `-PS22,80`.
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',');
    find(name).or_else(|| find(stem).filter(|_| stem.len() > 2))
}
