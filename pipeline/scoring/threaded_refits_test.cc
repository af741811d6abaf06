#include "pipeline/scoring/threaded_refits.h"

#include <gtest/gtest.h>

#include <cstring>
#include <latch>

#include "pipeline/scoring/inline_refits.h"
#include "pipeline/scoring/model_refits.h"
#include "pipeline/scoring/scoring_fixture.h"

namespace tocsin {
namespace {

/// Doubles the number in its block, once it is let.
class Doubling final : public Refit {
 public:
  Phase phase(ConstState) const override { return Phase::due; }
  std::size_t result_bytes() const override { return sizeof(double); }
  void run(ConstState block, std::span<std::byte> result) const override {
    if (gate != nullptr) gate->wait();
    view<double>(result) = 2 * view<double>(block);
  }
  void adopt(State state, std::span<const std::byte> result) const override {
    view<double>(state) = view<double>(result);
  }

  std::latch* gate = nullptr;
};

/// A block of one number.
struct Number {
  State bytes() { return std::as_writable_bytes(std::span(&value, 1)); }
  double value = 0;
};

double value_of(const RefitRunner::Finished& finished) {
  double value = 0;
  std::memcpy(&value, finished.result.data(), sizeof value);
  return value;
}

TEST(ThreadedRefits, ComputeEveryJobFromItsOwnCopy) {
  Doubling refit;
  ThreadedRefits refits;
  Number number{1};
  std::vector<RefitRunner::Ticket> tickets;
  for (int i = 0; i < 50; ++i) {
    number.value = i;
    tickets.push_back(refits.begin(refit, number.bytes()));
  }

  for (int i = 49; i >= 0; --i) {
    EXPECT_EQ(value_of(refits.take(tickets[static_cast<std::size_t>(i)])), 2 * i);
  }
}

TEST(ThreadedRefits, AreNotDoneBeforeTheyAreComputed) {
  std::latch gate(1);
  Doubling refit;
  refit.gate = &gate;
  ThreadedRefits refits;
  Number number{21};
  const RefitRunner::Ticket ticket = refits.begin(refit, number.bytes());
  EXPECT_FALSE(refits.is_done(ticket));

  gate.count_down();

  EXPECT_EQ(value_of(refits.take(ticket)), 42);
}

TEST(ThreadedRefits, LeaveNothingOfADroppedJob) {
  std::latch gate(1);
  Doubling slow;
  slow.gate = &gate;
  ThreadedRefits refits;
  Number number{1};
  const RefitRunner::Ticket running = refits.begin(slow, number.bytes());
  {
    Doubling gone;
    const RefitRunner::Ticket queued = refits.begin(gone, number.bytes());
    refits.drop(queued);
    EXPECT_FALSE(refits.is_done(queued));
  }

  gate.count_down();
  refits.drop(running);

  EXPECT_FALSE(refits.is_done(running));
}

TEST(ThreadedRefits, EndWithJobsStillQueued) {
  std::latch gate(1);
  Doubling slow;
  slow.gate = &gate;
  {
    ThreadedRefits refits;
    Number number{1};
    for (int i = 0; i < 3; ++i) refits.begin(slow, number.bytes());
    gate.count_down();
  }
}

TEST(ModelRefits, WaitForAJobThatIsDueAndSaySo) {
  Doubling refit;
  InlineRefits on_the_spot;
  ModelRefits models(&refit, 2, on_the_spot);
  Number number{5};

  const auto adopted = models.settle(1, number.bytes());

  ASSERT_TRUE(adopted.has_value());
  EXPECT_FALSE(adopted->waited);
  EXPECT_EQ(number.value, 10);
}

TEST(ModelRefits, HaveNothingToDoForADetectorWithoutRefit) {
  InlineRefits on_the_spot;
  ModelRefits models(nullptr, 1, on_the_spot);
  Number number{5};

  EXPECT_EQ(models.settle(0, number.bytes()), std::nullopt);
  models.forget(0);
  EXPECT_EQ(number.value, 5);
}

}  // namespace
}  // namespace tocsin
