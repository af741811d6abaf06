// Counts every allocation of the test program; so it has one test, of the decoder.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "pipeline/input/decoder_fixture.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* allocate(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

// All forms but the aligned ones, so that what one of them makes, its counterpart frees.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace tocsin {
namespace {

TEST(Decoder, AllocatesNothingInSteadyState) {
  StreamSettings settings = stream_with({"/a", "/b/c", "/s"});
  settings.features[2].test = FeatureTest::in;
  settings.features[2].in = {"x"};
  settings.entity = {"/host", "$key"};
  settings.time.field = "/ts";
  const std::string longish(100, 'h');
  const std::vector<std::string> values{
      R"({"host":"a","ts":1751000000000,"a":1.5,"b":{"c":2,"d":[1,2,{"e":3}]},"s":"x"})",
      R"({"ts":"2025-06-27 04:53:20","host":"\u0061","s":"y\n","k":{"l":1,"m":2},"b":{"c":"7"}})",
      R"({"host":")" + longish + longish + R"(","ts":1751000000.5,"a":1e10})",
      R"({"host":"a","ts":1751000000000,"a":1,"a":2})",
      R"({"broken)",
      R"({"host":"a"})",
      R"({"host":"a","ts":4070908800000,"a":1})"};
  DecoderFixture named(settings, KeepEvents::yes);
  StreamSettings found = settings;
  found.features.clear();
  DecoderFixture discovering(found, KeepEvents::yes);
  const auto round = [&values](DecoderFixture& fixture) {
    fixture.batch.reset(Batch::Kind::rows, 1, fixture.decoder.width(),
                        fixture.decoder.group_width());
    for (const std::string& value : values) fixture.decode(value);
  };
  for (int i = 0; i < 200; ++i) {
    round(named);
    round(discovering);
  }

  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    round(named);
    round(discovering);
  }

  EXPECT_EQ(allocations - before, 0U);
}

}  // namespace
}  // namespace tocsin
