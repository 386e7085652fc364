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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Number of nodes; none\: 4]:N:_default' \
'--real[Use a fresh virtual cluster of real hosts (Linux, root); it is removed afterwards]' \
'--yes[Do not ask before installing what --real needs]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(lab)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--nodes=[Number of nodes]:N:_default' \
'--os=[bookworm, trixie or mixed]:OS:_default' \
'--user=[User name on every node]:USER:_default' \
'--password=[Password of that user]:PASSWORD:_default' \
'--sudo=[How that user becomes root\: nopasswd or password]:HOW:_default' \
'--subnet=[Network of the nodes]:CIDR:_default' \
'--with-mpi=[MPI that is installed\: openmpi, mpich, or none]:MPI:_default' \
'--latency=[Delay of all that a node sends\: 1ms, 500us]:TIME:_default' \
'--rate=[Bandwidth of every node'\''s cable\: 100mbit]:RATE:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--cloned[The same host keys and machine-id on all nodes, as on cloned SD cards]' \
'--yes[Install the Debian packages that a lab needs, if they are missing]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--name)--all[Remove every lab on this computer]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':node -- Name of the node (n2) or its address:_default' \
'*::settings -- SENSOR=VALUE, or SENSOR=auto for the value of the model:_default' \
&& ret=0
;;
(kill)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the lab]:NAME:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'*--exclude=[Leave out this target; may be given several times]:TARGET:_default' \
'--method=[How to find hosts]:METHOD:((auto\:"The best method that this user can use"
arp\:"ARP requests (root)"
connect\:"TCP connections to the SSH port"))' \
'--interface=[Only through this interface]:IF:_default' \
'--watch=[Repeat the scan after this many seconds (5) and report who comes, goes or moves, until Ctrl-C]::SECONDS:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--thorough[Listen for seconds, even on a quick network\: for boards that sleep long]' \
'(--watch)--save[Add the Raspberry Pis that are found to the inventory]' \
'--yes[Scan even more than 1024 addresses, or own networks of that size]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::targets -- CIDR, 10.0.0.1-50, 192.168.1.*, an address or a name; none\: this computer'\''s own networks:_default' \
&& ret=0
;;
(nodes)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(add)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--name=[New name]:NAME:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--head[Make it the head node, which mpirun runs on]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(mesh)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--of-nodes[Replace the keys of the nodes instead\: each makes a new one]' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(remove)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(ssh)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--remove[Take away what it wrote]' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(passwords)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before something is removed]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
(ssh)
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
'*--only=[Only these steps, separated by commas]:STEP:_default' \
'--head=[The head node, which mpirun runs on]:NODE:_default' \
'--mpi=[openmpi or mpich]:MPI:_default' \
'--mpi-prefix=[The folder of the MPI, such as /opt/openmpi or '\''~/mpi-install'\''; /usr for the distribution'\''s]:DIR:_default' \
'--prefix=[New nodes are named with this prefix and a number]:PREFIX:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--dry-run[Show what would change, and change nothing]' \
'--yes[Do not ask before changing]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(exec)
_arguments "${_arguments_options[@]}" : \
'(--host)-f+[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'(--host)--hostfile=[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'(--host)--machinefile=[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'--host=[Only these hosts, with their slots\: pi01\:4,pi02]:LIST:_default' \
'--timeout=[End it after this many seconds, with all that it started]:S:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::command -- The command, for the shell of each node:_default' \
&& ret=0
;;
(machinefile)
_arguments "${_arguments_options[@]}" : \
'--mpi=[For which MPI\: openmpi or mpich]:MPI:_default' \
'--write=[Write it to this file in the head'\''s home directory, instead of printing it; none\: machinefile]::NAME:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--addresses)--names[Write names of nodes]' \
'--addresses[Write addresses of nodes (the default)]' \
'--users[Write the user of every node, as in pi@10.0.0.31]' \
'--refresh[Connect to the nodes and look how many cores they have; otherwise nothing is sent to them]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'*--file=[Copy this file to every node, too; files among the arguments are copied anyway]:FILE:_files' \
'(--host)-f+[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'(--host)--hostfile=[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'(--host)--machinefile=[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'--host=[Only these hosts, with their slots\: pi01\:4,pi02]:LIST:_default' \
'--timeout=[Give up after this many seconds]:S:_default' \
'--silence=[Give up after this many seconds without output]:S:_default' \
'--map=[How ranks are placed]:MAP:((node\:"One rank on each node in turn"
slot\:"Fill the slots of a node before the next node"))' \
'--launch=[How the launcher starts its daemons on the nodes]:HOW:((auto\:"As the launcher does by default; from the head node beyond 64 nodes"
linear\:"All from the head node"
tree\:"Nodes start other nodes (Open MPI)"))' \
'--head=[The node that mpirun runs on; operator\: this computer]:NODE:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--private-files[Copy files that hold a private key or passwords, too; without it they are refused]' \
'--stdin[Let rank 0 read the terminal; it reads a pipe or a file at standard input anyway]' \
'--detach[Start it, print its id and leave; \`pictl attach\` joins it]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--lang=[In this language\: \`pi --lang c\` is pi-c]:LANG:((python\:"Python with mpi4py"
c\:"C, compiled on every node"))' \
'-n+[Number of ranks; none\: one for each slot]:N:_default' \
'--slices=[Number of slices of work]:N:_default' \
'--slice-size=[Terms or numbers in a slice]:N:_default' \
'--repeat=[Run it this many times, one after another]:N:_default' \
'--size=[Rows of the matrix; none\: as many as fit in memory]:N:_default' \
'--block=[Columns of a block; none\: 256, and fewer for small matrices]:NB:_default' \
'--grid=[The grid of processes, such as 2x4; none\: as square as the ranks allow]:PxQ:_default' \
'--memory=[Share of the free memory for the matrix; none\: 75]:PERCENT:_default' \
'(--host)-f+[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'(--host)--hostfile=[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'(--host)--machinefile=[Only the hosts of this machinefile, with their slots]:FILE:_files' \
'--host=[Only these hosts, with their slots\: pi01\:4,pi02]:LIST:_default' \
'--timeout=[Give up after this many seconds]:S:_default' \
'--silence=[Give up after this many seconds without output]:S:_default' \
'--map=[How ranks are placed]:MAP:((node\:"One rank on each node in turn"
slot\:"Fill the slots of a node before the next node"))' \
'--launch=[How the launcher starts its daemons on the nodes]:HOW:((auto\:"As the launcher does by default; from the head node beyond 64 nodes"
linear\:"All from the head node"
tree\:"Nodes start other nodes (Open MPI)"))' \
'--head=[The node that mpirun runs on; operator\: this computer]:NODE:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--detach[Start it, print its id and leave; \`pictl attach\` joins it]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':name -- Which benchmark:((pi\:"pi by Leibniz'\''s series, handed out in slices"
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::run -- Its id, the beginning or end of its id, or `last`:_default' \
&& ret=0
;;
(runs)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(show)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--output[Print all output of its program instead]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::run -- Its id, the beginning or end of its id, or `last`:_default' \
&& ret=0
;;
(replay)
_arguments "${_arguments_options[@]}" : \
'--speed=[How many times as fast as the run]:SPEED:_default' \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::run -- Its id, the beginning or end of its id, or `last`:_default' \
&& ret=0
;;
(delete)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--yes[Do not ask]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run -- Its id, or the beginning or end of its id:_default' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--sample[Print the commented sample instead]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(keymap)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'--markdown[As a table in Markdown]' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
'--password-stdin[Read the login password from standard input (its first line)]' \
'--sudo-password-stdin[Read the sudo password from standard input (the next line)]' \
'--passphrase-stdin[Read the passphrase of your key from standard input (the line after the passwords)]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
'--log=[Write a log to this file]:FILE:_files' \
'--user=[User name on the nodes]:U:_default' \
'--port=[SSH port of the nodes]:P:_default' \
'--identity=[Private key file to offer]:FILE:_files' \
'--key-type=[What a key is that pictl makes for you]:TYPE:((ed25519\:"Ed25519"
rsa\:"RSA of 4096 bits"))' \
'--jump=[Jump host, \[USER@\]HOST\[\:PORT\]; several in their order, separated by commas; none\: a direct route]:HOST:_default' \
'--trust=[Who decides on unknown host keys; without a terminal, \`ask\` means \`strict\`]:HOW:((ask\:"You compare the fingerprints in one table"
new\:"They are trusted, and reported"
strict\:"They are refused"))' \
'--cluster=[The cluster to work on]:NAME:_default' \
'--config=[Read preferences from this file instead of \$XDG_CONFIG_HOME/pictl/pictl.toml]:FILE:_files' \
'--nodes=[Only these nodes, such as pi\[01-04\] or 10.0.0.31-34]:SEL:_default' \
'(--plain)--json[Print one JSON object per line on standard output]' \
'--plain[Plain output, even on a terminal]' \
'--no-color[No colours]' \
'*-v[More detail (twice\: even more)]' \
'*--verbose[More detail (twice\: even more)]' \
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
(ssh)
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
'demo:Show the whole job on simulated nodes; changes nothing' \
'lab:Make a virtual cluster of real Debian hosts (Linux, root)' \
'scan:Find hosts on the network\: Raspberry Pis and others' \
'nodes:List the nodes of the cluster, or change the list' \
'keys:SSH keys\: install, check, replace and remove them' \
'setup:Make a cluster of the nodes\: keys, names, MPI, machinefile' \
'exec:Run a command on all nodes at once; equal output is shown once' \
'machinefile:Print a machinefile of the nodes' \
'run:Run any MPI program on the nodes, with its files' \
'bench:Run a benchmark' \
'attach:Join a run that was left running' \
'runs:List, show, replay and delete runs' \
'config:Print your preferences, or a commented sample' \
'keymap:Print the keys of the dashboard' \
'completions:Print completions for a shell' \
'man:Print the manual page, or write all of them' \
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
'demo:Show the whole job on simulated nodes; changes nothing' \
'lab:Make a virtual cluster of real Debian hosts (Linux, root)' \
'scan:Find hosts on the network\: Raspberry Pis and others' \
'nodes:List the nodes of the cluster, or change the list' \
'keys:SSH keys\: install, check, replace and remove them' \
'setup:Make a cluster of the nodes\: keys, names, MPI, machinefile' \
'exec:Run a command on all nodes at once; equal output is shown once' \
'machinefile:Print a machinefile of the nodes' \
'run:Run any MPI program on the nodes, with its files' \
'bench:Run a benchmark' \
'attach:Join a run that was left running' \
'runs:List, show, replay and delete runs' \
'config:Print your preferences, or a commented sample' \
'keymap:Print the keys of the dashboard' \
'completions:Print completions for a shell' \
'man:Print the manual page, or write all of them' \
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
'push:Install your key on every node' \
'mesh:Install the key of every node on every other node' \
'check:Check that all nodes can log in to each other; changes nothing' \
'rotate:Replace your key; no node accepts the old one afterwards' \
'remove:Remove keys from every node'\''s authorized keys, for example after a laptop is lost' \
'unclone:Give nodes with a cloned SD card host keys and a machine-id of their own' \
'ssh:Let plain ssh on this computer log in, too' \
'passwords:Enable or disable password login; \`off\` is undone unless a login by key works afterwards' \
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
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__ssh_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__ssh_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys ssh commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__keys__subcmd__unclone_commands] )) ||
_pictl__subcmd__help__subcmd__keys__subcmd__unclone_commands() {
    local commands; commands=()
    _describe -t commands 'pictl help keys unclone commands' commands "$@"
}
(( $+functions[_pictl__subcmd__help__subcmd__lab_commands] )) ||
_pictl__subcmd__help__subcmd__lab_commands() {
    local commands; commands=(
'up:Start a lab of freshly booted Debian hosts' \
'down:Remove a lab; leaves no trace of it' \
'list:List the labs on this computer' \
'status:Show the nodes of a lab' \
'shell:Open a shell where the nodes can be reached' \
'exec:Run a command where the nodes can be reached' \
'set:Set sensors of a node\: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto' \
'kill:Cut the power of a node' \
'start:Switch on a node and wait until it answers' \
'unplug:Unplug the network cable of a node' \
'plug:Plug in the network cable of a node again' \
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
'list:List the nodes' \
'add:Add hosts by address; a scan checks them first, unless a jump host leads to them' \
'remove:Remove nodes from the inventory and forget their host keys; the nodes stay as they are' \
'set:Change the inventory\: --user, --port, --identity and --jump of many nodes, --name and --head of one' \
'identify:Make the green LED of boards blink\: of all nodes, or of --nodes; an unknown address is scanned first' \
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
'list:List the runs, newest first' \
'show:Show a run\: what ran, how it ended, what each rank did and printed last' \
'replay:Replay the record of a run in the dashboard; without a terminal, print it at once' \
'delete:Delete a run and its record' \
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
'push:Install your key on every node' \
'mesh:Install the key of every node on every other node' \
'check:Check that all nodes can log in to each other; changes nothing' \
'rotate:Replace your key; no node accepts the old one afterwards' \
'remove:Remove keys from every node'\''s authorized keys, for example after a laptop is lost' \
'unclone:Give nodes with a cloned SD card host keys and a machine-id of their own' \
'ssh:Let plain ssh on this computer log in, too' \
'passwords:Enable or disable password login; \`off\` is undone unless a login by key works afterwards' \
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
'push:Install your key on every node' \
'mesh:Install the key of every node on every other node' \
'check:Check that all nodes can log in to each other; changes nothing' \
'rotate:Replace your key; no node accepts the old one afterwards' \
'remove:Remove keys from every node'\''s authorized keys, for example after a laptop is lost' \
'unclone:Give nodes with a cloned SD card host keys and a machine-id of their own' \
'ssh:Let plain ssh on this computer log in, too' \
'passwords:Enable or disable password login; \`off\` is undone unless a login by key works afterwards' \
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
(( $+functions[_pictl__subcmd__keys__subcmd__help__subcmd__ssh_commands] )) ||
_pictl__subcmd__keys__subcmd__help__subcmd__ssh_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys help ssh commands' commands "$@"
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
(( $+functions[_pictl__subcmd__keys__subcmd__ssh_commands] )) ||
_pictl__subcmd__keys__subcmd__ssh_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys ssh commands' commands "$@"
}
(( $+functions[_pictl__subcmd__keys__subcmd__unclone_commands] )) ||
_pictl__subcmd__keys__subcmd__unclone_commands() {
    local commands; commands=()
    _describe -t commands 'pictl keys unclone commands' commands "$@"
}
(( $+functions[_pictl__subcmd__lab_commands] )) ||
_pictl__subcmd__lab_commands() {
    local commands; commands=(
'up:Start a lab of freshly booted Debian hosts' \
'down:Remove a lab; leaves no trace of it' \
'list:List the labs on this computer' \
'status:Show the nodes of a lab' \
'shell:Open a shell where the nodes can be reached' \
'exec:Run a command where the nodes can be reached' \
'set:Set sensors of a node\: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto' \
'kill:Cut the power of a node' \
'start:Switch on a node and wait until it answers' \
'unplug:Unplug the network cable of a node' \
'plug:Plug in the network cable of a node again' \
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
'up:Start a lab of freshly booted Debian hosts' \
'down:Remove a lab; leaves no trace of it' \
'list:List the labs on this computer' \
'status:Show the nodes of a lab' \
'shell:Open a shell where the nodes can be reached' \
'exec:Run a command where the nodes can be reached' \
'set:Set sensors of a node\: temp=83 throttled=0x50005 clock=600 volts=0.85, or temp=auto' \
'kill:Cut the power of a node' \
'start:Switch on a node and wait until it answers' \
'unplug:Unplug the network cable of a node' \
'plug:Plug in the network cable of a node again' \
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
'list:List the nodes' \
'add:Add hosts by address; a scan checks them first, unless a jump host leads to them' \
'remove:Remove nodes from the inventory and forget their host keys; the nodes stay as they are' \
'set:Change the inventory\: --user, --port, --identity and --jump of many nodes, --name and --head of one' \
'identify:Make the green LED of boards blink\: of all nodes, or of --nodes; an unknown address is scanned first' \
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
'list:List the nodes' \
'add:Add hosts by address; a scan checks them first, unless a jump host leads to them' \
'remove:Remove nodes from the inventory and forget their host keys; the nodes stay as they are' \
'set:Change the inventory\: --user, --port, --identity and --jump of many nodes, --name and --head of one' \
'identify:Make the green LED of boards blink\: of all nodes, or of --nodes; an unknown address is scanned first' \
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
'list:List the runs, newest first' \
'show:Show a run\: what ran, how it ended, what each rank did and printed last' \
'replay:Replay the record of a run in the dashboard; without a terminal, print it at once' \
'delete:Delete a run and its record' \
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
'list:List the runs, newest first' \
'show:Show a run\: what ran, how it ended, what each rank did and printed last' \
'replay:Replay the record of a run in the dashboard; without a terminal, print it at once' \
'delete:Delete a run and its record' \
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
