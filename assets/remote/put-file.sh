# put-file PATH MODE SIZE SHA256 EXPECT BACKUP: writes standard input to PATH, completely or not at all.
# EXPECT is the sha256 of the present file (`-`: there is none, `any`: no matter which). If it is another one by now, nothing is
# written. The file that is overwritten is first saved as BACKUP (`-`: it is not), once: the oldest copy is the one to go
# back to. Prints `sha256 HASH` of the file, read back. 3: the file has changed. 4: SIZE or SHA256 of the content is wrong.
# sshd ignores a ~/.ssh that others can write to, so their right to write is removed.
export LC_ALL=C
set -eu
path=$1 mode=$2 size=$3 hash=$4 expect=$5 backup=$6
# shellcheck disable=SC2088 # these tildes are part of arguments; no shell expands them
case $path in "~/"*) path=$HOME/${path#??} ;; esac
# shellcheck disable=SC2088
case $backup in "~/"*) backup=$HOME/${backup#??} ;; esac
sum() { now=$(sha256sum <"$1") && now=${now%% *}; }

# If PATH is a link, the file that it points to is written, and the link stays.
if [ -L "$path" ]; then
  link=$path
  path=$(readlink -f "$link") || { echo "$link is a link to nowhere" >&2; exit 1; }
fi
dir=${path%/*}
root=
[ "$(id -u)" != 0 ] || root=yes
if [ ! -d "$dir" ]; then
  case $dir in */.ssh | */.pictl | */.pictl/*) (umask 077 && mkdir -p "$dir") ;; *) mkdir -p "$dir" ;; esac
  [ -z "$root" ] || chown --reference="${dir%/*}/" "$dir"
fi
case $dir in
  */.ssh) case $(stat -L -c %A "$dir") in ?????w* | ????????w*) chmod go-w "$dir" ;; esac ;;
esac

new=$(mktemp "$path.pictl-XXXXXX")
trap 'rm -f "$new"' EXIT
# Without PIPE, writing to a closed connection would end the script and leave the file.
trap 'exit 1' HUP INT TERM PIPE
head -c "$size" >"$new"
sum "$new"
if [ "$now" != "$hash" ]; then
  echo "what arrived is not what was sent" >&2
  exit 4
fi

now=-
if [ -e "$path" ]; then
  sum "$path"
  # Nothing to change: the file keeps its time.
  if [ "$now" = "$hash" ] && [ "$(stat -c %a "$path")" = "$mode" ]; then
    echo "sha256 $hash"
    exit 0
  fi
fi
if [ "$expect" != any ] && [ "$now" != "$expect" ]; then
  echo "$path was changed by somebody else meanwhile" >&2
  exit 3
fi
if [ "$now" != - ]; then
  if [ "$backup" != - ] && [ ! -e "$backup" ]; then
    (umask 077 && mkdir -p "${backup%/*}")
    # An incomplete copy (a full disk) does not count.
    cp -p "$path" "$backup.part"
    mv -f "$backup.part" "$backup"
  fi
  [ -z "$root" ] || chown --reference="$path" "$new"
elif [ -n "$root" ]; then
  chown --reference="$dir/" "$new"
fi
chmod "$mode" "$new"
sync "$new"
mv -f "$new" "$path"
sum "$path"
echo "sha256 $now"
