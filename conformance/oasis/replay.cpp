#include "oasis/replay.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "oasis/player.hpp"

namespace conformance::oasis {
namespace {

struct Profile {
  std::string_view prefix;
  CK_PROFILE_ID id;
  const char* sentence;
};

/// Which profile a file tests, by its name.
constexpr Profile profiles[] = {
    {"BL-", CKP_BASELINE_PROVIDER,
     "a token that claims CKP_BASELINE_PROVIDER passes the profile's test case"},
    {"EXT-", CKP_EXTENDED_PROVIDER,
     "a token that claims CKP_EXTENDED_PROVIDER passes the profile's test case"},
    {"AUTH-", CKP_AUTHENTICATION_TOKEN,
     "a token that claims CKP_AUTHENTICATION_TOKEN passes the profile's test case"},
    {"CERT-", CKP_PUBLIC_CERTIFICATES_TOKEN,
     "a token that claims CKP_PUBLIC_CERTIFICATES_TOKEN passes the profile's test case"},
};

const Profile* profile_of(const std::string& name) {
  const auto* row =
      std::ranges::find_if(profiles, [&](const Profile& one) { return name.starts_with(one.prefix); });
  return row == std::end(profiles) ? nullptr : row;
}

bool claims(Run& run, CK_PROFILE_ID id) {
  run.initialize();
  const auto found =
      find(run, run.open(), Template().number(CKA_CLASS, CKO_PROFILE).number(CKA_PROFILE_ID, id));
  run.finalize();
  return !found.empty();
}

}  // namespace

void add_files(Cases& cases, const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    const auto text = std::make_shared<pugi::xml_document>();
    const auto parsed = text->load_file(file.c_str());
    if (!parsed) throw std::runtime_error(file.string() + ": " + parsed.description());
    const Profile* profile = profile_of(file.stem().string());
    cases.push_back({"oasis." + file.stem().string(), "Profiles 3.2",
                     profile != nullptr ? profile->sentence : "the calls of the text have its outcomes",
                     Setup::loaded, [text, profile](Run& run) {
                       if (profile != nullptr && !claims(run, profile->id)) {
                         not_applicable("the token does not claim the profile");
                       }
                       Player(run).play(*text);
                     }});
  }
}

}  // namespace conformance::oasis
