#include "agency.hpp"

#include "base/file.hpp"
#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "jpki/text.hpp"

namespace agency {
namespace {

namespace web = jpki::web;
using web::Request, web::Response;

constexpr const char* plain = "text/plain; charset=utf-8";
constexpr std::size_t longest_field = 200;  // characters

constexpr const char* form_page = R"(<!DOCTYPE html>
<html lang="ja">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>電子申請 - TEST</title></head>
<body>
<main>
<h1>電子申請（TEST）</h1>
<p>氏名と住所を、署名用電子証明書のとおりに入力してください。
<span lang="en">Name and address as in your signature certificate.</span></p>
<form method="post" action="/application">
<p><label for="name">氏名 <span lang="en">Name</span></label><br><input id="name" name="name" required autocomplete="name"></p>
<p><label for="address">住所 <span lang="en">Address</span></label><br>
<input id="address" name="address" size="60" required autocomplete="street-address"></p>
<p><button type="submit">申請書ファイルを作る <span lang="en">Make the application file</span></button></p>
</form>
<p>できたファイルに <code>jpki sign --format embedded</code> で署名し、送信してください。
<span lang="en">Sign the file, then send it in.</span></p>
</main>
</body>
</html>
)";

std::string field(const Request& request, const char* name) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return "";
  const auto length = service::count_characters(found->second);
  return length && *length <= longest_field && service::is_plain_text(found->second) ? found->second : "";
}

Response make_application(const Request& request) {
  const std::string name = field(request, "name"), address = field(request, "address");
  if (name.empty() || address.empty())
    return {400, plain, "氏名と住所を入力してください / name and address are needed\n", "incomplete"};
  return {200, plain, "申請書（TEST）\n氏名: " + name + "\n住所: " + address + "\n申請: 住民票の写しの交付\n",
          "application", "application.txt"};
}

// Named by the digest of what was sent: what comes twice is kept once, and gets the same number.
void keep(const Office& office, const std::string& number, ByteView signature) {
  const auto path = office.inbox / (number + ".p7m");
  if (!std::filesystem::exists(path)) jpki::create_file(path, signature);
}

Response take(const Office& office, std::mutex& mutex, const Request& request) {
  const auto now = office.now();
  const Judgement judgement = judge(request.body, office.sources, now);
  if (judgement.refused != nullptr)
    return {403, plain, std::string(judgement.refused->word) + ": " + judgement.refused->text + '\n',
            std::string("refused=") + judgement.refused->word};
  const std::string number =
      jpki::to_hex(jpki::crypto::digest(jpki::Hash::sha256, request.body)).substr(0, 32);
  const std::lock_guard lock(mutex);
  keep(office, number, request.body);
  const std::string receipt =
      "受付票 / Receipt (TEST)\nnumber: " + number +
      "\nday: " + service::date_text(service::day_in_japan(now)) + "\nsha256 of the application: " +
      jpki::to_hex(jpki::crypto::digest(jpki::Hash::sha256, judgement.application)) + '\n';
  return {200, "application/pkcs7-mime",
          std::string(jpki::text_of(office.post.sealed(jpki::bytes_of(receipt), now))), "taken",
          "receipt.p7m"};
}

}  // namespace

web::Site site_of(const Office& office) {
  const auto mutex = std::make_shared<std::mutex>();
  web::Site site;
  site.limits.body = 256 << 10, site.limits.visit = 512 << 10;
  site.routes = {
      {"GET", "/", "",
       [](const Request&) {
         return Response{200, "text/html; charset=utf-8", form_page};
       }},
      {"POST", "/application", "application/x-www-form-urlencoded", make_application},
      {"POST", "/submit", "application/pkcs7-mime",
       [&office, mutex](const Request& request) { return take(office, *mutex, request); }},
  };
  site.refuse = [](int status, const Request&) {
    return Response{status, plain, "受け付けられません / refused (" + std::to_string(status) + ")\n",
                    "refused"};
  };
  return site;
}

}  // namespace agency
