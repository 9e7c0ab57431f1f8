#include "window/pages.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "base/text.hpp"

namespace jpki::window {
namespace {

using service::Tier;

struct VisitorRow {
  Visitor visitor;
  const Words &title, &help;
};
constexpr VisitorRow visitor_rows[] = {
    {Visitor::nobody, words::no_card, words::no_card_help},
    {Visitor::foreign, words::foreign, words::foreign_help},
    {Visitor::wrong_half, words::wrong_half, words::wrong_half_help},
    {Visitor::revoked, words::revoked, words::not_valid_help},
    {Visitor::expired, words::expired, words::not_valid_help},
    {Visitor::not_yet_valid, words::early, words::not_valid_help},
};

std::string element(const char* name, const std::string& content) {
  return std::string("<") + name + '>' + content + "</" + std::string(name) + ">\n";
}
std::string said(const char* name, const std::string& text) { return element(name, escaped_html(text)); }

std::string language_links(Language language) {
  std::ostringstream links;
  for (const auto& [of_link, tag, name] : language_rows) {
    if (of_link == language)
      links << "<li aria-current=\"true\"><span lang=\"" << tag << "\">" << name << "</span></li>\n";
    else
      links << "<li><a href=\"/?lang=" << tag << "\" lang=\"" << tag << "\" hreflang=\"" << tag << "\">"
            << name << "</a></li>\n";
  }
  return "<nav aria-label=\"" + words::language.in(language) + "\"><ul>\n" + links.str() + "</ul></nav>\n";
}

std::string page(Language language, const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"" + std::string(tag_of(language)) +
         "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n" +
         said("title", title + " - TEST") +
         "<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<header>\n" +
         language_links(language) + "<p class=\"test\"><strong>TEST</strong> " +
         escaped_html(words::test.in(language)) + "</p>\n</header>\n<main>\n" + said("h1", title) + body +
         "</main>\n</body>\n</html>\n";
}

std::string state_text(const Item& item, Language language) {
  switch (item.state) {
    case State::valid:
      return words::is_valid.in(language);
    case State::revoked:
      return words::is_revoked.in(language, {item.revoked ? time_text(*item.revoked) : "?"});
    case State::expired:
      return words::is_expired.in(language);
    case State::not_yet_valid:
      return words::is_early.in(language);
  }
  return "";
}

const Words& name_of(Tier tier) { return tier == Tier::sign ? words::sign : words::auth; }
std::string day_text(service::Instant instant) { return service::date_text(service::day_in_japan(instant)); }

std::string certificates(const Holder& holder, Language language) {
  std::string head, rows;
  for (const Words* column : {&words::kind, &words::serial, &words::first, &words::last, &words::state})
    head += "<th scope=\"col\">" + column->in(language) + "</th>";
  for (const Item& item : holder.all) {
    rows += "<tr><th scope=\"row\">" + name_of(item.tier).in(language) + "</th><td class=\"serial\">" +
            item.serial + "</td><td>" + day_text(item.first) + "</td><td>" + day_text(item.last) +
            "</td><td>" + state_text(item, language) + "</td></tr>\n";
  }
  return said("h2", words::certificates.in(language)) + "<table>\n<thead><tr>" + head +
         "</tr></thead>\n<tbody>\n" + rows + "</tbody>\n</table>\n";
}

std::string choice(const char* value, const Words& label, bool chosen, Language language) {
  return std::string("<p><label><input type=\"radio\" name=\"what\" value=\"") + value + '"' +
         (chosen ? " checked" : "") + "> " + label.in(language) + "</label></p>\n";
}

std::string revocation(const Scene& scene) {
  const Language language = scene.language;
  std::string out =
      said("h2", words::revocation.in(language)) + said("p", words::revocation_help.in(language));
  if (valid_of(*scene.holder, Tier::sign) == nullptr)
    return out + said("p", words::no_signature.in(language));
  if (!scene.open)
    return out + "<p class=\"closed\">" +
           escaped_html(words::closed.in(language, {hours_text(scene.hours, language)})) + "</p>\n";
  const std::string tag(tag_of(language));
  return out + "<form method=\"post\" action=\"/revocation\">\n<fieldset>\n" +
         said("legend", words::revocation.in(language)) + choice("sign", words::sign_only, true, language) +
         choice("both", words::both, false, language) + "<input type=\"hidden\" name=\"lang\" value=\"" +
         tag + "\">\n<p><button type=\"submit\">" + words::make_form.in(language) +
         "</button></p>\n</fieldset>\n</form>\n";
}

std::string greeting(const Scene& scene) {
  const auto* row = std::find_if(std::begin(visitor_rows), std::end(visitor_rows),
                                 [&](const VisitorRow& one) { return one.visitor == scene.visitor; });
  if (row == std::end(visitor_rows))
    return "<p class=\"good\" role=\"status\">" + words::welcome.in(scene.language) + "</p>\n";
  return "<div class=\"notice\" role=\"status\">\n" + said("p", row->title.in(scene.language)) +
         said("p", row->help.in(scene.language)) + "</div>\n";
}

}  // namespace

const Item* valid_of(const Holder& holder, Tier tier) {
  const auto found = std::find_if(holder.all.begin(), holder.all.end(), [&](const Item& item) {
    return item.tier == tier && item.state == State::valid;
  });
  return found == holder.all.end() ? nullptr : &*found;
}

std::string time_text(service::Instant instant) {
  using namespace std::chrono;
  const auto local = instant + std::chrono::hours(9);
  const auto minute = duration_cast<minutes>(local - floor<days>(local)).count();
  char text[16];
  std::snprintf(text, sizeof text, " %02d:%02d", static_cast<int>(minute / 60) % 24,
                static_cast<int>(minute % 60));
  return day_text(instant) + text;
}

std::string hours_text(const Hours& hours, Language language) {
  if (hours.is_always()) return words::always.in(language);
  if (hours.is_daily()) return words::daily.in(language, {hours.times()});
  const auto day = [&](unsigned number) { return words::days[number].in(language); };
  return words::weekly.in(language, {day(hours.first_day()), day(hours.last_day()), hours.times()});
}

std::string first_page(const Scene& scene) {
  const Language language = scene.language;
  std::string body = greeting(scene);
  if (scene.holder && scene.visitor != Visitor::wrong_half) body += certificates(*scene.holder, language);
  if (scene.visitor == Visitor::welcome) body += revocation(scene);
  body += said("h2", words::hours.in(language)) + said("p", hours_text(scene.hours, language));
  body += said("h2", words::lost.in(language)) + said("p", words::lost_help.in(language));
  return page(language, words::title.in(language), body);
}

std::string form_page(const Scene& scene, const Form& form, const std::string& origin) {
  const Language language = scene.language;
  const std::string command = "jpki revoke --online '" + origin + "/form?number=" + form.number + "'";
  const std::string body = said("p", words::form_help.in(language, {time_text(form.until)})) +
                           element("pre", said("code", command)) + said("h2", words::form_text.in(language)) +
                           said("pre", form.text) + "<p><a href=\"/?lang=" + std::string(tag_of(language)) +
                           "\">" + words::home.in(language) + "</a></p>\n";
  return page(language, words::form.in(language), body);
}

std::string plain_page(Language language, const Words& title, const std::string& text) {
  return page(language, title.in(language),
              said("p", text) + "<p><a href=\"/?lang=" + std::string(tag_of(language)) + "\">" +
                  words::home.in(language) + "</a></p>\n");
}

const char* const style_sheet = R"(
*{box-sizing:border-box}
body{font:1.1rem/1.7 "Noto Sans CJK JP","Noto Sans JP","Hiragino Sans","Yu Gothic",sans-serif;max-width:56rem;
margin:0 auto;padding:1rem;color:#111;background:#fff}
:lang(zh-CN) body{font-family:"Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei",sans-serif}
h1{font-size:1.6rem}h2{font-size:1.2rem;border-bottom:2px solid #0b57d0;margin-top:2rem}
nav ul{display:flex;gap:1.2rem;list-style:none;margin:0;padding:0;justify-content:flex-end}
a{color:#0b57d0}a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}
.test{background:#fff3c4;border:1px solid #8a6d00;padding:.3rem .8rem}
.notice,.closed{border-left:.4rem solid #b00020;background:#fff3f3;padding:.3rem 1rem}
.notice p:first-child{font-weight:bold}.good{border-left:.4rem solid #1b6e3c;background:#eef8f1;padding:.6rem 1rem}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #666;padding:.4rem .6rem;text-align:left}
thead th{background:#eee}.serial{font-family:monospace}
pre{background:#f4f4f4;border:1px solid #999;padding:.8rem;white-space:pre-wrap;overflow-wrap:anywhere}
fieldset{border:1px solid #666}button{font:inherit;padding:.5rem 1.4rem}
@media print{nav,.test{display:none}}
)";

}  // namespace jpki::window
