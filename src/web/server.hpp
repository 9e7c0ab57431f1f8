// A web server over TLS that visitors of ill will cannot hurt: it says what a request may be, how much of it,
// how long. Pages are made by its routes. The library behind it is httplib's alone to know (server.cpp).
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace jpki::web {

struct Limits {
  std::size_t body = 16 << 10;         // bytes of a request's body
  std::size_t visit = 96 << 10;        // bytes that a connection may send in all, in TLS records
  std::chrono::seconds patience{30};   // how long a connection may last
  unsigned workers = 8, waiting = 32;  // connections that are served, and those that wait for it
};

struct Request {
  std::string method, path;                  // GET or POST; as the route has it
  std::map<std::string, std::string> query;  // of the address, or of a form in the body
  std::string languages;                     // Accept-Language
  std::string host;                          // Host, one of those that the server answers for
  std::string type;                          // the body's, without parameters
  Bytes body;
  Bytes certificate;  // what the visitor has proved to hold the key of (DER); or empty
};

struct Response {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::string note = {};       // a word for the log: no personal data
  std::string file_name = {};  // to be stored under
};

struct Route {
  std::string method, path;  // a literal one: nothing in it is a pattern
  std::string type;          // a POST's body must be of it
  std::function<Response(const Request&)> answer;
};

/// What is said to a visitor whose request no route gets, by HTTP status.
using Refusal = std::function<Response(int status, const Request&)>;
/// One line for each request: method, route, status, note. Of what a visitor wrote nothing is in it.
using Log = std::function<void(const std::string& line)>;

struct Site {
  std::filesystem::path certificate, key;  // PEM
  std::vector<std::string> hosts;          // names that the server answers for, without ports
  std::vector<Route> routes;
  Refusal refuse;
  Log log;
  bool asks_certificate = false;  // the visitor may show one; whoever has none is a visitor, too
  Limits limits = {};
};

/// The server could not begin: no such file, port taken.
class ServerError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Server {
 public:
  /// Throws ServerError.
  explicit Server(Site site);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// A loopback address, and no other. `port` 0: any. Returns the port. Throws ServerError.
  int bind(const std::string& address, int port);
  /// Serves until stop() is called, by another thread.
  void run();
  void stop();

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

/// SIGTERM and SIGINT wait for serve_until_told(). To be called before the program has other threads, hence
/// before a Server is made.
void hold_signals();
/// Binds, says so by `ready` with the port, and serves until one of these signals comes.
void serve_until_told(Server& server, const std::string& address, int port,
                      const std::function<void(int port)>& ready);

}  // namespace jpki::web
