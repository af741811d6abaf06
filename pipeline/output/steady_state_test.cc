// Once an arena and an encoder have grown, nothing is allocated any more.

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <new>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"

namespace {
std::size_t allocations = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
}  // namespace

// All of a family, so that none meets memory of another's; not inlined, or the compiler would see
// `free` where it expects `delete`.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept {
  std::free(memory);
}

namespace tocsin {
namespace {

class SteadyState : public testing::TestWithParam<CloudEvents> {};

TEST_P(SteadyState, AllocatesNothing) {
  OutputSettings settings;
  settings.scores = {.topic = "scores", .cloudevents = GetParam()};
  settings.alerts = {.topic = "alerts", .encoding = Encoding::protobuf, .cloudevents = GetParam()};
  settings.dead_letters = "dead-letters";
  settings.include_event = true;
  Encoder encoder(settings, sample::kIdentity);
  Batch batch;
  batch.reset(Batch::Kind::rows, 1, 1, 0);
  Row& row = batch.rows[batch.add_row()];
  row.kind = RowKind::rejected;
  row.reject = RejectReason::undecodable;
  row.value = batch.add_text("not json");
  row.detail = batch.add_text("what was wrong with it, in more words than fit into a short string");
  row.has_value = true;
  const HeaderView header{.name = "traceparent", .value = "00-ab-cd-01"};
  row.headers = batch.add_headers({&header, 1});
  ScoredEvent event = sample::anomaly();
  Alert alert = sample::worsening();
  alert.entity = event.entity = R"(["a service with a long name","/and/a/long/path/as/well"])";
  OutputArena arena;
  const auto epoch = [&](std::int64_t first) {
    encoder.write_to(arena);
    arena.begin_partition(1);
    for (std::int64_t offset = first; offset < first + 3000; ++offset) {
      event.source.offset = offset;
      encoder.scored(event);
      encoder.alert(alert, event);
      encoder.rejected(event.source, batch, 0);
    }
    arena.clear();
  };
  epoch(100'000);

  const std::size_t before = allocations;
  epoch(200'000);

  EXPECT_EQ(allocations, before);
}

INSTANTIATE_TEST_SUITE_P(Mode, SteadyState,
                         testing::Values(CloudEvents::off, CloudEvents::binary,
                                         CloudEvents::structured));

}  // namespace
}  // namespace tocsin
