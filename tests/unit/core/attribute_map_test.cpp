#include "core/attribute_map.hpp"

#include "support/catch.hpp"

using jpki::core::AttributeMap;

TEST_CASE("a trimmed map holds what it held") {
  AttributeMap map;
  map.put(CKA_LABEL, "label").put(CKA_TOKEN, true).put(CKA_CLASS, CKO_DATA);
  map.trim();
  CHECK(map.size() == 3);
  CHECK(map.number(CKA_CLASS) == CKO_DATA);
  CHECK(map.flag(CKA_TOKEN));
  map.put(CKA_LABEL, "other");
  CHECK(jpki::text_of(*map.get(CKA_LABEL)) == "other");
}
