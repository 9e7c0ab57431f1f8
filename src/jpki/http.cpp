#include "jpki/http.hpp"

#include <openssl/http.h>

#include "jpki/openssl.hpp"

namespace jpki::service {
namespace {

constexpr std::string_view scheme = "http://";
constexpr std::size_t longest_answer = 1 << 20;

struct Address {
  std::string host, port, path;
};

std::optional<Address> parse(const std::string& url) {
  if (!url.starts_with(scheme)) return std::nullopt;
  int use_ssl = 0;
  char *host = nullptr, *port = nullptr, *path = nullptr;
  const int ok =
      OSSL_HTTP_parse_url(url.c_str(), &use_ssl, nullptr, &host, &port, nullptr, &path, nullptr, nullptr);
  ERR_clear_error();
  if (ok != 1) return std::nullopt;
  Address address{host, port, path};
  OPENSSL_free(host), OPENSSL_free(port), OPENSSL_free(path);
  return use_ssl == 0 ? std::optional(address) : std::nullopt;
}

Bytes drained(BIO& bio) {
  Bytes all;
  unsigned char some[4096];
  for (int got; (got = BIO_read(&bio, some, sizeof some)) > 0;) all.insert(all.end(), some, some + got);
  return all;
}

}  // namespace

std::optional<Bytes> http_post(const std::string& url, ByteView request, int seconds) {
  const auto address = parse(url);
  if (!address) return std::nullopt;
  const Bio body = memory_of(request);
  const Bio answer(OSSL_HTTP_transfer(nullptr, address->host.c_str(), address->port.c_str(),
                                      address->path.c_str(), 0, nullptr, nullptr, nullptr, nullptr, nullptr,
                                      nullptr, 0, nullptr, "application/ocsp-request", body.get(),
                                      "application/ocsp-response", 1, longest_answer, seconds, 0));
  ERR_clear_error();
  return answer ? std::optional(drained(*answer)) : std::nullopt;
}

}  // namespace jpki::service
