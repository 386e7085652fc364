#compdef pictl

autoload -U is-at-least

_pictl() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_pictl_commands" \
"*::: :->pictl" \
&& ret=0
    case $state in
    (pictl)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-command-$line[1]:"
        case $line[1] in
            (demo)
_arguments "${_arguments_options[@]}" : \
'--inside=[Only for pictl itself\: the demo inside the lab'\''s operator namespace]:CIDR:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--real[On a fresh virtual cluster of real hosts (Linux, root); it is taken down afterwards]' \
'--yes[Do not ask before installing what --real needs]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(lab)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_pictl__subcmd__lab_commands" \
"*::: :->lab" \
&& ret=0

    case $state in
    (lab)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-lab-command-$line[1]:"
        case $line[1] in
            (up)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--nodes=[How many nodes]:N:_default' \
'--os=[bookworm, trixie or mixed]:OS:_default' \
'--user=[Name of the user on every node]:USER:_default' \
'--password=[Password of that user\: of machines that only exist here, so it is no secret]:PASSWORD:_default' \
'--sudo=[How that user becomes root\: nopasswd or password]:SUDO:_default' \
'--subnet=[Network of the nodes]:CIDR:_default' \
'--with-mpi=[MPI installed from the start\: openmpi or mpich (without mpi4py), either with -dev (a C compiler) or -bench (and hpcc and Parallel Python), or none]:MPI:_default' \
'--latency=[Delay of everything a node sends\: 1ms, 500us]:TIME:_default' \
'--rate=[Bandwidth of every node'\''s cable\: 100mbit]:RATE:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--cloned[The same host keys and machine-id on all nodes, as copied cards have]' \
'--yes[Install the Debian packages that a lab needs, if they are missing]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(down)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--name)--all[Take down every lab on this machine]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(shell)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::command -- The command and its arguments:_default' \
&& ret=0
;;
(set)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- Name of the node (n2) or its address:_default' \
'*::settings -- What to pin or to hand back to the model:_default' \
&& ret=0
;;
(kill)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- Name of the node (n2) or its address:_default' \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- Name of the node (n2) or its address:_default' \
&& ret=0
;;
(unplug)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- Name of the node (n2) or its address:_default' \
&& ret=0
;;
(plug)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- Name of the node (n2) or its address:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__lab__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-lab-help-command-$line[1]:"
        case $line[1] in
            (up)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(down)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(shell)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(set)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(kill)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(unplug)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(plug)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(scan)
_arguments "${_arguments_options[@]}" : \
'*--exclude=[Leave this out, written as a target is; may be given several times]:TARGET:_default' \
'--method=[How to look]:METHOD:((auto\:"The best this user may do"
arp\:"ARP requests (root)"
connect\:"TCP connections to the SSH port"))' \
'--interface=[Only through this interface]:IF:_default' \
'--watch=[Look again this many seconds after each look (5), and tell who comes, goes or moves, until Ctrl-C]::SECONDS:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--thorough[Listen for seconds, also where everybody answers at once\: for boards that sleep long]' \
'(--watch)--save[Put the Raspberry Pis that are found into the inventory]' \
'--yes[Scan also more than 1024 addresses, and own networks of such a size]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::targets -- CIDR, 10.0.0.1-50, 192.168.1.*, an address or a name; none\: this machine'\''s own networks:_default' \
&& ret=0
;;
(nodes)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_pictl__subcmd__nodes_commands" \
"*::: :->nodes" \
&& ret=0

    case $state in
    (nodes)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-nodes-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(add)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::targets -- Addresses or ranges:_default' \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':select -- Names, addresses or ranges:_default' \
&& ret=0
;;
(set)
_arguments "${_arguments_options[@]}" : \
'--name=[Another name]:NAME:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--head[Make it the head, where mpirun runs]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':select -- Names, addresses or ranges:_default' \
&& ret=0
;;
(identify)
_arguments "${_arguments_options[@]}" : \
'--seconds=[For how long]:N:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__nodes__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-nodes-help-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(add)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(set)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(identify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(keys)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_pictl__subcmd__keys_commands" \
"*::: :->keys" \
&& ret=0

    case $state in
    (keys)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-keys-command-$line[1]:"
        case $line[1] in
            (push)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(mesh)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--of-nodes[The keys of the nodes instead of yours\: each makes itself a new one]' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::keys -- A key file (private or .pub), a fingerprint SHA256\:…, or the comment at the end of the key:_default' \
