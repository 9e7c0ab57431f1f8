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

}  // namespace

service::Certificate compared_ca(const std::string& file, const std::string& expect) {
  const auto found = service::read_certificates(file);
  if (found.size() != 1) throw Failure(Exit::failed, tr("%1 is not a file with one certificate", {file}));
  require_fit(found[0], expect);
  return found[0];
}

int add_trust(const Context& context) {
  const auto ca = compared_ca(context.options.words.at(0), context.options.expect);
  fs::create_directories(trust_folder());
  replace_file(trust_folder() / file_name(ca), bytes_of(ca.pem()), 0644);
  context.out << tr("registered: %1", {service::name_text(ca.subject())}) << '\n';
  return Exit::done;
}

int list_trust(const Context& context) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& certificate : service::read_certificates(trust_folder())) {
    const std::string sha256 = service::fingerprint(certificate, Hash::sha256);
    const std::string last = service::date_text(service::day_in_japan(certificate.last()));
    all.push_back(
        {{"subject", service::name_text(certificate.subject())}, {"sha256", sha256}, {"last_day", last}});
    if (!context.options.json)
      context.out << service::grouped(sha256) << "\n  " << service::name_text(certificate.subject()) << ", "
                  << tr("to %1", {last}) << '\n';
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
    fs::remove(trust_folder() / file_name(certificate));
    context.out << tr("removed: %1", {service::name_text(certificate.subject())}) << '\n';
    return Exit::done;
  }
  throw Failure(Exit::failed, tr("no registered CA has this fingerprint"));
}

}  // namespace jpki::tool
