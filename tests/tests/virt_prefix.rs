//! An MPI that somebody has put into a folder of its own, as manuals do it (`~/mpi-install`, PATH at the end of `.bashrc`), on
//! real hosts that have no other launcher: it is found, used by absolute path, and nothing is installed beside it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper that cannot go on fails the test that called it")]

use std::fs;

use pictl_tests::{Lab, Operator, run, skip, unless_lab_runs_here};

const LOGIN: [&str; 5] = ["--user", "pi", "--password-stdin", "--trust", "new"];
const HOME: &str = "/home/pi/mpi-install";

/// Moves the distribution's MPICH into a folder of the user's: launcher, proxy, libraries and compiler. Nothing of it stays where
/// a program without help finds it.
const MOVE_MPICH: &str = r#"set -eu
prefix=$HOME/mpi-install
from=$(dirname "$(ls /usr/lib/*/libmpich.so.12)")
mkdir -p "$prefix/bin" "$prefix/lib"
sudo -n mv /usr/bin/mpiexec.hydra /usr/bin/hydra_pmi_proxy "$prefix/bin"
sudo -n mv "$from"/libmpich.* "$prefix/lib"
sed "s,^libdir=.*,libdir=$prefix/lib," /usr/bin/mpicc.mpich >"$prefix/bin/mpicc"
chmod 755 "$prefix/bin/mpicc"
ln -s mpiexec.hydra "$prefix/bin/mpirun"
sudo -n rm -f /usr/bin/mpi*.mpich
sudo -n ldconfig
echo "export PATH=\$PATH:$prefix/bin" >>.bashrc"#;

/// The same with Open MPI 4.1.
const MOVE_OPEN_MPI_4: &str = r#"set -eu
prefix=$HOME/mpi-install
from=$(dirname "$(ls /usr/lib/*/libopen-pal.so.40)")
own=$prefix/lib/${from##*/}
mkdir -p "$prefix/bin" "$prefix/share" "$own"
sudo -n mv /usr/bin/orterun /usr/bin/orted "$prefix/bin"
sudo -n mv /usr/bin/opal_wrapper "$prefix/bin/mpicc"
sudo -n mv "$from"/libmpi.so.40* "$from"/libopen-rte.so.40* "$from"/libopen-pal.so.40* "$prefix/lib"
sudo -n mv "$from/openmpi" "$own/openmpi"
for library in libmpi libopen-rte libopen-pal; do
  sudo -n ln -sf "$prefix/lib/$library.so.40" "$own/openmpi/lib/$library.so"
done
cp -rL /usr/share/openmpi "$prefix/share/openmpi"
ln -s orterun "$prefix/bin/mpirun"
sudo -n rm -f /usr/bin/mpi*.openmpi
sudo -n ldconfig
echo "export PATH=\$PATH:$prefix/bin" >>.bashrc"#;

/// The same with Open MPI 5.
const MOVE_OPEN_MPI_5: &str = r#"set -eu
prefix=$HOME/mpi-install
from=$(dirname "$(ls /usr/lib/*/libopen-pal.so.80)")
own=$prefix/lib/${from##*/}
mkdir -p "$prefix/bin" "$prefix/share" "$own"
sudo -n mv /usr/bin/prte /usr/bin/prted "$prefix/bin"
sudo -n mv /usr/bin/mpirun.openmpi "$prefix/bin/mpirun"
ln -s prte "$prefix/bin/prterun"
sudo -n mv /usr/bin/opal_wrapper "$prefix/bin/mpicc"
sudo -n mv "$from"/libmpi.so.40* "$from"/libprrte.so.3* "$from"/libopen-pal.so.80* "$prefix/lib"
sudo -n mv "$from/openmpi" "$own/openmpi"
for library in libmpi.so.40 libopen-pal.so.80; do
  sudo -n ln -sf "$prefix/lib/$library" "$own/openmpi/lib/${library%.*}"
done
cp -rL /usr/share/openmpi "$prefix/share/openmpi"
cp -rL /usr/share/prte "$prefix/share/prte"
sudo -n rm -f /usr/bin/mpi*.openmpi
sudo -n ldconfig
echo "export PATH=\$PATH:$prefix/bin" >>.bashrc"#;

/// A cluster of two on which this was done, before pictl has set it up.
fn moved<'a>(lab: &'a Lab, script: &str) -> Operator<'a> {
    let me = Operator::new(lab);
    me.run(&["scan", "--save"]).with(0);
    let command = [&["exec"], &LOGIN[..], &["--", script]].concat();
    run(me.pictl(&command), "raspberry\n").with(0);
    me
}

