#include "counter/list_issuers.hpp"

namespace jpki::counter {

std::vector<ListIssuer> list_issuers(CaFolder& ca) {
  std::vector<ListIssuer> issuers;
  for (const auto tier : tiers_of(ca.hierarchy().kind)) {
    const Authority& authority = ca.authority(tier);
    issuers.push_back({issuer_of(tier), *authority.certificate, *authority.key,
                       digest_of(ca.hierarchy().kind),
                       [&hierarchy = ca.hierarchy(), tier](const std::string& municipality) {
                         return crl_name(hierarchy, tier, service::place_of_code(municipality));
                       }});
  }
  return issuers;
}

}  // namespace jpki::counter
