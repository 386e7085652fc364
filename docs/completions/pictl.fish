# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pictl_global_optspecs
    string join \n json plain no-color v/verbose log= user= port= identity= key-type= jump= password-stdin sudo-password-stdin passphrase-stdin trust= cluster= config= nodes= h/help V/version
end

function __fish_pictl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pictl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pictl_using_subcommand
    set -l cmd (__fish_pictl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pictl -n "__fish_pictl_needs_command" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_needs_command" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_needs_command" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_needs_command" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_needs_command" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_needs_command" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_needs_command" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_needs_command" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_needs_command" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_needs_command" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_needs_command" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_needs_command" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_needs_command" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_needs_command" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_needs_command" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_needs_command" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_needs_command" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_needs_command" -s V -l version -d 'Print version'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "demo" -d 'Show the whole job on simulated nodes; changes nothing'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "lab" -d 'Make a virtual cluster of real Debian hosts (Linux, root)'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "scan" -d 'Find hosts on the network: Raspberry Pis and others'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "nodes" -d 'List the nodes of the cluster, or change the list'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "keys" -d 'SSH keys: install, check, replace and remove them'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "setup" -d 'Make a cluster of the nodes: keys, names, MPI, machinefile'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "exec" -d 'Run a command on all nodes at once; equal output is shown once'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "machinefile" -d 'Print a machinefile of the nodes'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "run" -d 'Run any MPI program on the nodes, with its files'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "bench" -d 'Run a benchmark'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "attach" -d 'Join a run that was left running'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "runs" -d 'List, show, replay and delete runs'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "config" -d 'Print your preferences, or a commented sample'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "keymap" -d 'Print the keys of the dashboard'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "man" -d 'Print the manual page, or write all of them'
complete -c pictl -n "__fish_pictl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l inside -d 'Only for pictl itself: the demo inside the lab\'s operator namespace' -r
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l nodes -d 'Number of nodes; none: 4' -r
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l real -d 'Use a fresh virtual cluster of real hosts (Linux, root); it is removed afterwards'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l yes -d 'Do not ask before installing what --real needs'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "up" -d 'Start a lab of freshly booted Debian hosts'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "down" -d 'Remove a lab; leaves no trace of it'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "list" -d 'List the labs on this computer'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "status" -d 'Show the nodes of a lab'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "shell" -d 'Open a shell where the nodes can be reached'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "exec" -d 'Run a command where the nodes can be reached'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "set" -d 'Set sensors of a node: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "kill" -d 'Cut the power of a node'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "start" -d 'Switch on a node and wait until it answers'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "unplug" -d 'Unplug the network cable of a node'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "plug" -d 'Plug in the network cable of a node again'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and not __fish_seen_subcommand_from up down list status shell exec set kill start unplug plug help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l nodes -d 'Number of nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l os -d 'bookworm, trixie or mixed' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l user -d 'User name on every node' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l password -d 'Password of that user' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l sudo -d 'How that user becomes root: nopasswd or password' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l subnet -d 'Network of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l with-mpi -d 'MPI that is installed: openmpi, mpich, or none' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l latency -d 'Delay of all that a node sends: 1ms, 500us' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l rate -d 'Bandwidth of every node\'s cable: 100mbit' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l cloned -d 'The same host keys and machine-id on all nodes, as on cloned SD cards'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l yes -d 'Install the Debian packages that a lab needs, if they are missing'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l all -d 'Remove every lab on this computer'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from shell" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from kill" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from unplug" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l name -d 'Name of the lab' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from plug" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "up" -d 'Start a lab of freshly booted Debian hosts'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "down" -d 'Remove a lab; leaves no trace of it'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the labs on this computer'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the nodes of a lab'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "shell" -d 'Open a shell where the nodes can be reached'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "exec" -d 'Run a command where the nodes can be reached'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set sensors of a node: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "kill" -d 'Cut the power of a node'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "start" -d 'Switch on a node and wait until it answers'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "unplug" -d 'Unplug the network cable of a node'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "plug" -d 'Plug in the network cable of a node again'
complete -c pictl -n "__fish_pictl_using_subcommand lab; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l exclude -d 'Leave out this target; may be given several times' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l method -d 'How to find hosts' -r -f -a "auto\t'The best method that this user can use'
arp\t'ARP requests (root)'
connect\t'TCP connections to the SSH port'"
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l interface -d 'Only through this interface' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l watch -d 'Repeat the scan after this many seconds (5) and report who comes, goes or moves, until Ctrl-C' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l thorough -d 'Listen for seconds, even on a quick network: for boards that sleep long'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l save -d 'Add the Raspberry Pis that are found to the inventory'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l yes -d 'Scan even more than 1024 addresses, or own networks of that size'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -f -a "list" -d 'List the nodes'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -f -a "add" -d 'Add hosts by address; a scan checks them first, unless a jump host leads to them'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -f -a "remove" -d 'Remove nodes from the inventory and forget their host keys; the nodes stay as they are'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -f -a "set" -d 'Change the inventory: --user, --port, --identity and --jump of many nodes, --name and --head of one'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -f -a "identify" -d 'Make the green LED of boards blink: of all nodes, or of --nodes; an unknown address is scanned first'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and not __fish_seen_subcommand_from list add remove set identify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l name -d 'New name' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l head -d 'Make it the head node, which mpirun runs on'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l seconds -d 'For how long' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from identify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the nodes'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add hosts by address; a scan checks them first, unless a jump host leads to them'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove nodes from the inventory and forget their host keys; the nodes stay as they are'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change the inventory: --user, --port, --identity and --jump of many nodes, --name and --head of one'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "identify" -d 'Make the green LED of boards blink: of all nodes, or of --nodes; an unknown address is scanned first'
complete -c pictl -n "__fish_pictl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "push" -d 'Install your key on every node'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "mesh" -d 'Install the key of every node on every other node'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "check" -d 'Check that all nodes can log in to each other; changes nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "rotate" -d 'Replace your key; no node accepts the old one afterwards'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "remove" -d 'Remove keys from every node\'s authorized keys, for example after a laptop is lost'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "unclone" -d 'Give nodes with a cloned SD card host keys and a machine-id of their own'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "ssh" -d 'Let plain ssh on this computer log in, too'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "passwords" -d 'Enable or disable password login; `off` is undone unless a login by key works afterwards'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and not __fish_seen_subcommand_from push mesh check rotate remove unclone ssh passwords help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from push" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from mesh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l of-nodes -d 'Replace the keys of the nodes instead: each makes a new one'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from unclone" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l remove -d 'Take away what it wrote'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from ssh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l yes -d 'Do not ask before something is removed'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from passwords" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "push" -d 'Install your key on every node'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "mesh" -d 'Install the key of every node on every other node'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check that all nodes can log in to each other; changes nothing'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Replace your key; no node accepts the old one afterwards'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove keys from every node\'s authorized keys, for example after a laptop is lost'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "unclone" -d 'Give nodes with a cloned SD card host keys and a machine-id of their own'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "ssh" -d 'Let plain ssh on this computer log in, too'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "passwords" -d 'Enable or disable password login; `off` is undone unless a login by key works afterwards'
complete -c pictl -n "__fish_pictl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l only -d 'Only these steps, separated by commas' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l head -d 'The head node, which mpirun runs on' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l mpi -d 'openmpi or mpich' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l mpi-prefix -d 'The folder of the MPI, such as /opt/openmpi or \'~/mpi-install\'; /usr for the distribution\'s' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l prefix -d 'New nodes are named with this prefix and a number' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l dry-run -d 'Show what would change, and change nothing'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l yes -d 'Do not ask before changing'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -s f -l hostfile -l machinefile -d 'Only the hosts of this machinefile, with their slots' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l host -d 'Only these hosts, with their slots: pi01:4,pi02' -r
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l timeout -d 'End it after this many seconds, with all that it started' -r
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l mpi -d 'For which MPI: openmpi or mpich' -r
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l write -d 'Write it to this file in the head\'s home directory, instead of printing it; none: machinefile' -r
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l names -d 'Write names of nodes'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l addresses -d 'Write addresses of nodes (the default)'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l users -d 'Write the user of every node, as in pi@10.0.0.31'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l refresh -d 'Connect to the nodes and look how many cores they have; otherwise nothing is sent to them'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand machinefile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand run" -s n -d 'Number of ranks; none: one for each slot' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l file -d 'Copy this file to every node, too; files among the arguments are copied anyway' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand run" -s f -l hostfile -l machinefile -d 'Only the hosts of this machinefile, with their slots' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand run" -l host -d 'Only these hosts, with their slots: pi01:4,pi02' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l timeout -d 'Give up after this many seconds' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l silence -d 'Give up after this many seconds without output' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l map -d 'How ranks are placed' -r -f -a "node\t'One rank on each node in turn'
slot\t'Fill the slots of a node before the next node'"
complete -c pictl -n "__fish_pictl_using_subcommand run" -l launch -d 'How the launcher starts its daemons on the nodes' -r -f -a "auto\t'As the launcher does by default; from the head node beyond 64 nodes'
linear\t'All from the head node'
tree\t'Nodes start other nodes (Open MPI)'"
complete -c pictl -n "__fish_pictl_using_subcommand run" -l head -d 'The node that mpirun runs on; operator: this computer' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand run" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand run" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand run" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand run" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand run" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand run" -l private-files -d 'Copy files that hold a private key or passwords, too; without it they are refused'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l stdin -d 'Let rank 0 read the terminal; it reads a pipe or a file at standard input anyway'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l detach -d 'Start it, print its id and leave; `pictl attach` joins it'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand run" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand run" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l lang -d 'In this language: `pi --lang c` is pi-c' -r -f -a "python\t'Python with mpi4py'
c\t'C, compiled on every node'"
complete -c pictl -n "__fish_pictl_using_subcommand bench" -s n -d 'Number of ranks; none: one for each slot' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l slices -d 'Number of slices of work' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l slice-size -d 'Terms or numbers in a slice' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l repeat -d 'Run it this many times, one after another' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l size -d 'Rows of the matrix; none: as many as fit in memory' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l block -d 'Columns of a block; none: 256, and fewer for small matrices' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l grid -d 'The grid of processes, such as 2x4; none: as square as the ranks allow' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l memory -d 'Share of the free memory for the matrix; none: 75' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -s f -l hostfile -l machinefile -d 'Only the hosts of this machinefile, with their slots' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l host -d 'Only these hosts, with their slots: pi01:4,pi02' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l timeout -d 'Give up after this many seconds' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l silence -d 'Give up after this many seconds without output' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l map -d 'How ranks are placed' -r -f -a "node\t'One rank on each node in turn'
slot\t'Fill the slots of a node before the next node'"
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l launch -d 'How the launcher starts its daemons on the nodes' -r -f -a "auto\t'As the launcher does by default; from the head node beyond 64 nodes'
linear\t'All from the head node'
tree\t'Nodes start other nodes (Open MPI)'"
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l head -d 'The node that mpirun runs on; operator: this computer' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l detach -d 'Start it, print its id and leave; `pictl attach` joins it'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand bench" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand attach" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -f -a "list" -d 'List the runs, newest first'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -f -a "show" -d 'Show a run: what ran, how it ended, what each rank did and printed last'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -f -a "replay" -d 'Replay the record of a run in the dashboard; without a terminal, print it at once'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -f -a "delete" -d 'Delete a run and its record'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and not __fish_seen_subcommand_from list show replay delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l output -d 'Print all output of its program instead'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l speed -d 'How many times as fast as the run' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l yes -d 'Do not ask'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the runs, newest first'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a run: what ran, how it ended, what each rank did and printed last'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "replay" -d 'Replay the record of a run in the dashboard; without a terminal, print it at once'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a run and its record'
complete -c pictl -n "__fish_pictl_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand config" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand config" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand config" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand config" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand config" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand config" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand config" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand config" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand config" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand config" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand config" -l sample -d 'Print the commented sample instead'
complete -c pictl -n "__fish_pictl_using_subcommand config" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand config" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand config" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand config" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand config" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand config" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand config" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand config" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l markdown -d 'As a table in Markdown'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand keymap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand man" -l dir -d 'Write the pages of all commands into this folder instead' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand man" -l log -d 'Write a log to this file' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand man" -l user -d 'User name on the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand man" -l port -d 'SSH port of the nodes' -r
complete -c pictl -n "__fish_pictl_using_subcommand man" -l identity -d 'Private key file to offer' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand man" -l key-type -d 'What a key is that pictl makes for you' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 4096 bits'"
complete -c pictl -n "__fish_pictl_using_subcommand man" -l jump -d 'Jump host, [USER@]HOST[:PORT]; several in their order, separated by commas; none: a direct route' -r
complete -c pictl -n "__fish_pictl_using_subcommand man" -l trust -d 'Who decides on unknown host keys; without a terminal, `ask` means `strict`' -r -f -a "ask\t'You compare the fingerprints in one table'
new\t'They are trusted, and reported'
strict\t'They are refused'"
complete -c pictl -n "__fish_pictl_using_subcommand man" -l cluster -d 'The cluster to work on' -r
complete -c pictl -n "__fish_pictl_using_subcommand man" -l config -d 'Read preferences from this file instead of $XDG_CONFIG_HOME/pictl/pictl.toml' -r -F
complete -c pictl -n "__fish_pictl_using_subcommand man" -l nodes -d 'Only these nodes, such as pi[01-04] or 10.0.0.31-34' -r
complete -c pictl -n "__fish_pictl_using_subcommand man" -l json -d 'Print one JSON object per line on standard output'
complete -c pictl -n "__fish_pictl_using_subcommand man" -l plain -d 'Plain output, even on a terminal'
complete -c pictl -n "__fish_pictl_using_subcommand man" -l no-color -d 'No colours'
complete -c pictl -n "__fish_pictl_using_subcommand man" -s v -l verbose -d 'More detail (twice: even more)'
complete -c pictl -n "__fish_pictl_using_subcommand man" -l password-stdin -d 'Read the login password from standard input (its first line)'
complete -c pictl -n "__fish_pictl_using_subcommand man" -l sudo-password-stdin -d 'Read the sudo password from standard input (the next line)'
complete -c pictl -n "__fish_pictl_using_subcommand man" -l passphrase-stdin -d 'Read the passphrase of your key from standard input (the line after the passwords)'
complete -c pictl -n "__fish_pictl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "demo" -d 'Show the whole job on simulated nodes; changes nothing'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "lab" -d 'Make a virtual cluster of real Debian hosts (Linux, root)'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "scan" -d 'Find hosts on the network: Raspberry Pis and others'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "nodes" -d 'List the nodes of the cluster, or change the list'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "keys" -d 'SSH keys: install, check, replace and remove them'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "setup" -d 'Make a cluster of the nodes: keys, names, MPI, machinefile'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "exec" -d 'Run a command on all nodes at once; equal output is shown once'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "machinefile" -d 'Print a machinefile of the nodes'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "run" -d 'Run any MPI program on the nodes, with its files'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "bench" -d 'Run a benchmark'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "attach" -d 'Join a run that was left running'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "runs" -d 'List, show, replay and delete runs'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "config" -d 'Print your preferences, or a commented sample'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "keymap" -d 'Print the keys of the dashboard'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "completions" -d 'Print completions for a shell'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "man" -d 'Print the manual page, or write all of them'
complete -c pictl -n "__fish_pictl_using_subcommand help; and not __fish_seen_subcommand_from demo lab scan nodes keys setup exec machinefile run bench attach runs config keymap completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "up" -d 'Start a lab of freshly booted Debian hosts'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "down" -d 'Remove a lab; leaves no trace of it'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "list" -d 'List the labs on this computer'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "status" -d 'Show the nodes of a lab'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "shell" -d 'Open a shell where the nodes can be reached'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "exec" -d 'Run a command where the nodes can be reached'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "set" -d 'Set sensors of a node: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "kill" -d 'Cut the power of a node'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "start" -d 'Switch on a node and wait until it answers'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "unplug" -d 'Unplug the network cable of a node'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from lab" -f -a "plug" -d 'Plug in the network cable of a node again'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from nodes" -f -a "list" -d 'List the nodes'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from nodes" -f -a "add" -d 'Add hosts by address; a scan checks them first, unless a jump host leads to them'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from nodes" -f -a "remove" -d 'Remove nodes from the inventory and forget their host keys; the nodes stay as they are'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from nodes" -f -a "set" -d 'Change the inventory: --user, --port, --identity and --jump of many nodes, --name and --head of one'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from nodes" -f -a "identify" -d 'Make the green LED of boards blink: of all nodes, or of --nodes; an unknown address is scanned first'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "push" -d 'Install your key on every node'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "mesh" -d 'Install the key of every node on every other node'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "check" -d 'Check that all nodes can log in to each other; changes nothing'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "rotate" -d 'Replace your key; no node accepts the old one afterwards'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "remove" -d 'Remove keys from every node\'s authorized keys, for example after a laptop is lost'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "unclone" -d 'Give nodes with a cloned SD card host keys and a machine-id of their own'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "ssh" -d 'Let plain ssh on this computer log in, too'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "passwords" -d 'Enable or disable password login; `off` is undone unless a login by key works afterwards'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "list" -d 'List the runs, newest first'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "show" -d 'Show a run: what ran, how it ended, what each rank did and printed last'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "replay" -d 'Replay the record of a run in the dashboard; without a terminal, print it at once'
complete -c pictl -n "__fish_pictl_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "delete" -d 'Delete a run and its record'
