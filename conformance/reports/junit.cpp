#include <ostream>

#include "reports/report.hpp"

namespace conformance {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += c < 0x20 || c >= 0x7f ? '?' : raw;
    }
  }
  return out;
}

}  // namespace

void write_junit(std::ostream& out, const std::vector<Result>& results) {
  const Totals totals = totals_of(results);
  out << "<testsuite name=\"jpki-conformance\" tests=\"" << results.size() << "\" failures=\""
      << totals.failed << "\" skipped=\"" << totals.not_applicable << "\">\n";
  for (const auto& result : results) {
    out << "<testcase classname=\"" << escaped(result.subject->chapter) << "\" name=\""
        << escaped(result.subject->id) << "\" time=\"" << result.seconds << "\">";
    if (result.verdict == Verdict::fail) {
      out << "<failure message=\"" << escaped("expected " + result.expected + ", got " + result.got) << "\">"
          << escaped(result.subject->sentence) << "</failure>";
    }
    if (result.verdict == Verdict::na) out << "<skipped message=\"" << escaped(result.got) << "\"/>";
    out << "</testcase>\n";
  }
  out << "</testsuite>\n";
}

}  // namespace conformance
