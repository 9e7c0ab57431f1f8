#include "tool/signature_file.hpp"

#include "base/file.hpp"
#include "jpki/embedded.hpp"
#include "jpki/trust.hpp"
#include "tool/exits.hpp"
#include "tool/file_content.hpp"
#include "tool/messages.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::SignedData, service::Signer;

// What has to be held in memory: a detached signature, or a content in pieces (BER).
constexpr std::size_t longest_signature = std::size_t{1} << 30;

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
  signer.names_certificate = true;  // by the user
  signer.holds =
      service::verify_bare(certificates[0], content.content(),
                           signature_of(options.words.size() == 1 ? file + ".sig" : options.words[1]));
  return {false, {signer}, std::move(certificates)};
}

std::optional<SignedData> read_embedded(const std::string& path, const std::vector<Certificate>& helpers,
                                        std::ostream& err) {
  FileContent file(path, &err);
  const auto parts = service::separate(
      [&](std::uint64_t offset, std::span<std::uint8_t> buffer) { return file.read_at(offset, buffer); },
      file.size());
  if (!parts)
    return service::verify_signed_data(service::signed_data_of_file(signature_of(path)), nullptr, helpers);
  const auto content = file.part(parts->offset, parts->size);
  auto found = service::verify_signed_data(parts->signature, &content, helpers);
  if (found) found->embedded = true;
  return found;
}

// jpki verify FILE.p7m, or FILE SIGNATURE, or FILE beside FILE.p7s.
SignedData read_cms(const Options& options, std::ostream& err) {
  const std::string& file = options.words[0];
  const bool alone = options.words.size() == 1;
  const auto helpers =
      options.chain.empty() ? std::vector<Certificate>{} : service::read_certificates(options.chain);
  std::optional<SignedData> found;
  if (alone && file.ends_with(".p7m")) {
    found = read_embedded(file, helpers, err);
  } else {
    FileContent content(file, &err);
    const auto detached = content.content();
    const Bytes signature = signature_of(alone ? file + ".p7s" : options.words[1]);
    found = service::verify_signed_data(service::signed_data_of_file(signature), &detached, helpers);
  }
  if (!found || found->signers.empty())
    throw Failure(Exit::failed, tr("this is no signature that can be read (a bare one needs --signer)"));
  if (found->embedded && !alone)
    throw Failure(Exit::usage, tr("the signature has its own content: verify it without a file"));
  return std::move(*found);
}

}  // namespace

SignedData read_signature(const Context& context) {
  return context.options.signer.empty() ? read_cms(context.options, context.err)
                                        : read_bare(context.options, context.err);
}

}  // namespace jpki::tool
