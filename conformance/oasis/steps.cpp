#include "oasis/steps.hpp"

#include <algorithm>

#include "oasis/names.hpp"

namespace conformance::oasis {
namespace {

using Node = const pugi::xml_node&;

/// A length that the text asks room for: it may be any stranger's.
CK_ULONG room_for(CK_ULONG length) {
  require(length <= 1UL << 20, "a length that a text may ask for", std::to_string(length));
  return length;
}

CK_RV initialize(Player& player, Node, Node) {
  player.run.initialize();
  return CKR_OK;
}

CK_RV finalize(Player& player, Node, Node) {
  player.run.forget_initialized();
  return player.run->C_Finalize(nullptr);
}

/// Texts and versions are the provider's own ("Variable Items"); flags are compared.
CK_RV get_info(Player& player, Node, Node result) {
  CK_INFO info{};
  const CK_RV rv = player.run->C_GetInfo(&info);
  const auto text = result.child("Info");
  const auto version = text.child("CryptokiVersion");
  player.literal("cryptokiVersion.major", info.cryptokiVersion.major, version.attribute("major").as_ullong());
  player.literal("cryptokiVersion.minor", info.cryptokiVersion.minor, version.attribute("minor").as_ullong());
  player.literal("flags of CK_INFO", info.flags, player.number(text.child("Flags")));
  return rv;
}

/// The number of slots may vary; the first of the text is the slot that is judged.
CK_RV get_slot_list(Player& player, Node call, Node result) {
  const std::string present = player.value(call.child("TokenPresent"));
  const auto with_token = static_cast<CK_BBOOL>(present == "true" || present == "TRUE");
  CK_ULONG count = 0;
  const auto list = call.child("SlotList");
  if (list.attribute("length").empty()) {
    const CK_RV rv = player.run->C_GetSlotList(with_token, nullptr, &count);
    player.bind(result.child("SlotList"), "length", std::to_string(count));
    return rv;
  }
  count = room_for(oasis::number(player.value(list, "length")));
  std::vector<CK_SLOT_ID> slots(count);
  const CK_RV rv = player.run->C_GetSlotList(with_token, slots.data(), &count);
  require(rv != CKR_OK || std::ranges::find(slots, player.run.slot) != slots.end(), "the slot in the list",
          "missing");
  player.bind(result.child("SlotList").child("SlotID"), "value", std::to_string(player.run.slot));
  return rv;
}

CK_RV get_slot_info(Player& player, Node call, Node result) {
  CK_SLOT_INFO info{};
  const CK_RV rv = player.run->C_GetSlotInfo(player.number(call.child("SlotID")), &info);
  player.literal("flags of CK_SLOT_INFO", info.flags,
                 slot_flags(player.value(result.child("SlotInfo").child("Flags"))));
  return rv;
}

CK_RV get_token_info(Player& player, Node call, Node result) {
  CK_TOKEN_INFO info{};
  const CK_RV rv = player.run->C_GetTokenInfo(player.number(call.child("SlotID")), &info);
  const auto text = result.child("TokenInfo");
  player.literal("flags of CK_TOKEN_INFO", info.flags, token_flags(player.value(text.child("Flags"))));
  struct Number {
    const char* name;
    CK_ULONG value;
  };
  for (const auto& [name, value] :
       {Number{"MaxSessionCount", info.ulMaxSessionCount}, Number{"SessionCount", info.ulSessionCount},
        Number{"MaxRwSessionCount", info.ulMaxRwSessionCount},
        Number{"RwSessionCount", info.ulRwSessionCount}, Number{"MaxPinLen", info.ulMaxPinLen},
        Number{"MinPinLen", info.ulMinPinLen}, Number{"TotalPublicMemory", info.ulTotalPublicMemory},
        Number{"FreePublicMemory", info.ulFreePublicMemory},
        Number{"TotalPrivateMemory", info.ulTotalPrivateMemory},
        Number{"FreePrivateMemory", info.ulFreePrivateMemory}}) {
    player.literal(name, value, player.number(text.child(name)));
  }
  return rv;
}

/// The entries of the list may vary.
CK_RV get_mechanism_list(Player& player, Node call, Node result) {
  const CK_SLOT_ID slot = player.number(call.child("SlotID"));
  CK_ULONG count = 0;
  const auto list = call.child("MechanismList");
  if (list.attribute("length").empty()) {
    const CK_RV rv = player.run->C_GetMechanismList(slot, nullptr, &count);
    player.bind(result.child("MechanismList"), "length", std::to_string(count));
    return rv;
  }
  count = room_for(oasis::number(player.value(list, "length")));
  std::vector<CK_MECHANISM_TYPE> types(count);
  return player.run->C_GetMechanismList(slot, types.data(), &count);
}

/// Since the list may vary, a mechanism that the token has not stands for one that it has.
CK_RV get_mechanism_info(Player& player, Node call, Node result) {
  const std::string word = player.value(call.child("Type"));
  CK_MECHANISM_TYPE type = mechanism(word);
  const auto& list = player.run.mechanisms();
  if (list.empty()) not_applicable("the token has no mechanism");
  if (std::ranges::find(list, type) == list.end()) {
    player.warn("the token has no " + word + ": " + mechanism_text(list.front()) + " was asked for instead");
    type = list.front();
  }
  CK_MECHANISM_INFO info{};
  const CK_RV rv = player.run->C_GetMechanismInfo(player.number(call.child("SlotID")), type, &info);
  const auto text = result.child("MechanismInfo");
  player.literal("minimum key size for " + word, info.ulMinKeySize, player.number(text.child("MinKeySize")));
  player.literal("maximum key size for " + word, info.ulMaxKeySize, player.number(text.child("MaxKeySize")));
  player.literal("flags for " + word, info.flags, mechanism_flags(player.value(text.child("Flags"))));
  return rv;
}

/// Where the token is write-protected, a read/write session of the text's is a read-only one.
CK_RV open_session(Player& player, Node call, Node result) {
  CK_FLAGS flags = session_flags(player.value(call.child("Flags")));
  if ((flags & CKF_RW_SESSION) != 0 && !player.run.writable()) {
    player.warn("the token is write-protected: a read-only session was opened");
    flags &= ~CKF_RW_SESSION;
  }
  CK_SESSION_HANDLE handle = 0;
  const CK_RV rv =
      player.run->C_OpenSession(player.number(call.child("SlotID")), flags, nullptr, nullptr, &handle);
  player.bind(result.child("Session"), "value", std::to_string(handle));
  player.run.session = handle;
  return rv;
}

CK_RV login(Player& player, Node call, Node) {
  const std::string pin = player.value(call.child("Pin"));
  const CK_RV rv = player.run->C_Login(player.session(call), user_type(player.value(call.child("UserType"))),
                                       utf8(pin), pin.size());
  if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED) throw Stop{"the PIN was refused: " + rv_text(rv)};
  return rv;
}

CK_RV logout(Player& player, Node call, Node) { return player.run->C_Logout(player.session(call)); }
CK_RV close_session(Player& player, Node call, Node) {
  return player.run->C_CloseSession(player.session(call));
}
CK_RV close_all_sessions(Player& player, Node call, Node) {
  return player.run->C_CloseAllSessions(player.number(call.child("SlotID")));
}

CK_RV find_objects_init(Player& player, Node call, Node) {
  player.searched = player.template_of(call.child("Template"));
  player.searched_label = false;
  for (const auto& attribute : call.child("Template").children("Attribute")) {
    player.searched_label |= std::string(attribute.attribute("type").value()) == "LABEL";
  }
  return player.run->C_FindObjectsInit(player.session(call), player.searched.data(), player.searched.size());
}

CK_RV find_some(Player& player, CK_SESSION_HANDLE session, CK_ULONG most) {
  player.found.assign(most, 0);
  CK_ULONG count = 0;
  const CK_RV rv = player.run->C_FindObjects(session, player.found.data(), most, &count);
  player.found.resize(std::min(count, most));
  return rv;
}

/// The objects may vary: where none has the text's label, those without it serve.
CK_RV find_objects(Player& player, Node call, Node result) {
  const auto session = player.session(call);
  const CK_ULONG most = room_for(call.child("Object").attribute("length").as_ullong(1));
  CK_RV rv = find_some(player, session, most);
  const auto named = result.child("Object").child("Object");
  if (rv == CKR_OK && player.found.empty() && named && player.searched_label) {
    player.warn("no object has the text's label: searched without it");
    player.searched.without(CKA_LABEL);
    ok("C_FindObjectsFinal", player.run->C_FindObjectsFinal(session));
    ok("C_FindObjectsInit",
       player.run->C_FindObjectsInit(session, player.searched.data(), player.searched.size()));
    rv = find_some(player, session, most);
  }
  require(!named || rv != CKR_OK || !player.found.empty(), "an object", "none");
  std::size_t index = 0, wanted = 0;
  for (const auto& element : result.child("Object").children("Object")) {
    ++wanted;
    if (index < player.found.size()) player.bind(element, "value", std::to_string(player.found[index++]));
  }
  if (index < wanted) {
    player.warn("the search finds " + std::to_string(index) + " objects, the text " + std::to_string(wanted));
  }
  return rv;
}

CK_RV find_objects_final(Player& player, Node call, Node) {
  return player.run->C_FindObjectsFinal(player.session(call));
}

/// What was read, compared with the text: lengths and values are the object's own.
void compare_attributes(Player& player, CK_OBJECT_HANDLE object, const std::vector<CK_ATTRIBUTE>& got,
                        Node result) {
  std::size_t index = 0;
  for (const auto& element : result.child("Template").children("Attribute")) {
    require(index < got.size(), "as many attributes as were asked for", "fewer");
    const CK_ATTRIBUTE& attribute = got[index++];
    const std::string word = element.attribute("type").value();
    require(attribute.ulValueLen != CK_UNAVAILABLE_INFORMATION, "a length of " + word,
            "CK_UNAVAILABLE_INFORMATION");
    player.lengths[{object, attribute.type}] = attribute.ulValueLen;
    if (!element.attribute("length").empty()) {
      player.literal("the length of " + word, attribute.ulValueLen, element.attribute("length").as_ullong());
    } else if (attribute.pValue != nullptr) {
      const auto* bytes = static_cast<const unsigned char*>(attribute.pValue);
      const std::string text = element.attribute("value").value();
      player.literal(word, Bytes(bytes, bytes + attribute.ulValueLen),
                     word == "LABEL" ? Bytes(text.begin(), text.end()) : bytes_of(text));
    }
  }
}

CK_RV read_attributes(Player& player, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, Node call,
                      Node result) {
  std::vector<Bytes> rooms;
  std::vector<CK_ATTRIBUTE> attributes;
  for (const auto& element : call.child("Template").children("Attribute")) {
    const CK_ATTRIBUTE_TYPE type = oasis::attribute(element.attribute("type").value());
    const auto told = player.lengths.find({object, type});
    const CK_ULONG length = std::max(room_for(oasis::number(element.attribute("length").as_string("0"))),
                                     told == player.lengths.end() ? 0 : told->second);
    rooms.emplace_back(element.attribute("length").empty() ? 0 : length);
    attributes.push_back({type, rooms.back().empty() ? nullptr : rooms.back().data(), rooms.back().size()});
  }
  const CK_RV rv = player.run->C_GetAttributeValue(session, object, attributes.data(), attributes.size());
  if (rv == CKR_OK) compare_attributes(player, object, attributes, result);
  return rv;
}

/// The objects may vary: where the text's has no such attribute, another one that was found serves.
CK_RV get_attribute_value(Player& player, Node call, Node result) {
  const auto session = player.session(call);
  const CK_RV rv = read_attributes(player, session, player.number(call.child("Object")), call, result);
  if (rv != CKR_ATTRIBUTE_TYPE_INVALID) return rv;
  Template any = Template().flag(CKA_TOKEN, true);
  std::vector<CK_OBJECT_HANDLE> others = player.found;
  const auto more = find(player.run, player.run.open(), any);
  others.insert(others.end(), more.begin(), more.end());
  for (const auto other : others) {
    const CK_RV again = read_attributes(player, session, other, call, result);
    if (again != CKR_OK) continue;
    player.warn("the object has no such attribute: another object was read");
    player.bind(call.child("Object"), "value", std::to_string(other));
    return again;
  }
  return rv;
}

CK_RV sign_init(Player& player, Node call, Node) {
  CK_MECHANISM how{mechanism(player.value(call.child("Mechanism").child("Type"))), nullptr, 0};
  player.run.need(how.mechanism, CKF_SIGN);
  return player.run->C_SignInit(player.session(call), &how, player.number(call.child("Key")));
}

CK_RV sign(Player& player, Node call, Node result) {
  Bytes data = bytes_of(player.value(call.child("Data")));
  CK_ULONG length = room_for(call.child("Signature").attribute("length").as_ullong());
  Bytes room(length);
  CK_RV rv = player.run->C_Sign(player.session(call), data.data(), data.size(), room.data(), &length);
  if (rv == CKR_BUFFER_TOO_SMALL) {
    player.warn("the signature is longer than the text's");
    room.resize(length);
    rv = player.run->C_Sign(player.session(call), data.data(), data.size(), room.data(), &length);
  }
  room.resize(std::min<std::size_t>(length, room.size()));
  player.literal("the signature", room, bytes_of(result.child("Signature").attribute("value").value()));
  return rv;
}

constexpr Step steps[] = {
    {"C_Initialize", initialize},
    {"C_Finalize", finalize},
    {"C_GetInfo", get_info},
    {"C_GetSlotList", get_slot_list},
    {"C_GetSlotInfo", get_slot_info},
    {"C_GetTokenInfo", get_token_info},
    {"C_GetMechanismList", get_mechanism_list},
    {"C_GetMechanismInfo", get_mechanism_info},
    {"C_OpenSession", open_session},
    {"C_CloseSession", close_session},
    {"C_CloseAllSessions", close_all_sessions},
    {"C_Login", login},
    {"C_Logout", logout},
    {"C_FindObjectsInit", find_objects_init},
    {"C_FindObjects", find_objects},
    {"C_FindObjectsFinal", find_objects_final},
    {"C_GetAttributeValue", get_attribute_value},
    {"C_SignInit", sign_init},
    {"C_Sign", sign},
};

}  // namespace

const Step* step_of(std::string_view name) {
  const auto* row = std::ranges::find(steps, name, &Step::name);
  return row == std::end(steps) ? nullptr : row;
}

}  // namespace conformance::oasis
