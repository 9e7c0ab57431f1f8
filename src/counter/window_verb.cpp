// The online window, before this folder's register.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>

#include "counter/office.hpp"
#include "counter/revocation.hpp"
#include "counter/server_identity.hpp"
#include "counter/verbs.hpp"
#include "window/window.hpp"

namespace jpki::counter {
namespace {

using service::Instant, service::Tier;
using window::Holder, window::Item, window::State;

constexpr std::string_view own_wish = "own-wish";

struct Options {
  std::string ca, official, host = "127.0.0.1", hours, clock, certificate, key;
  std::vector<std::string> names;
  int port = 0;
};

// As OpenSSL shows them: whole bytes, none of them a leading zero.
std::string shown_serial(std::uint32_t serial) {
  std::string text = serial_text(serial);
  while (text.size() > 2 && text.starts_with("00")) text.erase(0, 2);
  return text;
}

std::uint32_t serial_from(const std::string& text) {
  std::uint32_t serial = 0;
  std::from_chars(text.data(), text.data() + text.size(), serial, 16);
  return serial;
}

Item item_of(const Entry& entry, Instant now) {
  Item item{entry.issuer == issuer_of(Tier::auth) ? Tier::auth : Tier::sign, shown_serial(entry.serial),
            entry.first, entry.last};
  if (entry.revoked)
    item.state = State::revoked, item.revoked = entry.revoked->when;
  else if (is_over(entry, now))
    item.state = State::expired;
  else if (now < entry.first)
    item.state = State::not_yet_valid;
  return item;
}

class CaRegistry : public window::Registry {
 public:
  CaRegistry(CaFolder& ca, const std::string& post) : ca_(ca) {
    if (!post.empty()) office_.emplace(post);
  }

  std::optional<Holder> holder_of(const service::Certificate& certificate, Instant now) override {
    const auto entry = ca_.find(certificate.x509());
    if (!entry || entry->sort != Sort::holder) return std::nullopt;
    Holder holder{entry->subject, item_of(*entry, now)};
    for (const Entry& one : ca_.records().of_subject(entry->subject)) holder.all.push_back(item_of(one, now));
    return holder;
  }

  bool revoke(const std::vector<std::string>& serials, Instant now) override {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(serials.size());
    for (const auto& serial : serials) numbers.push_back(serial_from(serial));
    const auto results =
        ca_.records().revoke(numbers, {now, cause_row(own_wish).reason, std::string(own_wish)});
    return std::any_of(results.begin(), results.end(), [](const auto& result) { return result.done; });
  }

  bool seals() override { return office_.has_value(); }
  Bytes sealed(std::string_view receipt, Instant now) override {
    return office_->sign(bytes_of(receipt), now, true);
  }

 private:
  CaFolder& ca_;
  std::optional<Office> office_;
};

window::Hours hours_for(const Options& options) {
  if (options.hours.empty()) return {};
  const auto hours = window::Hours::of(options.hours);
  if (!hours) throw UsageError("--hours is no time of service (as 9:00-17:00 or mon-fri 9:00-17:00)");
  return *hours;
}

// A clock that starts at the time that was given, in Japan.
window::Window::Now clock_for(const Options& options) {
  using namespace std::chrono;
  if (options.clock.empty()) return [] { return floor<seconds>(system_clock::now()); };
  const std::string& text = options.clock;
  const auto minute = text.size() == 16 && text[10] == 'T'
                          ? window::minutes_of_day(std::string_view(text).substr(11))
                          : std::nullopt;
  if (minute.value_or(window::day_minutes) == window::day_minutes)
    throw UsageError("--clock is no time (YYYY-MM-DDThh:mm)");
  const Instant from = service::first_second(read_date(text.substr(0, 10), "--clock")) + minutes(*minute);
  return [from, start = steady_clock::now()] { return from + floor<seconds>(steady_clock::now() - start); };
}

ServerIdentity identity_for(const Options& options, const CaFolder& ca, Instant now) {
  if (options.certificate.empty()) return server_identity(ca.path() / "web", options.names, now);
  return {"", options.certificate, options.key};
}

void serve(const Options& options, const Scene& scene) {
  const auto hours = hours_for(options);
  const auto clock = clock_for(options);
  CaFolder ca(options.ca);
  const ServerIdentity identity = identity_for(options, ca, scene.now);
  CaRegistry registry(ca, options.official);
  window::Window window(registry, hours, clock);
  web::Site site = window.site();
  site.certificate = identity.certificate, site.key = identity.key;
  site.hosts = {"localhost", "127.0.0.1", "[::1]"};
  site.hosts.insert(site.hosts.end(), options.names.begin(), options.names.end());
  std::mutex mutex;
  site.log = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    scene.out << instant_text(clock()) << ' ' << line << std::endl;
  };
  web::hold_signals();
  web::Server server(std::move(site));
  web::serve_until_told(server, options.host, options.port, [&](int port) {
    scene.out << "window: https://localhost:" << port << '/' << std::endl;
    if (!identity.ca.empty()) scene.out << "its CA: " << identity.ca.string() << std::endl;
  });
}

}  // namespace

void add_window_verb(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand(
      "window", "the online window: a web server (TLS) for holders, on this machine alone");
  const auto options = std::make_shared<Options>();
  verb.add_option("CA", options->ca, "the hierarchy's folder")->required();
  verb.add_option("--host", options->host, "where it listens: 127.0.0.1, another of 127.0.0.0/8, or ::1")
      ->capture_default_str();
  verb.add_option("--port", options->port, "0: any that is free")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  verb.add_option("--hours", options->hours,
                  "when it serves, in Japan: 9:00-17:00, \"mon-fri 9:00-17:00\" (default: always)");
  verb.add_option("--name", options->names, "another name that it answers for");
  verb.add_option("--official", options->official,
                  "the folder of a post (jpki-counter official) that signs the receipts");
  auto* certificate = verb.add_option("--certificate", options->certificate,
                                      "its certificate chain, PEM (default: one that is made in CA/web)");
  auto* key = verb.add_option("--key", options->key, "the certificate's key, PEM");
  certificate->needs(key), key->needs(certificate);
  verb.add_option("--clock", options->clock,
                  "a clock that starts at YYYY-MM-DDThh:mm in Japan, for rehearsals");
  verb.callback([=] { serve(*options, scene); });
}

}  // namespace jpki::counter
