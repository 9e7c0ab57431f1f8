// jpki cert show
#include <array>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.hpp"
#include "tool/browser.hpp"
#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/page.hpp"
#include "tool/pins.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::Tier;

struct KindRow {
  std::string_view word;
  Tier tier;
  Which which;
};
constexpr std::array kind_rows{
    KindRow{"sign", Tier::sign, Which::holder}, KindRow{"auth", Tier::auth, Which::holder},
    KindRow{"sign-ca", Tier::sign, Which::ca}, KindRow{"auth-ca", Tier::auth, Which::ca}};

// Without a word: what needs no PIN, if the card has it.
const KindRow& kind_of(const Options& options, const Cards& cards) {
  if (options.words.empty()) return kind_rows[cards.has(Tier::auth) || !cards.has(Tier::sign) ? 1 : 0];
  for (const auto& row : kind_rows) {
    if (row.word == options.words[0]) return row;
  }
  throw Failure(Exit::usage, tr("the certificate is one of sign, auth, sign-ca, auth-ca"));
}

Certificate read(const Cards& cards, const KindRow& kind, const Options& options) {
  const Token& token = cards.the_token(kind.tier);
  if (auto found = cards.certificate(token, kind.which)) return *found;
  if (kind.which == Which::ca) throw Failure(Exit::no_card, tr("the card has no such certificate"));
  require_tries(token, options);
  return cards.certificate_with_pin(token, obtain_pin(kind.tier, options));
}

// Personal data: for the owner's eyes.
void write_new(const std::string& path, ByteView content) {
  try {
    create_file(path, content, 0600);
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::file_exists)
      throw Failure(Exit::failed, tr("%1 is there already: nothing is overwritten", {path}));
    throw Failure(Exit::failed, tr("%1 cannot be written", {path}));
  }
}

void open_page(const std::string& page, const Context& context) {
  context.err << tr("The page goes to your browser, and its file is removed %1 seconds later (Ctrl+C: now).",
                    {std::to_string(context.options.keep_seconds)})
              << std::endl;
  show_in_browser(page, std::chrono::seconds(context.options.keep_seconds));
}

}  // namespace

int show_certificate(const Context& context) {
  const Options& options = context.options;
  const Cards cards(options);
  const Certificate certificate = read(cards, kind_of(options, cards), options);
  const bool pem = options.out.ends_with(".pem");
  if (!options.out.empty())
    write_new(options.out, pem ? copy_of(bytes_of(certificate.pem())) : certificate.der());
  if (!options.html.empty()) write_new(options.html, bytes_of(html(page_of(certificate, context.now))));
  const bool to_files = !options.out.empty() || !options.html.empty() || options.open;
  if (options.json)
    context.out << json_of(certificate).dump(2) << '\n';
  else if (!to_files)
    print(page_of(certificate, context.now), context.out);
  if (options.open) open_page(html(page_of(certificate, context.now)), context);
  return Exit::done;
}

}  // namespace jpki::tool
