# launcher-state FOLDER DAEMON…: what a launcher needs on this node. Prints for each of its daemons `daemon NAME PATH`, or
# `daemon NAME -` when it is not there (in FOLDER, or for the distribution's MPI in PATH), or `broken NAME REASON` when it cannot
# be run; `tmp DIR REASON` when it cannot write its files there; and `setting FILE LINE TEXT` for each line of Open MPI's own
# settings that chooses networks.
export LC_ALL=C
folder=$1
shift
# An MPI in a folder of its own has its libraries there, and does not use the distribution's programs.
own=
case $folder in /usr/bin | /bin | '') ;; */bin) own=${folder%/bin} ;; esac
for name in "$@"; do
  path=$folder/$name
  [ -e "$path" ] || [ -n "$own" ] || path=$(command -v "$name")
  if [ ! -e "$path" ]; then
    echo "daemon $name -"
  elif [ ! -x "$path" ]; then
    echo "broken $name $path may not be executed"
  elif lacks=$(LD_LIBRARY_PATH=${own:+$own/lib:$own/lib64} ldd "$path" 2>/dev/null | grep 'not found' | head -n 1) && [ -n "$lacks" ]; then
    echo "broken $name $path lacks${lacks%% =>*}"
  else
    echo "daemon $name $path"
  fi
done
tmp=${TMPDIR:-/tmp}
said=$({ file=$(mktemp "$tmp/pictl.XXXXXX") && head -c 4096 /dev/zero >"$file"; rm -f -- "$file"; } 2>&1)
# Open MPI makes files of some MiB there.
if [ -z "$said" ] && free=$(df -Pk "$tmp" 2>/dev/null) && free=$(printf '%s\n' "$free" | awk 'NR == 2 { print $4 }') &&
  [ "${free:-999999}" -lt 8192 ]; then
  said="only $free KiB are free there"
fi
[ -z "$said" ] || echo "tmp $tmp $(printf '%s\n' "$said" | head -n 1)"
for file in "$HOME/.openmpi/mca-params.conf" "$HOME/.prte/mca-params.conf" /etc/openmpi/openmpi-mca-params.conf /etc/prte.conf \
  /etc/prte-mca-params.conf; do
  [ -r "$file" ] || continue
  grep -nE '^[[:space:]]*(oob_tcp|btl_tcp|prte)_if_(in|ex)clude[[:space:]]*=' "$file" | while IFS=: read -r line text; do
    echo "setting $file $line $text"
  done
done
