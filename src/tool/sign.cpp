// jpki sign
#include <nlohmann/json.hpp>

#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/file_content.hpp"
#include "tool/messages.hpp"
#include "tool/pins.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::Tier;

struct FormatRow {
  std::string_view name, suffix;
  bool bare, embedded;
};
constexpr FormatRow format_rows[] = {
    {"detached", ".p7s", false, false}, {"embedded", ".p7m", false, true}, {"raw", ".sig", true, false}};

const FormatRow& format_of(const Options& options) {
  for (const auto& row : format_rows) {
    if (options.format.empty() || row.name == options.format) return row;
  }
  throw Failure(Exit::usage, tr("--format is one of detached, embedded, raw"));
}

std::string out_of(const Options& options, const FormatRow& format) {
  return options.out.empty() ? options.words.at(0) + std::string(format.suffix) : options.out;
}

void announce(const Options& options, const FormatRow& format, std::ostream& err) {
  err << tr("%1 will be signed with the signature key, as with a registered seal.", {options.words.at(0)})
      << '\n';
  if (!format.bare)
    err << tr("Your name, address, birth date and sex travel with the signature: whoever gets it can read "
              "them.")
        << '\n';
}

void write(const FormatRow& format, const SignatureKey& key, const std::vector<Certificate>& others,
           service::Instant now, FileContent& file, NewFile& out) {
  const auto sign = [&](ByteView block) { return key.sign(block); };
  if (format.bare) return out.write(service::bare_signature(key.certificate(), file.content(), sign));
  service::write_signed_data({key.certificate(), others, now, format.embedded}, file.content(), sign,
                             [&](ByteView part) { out.write(part); });
}

}  // namespace

int sign_file(const Context& context) {
  const Options& options = context.options;
  const FormatRow& format = format_of(options);
  FileContent file(options.words[0], &context.err);
  NewFile out(out_of(options, format));  // before a PIN is asked for
  const Cards cards(options);
  const Token& token = cards.the_token(Tier::sign);
  require_tries(token, options);
  announce(options, format, context.err);
  std::vector<Certificate> others;
  if (const auto ca = cards.certificate(token, Which::ca)) others.push_back(*ca);
  {
    const SignatureKey key(cards, token, obtain_pin(Tier::sign, options));
    if (context.now > key.certificate().last())
      context.err << tr("The certificate has expired: whoever verifies the signature will be told so.")
                  << '\n';
    write(format, key, others, context.now, file, out);
  }
  out.keep();
  if (options.json)
    context.out << nlohmann::json{{"signature", out_of(options, format)}, {"format", format.name}}.dump(2)
                << '\n';
  else
    context.out << out_of(options, format) << '\n';
  return Exit::done;
}

}  // namespace jpki::tool
