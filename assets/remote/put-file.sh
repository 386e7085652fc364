# put-file PATH MODE SIZE SHA256 EXPECT BACKUP: writes standard input to PATH, whole or not at all.
# EXPECT is the sha256 of what is there now (`-`: nothing is there, `any`: whatever is there); when something else is
# there meanwhile, nothing is written and the exit code is 3. What is overwritten is first saved under BACKUP (`-`: not),
# once: the oldest copy is the one to go back to. Prints `sha256 HASH` of the file read back. 4: SIZE or SHA256 of what arrived is wrong.
export LC_ALL=C
set -eu
path=$1 mode=$2 size=$3 hash=$4 expect=$5 backup=$6
# shellcheck disable=SC2088 # these tildes are letters that came as arguments; no shell expands them
case $path in "~/"*) path=$HOME/${path#??} ;; esac
# shellcheck disable=SC2088
case $backup in "~/"*) backup=$HOME/${backup#??} ;; esac
sum() { sha256sum <"$1" | cut -d ' ' -f 1; }

# Through a link the file behind it is written, and the link stays.
[ -L "$path" ] && path=$(readlink -f "$path")
dir=$(dirname "$path")
if [ ! -d "$dir" ]; then
  case $dir in */.ssh | */.pictl | */.pictl/*) (umask 077 && mkdir -p "$dir") ;; *) mkdir -p "$dir" ;; esac
fi

new=$(mktemp "$path.pictl-XXXXXX")
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
head -c "$size" >"$new"
if [ "$(stat -c %s "$new")" != "$size" ] || [ "$(sum "$new")" != "$hash" ]; then
  echo "what arrived is not what was sent" >&2
  exit 4
fi

now=-
[ -e "$path" ] && now=$(sum "$path")
# Nothing to change: the file keeps its time.
if [ "$now" = "$hash" ] && [ "$(stat -c %a "$path")" = "$mode" ]; then
  echo "sha256 $hash"
  exit 0
fi
if [ "$expect" != any ] && [ "$now" != "$expect" ]; then
  echo "$path was changed by somebody else meanwhile" >&2
  exit 3
fi
if [ "$now" != - ]; then
  if [ "$backup" != - ] && [ ! -e "$backup" ]; then
    (umask 077 && mkdir -p "$(dirname "$backup")")
    cp -p "$path" "$backup"
  fi
  [ "$(id -u)" != 0 ] || chown --reference="$path" "$new"
fi
chmod "$mode" "$new"
sync "$new"
mv -f "$new" "$path"
echo "sha256 $(sum "$path")"