/// Sets it up: the plan says which MPI is used and where, and the proof uses it.
fn set_up(me: &Operator, words: &[&str], mpi: &str) {
    let setup = [&["setup", "--yes"], words].concat();
    let ended = run(me.pictl(&setup), "raspberry\n").with(0).says(&[mpi, "2 ranks on 2 nodes answered"]);
    assert!(!format!("{}{}", ended.out, ended.err).contains("from the distribution"), "{}{}", ended.out, ended.err);
}

/// Ranks find programs and libraries of this folder before all others, on every node.
fn ranks_see(me: &Operator, prefix: &str, launcher: &str) {
    let line = "echo \"at $(cat /proc/sys/kernel/hostname): $PATH $LD_LIBRARY_PATH\"";
    let ended = me.run(&["run", "-n", "2", "--", "sh", "-c", line]).with(0);
    let ended = ended.says(&[&format!("{prefix}/bin/{launcher}")]);
    let mut seen: Vec<_> = ended.out.lines().filter_map(|line| line.split_once("at ").map(|(_, seen)| seen)).collect();
    seen.sort_unstable();
    assert_eq!(seen.len(), 2, "{}", ended.out);
    for (line, name) in seen.iter().zip(["pi01", "pi02"]) {
        assert!(line.starts_with(&format!("{name}: {prefix}/bin:")), "{line}");
        assert!(line.contains(&format!(" {prefix}/lib:")) && line.contains("/usr/bin"), "{line}");
    }
}

/// A program in C is compiled by the compiler of this folder, and is linked with its library.
fn in_c(me: &Operator, prefix: &str, library: &str) {
    let words = ["bench", "pi", "--lang", "c", "-n", "2", "--slices", "4", "--slice-size", "1000000"];
    me.run(&words).with(0).says(&["outcome  succeeded"]);
    for node in [1, 2] {
        let linked = me.on(node, &format!("LD_LIBRARY_PATH={prefix}/lib ldd .pictl/bench/pi"));
        assert!(linked.contains(&format!("{prefix}/lib/{library}")), "{linked}");
    }
}

fn is_stored(me: &Operator, mpi: &str, prefix: &str) {
    let nodes = me.run(&["nodes", "list", "--json"]).with(0).json();
    assert_eq!(nodes.len(), 2);
    assert!(nodes.iter().all(|node| node["mpi"] == mpi && node["mpi_prefix"] == prefix), "{nodes:?}");
    me.run(&["nodes", "list"]).with(0).says(&[&format!(" in {prefix}")]);
}

