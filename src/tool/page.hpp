// A certificate as the viewer shows it: the basic items and the details, as text, JSON or a page of HTML.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <ostream>
#include <string>
#include <vector>

#include "jpki/certificate.hpp"
#include "jpki/details.hpp"

namespace jpki::tool {

/// A value; some of its characters may stand for others.
struct Item {
  std::string label, value;
  std::vector<std::size_t> substituted;  // places of characters, from 0
};

struct Page {
  std::string title;
  std::vector<std::string> remarks;  // a test certificate, an expired one
  std::vector<Item> basic;
  std::vector<service::Field> details;  // names translated
};

/// In the user's language. Items of the certificate's kind: holder's facts only where it states them.
Page page_of(const service::Certificate& certificate, service::Instant now);

void print(const Page& page, std::ostream& out);
/// The basic items alone.
void print_items(const Page& page, std::ostream& out);
/// Who holds a certificate that is not of the service: in Japanese where it says so, and as it is.
std::string holder_text(const service::Certificate& certificate);
/// Where the substitutes are, for people who do not see a mark; empty without any.
std::string substitutes_text(const Item& item);
/// One file, nothing else needed: two tabs without script, both printed.
std::string html(const Page& page);
/// The same in words for programs, not translated.
nlohmann::json json_of(const service::Certificate& certificate);

}  // namespace jpki::tool
