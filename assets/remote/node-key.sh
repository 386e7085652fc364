# node-key COMMENT [next|take]: makes the user's ed25519 key pair where there is none; prints `public LINE`. With `next` a pair
# that is to take its place is made beside it, or the one that is there is used; prints `public LINE` of that one. With
# `take` it takes the place of the first, whose public half is kept in id_ed25519.pub.old, of which `old LINE`s tell.
# The private key never leaves the node. A public half that is missing is made again from the private one.
export LC_ALL=C
set -eu
key=$HOME/.ssh/id_ed25519
umask 077
# make KEY COMMENT: private and public half, of which neither is ever there without being whole.
make() {
  if [ ! -e "$1" ]; then
    rm -f "$1.making" "$1.making.pub"
    ssh-keygen -q -t ed25519 -N '' -C "$2" -f "$1.making" </dev/null
    sync "$1.making" "$1.making.pub"
    mv -f "$1.making" "$1"
    mv -f "$1.making.pub" "$1.pub"
  elif ! public=$(ssh-keygen -y -P '' -f "$1" </dev/null 2>/dev/null); then
    # A key with a passphrase would stop mpirun at a prompt that nobody sees.
    echo "$1 has a passphrase, and mpirun cannot type it" >&2
    exit 3
  elif [ ! -e "$1.pub" ]; then
    printf '%s\n' "$public" >"$1.pub.making"
    mv -f "$1.pub.making" "$1.pub"
  fi
  # Public keys are for everybody, as ssh-keygen leaves them.
  chmod 644 "$1.pub"
}

[ -d "$HOME/.ssh" ] || mkdir "$HOME/.ssh"
# One at a time: an earlier one may still be at work although nobody hears it any more.
exec 9<"$HOME/.ssh"
if command -v flock >/dev/null; then flock -w 50 9; fi
# A `take` that was cut off between its two last renames.
[ -e "$key.new" ] || [ ! -e "$key.new.pub" ] || mv -f "$key.new.pub" "$key.pub"
case ${2-} in
  next) key=$key.new && make "$key" "$1" ;;
  take)
    if [ -e "$key.new" ]; then
      make "$key.new" "$1"
      if [ -e "$key.pub" ] && ! grep -qsxF "$(cat "$key.pub")" "$key.pub.old"; then
        { cat "$key.pub.old" 2>/dev/null || true; cat "$key.pub"; } >"$key.pub.old.making"
        mv -f "$key.pub.old.making" "$key.pub.old"
      fi
      mv -f "$key.new" "$key"
      mv -f "$key.new.pub" "$key.pub"
    fi
    while IFS= read -r line; do printf 'old %s\n' "$line"; done <"$key.pub.old"
    ;;
  *) make "$key" "$1" ;;
esac
printf 'public %s\n' "$(cat "$key.pub")"