#[test]
fn mpich_in_a_prefix_is_found_stored_and_used() {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--with-mpi", "mpich-dev"]);
    let me = moved(&lab, MOVE_MPICH);
    set_up(&me, &LOGIN, &format!("MPICH 4.0.2 in {HOME}"));
    assert_eq!(
        me.on(1, "ls /usr/bin/mpirun.openmpi /usr/bin/mpiexec.hydra 2>/dev/null || true"),
        "",
        "another came along"
    );
    is_stored(&me, "mpich", HOME);
    let machinefile = me.run(&["machinefile"]).with(0).out;
    assert!(!machinefile.contains("slots=") && machinefile.contains(':'), "{machinefile}");
    // What is printed is for any master, so it has the user.
    assert_eq!(me.on(1, "cat machinefile"), machinefile.replace(" user=pi", ""));
    ranks_see(&me, HOME, "mpiexec.hydra");
    in_c(&me, HOME, "libmpich.so.12");
    // By hand, as the manual starts it, with pictl's machinefile.
    let by_hand = format!("PATH=$PATH:{HOME}/bin mpirun -f machinefile -ppn 1 -n 2 hostname");
    assert_eq!(me.on(1, &by_hand).lines().count(), 2);

    // A node without it is named, with the folder and what to do.
    me.on(2, "mv mpi-install gone");
    let ended = me.run(&["run", "-n", "2", "--", "hostname"]).with(2);
    ended.says(&[&format!("pi01 has MPICH 4.0.2 in {HOME}, and pi02 not"), "pictl setup --mpi-prefix DIR"]);
    let ended = me.run(&["setup", "--yes"]).with(1);
    ended.says(&[&format!("pi02 has no MPICH in {HOME}, as pi01 has"), &format!("copy {HOME} from pi01")]);
    me.on(2, "mv gone mpi-install");
    me.run(&["run", "-n", "2", "--", "hostname"]).with(0);

    // A place that nobody would guess, and that no start file names.
    for node in [1, 2] {
        me.on(node, "sed -i /mpi-install/d .bashrc; sudo -n mkdir -p /srv/a; sudo -n mv mpi-install /srv/a/place");
    }
    me.run(&["run", "-n", "2", "--", "hostname"]).with(2).says(&[&format!("there is no MPICH in {HOME} on pi01")]);
    set_up(&me, &["--mpi-prefix", "/srv/a/place"], "MPICH 4.0.2 in /srv/a/place");
    is_stored(&me, "mpich", "/srv/a/place");
    ranks_see(&me, "/srv/a/place", "mpiexec.hydra");
    in_c(&me, "/srv/a/place", "libmpich.so.12");
    set_up(&me, &[], "MPICH 4.0.2 in /srv/a/place");
    me.run(&["setup", "--mpi-prefix", "a/place", "--yes"]).with(2).says(&["an absolute path is expected"]);
}

/// Open MPI of a release of Debian, moved by this script.
fn open_mpi(os: &str, script: &str, version: &str, daemon: &str) {
    if let Some(reason) = unless_lab_runs_here() {
        return skip(reason);
    }
    let lab = Lab::up(&["--nodes", "2", "--os", os, "--with-mpi", "openmpi-dev"]);
    let me = moved(&lab, script);
    set_up(&me, &LOGIN, &format!("Open MPI {version} in {HOME}"));
    let system = format!("ls /usr/bin/{daemon} /usr/bin/mpirun.openmpi 2>/dev/null || true");
    assert_eq!(me.on(2, &system), "", "another came along");
    is_stored(&me, "openmpi", HOME);
    ranks_see(&me, HOME, "mpirun");
    in_c(&me, HOME, "libmpi.so.40");
    fs::write(me.home.path().join("hello.py"), "from mpi4py import MPI\nprint('size', MPI.COMM_WORLD.size)\n").unwrap();
    let ended = me.run(&["run", "-n", "2", "--", "python3", "hello.py"]).with(0);
    assert_eq!(ended.out.matches("size 2").count(), 2, "{}", ended.out);
    // Its daemon is looked for there, and named with its place where it is missing.
    me.on(2, &format!("mv mpi-install/bin/{daemon} mpi-install/bin/gone"));
    let ended = me.run(&["run", "-n", "2", "--timeout", "60", "--", "hostname"]);
    assert_ne!(ended.code, 0);
    ended.says(&["pi02", daemon, &format!("is missing in {HOME}/bin")]);
}

#[test]
fn open_mpi_4_in_a_prefix_is_found_stored_and_used() {
    open_mpi("bookworm", MOVE_OPEN_MPI_4, "4.1.4", "orted");
}

#[test]
fn open_mpi_5_in_a_prefix_is_found_stored_and_used() {
    open_mpi("trixie", MOVE_OPEN_MPI_5, "5.0.7", "prted");
}
