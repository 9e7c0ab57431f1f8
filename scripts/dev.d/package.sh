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

# dev package             builds, lintian, contents; installed, used and purged in a fresh Debian 12 (root only)
# dev package --build     builds alone
# dev package --in SUITE  installed, used and purged in a fresh Debian of this name; built there as well, if it is not ours
dev_package() {
  case "${1:-}" in
    --build) dev_install build package; package_build; return ;;
    --in) export JPKI_SUITE=$2 ;;
    ?*) echo "scripts/dev package: what is $1?" >&2; return 2 ;;
  esac
  results_of package
  stage "package: install" dev_install build package
  [ $STAGE = failed ] || stage "package: build" package_build
  if [ $STAGE = ok ] && [ $# = 0 ]; then
    stage "package: lintian" package_lint
    stage "package: contents" package_tests contents -k Contents
  fi
  [ $STAGE = failed ] || stage "package: in a fresh Debian" package_tests fresh -k Fresh
  finish
}
