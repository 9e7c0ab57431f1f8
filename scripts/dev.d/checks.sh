# dev format, dev tidy, dev sizes, dev bench.

cxx_sources() {
  git ls-files --cached --others --exclude-standard -- '*.cpp' '*.hpp' '*.c' '*.h'
}

dev_format() {
  dev_install format
  if [ "${1:-}" = --check ]; then
    cxx_sources | xargs -r clang-format --dry-run --Werror
  else
    cxx_sources | xargs -r clang-format -i
  fi
}

dev_tidy() {
  dev_install build tidy
  [ -f build/dev/compile_commands.json ] || run cmake --preset dev
  if [ $# = 0 ]; then
    mapfile -t files < <(git diff --name-only --diff-filter=d "$(git merge-base HEAD main)" -- 'src/*.cpp' 'pkcs11/*.cpp')
  else
    files=("$@")
  fi
  [ ${#files[@]} -gt 0 ] || { echo "no source changed since main: name some files"; return; }
  run clang-tidy -p build/dev --quiet "${files[@]}"
}

dev_sizes() { "$PYTHON" scripts/sizes.py; }

dev_bench() {
  dev_install build test
  build_preset release
  local program=$RELEASE/bin/jpki-bench
  [ -x "$program" ] || not_yet bench
  run "$program" "$@"
}
