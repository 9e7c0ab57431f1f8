// jpki-conformance: judges a PKCS #11 module by the sentences of the standard.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <set>

#include "oasis/replay.hpp"
#include "reports/report.hpp"

namespace conformance {
namespace {

Cases chosen(const Options& options) {
  Cases cases = all_cases();
  if (options.profiles) oasis::add_files(cases, *options.profiles);
  std::set<std::string> ids;
  for (const auto& subject : cases) {
    if (!ids.insert(subject.id).second) throw CannotRun{"two cases are called " + subject.id};
  }
  std::erase_if(cases, [&](const Case& subject) { return !matches(options.only, subject.id); });
  if (cases.empty()) throw CannotRun{"no case matches " + options.only};
  return cases;
}

int judge(const Options& options, const Cases& cases) {
  std::ofstream junit;
  if (options.junit) junit.open(*options.junit);  // before the work, which would be lost
  if (!junit) throw CannotRun{"cannot write " + *options.junit};
  const Probe about = probe(options);
  std::ostream& out = std::cout;
  const auto results = run_all(options, cases, options.jobs, [&](const Result& result) {
    if (!options.json) write_line(out, result);
  });
  if (options.json) {
    write_json(out, options, about, results);
  } else {
    write_totals(out, results);
  }
  if (options.junit) {
    write_junit(junit, results);
    if (!junit.flush()) throw CannotRun{"cannot write " + *options.junit};
  }
  return totals_of(results).failed == 0 ? 0 : 1;
}

int main_of(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const Cases cases = chosen(options);
  if (options.list) {
    write_list(std::cout, cases);
    return 0;
  }
  return judge(options, cases);
}

}  // namespace
}  // namespace conformance

int main(int argc, char** argv) {
  try {
    return conformance::main_of(argc, argv);
  } catch (const conformance::Help&) {
    std::cout << conformance::usage();
    return 0;
  } catch (const conformance::Usage& usage) {
    std::cerr << "jpki-conformance: " << usage.what << "\n\n" << conformance::usage();
  } catch (const conformance::CannotRun& reason) {
    std::cerr << "jpki-conformance: cannot run: " << reason.why << "\n";
  } catch (const std::exception& error) {
    std::cerr << "jpki-conformance: " << error.what() << "\n";
  }
  return 2;
}
