# compile NAME COMPILER: compiles ~/.pictl/bench/NAME from NAME.c beside it, for this node's processor and with this C
# compiler, unless the same compiler has compiled the same source before. Prints `made HASH` or `there HASH`, the hash of source
# and compiler. COMPILER is a command, or the path of one of an MPI in a folder of its own. 4: there is no such compiler.
export LC_ALL=C
set -eu
cd "$HOME/.pictl/bench"
name=$1 cc=$2
case $cc in
  /*/bin/*)
    prefix=${cc%/bin/*}
    export OPAL_PREFIX="$prefix" PATH="$prefix/bin:$PATH" LD_LIBRARY_PATH="$prefix/lib:$prefix/lib64"
    # One that was moved names the places that it was compiled for.
    export LIBRARY_PATH="$LD_LIBRARY_PATH" C_INCLUDE_PATH="$prefix/include"
    ;;
esac
version=$("$cc" --version 2>/dev/null) || { echo "no C compiler for MPI ($cc)" >&2; exit 4; }
# Compilers of two MPIs have the version of the same gcc.
hash=$({ echo "$cc $version"; cat "$name.c"; } | sha256sum)
hash=${hash%% *}
if [ -x "$name" ] && [ "$(cat "$name.hash" 2>/dev/null)" = "$hash" ]; then
  echo "there $hash"
  exit
fi
# Old compilers do not know every processor by name.
for processor in -march=native ''; do
  # shellcheck disable=SC2086 # nothing when empty
  if said=$("$cc" -O3 $processor -fopenmp-simd -o "$name.new" "$name.c" 2>&1); then
    mv "$name.new" "$name"
    echo "$hash" >"$name.hash"
    echo "made $hash"
    exit
  fi
done
printf '%s\n' "$said" >&2
exit 1
