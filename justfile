# Shortcuts; each is one command that works without just.

# everything that has to hold, in one run
test *options:
    tests/run {{ options }}

# the same without virtual clusters of real hosts
fast:
    tests/run --fast

fmt:
    cargo fmt --all

clippy:
    cargo clippy --workspace --all-targets -- -D warnings

# write sample configuration, key table, manual page and pictures again
generate:
    tests/run --generate

# the pictures of the terminal in docs/pictures
pictures:
    cargo run --package pictl-tui --example pictures -- docs/pictures

# the dashboard on simulated Pis
demo *options:
    cargo run --release -- demo {{ options }}

# a cluster of real hosts on this machine (Linux, root)
lab-up *options:
    cargo run --release -- lab up {{ options }}

lab-down *options:
    cargo run --release -- lab down {{ options }}

# every promised speed, side by side, in one table; all cases or some (tests/bench-run --help)
bench-run *cases:
    cargo build --release --package pictl --package pictl-tui --package pictl-engine --bins --examples
    tests/bench-run {{ cases }}

# what the dashboard costs a benchmark
bench-overhead: (bench-run "overhead")

# the promised speed of work on keys, beside ssh-copy-id, pdsh and clush (tests/bench-keys --help)
bench-keys *cases:
    cargo build --release --package pictl --package pictl-net --package pictl-lab --bins --example rounds --example sim
    tests/bench-keys {{ cases }}

# the promised speed of scans, beside nmap and arp-scan (tests/bench-scan --help)
bench-scan *cases:
    cargo build --release --package pictl --bins
    tests/bench-scan {{ cases }}

# every command of the published guides, done with pictl on virtual clusters and checked by hand (tests/sources --help)
sources *options:
    cargo build --package pictl --bins
    tests/sources {{ options }}

# mpi4py's own demo programs: the same outcome as by plain mpirun (tests/demos --help)
demos *options:
    cargo build --package pictl --bins
    tests/demos {{ options }}

# random input for everything that reads text from outside, for some minutes
fuzz minutes='10':
    tests/fuzz {{ minutes }}

# licences, sources and advisories of the dependencies
deny:
    cargo deny check
