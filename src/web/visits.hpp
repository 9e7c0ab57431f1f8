// How long a connection may last, and how much it may send: what TLS itself can see, before anything is a
// request. For this layer's own files.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace jpki::web {

class Visits {
 public:
  Visits(std::size_t most_bytes, std::chrono::seconds patience);
  ~Visits();
  Visits(const Visits&) = delete;
  Visits& operator=(const Visits&) = delete;

  /// All connections of this context are watched from their handshake on. To be outlived by this object.
  void watch(SSL_CTX& context);
  /// Nothing more is read from this connection; what is written still arrives.
  static void hang_up(SSL& ssl);

 private:
  using Clock = std::chrono::steady_clock;
  struct Visit;
  static int index();
  static void began(const SSL* ssl, int where, int value);
  static void received(int written, int version, int type, const void* data, std::size_t size, SSL* ssl,
                       void* self);
  static void ended(void* parent, void* visit, CRYPTO_EX_DATA* data, int index, long argument, void* more);
  void open(SSL& ssl);
  void look_at_the_clock();

  const std::size_t most_bytes_;
  const std::chrono::seconds patience_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<Visit*> visits_;
  bool over_ = false;
  std::thread clock_;
};

}  // namespace jpki::web
