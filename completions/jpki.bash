# bash completion for jpki. Commands and options come from `jpki --help`: there is no second list of them.

# _jpki_commands HELP: a line a command, "cert show|[sign|auth|sign-ca|auth-ca]".
_jpki_commands() {
  sed -n -E 's/^jpki ([a-z]+( [a-z]+)*)( .*[^a-z ].*)?$/\1\t\3/p' <<< "$1"
}

# _jpki_value HELP OPTION: the name of the value that the option takes, if any.
_jpki_value() {
  sed -n -E "s/^  $2 ([A-Z]+) .*/\1/p" <<< "$1"
}

_jpki_complete_value() {
  case $1 in
    FILE | PATH) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$2") ;;
    LANGUAGE) mapfile -t COMPREPLY < <(compgen -W 'ja en zh_CN' -- "$2") ;;
    FORMAT) mapfile -t COMPREPLY < <(compgen -W 'detached embedded raw' -- "$2") ;;
    VIEW) mapfile -t COMPREPLY < <(compgen -W 'auth sign both' -- "$2") ;;
    FOLDER) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$2") ;;
  esac
}

_jpki() {
  local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} help command arguments value='' typed='' at
  local -a words=()
  COMPREPLY=()
  help=$("$program" --lang en --help 2> /dev/null) || return
  # Words before this one: commands and their arguments apart from options and their values.
  for ((at = 1; at < COMP_CWORD; ++at)); do
    case ${COMP_WORDS[at]} in
      =) ;;  # bash makes a word of it
      -*) value=$(_jpki_value "$help" "${COMP_WORDS[at]}"); continue ;;
      *) [ -n "$value" ] || typed+="${typed:+ }${COMP_WORDS[at]}"; value='' ;;
    esac
  done
  [ "$current" = = ] && current=''
  if [ -n "$value" ]; then
    _jpki_complete_value "$value" "$current"
    return
  fi
  while IFS=$'\t' read -r command arguments; do
    if [ "$typed" = "$command" ] || [[ $typed == "$command "* ]]; then
      [[ $current == -* ]] && help=$("$program" --lang en $command --help 2> /dev/null)
      words=($(tr -c 'a-z0-9-' ' ' <<< "${arguments//[A-Z]/ }"))
      [[ $arguments == *FILE* || $arguments == *SIGNATURE* ]] && [[ $current != -* ]] && _jpki_complete_value FILE "$current"
      break
    elif [ -z "$typed" ] || [[ $command == "$typed "* ]]; then
      command=${command#"$typed"}
      command=${command# }
      words+=("${command%% *}")
    fi
  done < <(_jpki_commands "$help")
  [[ $current == -* ]] && words=($(sed -n -E 's/^  (--[a-z-]+) .*/\1/p' <<< "$help"))
  mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "${words[*]}" -- "$current" | sort -u)
}

complete -F _jpki jpki
