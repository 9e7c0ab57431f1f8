#include "web/server.hpp"

#include <httplib.h>
#include <openssl/x509.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <semaphore>
#include <utility>

#include "web/admission.hpp"
#include "web/loopback.hpp"
#include "web/visits.hpp"

namespace jpki::web {
namespace {

// What a page may do in the browser: show itself and send its forms. No script, nothing from elsewhere.
httplib::Headers page_rules() {
  return {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"}};
}

constexpr const char* goodbye = "Connection";
constexpr std::size_t longest_chain = 16 << 10;  // of certificates that a visitor shows
constexpr long session_seconds = 300;

// httplib's queue takes any number of connections. Here whoever comes when all places are taken waits in the
// kernel, whose queue is short.
class Queue : public httplib::TaskQueue {
 public:
  Queue(unsigned workers, unsigned waiting) : places_(workers + waiting), pool_(workers) {}
  // Nothing in Debian 12's httplib; in later ones whether the work was taken.
  using Taken = decltype(std::declval<httplib::TaskQueue&>().enqueue(std::function<void()>()));
  Taken enqueue(std::function<void()> work) override {
    places_.acquire();
    pool_.enqueue([this, work = std::move(work)] {
      work();
      places_.release();
    });
    return Taken(true);
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::counting_semaphore<> places_;
  httplib::ThreadPool pool_;
};

// Cards pad as PKCS #1 v1.5 and know no PSS, which TLS 1.3 demands of RSA keys (RFC 8446, 4.2.3): hence 1.2.
// Whose certificate it is, the site judges: here only the key is proved, so that whoever comes with a wrong
// one gets a page that says so, and no broken handshake.
void ask_for_certificate(SSL_CTX& context) {
  SSL_CTX_set_max_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(
      &context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  SSL_CTX_set_max_cert_list(&context, longest_chain);
}

bool set_up(SSL_CTX& context, const Site& site, Visits& visits) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);  // tickets are the visitor's to keep
  SSL_CTX_set_timeout(&context, session_seconds);
  static constexpr unsigned char name[] = "jpki-web";
  SSL_CTX_set_session_id_context(&context, name, sizeof name - 1);
  if (site.asks_certificate) ask_for_certificate(context);
  visits.watch(context);
  return SSL_CTX_use_certificate_chain_file(&context, site.certificate.c_str()) == 1 &&
         SSL_CTX_use_PrivateKey_file(&context, site.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
         SSL_CTX_check_private_key(&context) == 1;
}

Bytes certificate_of(const httplib::Request& request) {
  X509* shown = request.ssl == nullptr ? nullptr : SSL_get0_peer_certificate(request.ssl);
  unsigned char* der = nullptr;
  const int size = shown == nullptr ? 0 : i2d_X509(shown, &der);
  Bytes bytes;
  if (size > 0) bytes.assign(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

Head head_of(const httplib::Request& request) {
  Head head{request.method, request.path, {}};
  for (const auto& [name, value] : request.headers) head.fields.emplace_back(name, value);
  return head;
}

Request request_of(const httplib::Request& from) {
  Request request;
  request.method = from.method == "HEAD" ? "GET" : from.method;
  request.path = from.path;
  request.languages = from.get_header_value("Accept-Language");
  request.host = from.get_header_value("Host");
  request.type = media_type(from.get_header_value("Content-Type"));
  request.body = copy_of(bytes_of(from.body));
  request.certificate = certificate_of(from);
  for (const auto& [name, value] : from.params) request.query.emplace(name, value);
  return request;
}

void put(const Response& from, httplib::Response& response) {
  response.status = from.status;
  response.set_content(from.body, from.type);
  if (!from.file_name.empty())
    response.set_header("Content-Disposition", "attachment; filename=\"" + from.file_name + "\"");
}

}  // namespace

class Server::Inside {
 public:
  explicit Inside(Site site)
      : site_(std::move(site)),
        visits_(site_.limits.visit, site_.limits.patience),
        server_([this](SSL_CTX& context) { return set_up(context, site_, visits_); }) {
    if (!server_.is_valid()) throw ServerError("the server's certificate or key cannot be used");
    server_.new_task_queue = [this] { return new Queue(site_.limits.workers, site_.limits.waiting); };
    server_.set_default_headers(page_rules());
    server_.set_payload_max_length(site_.limits.body);
    server_.set_keep_alive_max_count(32);
    server_.set_tcp_nodelay(true);
    add_routes();
  }

  httplib::SSLServer& http() { return server_; }

 private:
  void add_routes() {
    for (const Route& route : site_.routes) {
      const auto answer = [this, &route](const httplib::Request& request, httplib::Response& response) {
        serve(route, request, response);
      };
      const std::string literal = pattern_of(route.path);
      route.method == "POST" ? server_.Post(literal, answer) : server_.Get(literal, answer);
    }
    server_.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      return admit(request, response);
    });
    // What httplib refuses by itself: no request that it can read, or a longer one than it takes.
    server_.set_error_handler([this](const httplib::Request& request, httplib::Response& response) {
      if (!response.body.empty()) return;
      refuse(response.status, request, response);
      response.set_header(goodbye, "close");
    });
    // Called when the answer is written: httplib writes none to a connection that it cannot read from.
    server_.set_logger([](const httplib::Request& request, const httplib::Response& response) {
      if (request.ssl != nullptr && response.get_header_value(goodbye) == "close")
        Visits::hang_up(*const_cast<SSL*>(request.ssl));
    });
    server_.set_exception_handler([this](const auto& request, auto& response, const std::exception_ptr&) {
      refuse(500, request, response);
    });
  }

  httplib::Server::HandlerResponse admit(const httplib::Request& request, httplib::Response& response) {
    const int status = admission(head_of(request), site_);
    if (status == 200) return httplib::Server::HandlerResponse::Unhandled;
    refuse(status, request, response);
    // Nothing of the body is read: what follows on this connection would be taken for a request.
    response.set_header(goodbye, "close");
    return httplib::Server::HandlerResponse::Handled;
  }

  void serve(const Route& route, const httplib::Request& request, httplib::Response& response) {
    const Response answer = route.answer(request_of(request));
    put(answer, response);
    log(route.method, route.path, answer);
  }

  void refuse(int status, const httplib::Request& request, httplib::Response& response) {
    const Response answer = site_.refuse(status, request_of(request));
    put(answer, response);
    response.status = status;
    const auto route = std::find_if(site_.routes.begin(), site_.routes.end(),
                                    [&](const Route& row) { return row.path == request.path; });
    const bool known = request.method == "GET" || request.method == "POST";
    log(known ? request.method : "-", route == site_.routes.end() ? "-" : route->path, answer);
  }

  void log(const std::string& method, const std::string& path, const Response& answer) {
    std::string line = method + ' ' + path + ' ' + std::to_string(answer.status);
    if (!answer.note.empty()) line += ' ' + answer.note;
    site_.log(line);
  }

  const Site site_;
  Visits visits_;  // before the server, whose connections end with it
  httplib::SSLServer server_;
};

Server::Server(Site site) : inside_(std::make_unique<Inside>(std::move(site))) {}
Server::~Server() = default;

int Server::bind(const std::string& address, int port) {
  if (!is_loopback(address))
    throw ServerError(address + " is not this machine's own address (127.0.0.1 or ::1)");
  auto& http = inside_->http();
  const int bound = port == 0 ? http.bind_to_any_port(address) : http.bind_to_port(address, port) ? port : -1;
  if (bound <= 0) throw ServerError("cannot listen at " + address + ", port " + std::to_string(port));
  return bound;
}

void Server::run() { inside_->http().listen_after_bind(); }
void Server::stop() { inside_->http().stop(); }

namespace {

sigset_t end_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void hold_signals() {
  const sigset_t set = end_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void serve_until_told(Server& server, const std::string& address, int port,
                      const std::function<void(int port)>& ready) {
  ready(server.bind(address, port));
  std::thread serving([&] {
    server.run();
    kill(getpid(), SIGTERM);  // should it end by itself, nobody waits in vain
  });
  const sigset_t set = end_signals();
  int got = 0;
  sigwait(&set, &got);
  server.stop();
  serving.join();
}

}  // namespace jpki::web
