# node-key COMMENT: makes the user's ed25519 key pair where there is none; prints `public LINE`.
# The private key never leaves the node. A public half that is missing is made again from the private one.
export LC_ALL=C
set -eu
key=$HOME/.ssh/id_ed25519
[ -d "$HOME/.ssh" ] || (umask 077 && mkdir "$HOME/.ssh")
if [ ! -e "$key" ]; then
  ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$key" </dev/null
elif [ ! -e "$key.pub" ]; then
  ssh-keygen -y -P '' -f "$key" </dev/null >"$key.pub.new"
  mv -f "$key.pub.new" "$key.pub"
fi
# A key with a passphrase would stop mpirun at a prompt that nobody sees.
if ! ssh-keygen -y -P '' -f "$key" </dev/null >/dev/null 2>&1; then
  echo "$key has a passphrase, and mpirun cannot type it" >&2
  exit 3
fi
printf 'public %s\n' "$(cat "$key.pub")"
