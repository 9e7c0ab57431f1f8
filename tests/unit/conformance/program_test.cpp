// The program as a whole: exit statuses and the form of JSON and JUnit.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <string>

#include "support/catch.hpp"

namespace {

struct Outcome {
  int status;
  std::string text;
};

Outcome program(const std::string& arguments) {
  const std::string command = std::string(CONFORMANCE_PROGRAM) + " " + arguments + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  char buffer[4096];
  for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    text.append(buffer, count);
  return {WEXITSTATUS(::pclose(pipe)), text};
}

const std::string broken = "--module " BROKEN_MODULE " ";

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "conformance-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

}  // namespace

TEST_CASE("status 0: all passed") {
  const Outcome outcome = program(broken + "--only 'info.*'");
  CHECK(outcome.status == 0);
  CHECK(outcome.text.ends_with("4 passed, 0 failed, 0 not applicable\n"));
}

TEST_CASE("status 1, and JSON that tells of the crash") {
  const Outcome outcome = program(broken + "--json --only slot_info.flags");
  CHECK(outcome.status == 1);
  const auto json = nlohmann::json::parse(outcome.text);
  CHECK(json.at("module") == BROKEN_MODULE);
  CHECK(json.at("token") == "broken \"token\"");
  REQUIRE(json.at("cases").size() == 1);
  const auto& one = json.at("cases").at(0);
  CHECK(one.at("id") == "slot_info.flags");
  CHECK(one.at("chapter") == "3.2");
  CHECK(one.at("result") == "fail");
  CHECK(one.at("expected") == "a return value");
  CHECK(one.at("got").get<std::string>().starts_with("crash: Aborted"));
}

TEST_CASE("status 1 for a hang, and JUnit") {
  const Folder folder;
  const std::string file = folder.path / "results.xml";
  const Outcome outcome = program(broken + "--timeout 1 --only mechanism_list.number --junit " + file);
  CHECK(outcome.status == 1);
  CHECK(outcome.text.find("no answer within 1 s") != std::string::npos);
  pugi::xml_document document;
  REQUIRE(document.load_file(file.c_str()));
  const auto suite = document.child("testsuite");
  CHECK(suite.attribute("failures").as_int() == 1);
  CHECK(suite.child("testcase").child("failure"));
}

TEST_CASE("status 2: cannot run") {
  CHECK(program("--module /nonexistent.so").status == 2);
  CHECK(program("").status == 2);
  CHECK(program(broken + "--no-such-option").status == 2);
  CHECK(program(broken + "--only 'no.such.case'").status == 2);
  CHECK(program(broken + "--token nobody").status == 2);
  CHECK(program(broken + "--profiles /nonexistent").status == 2);
  CHECK(program(broken + "--jobs 0").status == 2);
}

TEST_CASE("status 2 before any case where the results cannot be written") {
  const Outcome outcome = program(broken + "--only 'info.*' --junit /nonexistent/results.xml");
  CHECK(outcome.status == 2);
  CHECK(outcome.text == "jpki-conformance: cannot run: cannot write /nonexistent/results.xml\n");
}

TEST_CASE("a token that is not there is told beside those that are") {
  const Outcome outcome = program(broken + "--token nobody");
  CHECK(outcome.status == 2);
  CHECK(outcome.text.find("\"nobody\", got slot 7 with \"broken \"token\"\"") != std::string::npos);
}

TEST_CASE("status 2 for a refused PIN, after one try") {
  const Folder folder;
  std::ofstream(folder.path / "pin") << "1234\n";
  ::setenv("BROKEN_LOGINS", (folder.path / "logins").c_str(), 1);
  const Outcome outcome = program(broken + "--pin-file " + (folder.path / "pin").string());
  ::unsetenv("BROKEN_LOGINS");
  CHECK(outcome.status == 2);
  CHECK(outcome.text.find("CKR_PIN_INCORRECT") != std::string::npos);
  CHECK(outcome.text.find("1234") == std::string::npos);
  CHECK(std::filesystem::file_size(folder.path / "logins") == 1);
}

TEST_CASE("the list names each case with its chapter") {
  const Outcome outcome = program("--list");
  CHECK(outcome.status == 0);
  CHECK(outcome.text.find("initialize.twice ") != std::string::npos);
  CHECK(outcome.text.find("5.4.1") != std::string::npos);
}
