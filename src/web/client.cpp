#include "web/client.hpp"

#include <httplib.h>
#include <openssl/err.h>
#include <openssl/http.h>

#include "web/admission.hpp"

namespace jpki::web {
namespace {

constexpr std::size_t longest_answer = 1 << 20;
constexpr int connect_seconds = 20, answer_seconds = 60, https_port = 443;

std::string taken(char* text) {
  std::string copy = text == nullptr ? "" : text;
  OPENSSL_free(text);
  return copy;
}

NoAnswer trouble_of(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return {Trouble::unreachable, "the server cannot be reached"};
    case httplib::Error::SSLServerVerification:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLConnection:
      return {Trouble::not_trusted, "the server's certificate is not trusted, or is another server's"};
    default:
      return {Trouble::broken_off, "the server broke off"};
  }
}

Answer exchange(const Visit& visit, httplib::Request request) {
  httplib::SSLClient client(visit.address.host, visit.address.port);
  client.set_connection_timeout(connect_seconds);
  client.set_read_timeout(answer_seconds);
  client.set_write_timeout(answer_seconds);
  client.set_decompress(false);
  client.enable_server_certificate_verification(true);
  if (!visit.authorities.empty()) client.set_ca_cert_path(visit.authorities.c_str());
  request.path = visit.address.target;
  request.set_header("Accept-Language", visit.languages);
  Bytes body;
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    append(body, bytes_of({data, size}));
    return body.size() <= longest_answer;
  };
  const auto result = client.send(request);
  if (!result) throw trouble_of(result.error());
  return {result->status, media_type(result->get_header_value("Content-Type")), std::move(body)};
}

}  // namespace

std::optional<Address> Address::of(const std::string& url) {
  if (!url.starts_with("https://")) return std::nullopt;
  for (const unsigned char c : url)
    if (c <= ' ' || c >= 0x7f) return std::nullopt;
  char *user = nullptr, *host = nullptr, *path = nullptr, *query = nullptr;
  int port = https_port, tls = 0;
  const int parsed =
      OSSL_HTTP_parse_url(url.c_str(), &tls, &user, &host, nullptr, &port, &path, &query, nullptr);
  Address address{taken(host), port, taken(path)};
  if (const std::string words = taken(query); !words.empty()) address.target += '?' + words;
  const bool plain = taken(user).empty();
  ERR_clear_error();
  if (parsed != 1 || !plain || address.host.empty()) return std::nullopt;
  return address;
}

std::string Address::origin() const {
  return "https://" + host + (port == https_port ? "" : ':' + std::to_string(port));
}

Answer get(const Visit& visit) {
  httplib::Request request;
  request.method = "GET";
  return exchange(visit, std::move(request));
}

Answer post(const Visit& visit, const std::string& type, ByteView body) {
  httplib::Request request;
  request.method = "POST";
  request.set_header("Content-Type", type);
  request.body = text_of(body);
  return exchange(visit, std::move(request));
}

}  // namespace jpki::web
