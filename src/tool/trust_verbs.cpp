// jpki trust add, list, remove
#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.hpp"
#include "jpki/fingerprint.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/trust_folder.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::Match;
namespace fs = std::filesystem;

// A CA is what ends a chain, and what nobody has typed a fingerprint of is not registered.
void require_fit(const Certificate& certificate, const std::string& expect) {
  if (!certificate.is_ca()) throw Failure(Exit::failed, tr("this is no CA certificate"));
  switch (service::compare_fingerprint(certificate, expect)) {
    case Match::sha256:
    case Match::sha1:
      return;
    case Match::unreadable:
      throw Failure(
          Exit::usage,
          tr("type the fingerprint from the leaflet: --expect with 40 or 64 digits of 0-9 and A-F"));
    case Match::different:
      throw Failure(Exit::negative,
                    tr("The fingerprint is NOT the one that was given. Do not trust this certificate."));
  }
}

std::string file_name(const Certificate& certificate) {
  return service::fingerprint(certificate, Hash::sha256) + ".pem";
}

nlohmann::json row_of(const Certificate& certificate) {
  return {{"subject", service::name_text(certificate.subject())},
          {"sha256", service::fingerprint(certificate, Hash::sha256)},
          {"last_day", service::date_text(service::day_in_japan(certificate.last()))}};
}

void tell(const char* message, const Certificate& certificate, const Context& context) {
  if (context.options.json)
    context.out << row_of(certificate).dump(2) << '\n';
  else
    context.out << tr(message, {service::name_text(certificate.subject())}) << '\n';
}

}  // namespace

int add_trust(const Context& context) {
  const auto found = service::read_certificates(context.options.words.at(0));
  if (found.size() != 1)
    throw Failure(Exit::failed, tr("%1 is not a file with one certificate", {context.options.words[0]}));
  require_fit(found[0], context.options.expect);
  fs::create_directories(trust_folder());
  replace_file(trust_folder() / file_name(found[0]), bytes_of(found[0].pem()), 0644);
  tell(mark("registered: %1"), found[0], context);
  return Exit::done;
}

int list_trust(const Context& context) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& certificate : service::read_certificates(trust_folder())) {
    const nlohmann::json row = row_of(certificate);
    all.push_back(row);
    if (!context.options.json)
      context.out << service::grouped(row["sha256"].get<std::string>()) << "\n  "
                  << row["subject"].get<std::string>() << ", "
                  << tr("to %1", {row["last_day"].get<std::string>()}) << '\n';
  }
  if (context.options.json)
    context.out << all.dump(2) << '\n';
  else if (all.empty())
    context.out << tr("No CA is registered (jpki trust add).") << '\n';
  return Exit::done;
}

int remove_trust(const Context& context) {
  for (const auto& certificate : service::read_certificates(trust_folder())) {
    const Match match = service::compare_fingerprint(certificate, context.options.words.at(0));
    if (match != Match::sha256 && match != Match::sha1) continue;
    // Another name: somebody has put it there by hand, and has to take it out likewise.
    if (!fs::remove(trust_folder() / file_name(certificate)))
      throw Failure(Exit::failed, tr("%1 cannot be written", {trust_folder().string()}));
    tell(mark("removed: %1"), certificate, context);
    return Exit::done;
  }
  throw Failure(Exit::failed, tr("no registered CA has this fingerprint"));
}

}  // namespace jpki::tool
