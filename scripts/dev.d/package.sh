# dev package: Debian packages, what lintian says of them, and whether they come and go without a trace.

PACKAGES=$ROOT/build/package/deb

package_build() {
  build_preset package
  rm -rf "$PACKAGES"
  # Debian Policy, 10.9: folders are 755, whatever the builder's umask says.
  (umask 022; run cpack --config build/package/CPackConfig.cmake -B "$PACKAGES")
  rm -r "$PACKAGES/_CPack_Packages"
  ls -l "$PACKAGES"
}

package_lint() { run lintian --allow-root --fail-on error,warning "$PACKAGES"/*.deb; }

# package_tests NAME OPTIONS...
package_tests() {
  local name=$1
  shift
  JPKI_PACKAGES=$PACKAGES run "$PYTHON" tests/run.py --limit 2400 --junit "$RESULTS/$name.xml" "$@" tests/package
}

# in_root FOLDER COMMAND...: in the Debian that lies there.
in_root() { "$PYTHON" tests/package/debian_root.py run "$@"; }

# tests_in_root FOLDER NAME COMMAND...: one that leaves results in its build/results; they come to ours.
tests_in_root() {
  local folder=$1 name=$2 status=0 file
  shift 2
  rm -rf "$folder/srv/build/results"
  in_root "$folder" "$@" || status=$?
  find "$folder/srv/build/results" -name '*.xml' | while read -r file; do cp "$file" "$RESULTS/$name-$(basename "$file")"; done
  return "$status"
}

# Everything in a fresh Debian of this name, whose compiler and libraries are newer than ours: all tests of `scripts/dev test`,
# the provider that Debian 12 has no package of, and the packages, built and used there.
package_elsewhere() {
  local suite=$1 root
  root=$(mktemp -d "${TMPDIR:-/tmp}/jpki-$suite-XXXXXX")
  stage "$suite: install" dev_install package
  [ $STAGE = failed ] || stage "$suite: a fresh Debian" run "$PYTHON" tests/package/debian_root.py make "$root/$suite" "$suite"
  if [ $STAGE = ok ]; then
    stage "$suite: build and test" tests_in_root "$root/$suite" "$suite" /srv/scripts/dev test
    stage "$suite: OpenSSL's provider" tests_in_root "$root/$suite" "$suite" bash -euc '
      cd /srv
      ROOT=/srv
      for part in scripts/dev.d/common.sh scripts/dev.d/install.sh; do . "$part"; done
      dev_install trixie
      mkdir -p build/results
      JPKI_BUILD=/srv/build/release "$PYTHON" tests/run.py -j "$(cores)" --junit build/results/provider.xml tests/trixie'
    JPKI_ROOT=$root/$suite stage "$suite: packages" package_tests fresh -k Fresh
  fi
  rm -rf "$root"
}

# dev package             builds, lintian, contents; installed, used and purged in a fresh Debian 12 (root only)
# dev package --build     builds alone
# dev package --in SUITE  built, tested, installed, used and purged in a fresh Debian of this name
dev_package() {
  results_of package
  case "${1:-}" in
    --build) dev_install build package; package_build; return ;;
    --in) package_elsewhere "$2"; finish; return ;;
    ?*) echo "scripts/dev package: what is $1?" >&2; return 2 ;;
  esac
  stage "package: install" dev_install build package
  [ $STAGE = failed ] || stage "package: build" package_build
  if [ $STAGE = ok ]; then
    stage "package: lintian" package_lint
    stage "package: contents" package_tests contents -k Contents
  fi
  [ $STAGE = failed ] || stage "package: in a fresh Debian" package_tests fresh -k Fresh
  finish
}
