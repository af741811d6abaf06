#include "pipeline/flow/doorbell.h"

#include <gtest/gtest.h>

#include <thread>

namespace tocsin {
namespace {

using std::chrono::milliseconds;

TEST(Doorbell, RemembersARingBetweenPreparingAndWaiting) {
  Doorbell bell;
  bell.prepare();
  bell.ring();
  bell.wait(milliseconds(600'000));  // Returns at once, or the test never ends.
}

TEST(Doorbell, LosesNoRingOfAnotherThread) {
  // The other thread rings once for each piece of work; a lost ring would leave both waiting.
  Doorbell bell;
  Doorbell back;
  std::atomic<int> work{0};
  constexpr int kRounds = 20'000;
  std::jthread worker([&] {
    for (int done = 0; done < kRounds;) {
      bell.prepare();
      if (work.load() > done) {
        bell.cancel();
        ++done;
        continue;
      }
      bell.wait(milliseconds(600'000));
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    work.fetch_add(1);
    bell.ring();
  }
}

}  // namespace
}  // namespace tocsin
