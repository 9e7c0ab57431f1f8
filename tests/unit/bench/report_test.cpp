#include "bench/report.hpp"

#include <sstream>

#include "bench/median.hpp"
#include "support/catch.hpp"

using namespace jpki::bench;

namespace {

Report example(double apdus, double ratio) {
  Report report;
  report.suite = "example";
  report.columns = {{"APDUs", {"apdus"}, 0}, {"ms", {"ms", "cpu_ms"}, 1}};
  report.ours = {"ours.so"};
  report.others = {"theirs.so"};
  report.rows = {{"a", "the first", Goal{"apdus", Bound::at_most, 22}, {}},
                 {"b", "the second", Goal{"ratio", Bound::at_least, 0.98}, {}},
                 {"c", "not measured", Goal{"apdus", Bound::below, 1}, {}}};
  report.row("a").results = {{"ours.so", {{"apdus", apdus}, {"ms", 1.25}}}, {"theirs.so", {{"apdus", 70}}}};
  report.row("b").results = {{"ours.so", {{"ratio", ratio}, {"cpu_ms", 0.5}}}};
  return report;
}

}  // namespace

TEST_CASE("each bound holds what it says") {
  const Measures two{{"x", 2}};
  CHECK(meets({"x", Bound::at_most, 2}, two));
  CHECK_FALSE(meets({"x", Bound::at_most, 1.9}, two));
  CHECK_FALSE(meets({"x", Bound::below, 2}, two));
  CHECK(meets({"x", Bound::below, 2.1}, two));
  CHECK(meets({"x", Bound::at_least, 2}, two));
  CHECK_FALSE(meets({"x", Bound::at_least, 2.1}, two));
  // what was not measured is no goal met
  CHECK_FALSE(meets({"y", Bound::at_most, 2}, two));
}

TEST_CASE("ours are held to the goals, others and unmeasured rows are not") {
  CHECK(missed(example(22, 0.98)).empty());
  CHECK(missed(example(23, 0.98)) == std::vector<std::string>{"ours.so, the first: apdus <= 22"});
  CHECK(missed(example(22, 0.97)) == std::vector<std::string>{"ours.so, the second: ratio >= 0.98"});
}

TEST_CASE("the table shows ours beside others, goals and misses") {
  std::ostringstream out;
  print(out, example(23, 1));
  CHECK(out.str() ==
        "\n"
        "                    | ours.so    | theirs.so\n"
        "               goal | APDUs   ms | APDUs  ms\n"
        "the first     <= 22 |    23  1.2 |    70   -\n"
        "the second  >= 0.98 |     -  0.5 |     -   -\n"
        "\n"
        "MISSED  ours.so, the first: apdus <= 22\n");
}

TEST_CASE("JSON has every figure") {
  const auto json = to_json(example(23, 1));
  CHECK(json["suite"] == "example");
  CHECK(json["missed"].size() == 1);
  CHECK(json["rows"].size() == 3);
  CHECK(json["rows"][0]["goal"] == nlohmann::json{{"measure", "apdus"}, {"bound", "<="}, {"limit", 22.0}});
  CHECK(json["rows"][0]["results"]["theirs.so"]["apdus"] == 70);
  CHECK(json["rows"][2]["results"].empty());
}

TEST_CASE("the median is the middle") {
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 2, 3}) == 2.5);
  CHECK_THROWS(median({}));
}
