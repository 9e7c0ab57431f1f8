// Operation: one kind of work that a session has under way (PKCS#11 3.2, 5.8 and following: each kind lives
// beside the others).
#pragma once

#include <cryptoki/pkcs11.h>

#include <memory>
#include <type_traits>
#include <utility>

#include "core/error.hpp"
#include "core/mechanism.hpp"

namespace jpki::core {

/// What a context-specific login has given an operation; null before. It ends with the operation, which a
/// token may wait for.
using Permit = std::shared_ptr<void>;

/// The standard's life of an operation: Init; then one one-shot call, or updates and a final call. An error
/// of these data calls ends it, but for CKR_BUFFER_TOO_SMALL; so does success of the one-shot or final call.
/// One-shot and multi-part calls do not mix.
///
/// The callables return true when the call did its work, false when it only answered a length query.
///
/// A work that came to its end well is kept: the next operation of the same source takes it up again, which
/// spares it the look at mechanism and key, and their memory.
template <class Work>
class Operation {
 public:
  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] Work* work() const { return active_ ? work_.get() : nullptr; }

  void begin(std::unique_ptr<Work> work, const Source& source) {
    require(!active(), CKR_OPERATION_ACTIVE);
    work_ = std::move(work);
    work_->source = source;
    start();
  }
  /// False: there is no work that may serve again.
  [[nodiscard]] bool resume(const Source& source, const MechanismView& mechanism) {
    require(!active(), CKR_OPERATION_ACTIVE);
    if (work_ == nullptr || work_->source != source || !work_->restart(mechanism)) return false;
    start();
    return true;
  }
  void cancel() {
    end();
    work_.reset();
  }

  template <class Call>
  void one_shot(Call call) {
    run([&](Work& work) {
      require(!updated_, CKR_OPERATION_NOT_INITIALIZED, "a multi-part operation is under way");
      return call(work);
    });
  }
  template <class Call>
  void update(Call call) {
    run([&](Work& work) {
      updated_ = true;
      call(work);
      return false;
    });
  }
  template <class Call>
  void finish(Call call) {
    run(call);
  }

  struct Nothing {
    void reset() {}
  };
  [[no_unique_address]] std::conditional_t<wants_permits<Work>, Permit, Nothing> permit;

 private:
  void start() {
    active_ = true;
    updated_ = false;
  }

  void end() {
    active_ = false;
    permit.reset();
  }

  template <class Call>
  void run(Call call) {
    require(active(), CKR_OPERATION_NOT_INITIALIZED);
    try {
      if (call(*work_)) end();
    } catch (const Error& error) {
      if (error.rv() != CKR_BUFFER_TOO_SMALL) cancel();
      throw;
    } catch (...) {
      cancel();
      throw;
    }
  }

  std::unique_ptr<Work> work_;
  bool active_ = false;
  bool updated_ = false;
};

}  // namespace jpki::core
