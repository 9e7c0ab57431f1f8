// 5.5 Slot and token management functions.
#include <algorithm>
#include <cstring>

#include "run.hpp"

namespace conformance {
namespace {

bool padded(const CK_UTF8CHAR* field, std::size_t size) { return std::memchr(field, 0, size) == nullptr; }

void add_slot_list(Cases& cases) {
  const auto add = [&](const std::string& id, const char* sentence, std::function<void(Run&)> body) {
    cases.push_back({"slot_list." + id, "5.5.1", sentence, Setup::initialized, std::move(body)});
  };
  for (const CK_BBOOL present : {CK_FALSE, CK_TRUE}) {
    const std::string suffix = present != 0 ? "_with_token" : "_all";
    add("number" + suffix, "with NULL the number is told, whatever *pulCount was", [present](Run& run) {
      const auto all = run.slots(present);
      CK_ULONG count = ~0UL;
      ok("C_GetSlotList with NULL", run->C_GetSlotList(present, nullptr, &count));
      equal("the number", count, all.size());
    });
    add("short" + suffix, "a list that is too short is CKR_BUFFER_TOO_SMALL, and the number is told",
        [present](Run& run) {
          const auto all = run.slots(present);
          std::vector<CK_SLOT_ID> list(all.size());
          CK_ULONG count = all.size() - 1;
          expect("C_GetSlotList with room for one too few", run->C_GetSlotList(present, list.data(), &count),
                 {CKR_BUFFER_TOO_SMALL});
          equal("the number told", count, all.size());
        });
    add("long" + suffix, "with more room than needed, the number is told and nothing is written behind",
        [present](Run& run) {
          const auto all = run.slots(present);
          std::vector<CK_SLOT_ID> list(all.size() + 3, 0xa5a5a5a5);
          CK_ULONG count = list.size();
          ok("C_GetSlotList", run->C_GetSlotList(present, list.data(), &count));
          equal("the number", count, all.size());
          equal("the place behind the last slot", list[count], 0xa5a5a5a5);
        });
  }
  add("odd_true", "any tokenPresent but CK_FALSE asks for slots with a token", [](Run& run) {
    const auto with_token = run.slots(true);
    CK_ULONG count = 0;
    ok("C_GetSlotList with tokenPresent 2", run->C_GetSlotList(2, nullptr, &count));
    equal("the number", count, with_token.size());
  });
  add("subset", "slots with a token are among all slots", [](Run& run) {
    const auto all = run.slots(false);
    for (const auto id : run.slots(true)) {
      require(std::ranges::find(all, id) != all.end(), "the slot in the list of all",
              "slot " + std::to_string(id));
    }
  });
  add("distinct", "each slot has an ID of its own", [](Run& run) {
    auto all = run.slots(false);
    std::ranges::sort(all);
    require(std::ranges::adjacent_find(all) == all.end(), "distinct IDs", "an ID twice");
  });
  add("each_has_info", "every slot of the list can be asked with C_GetSlotInfo", [](Run& run) {
    for (const auto id : run.slots(false)) {
      CK_SLOT_INFO info{};
      ok("C_GetSlotInfo", run->C_GetSlotInfo(id, &info));
    }
  });
  add("token_flag", "CKF_TOKEN_PRESENT is set where the list with tokens has the slot", [](Run& run) {
    const auto with_token = run.slots(true);
    for (const auto id : run.slots(false)) {
      CK_SLOT_INFO info{};
      ok("C_GetSlotInfo", run->C_GetSlotInfo(id, &info));
      equal("CKF_TOKEN_PRESENT of slot " + std::to_string(id), info.flags & CKF_TOKEN_PRESENT,
            std::ranges::find(with_token, id) != with_token.end() ? 1 : 0);
    }
  });
  add("empty_slots", "a slot without token: CKR_TOKEN_NOT_PRESENT", [](Run& run) {
    const auto with_token = run.slots(true);
    bool any = false;
    for (const auto id : run.slots(false)) {
      if (std::ranges::find(with_token, id) != with_token.end()) continue;
      any = true;
      CK_TOKEN_INFO info{};
      expect("C_GetTokenInfo", run->C_GetTokenInfo(id, &info),
             {CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED});
      CK_SESSION_HANDLE handle = 0;
      expect("C_OpenSession", run->C_OpenSession(id, CKF_SERIAL_SESSION, nullptr, nullptr, &handle),
             {CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED});
    }
    if (!any) not_applicable("every slot has a token");
  });
}

void add_information_of_slots(Cases& cases) {
  cases.push_back(
      {"slot_info.padded", "3.2", "texts of CK_SLOT_INFO are padded with blanks", Setup::initialized,
       [](Run& run) {
         CK_SLOT_INFO info;
         std::memset(&info, 0, sizeof info);
         ok("C_GetSlotInfo", run->C_GetSlotInfo(run.slot, &info));
         require(padded(info.slotDescription, sizeof info.slotDescription), "blanks", "a zero byte");
         require(padded(info.manufacturerID, sizeof info.manufacturerID), "blanks", "a zero byte");
       }});
  cases.push_back({"slot_info.flags", "3.2", "flags of CK_SLOT_INFO are those that the standard defines",
                   Setup::initialized, [](Run& run) {
                     CK_SLOT_INFO info{};
                     ok("C_GetSlotInfo", run->C_GetSlotInfo(run.slot, &info));
                     equal("other flags",
                           info.flags & ~(CKF_TOKEN_PRESENT | CKF_REMOVABLE_DEVICE | CKF_HW_SLOT), 0);
                   }});
  const auto add = [&](const char* id, const char* sentence,
                       const std::function<void(Run&, const CK_TOKEN_INFO&)>& body) {
    cases.push_back({std::string("token_info.") + id, "3.2", sentence, Setup::session, [body](Run& run) {
                       CK_TOKEN_INFO info;
                       std::memset(&info, 0, sizeof info);
                       ok("C_GetTokenInfo", run->C_GetTokenInfo(run.slot, &info));
                       body(run, info);
                     }});
  };
  add("padded", "texts of CK_TOKEN_INFO are padded with blanks", [](Run&, const CK_TOKEN_INFO& info) {
    require(padded(info.label, sizeof info.label), "a label with blanks", "a zero byte");
    require(padded(info.manufacturerID, sizeof info.manufacturerID), "a manufacturer with blanks",
            "a zero byte");
    require(padded(info.model, sizeof info.model), "a model with blanks", "a zero byte");
    require(padded(info.serialNumber, sizeof info.serialNumber), "a serial number with blanks",
            "a zero byte");
  });
  add("sessions", "ulSessionCount counts this application's sessions, or is unavailable",
      [](Run& run, const CK_TOKEN_INFO& info) {
        if (info.ulSessionCount == CK_UNAVAILABLE_INFORMATION) not_applicable("the number is unavailable");
        (void)run.open();
        equal("ulSessionCount with one session more", run.token_info().ulSessionCount,
              info.ulSessionCount + 1);
      });
  add("rw_sessions", "ulRwSessionCount counts read/write sessions only, or is unavailable",
      [](Run& run, const CK_TOKEN_INFO& info) {
        if (info.ulRwSessionCount == CK_UNAVAILABLE_INFORMATION) not_applicable("the number is unavailable");
        (void)run.open();
        equal("ulRwSessionCount with one read-only session more", run.token_info().ulRwSessionCount,
              info.ulRwSessionCount);
      });
  add("pin_lengths", "ulMinPinLen is not above ulMaxPinLen", [](Run&, const CK_TOKEN_INFO& info) {
    require(info.ulMinPinLen <= info.ulMaxPinLen, "minimum <= maximum",
            std::to_string(info.ulMinPinLen) + " > " + std::to_string(info.ulMaxPinLen));
  });
  add("rng", "with CKF_RNG, C_GenerateRandom works", [](Run& run, const CK_TOKEN_INFO& info) {
    if ((info.flags & CKF_RNG) == 0) not_applicable("the token has no CKF_RNG");
    CK_BYTE bytes[16];
    ok("C_GenerateRandom", run->C_GenerateRandom(run.session, bytes, sizeof bytes));
  });
  add("clock", "utcTime has 16 digits (two of them reserved zeros) where there is a clock",
      [](Run&, const CK_TOKEN_INFO& info) {
        if ((info.flags & CKF_CLOCK_ON_TOKEN) == 0) not_applicable("the token has no clock");
        for (const CK_CHAR c : info.utcTime) require(c >= '0' && c <= '9', "digits", "another byte");
      });
  add("stable", "label, serial number and model are those of the token each time",
      [](Run& run, const CK_TOKEN_INFO& info) {
        const auto again = run.token_info();
        require(std::memcmp(info.label, again.label, sizeof info.label) == 0, "the same label", "another");
        require(std::memcmp(info.serialNumber, again.serialNumber, sizeof info.serialNumber) == 0,
                "the same serial number", "another");
      });
}

void add_mechanism_list(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back(
        {std::string("mechanism_list.") + id, chapter, sentence, Setup::initialized, std::move(body)});
  };
  add("number", "5.5.5", "with NULL the number is told, whatever *pulCount was", [](Run& run) {
    CK_ULONG count = ~0UL;
    ok("C_GetMechanismList with NULL", run->C_GetMechanismList(run.slot, nullptr, &count));
    equal("the number", count, run.mechanisms().size());
  });
  add("short", "5.5.5", "a list that is too short is CKR_BUFFER_TOO_SMALL, and the number is told",
      [](Run& run) {
        if (run.mechanisms().empty()) not_applicable("the token has no mechanism");
        std::vector<CK_MECHANISM_TYPE> list(run.mechanisms().size());
        CK_ULONG count = list.size() - 1;
        expect("C_GetMechanismList with room for one too few",
               run->C_GetMechanismList(run.slot, list.data(), &count), {CKR_BUFFER_TOO_SMALL});
        equal("the number told", count, list.size());
      });
  add("distinct", "5.5.5", "each mechanism is listed once", [](Run& run) {
    auto list = run.mechanisms();
    std::ranges::sort(list);
    const auto twice = std::ranges::adjacent_find(list);
    require(twice == list.end(), "distinct types",
            twice == list.end() ? "" : mechanism_text(*twice) + " twice");
  });
  add("each_has_info", "5.5.6", "every mechanism of the list has its information", [](Run& run) {
    for (const auto type : run.mechanisms()) {
      CK_MECHANISM_INFO info{};
      ok("C_GetMechanismInfo of " + mechanism_text(type), run->C_GetMechanismInfo(run.slot, type, &info));
      require(info.ulMinKeySize <= info.ulMaxKeySize,
              "minimum key size <= maximum, for " + mechanism_text(type),
              std::to_string(info.ulMinKeySize) + " > " + std::to_string(info.ulMaxKeySize));
    }
  });
  add("each_has_use", "3.5", "a listed mechanism has at least one flag that tells its use", [](Run& run) {
    for (const auto type : run.mechanisms()) {
      CK_MECHANISM_INFO info{};
      ok("C_GetMechanismInfo of " + mechanism_text(type), run->C_GetMechanismInfo(run.slot, type, &info));
      require((info.flags & ~CKF_HW) != 0, "a use of " + mechanism_text(type), "no flag");
    }
  });
  add("unknown", "5.5.6", "a mechanism that the token does not have is CKR_MECHANISM_INVALID", [](Run& run) {
    CK_MECHANISM_INFO info{};
    expect("C_GetMechanismInfo of 0xfffffff0", run->C_GetMechanismInfo(run.slot, 0xfffffff0, &info),
           {CKR_MECHANISM_INVALID});
  });
  add("not_listed", "5.5.6", "a mechanism that is not in the list is CKR_MECHANISM_INVALID", [](Run& run) {
    for (const CK_MECHANISM_TYPE type :
         {CKM_SKIPJACK_CBC64, CKM_BATON_ECB128, CKM_JUNIPER_ECB128, CKM_KEA_KEY_DERIVE}) {
      if (std::ranges::find(run.mechanisms(), type) != run.mechanisms().end()) continue;
      CK_MECHANISM_INFO info{};
      expect("C_GetMechanismInfo of " + mechanism_text(type), run->C_GetMechanismInfo(run.slot, type, &info),
             {CKR_MECHANISM_INVALID});
    }
  });
}

void add_events(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, std::function<void(Run&)> body) {
    cases.push_back(
        {std::string("slot_event.") + id, "5.5.4", sentence, Setup::initialized, std::move(body)});
  };
  add("none", "without an event, CKF_DONT_BLOCK answers CKR_NO_EVENT", [](Run& run) {
    CK_SLOT_ID slot = 0;
    const CK_RV rv = run->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, nullptr);
    expect("C_WaitForSlotEvent", rv, {CKR_NO_EVENT, CKR_OK});
  });
  add("reserved", "a pReserved that is not NULL is refused", [](Run& run) {
    CK_SLOT_ID slot = 0;
    int reserved = 0;
    expect("C_WaitForSlotEvent with pReserved", run->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, &reserved),
           {CKR_ARGUMENTS_BAD, CKR_NO_EVENT});
  });
  add("no_place", "without a place for the slot: no crash", [](Run& run) {
    expect("C_WaitForSlotEvent with NULL", run->C_WaitForSlotEvent(CKF_DONT_BLOCK, nullptr, nullptr),
           {CKR_ARGUMENTS_BAD, CKR_NO_EVENT, CKR_OK});
  });
}

}  // namespace

void add_slots(Cases& cases) {
  add_slot_list(cases);
  add_information_of_slots(cases);
  add_mechanism_list(cases);
  add_events(cases);
}

}  // namespace conformance
