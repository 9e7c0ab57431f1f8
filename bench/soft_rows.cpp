#include "bench/soft_rows.hpp"

namespace jpki::bench {
namespace {

Goal ratio(double limit) { return {"ratio", Bound::at_least, limit}; }
Goal at_most(const char* measure, double limit) { return {measure, Bound::at_most, limit}; }

/// Beside raw OpenSSL in the same process.
const std::vector<SoftRow>& beside_raw() {
  static const std::vector<SoftRow> rows = {
      {"sign-rsa-2048-session", "RSA-2048 sign, session key", "keys", ratio(0.98)},
      {"sign-rsa-2048-token", "RSA-2048 sign, token key", "keys", ratio(0.98)},
      {"sign-rsa-3072", "RSA-3072 sign", "keys", ratio(0.99)},
      {"sign-rsa-4096", "RSA-4096 sign", "keys", ratio(0.99)},
      {"sign-p384", "P-384 sign", "keys", ratio(0.99)},
      {"sign-p256-session", "P-256 sign, session key", "keys", ratio(0.97)},
      {"sign-p256-token", "P-256 sign, token key", "keys", ratio(0.97)},
      {"sign-p256-sha256", "P-256 with SHA-256 sign", "keys", ratio(0.97)},
      {"sign-ed25519", "Ed25519 sign", "keys", ratio(0.97)},
      {"sign-parts", "RSA-2048 with SHA-256 sign, four parts", "keys", ratio(0.98)},
      {"verify-rsa-2048", "RSA-2048 verify", "keys", ratio(0.96)},
      {"verify-p256", "P-256 verify", "keys", ratio(0.98)},
      {"decrypt-oaep", "RSA-2048 OAEP decrypt", "keys", ratio(0.98)},
      {"threads-rsa-2048-2", "RSA-2048 sign, one key, 2 threads", "threads", ratio(0.96)},
      {"threads-rsa-2048-4", "RSA-2048 sign, one key, 4 threads", "threads", ratio(0.96)},
      {"threads-rsa-2048-16", "RSA-2048 sign, one key, 16 threads", "threads", ratio(0.96)},
      {"threads-p256-2", "P-256 sign, one key, 2 threads", "threads", ratio(0.96)},
      {"threads-p256-4", "P-256 sign, one key, 4 threads", "threads", ratio(0.96)},
      {"threads-p256-16", "P-256 sign, one key, 16 threads", "threads", ratio(0.96)},
      {"digest-16", "SHA-256 of 16 B", "bulk", ratio(0.7)},
      {"digest-16k", "SHA-256 of 16 KiB", "bulk", ratio(0.98)},
      {"digest-parts", "SHA-256 of 16 KiB in parts of 1 KiB", "bulk", ratio(0.95)},
      {"random-32", "random, 32 B", "bulk", ratio(0.95)},
      {"random-1m", "random, 1 MiB", "bulk", ratio(0.98)},
  };
  return rows;
}

/// Sessions and attributes.
const std::vector<SoftRow>& calls() {
  static const std::vector<SoftRow> rows = {
      {"session-info", "C_GetSessionInfo", "calls", at_most("ns", 25)},
      {"session-info-16", "C_GetSessionInfo, 16 threads, beside a mutex of each", "calls", ratio(0.6)},
      {"attributes-session", "three attributes, private session key", "calls", at_most("ns", 80)},
      {"attributes-token", "three attributes, private token key", "calls", at_most("ns", 80)},
      {"open-10000", "10,000 sessions opened, each", "sessions", at_most("ns", 300)},
      {"open-close", "C_OpenSession and C_CloseSession, 10,000 open", "sessions", at_most("ns", 150)},
      {"session-bytes", "memory of a session", "sessions", at_most("bytes", 512)},
  };
  return rows;
}

std::string with_commas(std::size_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

/// A search, at each number of objects. It may include the check whether another process changed the token: 1
/// us.
void add_searches(std::vector<SoftRow>& rows, const std::string& kind, double limit) {
  for (const char* by : {"label", "id"}) {
    for (const std::size_t objects : {10U, 1000U, 10000U}) {
      rows.push_back({std::string("find-") + by + '-' + kind + '-' + std::to_string(objects),
                      "find by " + std::string(by) + ", " + with_commas(objects) + ' ' + kind + " objects",
                      kind + "-objects", at_most("us", limit), objects});
    }
  }
  rows.push_back({"list-" + kind, "list 10,000 " + kind + " objects, each", kind + "-objects",
                  at_most("ns", 30), 10000});
}

/// Memory, whole processes, the disk.
const std::vector<SoftRow>& wholes() {
  static const std::vector<SoftRow> rows = {
      {"certificate-bytes", "memory of a certificate, session object", "session-objects",
       at_most("bytes", 2048), 10000},
      {"cold", "process that signs once: times a raw one's CPU", "token-objects", at_most("times", 1.10), 10},
      {"cold-least", "  the same, beside the least that OpenSSL can do", "token-objects", {}, 10},
      {"cold-memory", "  its peak of memory above the raw one's", "token-objects", at_most("KiB", 1024), 10},
      {"cold-1000", "  CPU more with 1,000 token objects", "token-objects", at_most("ms", 2), 1000},
      {"cold-10000", "  CPU more with 10,000 token objects", "token-objects", at_most("ms", 15), 10000},
      {"create-syncs", "C_CreateObject of a token object: waits for the disk", "disk", at_most("syncs", 2)},
      {"create-ms", "  its time by the clock", "disk", {}},
  };
  return rows;
}

}  // namespace

std::vector<SoftRow> soft_rows() {
  std::vector<SoftRow> rows = beside_raw();
  rows.insert(rows.end(), calls().begin(), calls().end());
  add_searches(rows, "session", 0.5);
  add_searches(rows, "token", 1.5);
  rows.insert(rows.end(), wholes().begin(), wholes().end());
  return rows;
}

}  // namespace jpki::bench
