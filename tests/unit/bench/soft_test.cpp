#include <set>
#include <sstream>

#include "bench/soft_child.hpp"
#include "bench/soft_report.hpp"
#include "bench/soft_suite.hpp"
#include "bench/sync_count.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <unistd.h>

#include <fstream>

using namespace jpki::bench;

namespace {

std::vector<std::string> ids(const std::vector<SoftRow>& rows) {
  std::vector<std::string> found;
  for (const auto& row : rows) found.push_back(row.id);
  return found;
}

Report example(double ratio) {
  Report report;
  report.ours = {"ours.so"};
  report.others = {"theirs.so"};
  report.rows = {{"a", "the first", Goal{"ratio", Bound::at_least, 0.98}, {}},
                 {"b", "the second", Goal{"ns", Bound::at_most, 25}, {}},
                 {"c", "the third", {}, {}}};
  report.row("a").results = {{"ours.so", {{"ratio", ratio}, {"us", 212}}}, {"theirs.so", {{"ratio", 0.47}}}};
  report.row("b").results = {{"ours.so", {{"ns", 15.02}}}};
  report.row("b").failures = {{"theirs.so", "C_SignInit: CKR_MECHANISM_INVALID"}};
  report.row("c").results = {{"ours.so", {{"ms", 4}}}};
  return report;
}

}  // namespace

TEST_CASE("rows have names of their own and parts that there are") {
  const std::set<std::string> parts{"keys",     "threads",         "bulk",          "calls",
                                    "sessions", "session-objects", "token-objects", "disk"};
  std::set<std::string> seen;
  for (const auto& row : soft_rows()) {
    INFO(row.id);
    CHECK(seen.insert(row.id).second);
    CHECK(parts.contains(row.part));
    CHECK(row.objects <= 10000);
  }
}

TEST_CASE("rows are chosen by name and by how many objects they need") {
  SoftOptions options;
  CHECK(chosen(soft_rows(), options).size() == soft_rows().size());
  options.rows = {"find-id-*-10", "cold"};
  CHECK(ids(chosen(soft_rows(), options)) ==
        std::vector<std::string>{"find-id-session-10", "find-id-token-10", "cold"});
  options.rows = {"find-label-token-*"};
  options.objects = 1000;
  CHECK(ids(chosen(soft_rows(), options)) ==
        std::vector<std::string>{"find-label-token-10", "find-label-token-1000"});
  options.rows = {"nothing"};
  CHECK(chosen(soft_rows(), options).empty());
}

TEST_CASE("a module may have arguments, and NSS always has") {
  const auto plain = SoftModule::parse("/lib/module.so");
  CHECK(plain.path == "/lib/module.so");
  CHECK(plain.name() == "module.so");
  CHECK(plain.arguments.empty());
  const auto with = SoftModule::parse("/lib/module.so:folder='%FOLDER%' a:b");
  CHECK(with.path == "/lib/module.so");
  CHECK(with.arguments_in("/x") == "folder='/x/tokens' a:b");
  CHECK(
      SoftModule::parse("/lib/libsoftokn3.so").arguments_in("/x").starts_with("configdir='sql:/x/tokens' "));
}

TEST_CASE("what a child is told, it understands") {
  const SoftErrand errand{"keys", {"/m.so", "x='y'"}, "/folder", {"a", "b"}, 1000, true};
  const auto back = errand_of(nlohmann::json::parse(to_json(errand).dump()));
  CHECK(back.part == "keys");
  CHECK(back.module.path == "/m.so");
  CHECK(back.module.arguments == "x='y'");
  CHECK(back.folder == "/folder");
  CHECK(back.rows == errand.rows);
  CHECK(back.objects == 1000);
  CHECK(back.quick);
}

TEST_CASE("a row that the module refuses has the reason in place of figures") {
  SoftErrand errand;
  errand.rows = {"a", "b"};
  SoftFindings found(errand);
  found.row("a", [] { return Measures{{"ns", 1}}; });
  found.row("b", []() -> Measures { throw jpki::client::Error("C_SignInit", CKR_MECHANISM_INVALID); });
  found.row("c", []() -> Measures { throw std::logic_error("nobody wants it"); });
  CHECK(found.json() == nlohmann::json{{"results", {{"a", {{"ns", 1.0}}}}},
                                       {"failures", {{"b", "C_SignInit: CKR_MECHANISM_INVALID"}}}});
}

TEST_CASE("the soft table shows figures in their units, and verdicts") {
  std::ostringstream out;
  print_soft(out, example(0.97));
  CHECK(out.str() ==
        "\n"
        "               goal  ours.so          theirs.so\n"
        "the first   >= 0.98    0.970  missed      0.470\n"
        "the second    <= 25  15.0 ns  met             -\n"
        "the third            4.00 ms                  -\n"
        "\n"
        "theirs.so, b: C_SignInit: CKR_MECHANISM_INVALID\n"
        "1 goal is missed\n");
  CHECK(verdict(example(0.98).rows[0], "ours.so") == "met");
}

TEST_CASE("a row of ours that failed is a goal missed") {
  auto report = example(0.98);
  CHECK(missed(report).empty());
  report.row("b").results.clear();
  report.row("b").failures["ours.so"] = "C_SignInit: CKR_MECHANISM_INVALID";
  CHECK(missed(report) == std::vector<std::string>{"ours.so, the second: C_SignInit: CKR_MECHANISM_INVALID"});
  CHECK(verdict(report.rows[1], "ours.so") == "failed");
  CHECK(to_json(report)["rows"][1]["failures"].size() == 2);
}

TEST_CASE("waits for the disk are counted") {
  const jpki::test::TempFolder folder;
  const auto path = (folder.path() / "file").string();
  std::ofstream(path) << "x";
  FILE* file = fopen(path.c_str(), "r+");
  REQUIRE(file != nullptr);
  const auto before = sync_count();
  CHECK(fsync(fileno(file)) == 0);
  CHECK(fdatasync(fileno(file)) == 0);
  CHECK(sync_count() == before + 2);
  CHECK(fdatasync(-1) == -1);
  fclose(file);
}
