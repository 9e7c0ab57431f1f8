// Plain HTTP, against a server of a few lines (RFC 9112).
#include "jpki/http.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "support/catch.hpp"

using namespace jpki;
using service::http_post;

namespace {

/// Answers one request with a status and a body, and keeps what was asked.
class Server {
 public:
  Server(std::string status, std::string body) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET, address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, plain, size) != 0 || listen(socket_, 1) != 0 || getsockname(socket_, plain, &size) != 0)
      throw std::runtime_error("bind");
    port_ = ntohs(address.sin_port);
    thread_ =
        std::thread([this, answer = "HTTP/1.0 " + status + "\r\nContent-Type: application/ocsp-response\r\n" +
                                    "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                    body] { serve(answer); });
  }
  ~Server() {
    if (thread_.joinable()) thread_.join();
    close(socket_);
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/ocsp"; }
  std::string asked() {
    thread_.join();
    return asked_;
  }

 private:
  void serve(const std::string& answer) {
    const int peer = accept(socket_, nullptr, nullptr);
    char some[4096];
    while (!asked_.ends_with("the request")) {
      const auto got = read(peer, some, sizeof some);
      if (got <= 0) break;
      asked_.append(some, static_cast<std::size_t>(got));
    }
    if (write(peer, answer.data(), answer.size()) < 0) asked_ = "not answered";
    close(peer);
  }
  int socket_, port_ = 0;
  std::string asked_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a request is posted, its answer read") {
  const std::string body("\x30\x03\x0A\x01\x03", 5);
  Server server("200 OK", body);
  const auto answer = http_post(server.url(), bytes_of("the request"));
  REQUIRE(answer);
  CHECK(text_of(*answer) == body);
  const std::string asked = server.asked();
  CHECK(asked.starts_with("POST /ocsp HTTP/1.0\r\n"));
  CHECK(asked.find("Content-Type: application/ocsp-request\r\n") != asked.npos);
  CHECK(asked.ends_with("\r\n\r\nthe request"));
}

TEST_CASE("an error of the server's is no answer") {
  Server server("503 Service Unavailable", "closed");
  CHECK_FALSE(http_post(server.url(), bytes_of("the request")));
}

TEST_CASE("addresses that are not plain HTTP, and nobody there") {
  for (const char* url :
       {"", "https://localhost/", "ldap://localhost/", "not an address", "http://127.0.0.1:1/"}) {
    CAPTURE(url);
    CHECK_FALSE(http_post(url, bytes_of("the request"), 1));
  }
}
