#include "jpki/text.hpp"
#include "tool/messages.hpp"
#include "tool/page.hpp"

namespace jpki::tool {
namespace {

// Two tabs by radio buttons: no script. On paper both stand below each other.
constexpr const char* style = R"(
*{box-sizing:border-box}
body{font:1rem/1.6 "Noto Sans CJK JP","Noto Sans JP","Hiragino Sans","Yu Gothic",sans-serif;max-width:50rem;
margin:0 auto;padding:1rem;color:#111;background:#fff}
h1{font-size:1.4rem;margin:.5rem 0 1rem}
.remark{border-left:.3rem solid #b00020;padding:.3rem .8rem;margin:.5rem 0;background:#fff3f3}
.tabs>input{position:absolute;opacity:0}
.tabs>label{display:inline-block;position:relative;z-index:1;margin-bottom:-1px;padding:.6rem 1.4rem;border:1px solid #666;
border-radius:.4rem .4rem 0 0;background:#eee;cursor:pointer}
.tabs>input:checked+label{background:#fff;font-weight:bold;border-bottom-color:#fff}
.tabs>input:focus-visible+label{outline:.2rem solid #0b57d0}
.tabs>section{display:none;border:1px solid #666;padding:1rem}
#basic:checked~section.basic,#details:checked~section.details{display:block}
h2{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
dl{margin:0}
dt{font-weight:bold;margin-top:.8rem}
dd{margin:0;overflow-wrap:anywhere}
.basic dd{font-size:1.2rem}
.details dd{font-family:"Noto Sans Mono CJK JP",monospace;font-size:.9rem}
mark{background:#ffe08a;padding:0 .1rem}
.oid{font-weight:normal;color:#555}
@media(min-width:40rem){.basic dl{display:grid;grid-template-columns:12rem 1fr;gap:.4rem 1rem;align-items:baseline}.basic dt{margin-top:0}}
@media print{.tabs>label{display:none}.tabs>section{display:block;border:none;padding:0}
h2{position:static;width:auto;height:auto;clip-path:none;font-size:1.1rem}}
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Substitute characters are marked, and told in words for who does not see the mark.
std::string value_html(const Item& item) {
  std::string out;
  std::size_t place = 0, next = 0;
  for (const std::string_view character : service::characters(item.value)) {
    const bool substitute = next < item.substituted.size() && item.substituted[next] == place++;
    if (substitute) ++next;
    out += substitute ? "<mark title=\"" + escaped(tr("substitute character")) + "\">" + escaped(character) +
                            "</mark>"
                      : escaped(character);
  }
  return item.substituted.empty() ? out : out + "<br><small>" + escaped(substitutes_text(item)) + "</small>";
}

std::string basic_html(const Page& page) {
  std::string out = "<dl>\n";
  for (const auto& item : page.basic)
    out += "<dt>" + escaped(item.label) + "</dt><dd>" + value_html(item) + "</dd>\n";
  return out + "</dl>";
}

std::string details_html(const Page& page) {
  std::string out = "<dl>\n";
  for (const auto& field : page.details) {
    out += "<dt>" + escaped(field.name);
    if (!field.oid.empty()) out += " <span class=\"oid\">" + escaped(field.oid) + "</span>";
    if (field.critical) out += " (" + escaped(tr("critical")) + ")";
    out += "</dt>";
    for (const auto& line : field.lines) out += "<dd>" + escaped(line) + "</dd>";
    out += '\n';
  }
  return out + "</dl>";
}

std::string tab(const std::string& id, const std::string& label, bool open) {
  return "<input type=\"radio\" name=\"tab\" id=\"" + id + "\"" + (open ? " checked" : "") +
         "><label for=\"" + id + "\">" + escaped(label) + "</label>\n";
}

std::string section(const std::string& id, const std::string& label, const std::string& content) {
  return "<section class=\"" + id + "\"><h2>" + escaped(label) + "</h2>\n" + content + "\n</section>\n";
}

}  // namespace

std::string html(const Page& page) {
  const std::string basic = tr("Basic"), details = tr("Details");
  std::string out = "<!DOCTYPE html>\n<html lang=\"" + std::string(tr("en")) +
                    "\">\n<head>\n<meta charset=\"utf-8\">\n" +
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                    "'unsafe-inline'\">\n" +
                    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" + escaped(page.title) +
                    "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<main>\n<h1>" +
                    escaped(page.title) + "</h1>\n";
  for (const auto& remark : page.remarks)
    out += "<p class=\"remark\" role=\"note\">" + escaped(remark) + "</p>\n";
  out += "<div class=\"tabs\" role=\"group\" aria-label=\"" + escaped(page.title) + "\">\n" +
         tab("basic", basic, true) + tab("details", details, false) +
         section("basic", basic, basic_html(page)) + section("details", details, details_html(page)) +
         "</div>\n";
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace jpki::tool
