# dev build, and the builds that other commands need.

# build_preset NAME [TARGET...]: configures and builds build/NAME, or the targets alone.
build_preset() {
  run cmake --preset "$1"
  run cmake --build --preset "$1" --parallel "$(cores)" ${2:+--target "${@:2}"}
}

dev_build() {
  dev_install build
  build_preset release
}
