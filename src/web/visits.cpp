#include "web/visits.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/library.hpp"

namespace jpki::web {

// The descriptor is a second one for the same socket: the number stays this connection's until the visit
// ends.
struct Visits::Visit {
  Visits& visits;
  int fd;
  Clock::time_point until;
  std::size_t bytes = 0;

  // With a reset, once httplib closes: a sender whose window is shut would wait for one that never opens.
  void end() const {
    const linger none{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    shutdown(fd, SHUT_RDWR);
  }
};

namespace {

// Linux still hands out what came before shutdown(); TLS does not, once it has the visitor's close_notify.
void stop_reading(SSL& ssl) { SSL_set_shutdown(&ssl, SSL_get_shutdown(&ssl) | SSL_RECEIVED_SHUTDOWN); }

}  // namespace

Visits::Visits(std::size_t most_bytes, std::chrono::seconds patience)
    : most_bytes_(most_bytes), patience_(patience), clock_([this] { look_at_the_clock(); }) {}

Visits::~Visits() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  wake_.notify_all();
  clock_.join();
}

int Visits::index() {
  static const int number = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &Visits::ended);
  return number;
}

void Visits::watch(SSL_CTX& context) {
  crypto::require(index() >= 0 && SSL_CTX_set_ex_data(&context, 0, this) == 1, "SSL_CTX_set_ex_data");
  SSL_CTX_set_info_callback(&context, &Visits::began);
  SSL_CTX_set_msg_callback(&context, &Visits::received);
}

void Visits::began(const SSL* ssl, int where, int) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0 || SSL_get_ex_data(ssl, index()) != nullptr) return;
  auto* visits = static_cast<Visits*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0));
  visits->open(*const_cast<SSL*>(ssl));
}

void Visits::open(SSL& ssl) {
  const int fd = fcntl(SSL_get_fd(&ssl), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) {  // nobody may stay unwatched
    shutdown(SSL_get_fd(&ssl), SHUT_RDWR);
    return;
  }
  auto* visit = new Visit{*this, fd, Clock::now() + patience_};
  SSL_set_ex_data(&ssl, index(), visit);
  const std::lock_guard lock(mutex_);
  visits_.insert(visit);
}

// Each TLS record begins with five bytes, of which the last two are the length of the rest (RFC 5246, 6.2.1).
void Visits::received(int written, int, int type, const void* data, std::size_t size, SSL* ssl, void*) {
  if (written != 0 || type != SSL3_RT_HEADER || size != 5) return;
  auto* visit = static_cast<Visit*>(SSL_get_ex_data(ssl, index()));
  if (visit == nullptr) return;
  const auto* head = static_cast<const unsigned char*>(data);
  visit->bytes += size + (std::size_t{head[3]} << 8 | head[4]);
  if (visit->bytes <= visit->visits.most_bytes_) return;
  visit->end();
  stop_reading(*ssl);
}

void Visits::ended(void*, void* ended_visit, CRYPTO_EX_DATA*, int, long, void*) {
  auto* visit = static_cast<Visit*>(ended_visit);
  if (visit == nullptr) return;
  {
    const std::lock_guard lock(visit->visits.mutex_);
    visit->visits.visits_.erase(visit);
  }
  close(visit->fd);
  delete visit;
}

void Visits::look_at_the_clock() {
  std::unique_lock lock(mutex_);
  while (!over_) {
    const auto now = Clock::now();
    for (const auto* visit : visits_)
      if (visit->until <= now) visit->end();
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return over_; });
  }
}

void Visits::hang_up(SSL& ssl) {
  stop_reading(ssl);
  shutdown(SSL_get_fd(&ssl), SHUT_RD);
}

}  // namespace jpki::web
