// jpki-bench: what the modules cost, beside other modules. Each suite is a command of its own.
#include <iostream>

#include "bench/card_command.hpp"
#include "bench/soft_command.hpp"

namespace {

int run(int argc, char** argv) {
  CLI::App app("What our modules cost, beside others.", "jpki-bench");
  app.require_subcommand(1);
  int status = 0;
  jpki::bench::add_card_command(app, status);
  jpki::bench::add_soft_command(app, status);
  try {
    app.parse(argc, argv);
    return status;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::invalid_argument& error) {
    std::cerr << "jpki-bench: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "jpki-bench: " << error.what() << '\n';
    return 1;
  }
}
