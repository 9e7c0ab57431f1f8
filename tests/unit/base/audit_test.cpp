// The audit log's file: whose it must be, and what a line holds.
#include "base/audit.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <regex>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace jpki;
namespace fs = std::filesystem;

namespace {

struct Log {
  test::TempFolder folder;
  fs::path file = folder.path() / "audit";
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() { audit::configure(""); }
};

}  // namespace

TEST_CASE("without a file there is no audit log") {
  CHECK(audit::configure(""));
  CHECK_FALSE(audit::enabled());
  CHECK_FALSE(audit::record("key=1"));
}

TEST_CASE("a line: time, process, program, what is told") {
  const Log log;
  REQUIRE(audit::configure(log.file.string()));
  CHECK(audit::enabled());
  CHECK(audit::record("key=1"));
  CHECK(audit::record("key=2"));
  struct stat status {};
  REQUIRE(stat(log.file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  const auto content = read_file(log.file);
  REQUIRE(content);
  const std::regex two(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ pid=(\d+) program=/\S*unit_base key=1\n)"
                       R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ pid=\d+ program=/\S*unit_base key=2\n)");
  std::smatch match;
  const std::string text(text_of(*content));
  REQUIRE(std::regex_match(text, match, two));
  CHECK(match[1] == std::to_string(getpid()));
}

TEST_CASE("files that are not the owner's alone are refused, and then nothing is recorded") {
  const Log log;
  SECTION("a symbolic link") { fs::create_symlink("/dev/null", log.file); }
  SECTION("others may write it") {
    std::ofstream(log.file) << "before\n";
    fs::permissions(log.file, static_cast<fs::perms>(0622));
  }
  SECTION("a folder") { fs::create_directory(log.file); }
  SECTION("a pipe") { REQUIRE(mkfifo(log.file.c_str(), 0600) == 0); }
  CHECK_FALSE(audit::configure(log.file.string()));
  CHECK(audit::enabled());
  CHECK_FALSE(audit::record("key=1"));
}

TEST_CASE("a full disk is told") {
  CHECK_FALSE(audit::configure("/dev/full"));  // no regular file
  CHECK_FALSE(audit::record("key=1"));
}