&& ret=0
;;
(unclone)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(passwords)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before something is taken away (push, mesh and check take nothing away and never ask)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':wanted -- on or off:((on\:"Passwords and keys"
off\:"Keys only"))' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__keys__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-keys-help-command-$line[1]:"
        case $line[1] in
            (push)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(mesh)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(unclone)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(passwords)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(setup)
_arguments "${_arguments_options[@]}" : \
'*--only=[Only these steps]:STEP:_default' \
'--head=[The node on which mpirun runs]:NODE:_default' \
'--mpi=[openmpi or mpich]:MPI:_default' \
'--prefix=[New names are this and a number]:PREFIX:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--dry-run[Say what would change, and change nothing]' \
'--yes[Do not ask before changing]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
'--timeout=[Give up after this many seconds]:S:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::command -- The command, as the nodes'\'' shells shall see it:_default' \
&& ret=0
;;
(machinefile)
_arguments "${_arguments_options[@]}" : \
'--mpi=[For which MPI]:MPI:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--addresses)--names[Name the nodes by name]' \
'--addresses[Name the nodes by address (the default)]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(run)
_arguments "${_arguments_options[@]}" : \
'-n+[Number of ranks; none\: one for each slot]:N:_default' \
'*--file=[Copy this file to every node too; files among the program'\''s words are copied anyway]:FILE:_files' \
'--timeout=[Give up after this many seconds]:S:_default' \
'--silence=[Give up when nothing is heard of it for this many seconds]:S:_default' \
'--map=[How ranks are dealt out]:MAP:((node\:"Round the nodes, one by one"
slot\:"All slots of a node before the next node"))' \
'--launch=[How the launcher starts its daemons on the nodes]:HOW:((auto\:"As the launcher does by itself; from the head beyond 64 nodes"
linear\:"All from the head"
tree\:"Nodes start further nodes (Open MPI)"))' \
'--head=[Where mpirun runs\: a node, or \`operator\` for this machine, which computes nothing then]:NODE:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--detach[Start it, print its id and leave; it goes on, and \`pictl attach\` joins it]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::words -- The program and its arguments; it starts in a folder of its own that holds its files:_default' \
&& ret=0
;;
(bench)
_arguments "${_arguments_options[@]}" : \
'--lang=[The same in another language, where there is one\: \`pi --lang c\` is pi-c]:LANG:((python\:"Python with mpi4py"
c\:"C, compiled on every node"))' \
'-n+[Number of ranks; none\: one for each slot, and of pingpong and ppsum one for each node]:N:_default' \
'--slices=[Slices of work, where the benchmark works in slices]:SLICES:_default' \
'--slice-size=[Terms or numbers in a slice]:SLICE_SIZE:_default' \
'--repeat=[How many times, one after another]:REPEAT:_default' \
'--size=[hpl\: rows of its matrix; none\: as many as fit the memory]:N:_default' \
'--block=[hpl\: columns of a block; none\: 256, and fewer for small matrices]:NB:_default' \
'--grid=[hpl\: the grid of processes, as 2x4; none\: as square as the ranks allow]:PxQ:_default' \
'--memory=[hpl\: share of the free memory that the matrix may take; none\: 75]:PERCENT:_default' \
'--timeout=[Give up after this many seconds]:S:_default' \
'--silence=[Give up when nothing is heard of it for this many seconds]:S:_default' \
'--map=[How ranks are dealt out]:MAP:((node\:"Round the nodes, one by one"
slot\:"All slots of a node before the next node"))' \
'--launch=[How the launcher starts its daemons on the nodes]:HOW:((auto\:"As the launcher does by itself; from the head beyond 64 nodes"
linear\:"All from the head"
tree\:"Nodes start further nodes (Open MPI)"))' \
'--head=[Where mpirun runs\: a node, or \`operator\` for this machine, which computes nothing then]:NODE:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--detach[Start it, print its id and leave; it goes on, and \`pictl attach\` joins it]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':name -- Which benchmark:((pi\:"pi by Leibniz'\''s series, dealt out in slices"
pi-published\:"the same as published\: rank 0 does not compute"
pi-c\:"pi in C, compiled on every node"
primes\:"primes counted by trial division, in slices"
ppsum\:"sum of primes by Parallel Python, without MPI"
hpl\:"Linpack (HPL) by hpcc, with memory and network"
pingpong\:"latency and bandwidth between each two ranks"
hostname\:"every rank prints its host'\''s name, without MPI"
hello\:"every rank says where it runs"
scatter\:"numbers scattered, added up and gathered"
example\:"a small sum that every rank times by itself"))' \
&& ret=0
;;
(attach)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::run -- Its id, the beginning or end of it, or `last`:_default' \
&& ret=0
;;
(runs)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_pictl__subcmd__runs_commands" \
"*::: :->runs" \
&& ret=0

    case $state in
    (runs)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-runs-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::run -- Its id, the beginning or end of it, or `last`:_default' \
&& ret=0
;;
(replay)
_arguments "${_arguments_options[@]}" : \
'--speed=[Times as fast as it was]:SPEED:_default' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::run -- Its id, the beginning or end of it, or `last`:_default' \
&& ret=0
;;
(delete)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--yes[Do not ask]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run -- Its id, or the beginning or end of it:_default' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__runs__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-runs-help-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(replay)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(delete)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
;;
(config)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--sample[The commented sample instead]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(keymap)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'--markdown[As a table in Markdown]' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- Which shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'--dir=[Write the pages of all commands into this folder instead]:DIR:_files' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Preferences, instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--log=[Write a log to this file]:FILE:_files' \
'--nodes=[Only these nodes\: names, addresses or ranges, such as pi\[01-04\] or 10.0.0.31-34 (with demo and lab\: how many)]:SEL:_default' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key to offer]:FILE:_files' \
'--jump=[Host through which the nodes are reached, \[USER@\]HOST\[\:PORT\]; several in the order of the way, with commas between]:HOST:_default' \
'--trust=[Host keys never seen\: ask, take as new, or refuse. Without a terminal \`ask\` means \`strict\`]:HOW:((ask\:"You, by fingerprint, in one table"
new\:"They are taken, and told"
strict\:"They are refused"))' \
'(--plain)--json[One JSON object a line on standard output]' \
'--plain[Plain lines, also where a terminal is there]' \
'*-v[Tell more (twice\: much more)]' \
'*--verbose[Tell more (twice\: much more)]' \
'--no-color[No colours]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-help-command-$line[1]:"
        case $line[1] in
            (demo)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(lab)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__help__subcmd__lab_commands" \
"*::: :->lab" \
&& ret=0

    case $state in
    (lab)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-help-lab-command-$line[1]:"
        case $line[1] in
            (up)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(down)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(shell)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(set)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(kill)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(unplug)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(plug)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(scan)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(nodes)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__help__subcmd__nodes_commands" \
"*::: :->nodes" \
&& ret=0

    case $state in
    (nodes)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-help-nodes-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(add)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(set)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(identify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(keys)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__help__subcmd__keys_commands" \
"*::: :->keys" \
&& ret=0

    case $state in
    (keys)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-help-keys-command-$line[1]:"
        case $line[1] in
            (push)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(mesh)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(unclone)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(passwords)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(setup)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(machinefile)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(run)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(bench)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(attach)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(runs)
_arguments "${_arguments_options[@]}" : \
":: :_pictl__subcmd__help__subcmd__runs_commands" \
"*::: :->runs" \
&& ret=0

    case $state in
    (runs)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:pictl-help-runs-command-$line[1]:"
        case $line[1] in
            (list)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(replay)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(delete)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
(config)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(keymap)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_pictl_commands] )) ||
_pictl_commands() {
    local commands; commands=(
'demo:Show the whole job on a simulated cluster; needs nothing, changes nothing' \
'lab:Make a virtual cluster of real Debian hosts on this machine (Linux, root)' \
'scan:Find hosts\: Raspberry Pis and others' \
'nodes:The nodes of the cluster' \
'keys:SSH keys\: give them out, prove them, change them, take them away' \
'setup:Make a cluster of the nodes\: keys, names, MPI, machinefile, and a test that it works' \
'exec:Run a command on all nodes at once; equal output is shown once' \
'machinefile:Print a machinefile of the nodes' \
'run:Run any MPI program on the nodes, with its files' \
'bench:Run a benchmark' \
'attach:Join a run that outlived its terminal' \
'runs:Runs so far' \
'config:Print the preferences in force, or a commented sample' \
'keymap:Print what the dashboard'\''s keys mean' \
'completions:Print completions for a shell' \
'man:Print the manual page' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl commands' commands "$@"
}
(( $+functions[_pictl__subcmd__attach_commands] )) ||
_pictl__subcmd__attach_commands() {
    local commands; commands=()
    _describe -t commands 'pictl attach commands' commands "$@"
}
(( $+functions[_pictl__subcmd__bench_commands] )) ||
_pictl__subcmd__bench_commands() {
    local commands; commands=()
    _describe -t commands 'pictl bench commands' commands "$@"
}
(( $+functions[_pictl__subcmd__completions_commands] )) ||
_pictl__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'pictl completions commands' commands "$@"
}
(( $+functions[_pictl__subcmd__config_commands] )) ||
_pictl__subcmd__config_commands() {
    local commands; commands=()
    _describe -t commands 'pictl config commands' commands "$@"
}
(( $+functions[_pictl__subcmd__demo_commands] )) ||
_pictl__subcmd__demo_commands() {
    local commands; commands=()
    _describe -t commands 'pictl demo commands' commands "$@"
}
(( $+functions[_pictl__subcmd__exec_commands] )) ||
_pictl__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'pictl exec commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help_commands] )) ||
_pictl__subcmd__help_commands() {
    local commands; commands=(
'demo:Show the whole job on a simulated cluster; needs nothing, changes nothing' \
'lab:Make a virtual cluster of real Debian hosts on this machine (Linux, root)' \
'scan:Find hosts\: Raspberry Pis and others' \
'nodes:The nodes of the cluster' \
'keys:SSH keys\: give them out, prove them, change them, take them away' \
'setup:Make a cluster of the nodes\: keys, names, MPI, machinefile, and a test that it works' \
'exec:Run a command on all nodes at once; equal output is shown once' \
'machinefile:Print a machinefile of the nodes' \
'run:Run any MPI program on the nodes, with its files' \
'bench:Run a benchmark' \
'attach:Join a run that outlived its terminal' \
'runs:Runs so far' \
'config:Print the preferences in force, or a commented sample' \
'keymap:Print what the dashboard'\''s keys mean' \
'completions:Print completions for a shell' \
'man:Print the manual page' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__attach_commands] )) ||
_pictl__subcmd__help__subcmd__attach_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help attach commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__bench_commands] )) ||
_pictl__subcmd__help__subcmd__bench_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help bench commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__completions_commands] )) ||
_pictl__subcmd__help__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help completions commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__config_commands] )) ||
_pictl__subcmd__help__subcmd__config_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help config commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__demo_commands] )) ||
_pictl__subcmd__help__subcmd__demo_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help demo commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__exec_commands] )) ||
_pictl__subcmd__help__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help exec commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__help_commands] )) ||
_pictl__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keymap_commands] )) ||
_pictl__subcmd__help__subcmd__keymap_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keymap commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys_commands] )) ||
_pictl__subcmd__help__subcmd__keys_commands() {
    local commands; commands=(
'push:Your key onto every node' \
'mesh:Every node'\''s key onto every node' \
'check:Prove that every node logs in to every other one by key, from the node itself; changes nothing' \
'rotate:A new key of yours in the place of the one before, which no node takes afterwards' \
'remove:Take keys out of every node'\''s authorized keys\: of a laptop that is lost, of somebody who left' \
'unclone:Give nodes whose card is a copy of another'\''s host keys and a machine-id of their own' \
'passwords:Let the nodes take passwords, or keys only; \`off\` is undone by itself unless a login by key works afterwards' \
    )
    _describe -t commands 'pictl help keys commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__check_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys check commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__mesh_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__mesh_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys mesh commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__passwords_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__passwords_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys passwords commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__push_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__push_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys push commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__remove_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys remove commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__rotate_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys rotate commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__unclone_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__unclone_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys unclone commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab_commands] )) ||
_pictl__subcmd__help__subcmd__lab_commands() {
    local commands; commands=(
'up:Make a lab of freshly booted Debian hosts' \
'down:Take a lab down; leaves no trace of it' \
'list:List the labs on this machine' \
'status:Show the nodes of a lab' \
'shell:Open a shell where the nodes can be reached' \
'exec:Run a command where the nodes can be reached' \
'set:Pin sensors of a node\: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto' \
'kill:Take a node'\''s power away' \
'start:Give a node its power back and wait until it answers' \
'unplug:Pull a node'\''s network cable' \
'plug:Plug a node'\''s network cable in again' \
    )
    _describe -t commands 'pictl help lab commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__down_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__down_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab down commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__exec_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab exec commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__kill_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__kill_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab kill commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__list_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__plug_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__plug_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab plug commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__set_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__set_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab set commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__shell_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__shell_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab shell commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__start_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab start commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__status_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab status commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__unplug_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__unplug_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab unplug commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab__subcmd__up_commands] )) ||
_pictl__subcmd__help__subcmd__lab__subcmd__up_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help lab up commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__machinefile_commands] )) ||
_pictl__subcmd__help__subcmd__machinefile_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help machinefile commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__man_commands] )) ||
_pictl__subcmd__help__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help man commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__nodes_commands] )) ||
_pictl__subcmd__help__subcmd__nodes_commands() {
    local commands; commands=(
'list:List them' \
'add:Add hosts by address; they are looked for first, unless they are behind a --jump host' \
'remove:Take nodes out of the inventory and forget their host keys; nothing is done on them' \
'set:Change what the inventory says of nodes\: --user, --port, --identity and --jump of many, --name and --head of one' \
'identify:Let the green LED of the boards blink, so that they are found on the table\: of all nodes, or of --nodes; an address that is no node is looked for first' \
    )
    _describe -t commands 'pictl help nodes commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__nodes__subcmd__add_commands] )) ||
_pictl__subcmd__help__subcmd__nodes__subcmd__add_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help nodes add commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__nodes__subcmd__identify_commands] )) ||
_pictl__subcmd__help__subcmd__nodes__subcmd__identify_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help nodes identify commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__nodes__subcmd__list_commands] )) ||
_pictl__subcmd__help__subcmd__nodes__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help nodes list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__nodes__subcmd__remove_commands] )) ||
_pictl__subcmd__help__subcmd__nodes__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help nodes remove commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__nodes__subcmd__set_commands] )) ||
_pictl__subcmd__help__subcmd__nodes__subcmd__set_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help nodes set commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__run_commands] )) ||
_pictl__subcmd__help__subcmd__run_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help run commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__runs_commands] )) ||
_pictl__subcmd__help__subcmd__runs_commands() {
    local commands; commands=(
'list:List them, newest first' \
'show:Show one\: what was run, how it ended, what each rank did' \
'replay:Show the screens of one again, from its record; without a terminal, its lines at once' \
'delete:Delete one and its record' \
    )
    _describe -t commands 'pictl help runs commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__runs__subcmd__delete_commands] )) ||
_pictl__subcmd__help__subcmd__runs__subcmd__delete_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help runs delete commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__runs__subcmd__list_commands] )) ||
_pictl__subcmd__help__subcmd__runs__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help runs list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__runs__subcmd__replay_commands] )) ||
_pictl__subcmd__help__subcmd__runs__subcmd__replay_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help runs replay commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__runs__subcmd__show_commands] )) ||
_pictl__subcmd__help__subcmd__runs__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help runs show commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__scan_commands] )) ||
_pictl__subcmd__help__subcmd__scan_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help scan commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__setup_commands] )) ||
_pictl__subcmd__help__subcmd__setup_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help setup commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keymap_commands] )) ||
_pictl__subcmd__keymap_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keymap commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys_commands] )) ||
_pictl__subcmd__keys_commands() {
    local commands; commands=(
'push:Your key onto every node' \
'mesh:Every node'\''s key onto every node' \
'check:Prove that every node logs in to every other one by key, from the node itself; changes nothing' \
'rotate:A new key of yours in the place of the one before, which no node takes afterwards' \
'remove:Take keys out of every node'\''s authorized keys\: of a laptop that is lost, of somebody who left' \
'unclone:Give nodes whose card is a copy of another'\''s host keys and a machine-id of their own' \
'passwords:Let the nodes take passwords, or keys only; \`off\` is undone by itself unless a login by key works afterwards' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl keys commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__check_commands] )) ||
_pictl__subcmd__keys__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys check commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help_commands] )) ||
_pictl__subcmd__keys__subcmd__help_commands() {
    local commands; commands=(
'push:Your key onto every node' \
'mesh:Every node'\''s key onto every node' \
'check:Prove that every node logs in to every other one by key, from the node itself; changes nothing' \
'rotate:A new key of yours in the place of the one before, which no node takes afterwards' \
'remove:Take keys out of every node'\''s authorized keys\: of a laptop that is lost, of somebody who left' \
'unclone:Give nodes whose card is a copy of another'\''s host keys and a machine-id of their own' \
'passwords:Let the nodes take passwords, or keys only; \`off\` is undone by itself unless a login by key works afterwards' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl keys help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__check_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help check commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__help_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__mesh_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__mesh_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help mesh commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__passwords_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__passwords_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help passwords commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__push_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__push_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help push commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__remove_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help remove commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__rotate_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help rotate commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__unclone_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__unclone_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help unclone commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__mesh_commands] )) ||
_pictl__subcmd__keys__subcmd__mesh_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys mesh commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__passwords_commands] )) ||
_pictl__subcmd__keys__subcmd__passwords_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys passwords commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__push_commands] )) ||
_pictl__subcmd__keys__subcmd__push_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys push commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__remove_commands] )) ||
_pictl__subcmd__keys__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys remove commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__rotate_commands] )) ||
_pictl__subcmd__keys__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys rotate commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__unclone_commands] )) ||
_pictl__subcmd__keys__subcmd__unclone_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys unclone commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab_commands] )) ||
_pictl__subcmd__lab_commands() {
    local commands; commands=(
'up:Make a lab of freshly booted Debian hosts' \
'down:Take a lab down; leaves no trace of it' \
'list:List the labs on this machine' \
'status:Show the nodes of a lab' \
'shell:Open a shell where the nodes can be reached' \
'exec:Run a command where the nodes can be reached' \
'set:Pin sensors of a node\: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto' \
'kill:Take a node'\''s power away' \
'start:Give a node its power back and wait until it answers' \
'unplug:Pull a node'\''s network cable' \
'plug:Plug a node'\''s network cable in again' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl lab commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__down_commands] )) ||
_pictl__subcmd__lab__subcmd__down_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab down commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__exec_commands] )) ||
_pictl__subcmd__lab__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab exec commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help_commands] )) ||
_pictl__subcmd__lab__subcmd__help_commands() {
    local commands; commands=(
'up:Make a lab of freshly booted Debian hosts' \
'down:Take a lab down; leaves no trace of it' \
'list:List the labs on this machine' \
'status:Show the nodes of a lab' \
'shell:Open a shell where the nodes can be reached' \
'exec:Run a command where the nodes can be reached' \
'set:Pin sensors of a node\: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto' \
'kill:Take a node'\''s power away' \
'start:Give a node its power back and wait until it answers' \
'unplug:Pull a node'\''s network cable' \
'plug:Plug a node'\''s network cable in again' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl lab help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__down_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__down_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help down commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__exec_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__exec_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help exec commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__help_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__kill_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__kill_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help kill commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__list_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__plug_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__plug_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help plug commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__set_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__set_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help set commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__shell_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__shell_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help shell commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__start_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help start commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__status_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help status commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__unplug_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__unplug_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help unplug commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__help__subcmd__up_commands] )) ||
_pictl__subcmd__lab__subcmd__help__subcmd__up_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab help up commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__kill_commands] )) ||
_pictl__subcmd__lab__subcmd__kill_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab kill commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__list_commands] )) ||
_pictl__subcmd__lab__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__plug_commands] )) ||
_pictl__subcmd__lab__subcmd__plug_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab plug commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__set_commands] )) ||
_pictl__subcmd__lab__subcmd__set_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab set commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__shell_commands] )) ||
_pictl__subcmd__lab__subcmd__shell_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab shell commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__start_commands] )) ||
_pictl__subcmd__lab__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab start commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__status_commands] )) ||
_pictl__subcmd__lab__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab status commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__unplug_commands] )) ||
_pictl__subcmd__lab__subcmd__unplug_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab unplug commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab__subcmd__up_commands] )) ||
_pictl__subcmd__lab__subcmd__up_commands() {
    local commands; commands=()
    _describe -t commands 'pictl lab up commands' commands "$@"
}
(( $+functions[_pictl__subcmd__machinefile_commands] )) ||
_pictl__subcmd__machinefile_commands() {
    local commands; commands=()
    _describe -t commands 'pictl machinefile commands' commands "$@"
}
(( $+functions[_pictl__subcmd__man_commands] )) ||
_pictl__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'pictl man commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes_commands] )) ||
_pictl__subcmd__nodes_commands() {
    local commands; commands=(
'list:List them' \
'add:Add hosts by address; they are looked for first, unless they are behind a --jump host' \
'remove:Take nodes out of the inventory and forget their host keys; nothing is done on them' \
'set:Change what the inventory says of nodes\: --user, --port, --identity and --jump of many, --name and --head of one' \
'identify:Let the green LED of the boards blink, so that they are found on the table\: of all nodes, or of --nodes; an address that is no node is looked for first' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl nodes commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__add_commands] )) ||
_pictl__subcmd__nodes__subcmd__add_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes add commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__help_commands] )) ||
_pictl__subcmd__nodes__subcmd__help_commands() {
    local commands; commands=(
'list:List them' \
'add:Add hosts by address; they are looked for first, unless they are behind a --jump host' \
'remove:Take nodes out of the inventory and forget their host keys; nothing is done on them' \
'set:Change what the inventory says of nodes\: --user, --port, --identity and --jump of many, --name and --head of one' \
'identify:Let the green LED of the boards blink, so that they are found on the table\: of all nodes, or of --nodes; an address that is no node is looked for first' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl nodes help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__help__subcmd__add_commands] )) ||
_pictl__subcmd__nodes__subcmd__help__subcmd__add_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes help add commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__help__subcmd__help_commands] )) ||
_pictl__subcmd__nodes__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes help help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__help__subcmd__identify_commands] )) ||
_pictl__subcmd__nodes__subcmd__help__subcmd__identify_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes help identify commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__help__subcmd__list_commands] )) ||
_pictl__subcmd__nodes__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes help list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__help__subcmd__remove_commands] )) ||
_pictl__subcmd__nodes__subcmd__help__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes help remove commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__help__subcmd__set_commands] )) ||
_pictl__subcmd__nodes__subcmd__help__subcmd__set_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes help set commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__identify_commands] )) ||
_pictl__subcmd__nodes__subcmd__identify_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes identify commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__list_commands] )) ||
_pictl__subcmd__nodes__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__remove_commands] )) ||
_pictl__subcmd__nodes__subcmd__remove_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes remove commands' commands "$@"
}
(( $+functions[_pictl__subcmd__nodes__subcmd__set_commands] )) ||
_pictl__subcmd__nodes__subcmd__set_commands() {
    local commands; commands=()
    _describe -t commands 'pictl nodes set commands' commands "$@"
}
(( $+functions[_pictl__subcmd__run_commands] )) ||
_pictl__subcmd__run_commands() {
    local commands; commands=()
    _describe -t commands 'pictl run commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs_commands] )) ||
_pictl__subcmd__runs_commands() {
    local commands; commands=(
'list:List them, newest first' \
'show:Show one\: what was run, how it ended, what each rank did' \
'replay:Show the screens of one again, from its record; without a terminal, its lines at once' \
'delete:Delete one and its record' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl runs commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__delete_commands] )) ||
_pictl__subcmd__runs__subcmd__delete_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs delete commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__help_commands] )) ||
_pictl__subcmd__runs__subcmd__help_commands() {
    local commands; commands=(
'list:List them, newest first' \
'show:Show one\: what was run, how it ended, what each rank did' \
'replay:Show the screens of one again, from its record; without a terminal, its lines at once' \
'delete:Delete one and its record' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'pictl runs help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__help__subcmd__delete_commands] )) ||
_pictl__subcmd__runs__subcmd__help__subcmd__delete_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs help delete commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__help__subcmd__help_commands] )) ||
_pictl__subcmd__runs__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs help help commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__help__subcmd__list_commands] )) ||
_pictl__subcmd__runs__subcmd__help__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs help list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__help__subcmd__replay_commands] )) ||
_pictl__subcmd__runs__subcmd__help__subcmd__replay_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs help replay commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__help__subcmd__show_commands] )) ||
_pictl__subcmd__runs__subcmd__help__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs help show commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__list_commands] )) ||
_pictl__subcmd__runs__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs list commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__replay_commands] )) ||
_pictl__subcmd__runs__subcmd__replay_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs replay commands' commands "$@"
}
(( $+functions[_pictl__subcmd__runs__subcmd__show_commands] )) ||
_pictl__subcmd__runs__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'pictl runs show commands' commands "$@"
}
(( $+functions[_pictl__subcmd__scan_commands] )) ||
_pictl__subcmd__scan_commands() {
    local commands; commands=()
    _describe -t commands 'pictl scan commands' commands "$@"
}
(( $+functions[_pictl__subcmd__setup_commands] )) ||
_pictl__subcmd__setup_commands() {
    local commands; commands=()
    _describe -t commands 'pictl setup commands' commands "$@"
}

if [ "$funcstack[1]" = "_pictl" ]; then
    _pictl "$@"
else
    compdef _pictl pictl
fi
