// Texts of OASIS's profile test cases: any XML. They come from strangers and steer calls of the module; here
// of the one that is linked in.
#include <pugixml.hpp>

#include "input.hpp"
#include "oasis/player.hpp"
#include "world.hpp"

extern "C" CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list);
extern "C" CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface,
                                CK_FLAGS flags);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pugi::xml_document text;
  if (!text.load_buffer(data, size)) return 0;
  jpki::fuzz::renew_world();
  conformance::Options options;
  options.slot = jpki::fuzz::soft_slot;
  options.pin = std::string(jpki::fuzz::user_pin);
  options.so_pin = std::string(jpki::fuzz::officer_pin);
  conformance::Module module(C_GetFunctionList, C_GetInterface);
  conformance::Run run(options, module);
  // What becomes of a case's end is told by the runner (conformance/child.cpp); here it is enough that it
  // ends so.
  try {
    conformance::oasis::Player(run).play(text);
  } catch (const conformance::Failed&) {
  } catch (const conformance::NotApplicable&) {
  } catch (const conformance::Stop&) {
  } catch (const std::exception&) {
  }
  module.calls().C_Finalize(nullptr);
  return 0;
}
