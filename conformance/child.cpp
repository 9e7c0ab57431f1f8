#include "child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "run.hpp"

namespace conformance {
namespace {

/// Fields end with a zero byte: a letter, then what belongs to it. W: a warning; P, F, N: the verdict;
/// S: stop the run; E: the case's end, after C_Finalize.
class Voice {
 public:
  explicit Voice(int pipe) : pipe_(pipe) {}
  void say(char kind, const std::string& one = "", const std::string& two = "") const {
    std::string text(1, kind);
    for (const auto* part : {&one, &two}) {
      for (const char c : *part) text += c == 0 ? '?' : c;
      text += '\0';
    }
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t written = ::write(pipe_, text.data() + at, text.size() - at);
      if (written <= 0) ::_exit(3);
      at += static_cast<std::size_t>(written);
    }
  }

 private:
  int pipe_;
};

/// Calls the function and tells how it ended. True if it ended well.
bool told(const Voice& voice, const std::function<void()>& function) {
  try {
    function();
    return true;
  } catch (const Failed& failed) {
    voice.say('F', failed.expected, failed.got);
  } catch (const NotApplicable& reason) {
    voice.say('N', reason.why);
  } catch (const Stop& stop) {
    voice.say('S', stop.why);
  } catch (const std::exception& error) {
    voice.say('F', "the case runs", error.what());
  } catch (...) {
    // A C++ exception out of a C function.
    voice.say('F', "a return value", "an exception of the module's");
  }
  return false;
}

void body(const Options& options, const Case& subject, const Voice& voice) {
  try {
    Module module(options.module);
    Run run(options, module);
    const bool well = told(voice, [&] {
      run.prepare(subject.setup);
      subject.body(run);
    });
    for (const auto& warning : run.warnings) voice.say('W', warning);
    if (well) voice.say('P');
    // A case that failed has not the last word about C_Finalize.
    if (well) {
      told(voice, [&] { run.finalize(); });
    } else if (run.initialized()) {
      module.calls().C_Finalize(nullptr);
    }
    voice.say('E');
  } catch (const std::exception& error) {
    voice.say('S', error.what());
    voice.say('E');
  }
}

[[noreturn]] void run_child(const Options& options, const Case& subject, int pipe, int errors) {
  ::setpgid(0, 0);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::dup2(errors, STDERR_FILENO);
  ::dup2(errors, STDOUT_FILENO);
  const int null = ::open("/dev/null", O_RDONLY);
  if (null >= 0) ::dup2(null, STDIN_FILENO);
  body(options, subject, Voice(pipe));
  ::_exit(0);
}

std::string tail_of(std::FILE* file) {
  constexpr long limit = 1500;
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  std::fseek(file, size > limit ? size - limit : 0, SEEK_SET);
  std::string text(static_cast<std::size_t>(std::min(size, limit)), '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    const char* signal = sigdescr_np(WTERMSIG(status));
    return std::string("crash: ") + (signal != nullptr ? signal : "a signal without a name");
  }
  return "the process ended itself with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Child::Child(const Options& options, const Case& subject)
    : subject_(&subject),
      timeout_(options.timeout),
      errors_(std::tmpfile()),
      begin_(std::chrono::steady_clock::now()) {
  deadline_ = begin_ + std::chrono::seconds(timeout_);
  int ends[2];
  if (errors_ == nullptr || ::pipe2(ends, O_CLOEXEC) != 0) throw CannotRun{"no pipe or temporary file"};
  pid_ = ::fork();
  if (pid_ < 0) throw CannotRun{"no process"};
  if (pid_ == 0) {
    ::close(ends[0]);
    run_child(options, subject, ends[1], ::fileno(errors_));
  }
  ::setpgid(pid_, pid_);
  ::close(ends[1]);
  pipe_ = ends[0];
}

Child::Child(Child&& other) noexcept { *this = std::move(other); }

Child& Child::operator=(Child&& other) noexcept {
  subject_ = other.subject_;
  timeout_ = other.timeout_;
  killed_ = other.killed_;
  std::swap(pid_, other.pid_);
  std::swap(pipe_, other.pipe_);
  std::swap(errors_, other.errors_);
  text_ = std::move(other.text_);
  begin_ = other.begin_;
  deadline_ = other.deadline_;
  return *this;
}

Child::~Child() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (pipe_ >= 0) ::close(pipe_);
  if (errors_ != nullptr) std::fclose(errors_);
}

bool Child::read() {
  char buffer[4096];
  const ssize_t count = ::read(pipe_, buffer, sizeof buffer);
  if (count > 0) text_.append(buffer, static_cast<std::size_t>(count));
  // A grandchild may still hold the pipe: the case has ended when it has said so.
  return count > 0 && text_.find(std::string("\0E\0\0", 4)) == std::string::npos;
}

void Child::kill() {
  killed_ = true;
  ::kill(-pid_, SIGKILL);
}

Result Child::result() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  ::kill(-pid_, SIGKILL);
  pid_ = -1;
  Result result;
  result.subject = subject_;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  bool ended = false, judged = false;
  for (std::size_t at = 0; at < text_.size();) {
    const char kind = text_[at];
    const std::string one = text_.c_str() + at + 1;
    const std::string two = text_.c_str() + at + 2 + one.size();
    at += one.size() + two.size() + 3;
    if (kind == 'S') throw CannotRun{one};
    if (kind == 'W') result.warnings.push_back(one);
    if (kind == 'E') ended = true;
    if (kind == 'P' || kind == 'N' || kind == 'F') {
      judged = true;
      result.verdict = kind == 'P' ? Verdict::pass : kind == 'N' ? Verdict::na : Verdict::fail;
      result.expected = kind == 'F' ? one : "";
      result.got = kind == 'F' ? two : one;
    }
  }
  if (ended && judged) return result;
  // A fault that was told before the end stays the fault; otherwise the end is.
  if (judged && result.verdict == Verdict::fail) return result;
  result.verdict = Verdict::fail;
  result.expected = judged ? "C_Finalize and the end of the process" : "a return value";
  result.got = killed_ ? "no answer within " + std::to_string(timeout_) + " s" : how_it_ended(status);
  const std::string errors = tail_of(errors_);
  if (!killed_ && !errors.empty()) result.got += "\n" + errors;
  return result;
}

}  // namespace conformance
