// The responder's HTTP: cpp-httplib.
#include <httplib.h>
#include <signal.h>

#include <thread>

#include "counter/register.hpp"
#include "counter/responder.hpp"

namespace jpki::counter {
namespace {

constexpr std::size_t longest_request = 1 << 16;
constexpr const char *request_type = "application/ocsp-request", *response_type = "application/ocsp-response";
constexpr int bad_request = 400;

service::Instant clock_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void respond(const Responder& responder, ByteView request, httplib::Response& to) {
  const Bytes answer = responder.answer(request, clock_now());
  to.set_content(std::string(text_of(answer)), response_type);
}

std::optional<Bytes> base64(const std::string& text) {
  Bytes bytes(text.size() / 4 * 3);
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const int size = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  const auto padding = text.size() - (text.find_last_not_of('=') + 1);
  if (size < 0 || padding > 2) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

void set_up(httplib::Server& server, const Responder& responder) {
  server.set_payload_max_length(longest_request);
  server.set_read_timeout(10);
  server.Post(".*", [&](const httplib::Request& from, httplib::Response& to) {
    if (from.get_header_value("Content-Type") != request_type) {
      to.status = bad_request;
      return;
    }
    respond(responder, bytes_of(from.body), to);
  });
  server.Get("/(.+)", [&](const httplib::Request& from, httplib::Response& to) {
    const auto request = base64(from.matches[1]);
    if (!request) {
      to.status = bad_request;
      return;
    }
    respond(responder, *request, to);
  });
}

}  // namespace

// The signals are blocked before there is a second thread: this one alone takes them.
void serve(const Responder& responder, const std::string& host, int port, std::ostream& out) {
  sigset_t signals, before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  httplib::Server server;
  set_up(server, responder);
  const int bound = port != 0 ? (server.bind_to_port(host.c_str(), port) ? port : -1)
                              : server.bind_to_any_port(host.c_str());
  if (bound < 0) throw CaError("cannot listen on " + host + ", port " + std::to_string(port));
  std::thread listener([&] { server.listen_after_bind(); });
  const bool six = host.find(':') != std::string::npos;  // RFC 3986, 3.2.2
  out << "OCSP responder: http://" << (six ? '[' + host + ']' : host) << ':' << bound << "/" << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  server.stop();
  listener.join();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace jpki::counter
