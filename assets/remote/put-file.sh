# put-file PATH MODE SIZE SHA256 EXPECT BACKUP: writes standard input to PATH, whole or not at all.
# EXPECT is the sha256 of what is there now (`-`: nothing is there, `any`: whatever is there); when something else is
# there meanwhile, nothing is written and the exit code is 3. What is overwritten is first saved under BACKUP (`-`: not),
# once: the oldest copy is the one to go back to. Prints `sha256 HASH` of the file read back. 4: SIZE or SHA256 of what arrived is wrong.
# A ~/.ssh that others may write into, which sshd would not believe, is closed to them.
export LC_ALL=C
set -eu
path=$1 mode=$2 size=$3 hash=$4 expect=$5 backup=$6
# shellcheck disable=SC2088 # these tildes are letters that came as arguments; no shell expands them
case $path in "~/"*) path=$HOME/${path#??} ;; esac
# shellcheck disable=SC2088
case $backup in "~/"*) backup=$HOME/${backup#??} ;; esac
sum() { now=$(sha256sum <"$1") && now=${now%% *}; }

# Through a link the file behind it is written, and the link stays.
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
# Without PIPE a word to a connection that is gone would end it with the file left there.
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
    # A copy that is cut off (a full disk) is none.
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
