// What every detector that is refitted promises of its refits.

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <vector>

#include "detectors/contract_cases_for_test.h"

namespace tocsin {
namespace {

/// One model with refits taken over by hand, to look at their phases.
class Refitted {
 public:
  explicit Refitted(const std::shared_ptr<const Detector>& detector)
      : detector_(detector), block_(detector->state_bytes()) {
    detector->start(block_.state());
  }

  Refit::Phase phase() const { return detector_->refit()->phase(block_.state()); }
  const Block& block() const { return block_; }
  void learn(const Point& point) { detector_->learn(block_.state(), point, 1); }

  std::vector<std::byte> run(std::byte poison = std::byte{0}) const {
    std::vector<std::byte> result(detector_->refit()->result_bytes(), poison);
    detector_->refit()->run(block_.state(), result);
    return result;
  }

  void adopt(std::span<const std::byte> result) {
    detector_->refit()->adopt(block_.state(), result);
  }

 private:
  std::shared_ptr<const Detector> detector_;
  Block block_;
};

/// The cases of those detectors that are refitted.
std::vector<Case> refitted_cases() {
  std::vector<Case> cases = contract_cases();
  std::erase_if(cases,
                [](const Case& tested) { return make_detector(tested)->refit() == nullptr; });
  return cases;
}

class RefitContract : public testing::TestWithParam<Case> {};

TEST_P(RefitContract, RefitsGoFromNoneToRunningToDueToNone) {
  const auto detector = make_detector(GetParam());
  Refitted model(detector);
  Stream stream(GetParam().dimensions);
  int adopted = 0;
  Refit::Phase last = model.phase();
  EXPECT_EQ(last, Refit::Phase::none);

  for (int i = 0; i < kPoints; ++i) {
    model.learn(stream.next());
    const Refit::Phase now = model.phase();
    if (last == Refit::Phase::none) {
      EXPECT_NE(now, Refit::Phase::due) << "point " << i;
    }
    if (last == Refit::Phase::running) {
      EXPECT_NE(now, Refit::Phase::none) << "point " << i;
    }
    last = now;
    if (now == Refit::Phase::due) {
      model.adopt(model.run());
      last = model.phase();
      EXPECT_EQ(last, Refit::Phase::none);
      ++adopted;
    }
  }

  EXPECT_GE(adopted, 1);
}

TEST_P(RefitContract, ARefitIsAPureFunctionOfWhatWasFrozen) {
  const auto detector = make_detector(GetParam());
  Refitted model(detector);
  Stream stream(GetParam().dimensions);
  std::vector<std::byte> at_first;

  for (int i = 0; i < kPoints; ++i) {
    const Refit::Phase before = model.phase();
    model.learn(stream.next());
    if (model.phase() == Refit::Phase::none) continue;
    if (before == Refit::Phase::none) at_first = model.run();
    if (i % 16 == 0 || model.phase() == Refit::Phase::due) {
      // As after a restart, at another address.
      // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
      const Refitted copy = model;
      ASSERT_EQ(copy.run(std::byte{0xff}), at_first) << "point " << i;
    }
    if (model.phase() == Refit::Phase::due) model.adopt(at_first);
  }
}

TEST_P(RefitContract, ItDoesNotMatterWhenARefitIsRun) {
  const auto detector = make_detector(GetParam());
  Refitted prompt(detector);
  Refitted late(detector);
  Stream stream(GetParam().dimensions);
  std::vector<std::byte> result;

  for (int i = 0; i < kPoints; ++i) {
    const Point point = stream.next();
    const Refit::Phase before = prompt.phase();
    prompt.learn(point);
    late.learn(point);
    if (before == Refit::Phase::none && prompt.phase() == Refit::Phase::running) {
      result = prompt.run();
    }
    if (prompt.phase() != Refit::Phase::due) continue;
    prompt.adopt(result);
    late.adopt(late.run());
    ASSERT_TRUE(prompt.block() == late.block()) << "point " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Catalog, RefitContract, testing::ValuesIn(refitted_cases()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin
