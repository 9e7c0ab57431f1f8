#include "jpki/ways.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <deque>

#include "jpki/openssl.hpp"

namespace jpki::service {
namespace {

// The longest way of the government's bridge has four; the steps bound what a file full of certificates
// costs.
constexpr std::size_t longest_way = 8, most_steps = 1000;

bool issued(const Certificate& issuer, const Certificate& subject) {
  return X509_check_issued(&issuer.x509(), &subject.x509()) == X509_V_OK;
}

bool same_subject(const Certificate& one, const Certificate& other) {
  return X509_NAME_cmp(X509_get_subject_name(&one.x509()), X509_get_subject_name(&other.x509())) == 0;
}

using Way = std::vector<Certificate>;

bool contains(const Way& way, const Certificate& certificate) {
  return std::any_of(way.begin(), way.end(), [&](const auto& one) { return same_subject(one, certificate); });
}

}  // namespace

std::vector<Way> ways_to_anchors(const Certificate& certificate, const Trust& trust) {
  std::vector<Way> found;
  std::deque<Way> begun{Way{}};
  for (std::size_t step = 0; !begun.empty() && step < most_steps && found.size() < most_ways; ++step) {
    const Way way = std::move(begun.front());
    begun.pop_front();
    const Certificate& last = way.empty() ? certificate : way.back();
    if (std::any_of(trust.anchors.begin(), trust.anchors.end(),
                    [&](const auto& anchor) { return issued(anchor, last); }))
      found.push_back(way);
    if (way.size() == longest_way) continue;
    for (const auto& helper : trust.helpers) {
      if (!issued(helper, last) || same_subject(helper, certificate) || contains(way, helper)) continue;
      Way longer = way;
      longer.push_back(helper);
      begun.push_back(std::move(longer));
    }
  }
  return found;
}

}  // namespace jpki::service
