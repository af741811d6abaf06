#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <vector>

#include "pipeline/input/decoder_fixture.h"

namespace tocsin {
namespace {

/// Card payments of about 200 bytes and 11 fields.
std::vector<std::string> payments(std::size_t count) {
  std::vector<std::string> values;
  std::uint64_t seed = 1;
  const auto next = [&seed] {
    return seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
  };
  const auto unit = [&next] { return static_cast<double>(next() >> 11U) * 0x1p-53; };
  for (std::size_t i = 0; i < count; ++i) {
    std::string bytes(512, '\0');
    const int size = std::snprintf(
        bytes.data(), bytes.size(),
        R"({"event_id":"e-%012llx","entity":"card-%08llu","ts":%llu,"type":"purchase",)"
        R"("amount":%.2f,"currency":"EUR","country":"DE","mcc":%d,"lat":%.4f,"lon":%.4f,)"
        R"("card_present":%s})",
        static_cast<unsigned long long>(next() >> 16U),
        static_cast<unsigned long long>((next() >> 33U) % 100'000),
        1'751'000'000'000ULL + static_cast<unsigned long long>(i), 20 + unit() * 500,
        static_cast<int>((next() >> 33U) % 9000) + 1000, unit() * 180 - 90, unit() * 360 - 180,
        (next() >> 40U & 1U) != 0 ? "true" : "false");
    bytes.resize(static_cast<std::size_t>(size));
    values.push_back(std::move(bytes));
  }
  return values;
}

void decode_all(benchmark::State& state, const StreamSettings& settings) {
  const std::vector<std::string> values = payments(10'000);
  DecoderFixture fixture(settings);
  for (const std::string& value : values) {  // Past discovery.
    if (fixture.batch.full()) {
      fixture.batch.reset(Batch::Kind::rows, 1, fixture.decoder.width(), 0);
    }
    if (fixture.decode(value).kind != RowKind::event) {
      state.SkipWithError("an event was rejected");
      return;
    }
  }

  std::size_t next = 0;
  while (state.KeepRunning()) {
    if (fixture.batch.full()) {
      fixture.batch.reset(Batch::Kind::rows, 1, fixture.decoder.width(), 0);
    }
    benchmark::DoNotOptimize(&fixture.decode(values[next]));
    next = next + 1 == values.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}

StreamSettings card_stream(std::initializer_list<std::string_view> fields) {
  StreamSettings settings = stream_with(fields);
  settings.time.field = "/ts";
  settings.entity = {"/entity"};
  return settings;
}

void bench_fields_1(benchmark::State& state) { decode_all(state, card_stream({"/amount"})); }
void bench_fields_4(benchmark::State& state) {
  decode_all(state, card_stream({"/amount", "/lat", "/lon", "/mcc"}));
}
void bench_discovered(benchmark::State& state) { decode_all(state, card_stream({})); }

BENCHMARK(bench_fields_1)->Name("decode/event/fields:1");
BENCHMARK(bench_fields_4)->Name("decode/event/fields:4");
BENCHMARK(bench_discovered)->Name("decode/event/discovered");

}  // namespace
}  // namespace tocsin
