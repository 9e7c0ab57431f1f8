// Which requests are looked at at all. Statuses as RFC 9110, 15 has them.
#include "web/admission.hpp"

#include <regex>

#include "support/catch.hpp"
#include "web/client.hpp"

using namespace jpki::web;

namespace {

Site site() {
  Site site;
  site.hosts = {"localhost", "[::1]"};
  site.limits.body = 100;
  site.routes = {
      {"GET", "/", "", {}}, {"GET", "/style.css", "", {}}, {"POST", "/form", "application/x-a", {}}};
  return site;
}

int get(const std::string& path, std::vector<std::pair<std::string, std::string>> fields) {
  return admission({"GET", path, std::move(fields)}, site());
}

int post(std::vector<std::pair<std::string, std::string>> fields) {
  fields.emplace_back("host", "LOCALHOST:8443");
  return admission({"POST", "/form", std::move(fields)}, site());
}

}  // namespace

TEST_CASE("paths are literal, and names the server's own") {
  CHECK(get("/", {{"Host", "localhost"}}) == 200);
  CHECK(get("/style.css", {{"Host", "[::1]:1"}}) == 200);
  CHECK(admission({"HEAD", "/", {{"Host", "[::1]"}}}, site()) == 200);
  CHECK(get("/styleXcss", {{"Host", "localhost"}}) == 404);
  CHECK(get("/../", {{"Host", "localhost"}}) == 404);
  CHECK(get("/form", {{"Host", "localhost"}}) == 405);
  CHECK(admission({"DELETE", "/", {{"Host", "localhost"}}}, site()) == 405);
  for (const char* host : {"localhost.evil", "evil", "localhost:", "localhost:80x", "", "127.0.0.1"})
    CHECK(get("/", {{"Host", host}}) == 421);
  CHECK(get("/", {}) == 400);
  CHECK(get("/", {{"Host", "localhost"}, {"HOST", "localhost"}}) == 400);
}

TEST_CASE("a body has one length, within the limit, and its type") {
  CHECK(post({{"Content-Length", "100"}, {"Content-Type", "Application/X-A; charset=utf-8"}}) == 200);
  CHECK(post({{"Content-Length", "101"}, {"Content-Type", "application/x-a"}}) == 413);
  CHECK(post({{"Content-Length", "99999999999999999999999"}, {"Content-Type", "application/x-a"}}) == 400);
  for (const char* length : {"", "-1", "+5", "5 5", "0x5", "5,5"})
    CHECK(post({{"Content-Length", length}, {"Content-Type", "application/x-a"}}) == 400);
  CHECK(post({{"Content-Length", "5"}, {"Content-Length", "6"}, {"Content-Type", "application/x-a"}}) == 400);
  CHECK(post({{"Content-Type", "application/x-a"}}) == 411);
  CHECK(post({{"Content-Length", "5"}, {"Content-Type", "text/plain"}}) == 415);
  CHECK(post({{"Content-Length", "5"}}) == 415);
  for (const char* field : {"transfer-encoding", "Content-Encoding", "Range"})
    CHECK(post({{"Content-Length", "5"}, {"Content-Type", "application/x-a"}, {field, "x"}}) == 400);
  CHECK(get("/", {{"Host", "localhost"}, {"Content-Length", "5"}}) == 400);
  CHECK(get("/", {{"Host", "localhost"}, {"Content-Length", "0"}}) == 200);
}

TEST_CASE("a pattern is for its literal alone") {
  const std::regex pattern(pattern_of("/a.b+c(d)"));
  CHECK(std::regex_match("/a.b+c(d)", pattern));
  CHECK_FALSE(std::regex_match("/axb+c(d)", pattern));
  CHECK_FALSE(std::regex_match("/a.bbc(d)", pattern));
}

TEST_CASE("addresses") {
  const auto address = Address::of("https://localhost:8443/form?number=1");
  REQUIRE(address);
  CHECK(address->host == "localhost");
  CHECK(address->port == 8443);
  CHECK(address->target == "/form?number=1");
  CHECK(address->origin() == "https://localhost:8443");
  CHECK(Address::of("https://localhost")->origin() == "https://localhost");
  for (const char* url : {"", "http://localhost/", "https://", "https://user@localhost/", "https://a b/",
                          "https://a/\n", "https://localhost:99999/", "localhost", "https://日本/"})
    CHECK_FALSE(Address::of(url));
}
