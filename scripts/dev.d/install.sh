# dev install [GROUP...]: Debian packages.

packages_of() {
  local group package reason
  while read -r group package reason; do
    case " $* " in *" $group "*) echo "$package" ;; esac
  done < scripts/packages.txt
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

dev_install() {
  local package missing=() as_root=()
  [ $# -gt 0 ] || set -- build test
  for package in $(packages_of "$@"); do
    is_installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then
    echo "installed already: all packages of: $*"
    return
  fi
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "missing: ${missing[*]}; become root or install sudo" >&2; return 1; }
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
  run "${as_root[@]}" update
  run "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"
}
