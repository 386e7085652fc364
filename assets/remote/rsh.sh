# rsh OPTION… HOST COMMAND…: as ssh, but a POSIX shell executes COMMAND, whatever the login shell on HOST is. Launchers write the
# command of their daemons for the shell that they assume there, and fish and csh are others than bash.
state=options command='' left=$#
while [ "$left" -gt 0 ]; do
  word=$1 left=$((left - 1))
  shift
  case $state in
    command) command="$command $word" ;;
    value) state=options && set -- "$@" "$word" ;;
    options)
      case $word in
        -[BbcDEeFIiJLlmOopQRSWw]) state=value ;;
        -*) ;;
        *) state="command" ;;
      esac
      set -- "$@" "$word"
      ;;
  esac
done
# Inside single quotes csh gives a meaning to `!`, and fish to a backslash.
quoted=$(printf '%s' "${command# }" | sed "s/['\\!]/'\\\\&'/g")
# Open MPI asks which shell is there, and writes its command for that one.
[ "$command" != " echo \$SHELL" ] || { echo /bin/bash; exit; }
exec ssh "$@" "/bin/sh -c '$quoted'"
