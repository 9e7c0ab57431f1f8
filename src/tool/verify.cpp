// jpki verify
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "jpki/trust.hpp"
#include "tool/exits.hpp"
#include "tool/file_content.hpp"
#include "tool/messages.hpp"
#include "tool/page.hpp"
#include "tool/verbs.hpp"
#include "tool/verdict.hpp"

namespace jpki::tool {
namespace {

using service::SignedData, service::Signer, service::Tier, service::Validity;

constexpr std::size_t longest_signature = std::size_t{1} << 30;  // an embedded content is held in memory

Bytes signature_of(const std::string& path) {
  auto found = read_file(path, longest_signature);
  if (!found) throw Failure(Exit::failed, tr("%1 cannot be read", {path}));
  return std::move(*found);
}

// A bare signature says nothing of its signer: --signer names the certificate.
SignedData read_bare(const Options& options, std::ostream& err) {
  const std::string& file = options.words[0];
  auto certificates = service::read_certificates(options.signer);
  if (certificates.empty())
    throw Failure(Exit::failed, tr("%1 is not a file with one certificate", {options.signer}));
  FileContent content(file, &err);
  Signer signer;
  signer.certificate = certificates[0];
  signer.holds =
      service::verify_bare(certificates[0], content.content(),
                           signature_of(options.words.size() == 1 ? file + ".sig" : options.words[1]));
  return {false, {signer}, std::move(certificates)};
}

// jpki verify FILE.p7m, or FILE SIGNATURE, or FILE beside FILE.p7s.
SignedData read(const Options& options, std::ostream& err) {
  const std::string& file = options.words[0];
  const bool alone = options.words.size() == 1;
  std::optional<SignedData> found;
  if (alone && file.ends_with(".p7m")) {
    found = service::verify_signed_data(service::signed_data_of_file(signature_of(file)), nullptr);
  } else {
    FileContent content(file, &err);
    const auto detached = content.content();
    const Bytes signature = signature_of(alone ? file + ".p7s" : options.words[1]);
    found = service::verify_signed_data(service::signed_data_of_file(signature), &detached);
  }
  if (!found || found->signers.empty())
    throw Failure(Exit::failed, tr("this is no signature that can be read (a bare one needs --signer)"));
  if (found->embedded && !alone)
    throw Failure(Exit::usage, tr("the signature has its own content: verify it without a file"));
  return std::move(*found);
}

struct Judged {
  const Signer& signer;
  std::optional<Validity> validity;
  [[nodiscard]] bool is_authentication() const {
    return signer.certificate && signer.certificate->tier() == Tier::auth;
  }
};

Judged judge(const Signer& signer, const SignedData& data, const Context& context) {
  Judged judged{signer, std::nullopt};
  if (signer.holds) judged.validity = check_by(*signer.certificate, data.certificates, context);
  return judged;
}

Exit status_of(const Judged& judged) {
  if (!judged.signer.holds || judged.is_authentication()) return Exit::negative;
  return exit_of(*judged.validity);
}

void print_person(const service::Certificate& certificate, const Context& context) {
  const Page page = page_of(certificate, context.now);
  for (const auto& item : page.basic) context.out << "  " << item.label << ": " << item.value << '\n';
}

void print_judged(const Judged& judged, const Context& context) {
  auto& out = context.out;
  if (!judged.signer.holds) {
    out << tr("The signature does NOT belong to this content: the content or the signature was changed.")
        << '\n';
    return;
  }
  out << tr("The signature belongs to this content.") << '\n';
  out << "  " << tr("certificate: serial number %1", {judged.signer.certificate->serial()}) << '\n';
  if (context.options.show_personal) print_person(*judged.signer.certificate, context);
  if (judged.signer.when)
    out << "  "
        << tr("signed on %1, as the signer's clock said",
              {service::date_text(service::day_in_japan(*judged.signer.when))})
        << '\n';
  if (!judged.signer.names_certificate && context.options.signer.empty())
    out << "  ! " << tr("The signature does not name its certificate (no CAdES-BES).") << '\n';
  if (judged.signer.certificate->is_test())
    out << "  ! " << tr("This is a test certificate. It proves nothing.") << '\n';
  if (judged.is_authentication())
    out << "  ! " << tr("Made with an authentication certificate: it is no seal.") << '\n';
  out << tr("The certificate:") << ' ';
  print(*judged.validity, out);
}

nlohmann::json judged_json(const Judged& judged, const Context& context) {
  nlohmann::json out{{"holds", judged.signer.holds}, {"names_certificate", judged.signer.names_certificate}};
  if (!judged.signer.certificate) return out;
  const auto& certificate = *judged.signer.certificate;
  out["serial"] = certificate.serial();
  if (const auto tier = certificate.tier()) out["tier"] = service::row_of(*tier).name;
  if (judged.signer.when) out["signed"] = service::date_text(service::day_in_japan(*judged.signer.when));
  if (judged.validity) out["certificate"] = json_of(*judged.validity);
  if (context.options.show_personal) out["holder"] = json_of(certificate).value("holder", nlohmann::json());
  return out;
}

// The worst of all signers counts: no is worse than not known.
Exit worse(Exit a, Exit b) {
  if (a == Exit::negative || b == Exit::negative) return Exit::negative;
  return std::max(a, b);
}

}  // namespace

int verify_file(const Context& context) {
  const SignedData data = context.options.signer.empty() ? read(context.options, context.err)
                                                         : read_bare(context.options, context.err);
  Exit status = Exit::done;
  nlohmann::json all = nlohmann::json::array();
  for (const auto& signer : data.signers) {
    const Judged judged = judge(signer, data, context);
    status = worse(status, status_of(judged));
    context.options.json ? all.push_back(judged_json(judged, context)) : print_judged(judged, context);
  }
  if (context.options.json) context.out << all.dump(2) << '\n';
  return status;
}

}  // namespace jpki::tool
