#include "window/window.hpp"

#include <algorithm>

#include "jpki/signed_data.hpp"

namespace jpki::window {
namespace {

using service::Tier;
using web::Request, web::Response;

constexpr std::size_t most_forms = 10'000;
constexpr std::chrono::minutes form_lasts{15};
constexpr const char *signature_type = "application/pkcs7-signature", *plain = "text/plain; charset=utf-8";

std::string of_query(const Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

Language language_for(const Request& request) {
  return language_of(of_query(request, "lang"), request.languages);
}

Visitor visitor_of(const Item& own) {
  if (own.tier == Tier::sign) return Visitor::wrong_half;
  switch (own.state) {
    case State::valid:
      return Visitor::welcome;
    case State::revoked:
      return Visitor::revoked;
    case State::expired:
      return Visitor::expired;
    case State::not_yet_valid:
      break;
  }
  return Visitor::not_yet_valid;
}

constexpr const char* note_of(Visitor visitor) {
  constexpr const char* notes[] = {"nobody",        "foreign", "signature-certificate", "revoked", "expired",
                                   "not-yet-valid", "welcome"};
  return notes[static_cast<std::size_t>(visitor)];
}

// An answer to jpki revoke: a line of text.
Response refusal(int status, const Words& words, const char* note, Language language) {
  return {status, plain, words.in(language) + '\n', std::string("refused=") + note};
}

// What is signed. Japanese first, and in all languages the same, so that what was signed can be shown to
// anybody.
std::string form_text(const Form& form, const Holder& holder, const std::string& origin, bool seals,
                      service::Instant now) {
  std::string text = "電子証明書失効申請書 / Request for revocation (TEST)\n";
  text += "window: " + origin + "\nnumber: " + form.number + '\n';
  for (const Item& item : holder.all)
    if (std::find(form.serials.begin(), form.serials.end(), item.serial) != form.serials.end())
      text += "revoke: " + std::string(service::row_of(item.tier).name) + ' ' + item.serial + '\n';
  return text + "reason: own wish\nasked: " + time_text(now) + " +09:00\nuntil: " + time_text(form.until) +
         " +09:00\nreceipt: " + (seals ? "signed" : "plain") + '\n';
}

std::string receipt_text(const Form& form, service::Instant now) {
  std::string text =
      "失効申請受付票 / Receipt of a request for revocation (TEST)\nnumber: " + form.number + '\n';
  for (const auto& serial : form.serials) text += "revoked: " + serial + '\n';
  return text + "at: " + time_text(now) + " +09:00\n";
}

}  // namespace

Window::Window(Registry& registry, Hours hours, Now now)
    : registry_(registry), hours_(hours), now_(std::move(now)), forms_(most_forms) {}

web::Site Window::site() {
  web::Site site;
  site.asks_certificate = true;
  site.routes = {
      {"GET", "/", "", [this](const Request& request) { return first(request); }},
      {"GET", "/style.css", "",
       [](const Request&) {
         return Response{200, "text/css", style_sheet};
       }},
      {"POST", "/revocation", "application/x-www-form-urlencoded",
       [this](const Request& request) { return make_form(request); }},
      {"GET", "/form", "", [this](const Request& request) { return show_form(request); }},
      {"POST", "/form", signature_type, [this](const Request& request) { return take_form(request); }},
  };
  site.refuse = [](int status, const Request& request) {
    const Language language = language_for(request);
    const Words& words = status == 404 ? words::not_found : words::refused;
    return Response{status, "text/html; charset=utf-8",
                    plain_page(language, words::title, words.in(language, {std::to_string(status)})),
                    "refused"};
  };
  return site;
}

Scene Window::scene_of(const Request& request) {
  const auto now = now_();
  Scene scene{language_for(request), Visitor::nobody, std::nullopt, hours_.is_open(now), hours_};
  if (request.certificate.empty()) return scene;
  scene.visitor = Visitor::foreign;
  const auto certificate = service::Certificate::from_der(request.certificate);
  if (!certificate) return scene;
  const std::lock_guard lock(one_at_a_time_);
  scene.holder = registry_.holder_of(*certificate, now);
  if (scene.holder) scene.visitor = visitor_of(scene.holder->own);
  return scene;
}

Response Window::first(const Request& request) {
  const Scene scene = scene_of(request);
  return {200, "text/html; charset=utf-8", first_page(scene),
          std::string("visitor=") + note_of(scene.visitor)};
}

Response Window::make_form(const Request& request) {
  const Scene scene = scene_of(request);
  const auto page = [&](int status, const Words& words, const char* note, const std::string& value = "") {
    return Response{status, "text/html; charset=utf-8",
                    plain_page(scene.language, words::form, words.in(scene.language, {value})),
                    std::string("refused=") + note};
  };
  if (scene.visitor != Visitor::welcome)
    return {403, "text/html; charset=utf-8", first_page(scene),
            std::string("visitor=") + note_of(scene.visitor)};
  if (!scene.open) return page(503, words::closed, "closed", hours_text(hours_, scene.language));
  const Item *sign = valid_of(*scene.holder, Tier::sign), &auth = scene.holder->own;
  const std::string what = of_query(request, "what");
  if (sign == nullptr) return page(409, words::no_signature, "no-signature-certificate");
  if (what != "sign" && what != "both") return page(400, words::refused, "malformed", "400");
  const auto now = now_();
  const std::string origin = "https://" + request.host;
  Form form{Forms::new_number(), scene.holder->subject, auth.serial, {sign->serial}, now + form_lasts, {}};
  if (what == "both") form.serials.push_back(auth.serial);
  form.text = form_text(form, *scene.holder, origin, registry_.seals(), now);
  const std::string html = form_page(scene, form, origin);
  if (!forms_.keep(std::move(form), now)) return page(503, words::busy, "busy");
  return {200, "text/html; charset=utf-8", html, "form"};
}

Response Window::show_form(const Request& request) {
  const Language language = language_for(request);
  const auto form = forms_.find(of_query(request, "number"), now_());
  if (!form) return refusal(404, words::unknown_form, "unknown-number", language);
  return {200, plain, form->text, "form", "revocation-request.txt"};
}

Response Window::take_form(const Request& request) {
  const Language language = language_for(request);
  const auto now = now_();
  if (!hours_.is_open(now))
    return {503, plain, words::closed.in(language, {hours_text(hours_, language)}) + '\n', "refused=closed"};
  const auto form = forms_.find(of_query(request, "number"), now);
  if (!form) return refusal(404, words::unknown_form, "unknown-number", language);
  return judge(*form, request, language);
}

// The signature is over the text that this window made out, whatever came with it.
Response Window::judge(const Form& form, const Request& request, Language language) {
  const auto text = service::content_in_memory(bytes_of(form.text));
  const auto found = service::verify_signed_data(request.body, &text);
  if (!found || found->embedded || found->signers.size() != 1 || !found->signers[0].certificate)
    return refusal(400, words::unreadable, "unreadable", language);
  const auto& signer = found->signers[0];
  if (!signer.holds) return refusal(403, words::altered, "altered", language);
  const std::lock_guard lock(one_at_a_time_);
  const auto holder = registry_.holder_of(*signer.certificate, now_());
  if (!holder || holder->subject != form.subject)
    return refusal(403, words::another_card, "another-card", language);
  if (holder->own.tier != Tier::sign) return refusal(403, words::no_seal, "authentication-key", language);
  const bool asked =
      std::find(form.serials.begin(), form.serials.end(), holder->own.serial) != form.serials.end();
  if (holder->own.state != State::valid || !asked)
    return refusal(403, words::signer_invalid, "not-valid", language);
  return revoke(form, language);
}

Response Window::revoke(const Form& form, Language language) {
  const auto now = now_();
  if (!forms_.take(form.number)) return refusal(404, words::unknown_form, "unknown-number", language);
  if (!registry_.revoke(form.serials, now)) return refusal(409, words::signer_invalid, "not-valid", language);
  const std::string receipt = receipt_text(form, now);
  if (!registry_.seals()) return {200, plain, receipt, "revoked"};
  return {200, "application/pkcs7-mime", std::string(text_of(registry_.sealed(receipt, now))), "revoked"};
}

}  // namespace jpki::window
