# file-hash PATH: `sha256 HASH MODE` of the file there, and `sha256 - -` when there is none.
export LC_ALL=C
path=$1
# shellcheck disable=SC2088 # this tilde is part of an argument; no shell expands it
case $path in "~/"*) path=$HOME/${path#??} ;; esac
if [ -f "$path" ]; then
  hash=$(sha256sum <"$path") && echo "sha256 ${hash%% *} $(stat -L -c %a "$path")"
else
  echo 'sha256 - -'
fi
