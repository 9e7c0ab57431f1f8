#include "torture/support.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace jpki::torture {
namespace {

constexpr int failed = 1, skipped = 77;

Options parse(int argc, char** argv, Options options) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--seconds") {
      options.seconds = std::stod(value);
    } else if (name == "--count") {
      options.count = static_cast<unsigned>(std::stoul(value));
      options.seconds = 0;
    } else if (name == "--seed") {
      options.seed = static_cast<unsigned>(std::stoul(value));
    } else if (name == "--folder") {
      options.folder = value;
    } else {
      throw Failure("usage: [--seconds N | --count N] [--seed N] [--folder FOLDER]");
    }
  }
  return options;
}

int report(const std::function<void()>& body) {
  try {
    body();
    return 0;
  } catch (const Skip& skip) {
    std::cout << "skipped: " << skip.what() << std::endl;
    return skipped;
  } catch (const StoreError& error) {
    std::cout << "FAILED: " << error.what() << " (reason " << int(error.reason()) << ")" << std::endl;
  } catch (const std::exception& error) {
    std::cout << "FAILED: " << error.what() << std::endl;
  }
  return failed;
}

}  // namespace

fs::path usual_folder() {
  const fs::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
}

void expect(bool condition, const std::string& what) {
  if (!condition) throw Failure(what);
}

int run(int argc, char** argv, const Options& usual, const std::function<void(const Options&)>& body) {
  return report([&] {
    const Options options = parse(argc, argv, usual);
    std::cout << "seed " << options.seed << std::endl;
    body(options);
  });
}

AttributeMap object(const std::string& name, unsigned version) {
  std::seed_seq seeds(name.begin(), name.end());
  std::mt19937 kind(seeds), bytes(version + kind());
  const auto which = kind() % 3;
  AttributeMap map;
  map.put(CKA_CLASS, CK_ULONG{CKO_DATA})
      .put(CKA_TOKEN, true)
      .put(CKA_PRIVATE, which == 0)
      .put(CKA_LABEL, name);
  map.put(CKA_ID, std::to_string(version));
  Bytes value(bytes() % 3000);
  for (auto& byte : value) byte = static_cast<std::uint8_t>(bytes());
  map.put(which == 1 ? CKA_VALUE : CKA_OBJECT_ID, value);
  return map;
}

std::string name_of(const AttributeMap& object) {
  return std::string(text_of(object.get(CKA_LABEL).value_or(ByteView{})));
}

unsigned version_of(const AttributeMap& object) {
  return static_cast<unsigned>(std::stoul(std::string(text_of(object.get(CKA_ID).value_or(ByteView{})))));
}

std::string text(const AttributeMap& object) {
  std::string all;
  for (const auto& row : object.rows()) {
    all += std::to_string(row.type) + "=" + std::string(text_of(object.value(row))) + ";";
  }
  return all;
}

std::unique_ptr<SoftStore> new_token(const fs::path& folder, unsigned tries) {
  auto store =
      SoftStore::create(folder, "torture", bytes_of(officer_pin), {tries, tries, crypto::lowest_cost, 0});
  store->check_officer_pin(bytes_of(officer_pin));
  store->init_user_pin(bytes_of(user_pin));
  store->forget_key();
  return store;
}

Reason reason_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const StoreError& error) {
    return error.reason();
  }
  throw Failure("what should have failed did not");
}

void own_mounts() {
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    throw Skip(std::string("file systems cannot be mounted here: ") + std::strerror(errno));
  }
}

void in_child(unsigned uid, const std::function<void()>& body) {
  std::cout.flush();
  const pid_t child = fork();
  expect(child >= 0, "fork");
  if (child == 0) {
    _exit(report([&] {
      if (uid != 0) expect(setgid(uid) == 0 && setuid(uid) == 0, "setuid");
      body();
    }));
  }
  int status = 0;
  expect(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
         "in a child process");
}

}  // namespace jpki::torture
