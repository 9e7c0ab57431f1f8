# dev format, dev tidy, dev sizes.

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
  run cmake --preset dev > /dev/null
  if [ "${1:-}" = --all ]; then
    mapfile -t files < <(git ls-files -- 'src/*.cpp' 'pkcs11/*.cpp' 'bench/*.cpp')
  elif [ $# -gt 0 ]; then
    files=("$@")
  else
    mapfile -t files < <(git diff --name-only --diff-filter=d "$(git merge-base HEAD main)" -- 'src/*.cpp' 'pkcs11/*.cpp')
  fi
  [ ${#files[@]} -gt 0 ] || { echo "no source changed since main: name some files, or --all"; return; }
  printf '%s\n' "${files[@]}" | xargs -P "$(cores)" -n 4 clang-tidy -p build/dev --quiet
}

dev_sizes() { "$PYTHON" scripts/sizes.py; }
