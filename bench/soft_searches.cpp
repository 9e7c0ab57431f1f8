// Parts "session-objects", "token-objects" and "disk": many objects.
#include <algorithm>

#include "bench/median.hpp"
#include "bench/soft_child.hpp"
#include "bench/soft_objects.hpp"
#include "bench/sync_count.hpp"

namespace jpki::bench {
namespace {

using client::check;

/// Searches for one object after another, in an order that no cache foresees.
Batch find(const SoftSession& token, CK_ATTRIBUTE_TYPE type, std::vector<std::string> values) {
  return [&calls = token.calls(), session = token.handle(), type, values = std::move(values),
          next = std::size_t{0}](std::size_t times) mutable {
    for (; times != 0; --times) {
      next = (next + 7919) % values.size();
      CK_ATTRIBUTE wanted{type, values[next].data(), values[next].size()};
      CK_OBJECT_HANDLE found[4];
      CK_ULONG count = 0;
      if (const CK_RV rv = calls.C_FindObjectsInit(session, &wanted, 1)) check("C_FindObjectsInit", rv);
      if (const CK_RV rv = calls.C_FindObjects(session, found, 4, &count)) check("C_FindObjects", rv);
      if (const CK_RV rv = calls.C_FindObjectsFinal(session)) check("C_FindObjectsFinal", rv);
      if (count != 1) throw client::Error("a search found " + std::to_string(count) + " objects");
    }
  };
}

/// All of them, a thousand at a time; `least` are there.
Batch list(const SoftSession& token, std::size_t least) {
  return [&calls = token.calls(), session = token.handle(), least,
          found = std::vector<CK_OBJECT_HANDLE>(1000)](std::size_t times) mutable {
    for (; times != 0; --times) {
      std::size_t all = 0;
      CK_ULONG count = 0;
      check("C_FindObjectsInit", calls.C_FindObjectsInit(session, nullptr, 0));
      do {
        check("C_FindObjects", calls.C_FindObjects(session, found.data(), found.size(), &count));
        all += count;
      } while (count != 0);
      check("C_FindObjectsFinal", calls.C_FindObjectsFinal(session));
      if (all < least) throw client::Error("a listing found " + std::to_string(all) + " objects");
    }
  };
}

/// The rows of searches at this number of objects.
void searches(SoftSession& token, const SoftErrand& errand, SoftFindings& found, const std::string& kind,
              std::size_t objects) {
  std::vector<std::string> labels, ids;
  for (std::size_t i = 0; i < objects; ++i) {
    labels.push_back(label_of(i));
    ids.push_back(id_of(i));
  }
  const auto row = [&](const std::string& by, CK_ATTRIBUTE_TYPE type,
                       const std::vector<std::string>& values) {
    found.row("find-" + by + '-' + kind + '-' + std::to_string(objects), [&] {
      return Measures{{"us", nanoseconds(timed(find(token, type, values)), errand.effort()) / 1e3}};
    });
  };
  row("label", CKA_LABEL, labels);
  row("id", CKA_ID, ids);
  if (objects != 10000) return;
  found.row("list-" + kind, [&] {
    const double all = nanoseconds(timed(list(token, objects)), errand.effort());
    return Measures{{"ns", all / static_cast<double>(objects)}};
  });
}

}  // namespace

void measure_session_objects(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  const Certificates certificates;
  std::size_t there = 0;
  for (const std::size_t objects : {10U, 1000U, 10000U}) {
    if (objects > errand.objects) return;
    const double before = own_memory();
    certificates.create(token, Kind::session, there, objects);
    const double bytes = (own_memory() - before) / static_cast<double>(objects - there);
    if (objects == 10000) {
      found.row("certificate-bytes", [&] { return Measures{{"bytes", bytes}}; });
    }
    there = objects;
    searches(token, errand, found, "session", objects);
  }
}

void measure_token_objects(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  searches(token, errand, found, "token", errand.objects);
}

void grow_token(SoftSession& token, const SoftErrand& errand, SoftFindings&) {
  const auto count = [&](CK_OBJECT_CLASS type) {
    return token.session().find(client::Template().number(CKA_CLASS, type)).size();
  };
  if (count(CKO_PRIVATE_KEY) == 0) token.rsa(2048, Kind::token, "cold");
  Certificates().create(token, Kind::token, count(CKO_CERTIFICATE), errand.objects);
}

void measure_disk(SoftSession& token, const SoftErrand& errand, SoftFindings& found) {
  const std::size_t times = errand.quick ? 5 : 50;
  std::vector<double> syncs, ms;
  found.row("create-syncs", [&] {
    const Certificates certificates;
    certificates.create(token, Kind::token, 0, 2);  // the first may have to make a file or two
    for (std::size_t i = 2; i < times + 2; ++i) {
      const auto before = sync_count();
      const auto begin = spent_now();
      certificates.create(token, Kind::token, i, i + 1);
      ms.push_back((spent_now() - begin).wall * 1e3);
      syncs.push_back(static_cast<double>(sync_count() - before));
    }
    return Measures{{"syncs", *std::max_element(syncs.begin(), syncs.end())},
                    {"median_syncs", median(syncs)}};
  });
  found.row("create-ms", [&] { return Measures{{"ms", median(ms)}}; });
}

}  // namespace jpki::bench
