#include <cstdio>
#include <ostream>

#include "reports/report.hpp"

namespace conformance {
namespace {

/// A JSON string. What a module says may be no UTF-8: bytes beyond ASCII are written as of Latin-1.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += raw;
    } else if (c < 0x20 || c >= 0x7f) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", c);
      out += code;
    } else {
      out += raw;
    }
  }
  return out + "\"";
}

void write_case(std::ostream& out, const Result& result) {
  out << "    {\"id\": " << quoted(result.subject->id) << ", \"chapter\": " << quoted(result.subject->chapter)
      << ", \"sentence\": " << quoted(result.subject->sentence)
      << ", \"result\": " << quoted(verdict_name(result.verdict))
      << ", \"expected\": " << quoted(result.expected) << ", \"got\": " << quoted(result.got);
  if (!result.warnings.empty()) {
    out << ", \"warnings\": [";
    const char* comma = "";
    for (const auto& warning : result.warnings) {
      out << comma << quoted(warning);
      comma = ", ";
    }
    out << "]";
  }
  out << "}";
}

}  // namespace

void write_json(std::ostream& out, const Options& options, const Probe& probe,
                const std::vector<Result>& results) {
  const Totals totals = totals_of(results);
  out << "{\n  \"module\": " << quoted(options.module)
      << ",\n  \"manufacturer\": " << quoted(probe.manufacturer)
      << ",\n  \"description\": " << quoted(probe.description) << ",\n  \"token\": " << quoted(probe.token)
      << ",\n  \"totals\": {\"pass\": " << totals.passed << ", \"fail\": " << totals.failed
      << ", \"na\": " << totals.not_applicable << "},\n  \"cases\": [";
  const char* comma = "\n";
  for (const auto& result : results) {
    out << comma;
    write_case(out, result);
    comma = ",\n";
  }
  out << "\n  ]\n}\n";
}

}  // namespace conformance
