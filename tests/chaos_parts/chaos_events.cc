#include "tests/chaos_parts/chaos_events.h"

#include <array>

#include "detectors/counter_random.h"

namespace tocsin {
namespace {

/// Event time goes on by this for each event, whatever the load.
constexpr std::int64_t kEventMs = 5;
constexpr std::int64_t kFirstMs = 1'700'000'000'000;
/// Events in which services go through one of their bad phases.
constexpr std::uint64_t kPhase = 40'000;

/// Numbers for one event, always the same.
struct Dice {
  std::uint64_t seed = 0;
  std::uint64_t number = 0;
  std::uint64_t thrown = 0;

  std::uint64_t below(std::uint64_t limit) {
    return random_bits({.seed = seed, .key = number, .count = thrown++}) % limit;
  }
  /// Around `middle`, seldom further away than twice `spread`.
  std::string around(std::uint64_t middle, std::uint64_t spread) {
    const std::uint64_t sum = below(spread) + below(spread) + below(spread) + below(spread);
    const std::uint64_t thousandths = (middle * 1'000) + sum * 500;
    std::string decimals = std::to_string(thousandths % 1'000);
    decimals.insert(0, 3 - decimals.size(), '0');
    return std::to_string(thousandths / 1'000) + "." + decimals;
  }
};

std::int64_t time_of(std::uint64_t number) {
  return kFirstMs + static_cast<std::int64_t>(number) * kEventMs;
}

ChaosEvent request(Dice& dice, std::uint64_t number) {
  const bool is_known = dice.below(8) > 0;
  const std::uint64_t service = is_known ? dice.below(40) : 40 + number / 16;
  const bool is_bad_phase = number % kPhase > kPhase - kPhase / 8 && service % 10 == 3;
  const std::uint64_t duration = (50 + service % 40 * 3) * (is_bad_phase ? 12 : 1);
  const std::string name = "s" + std::to_string(service);
  return {.topic = 0,
          .key = name,
          .value = R"({"service":")" + name + R"(","region":"r)" + std::to_string(service % 5) +
                   R"(","ts":)" + std::to_string(time_of(number)) + R"(,"duration":)" +
                   dice.around(duration, 12) + R"(,"status":)" +
                   (dice.below(60) == 0 ? "503" : "200") + R"(,"bytes":)" +
                   std::to_string(dice.below(5'000)) + "}",
          .headers = {}};
}

ChaosEvent reading(Dice& dice, std::uint64_t number) {
  const bool is_known = dice.below(8) > 0;
  const std::uint64_t sensor = is_known ? dice.below(400) : 400 + number / 16;
  const std::uint64_t outlier = dice.below(3'000) == 0 ? 90 : 0;
  return {.topic = 1,
          .key = "sensor-" + std::to_string(sensor),
          .value = R"({"temperature":)" + dice.around(15 + sensor % 7 + outlier, 4) +
                   R"(,"humidity":)" + dice.around(40, 3) + R"(,"battery":{"volts":)" +
                   dice.around(3, 1) + R"(},"ok":true})",
          .headers = {}};
}

/// Nothing that can be scored, each kind for a reason of its own.
std::string bad_value(std::uint64_t kind, std::uint64_t number) {
  const std::string ts = std::to_string(time_of(number));
  const std::array<std::string, 7> values{
      R"({"service":)",
      "[1,2,3]",
      R"({"service":"s1","service":"s2"})",
      "\xff\xfe not text",
      R"({"service":"s1","ts":)" + ts + R"(,"duration":"many"})",
      R"({"ts":)" + ts + R"(,"duration":1})",
      R"({"service":"s1","ts":4102444800000,"duration":1})"};
  return values.at(kind % values.size());
}

}  // namespace

ChaosEvent chaos_event(std::uint64_t seed, std::uint64_t number) {
  Dice dice{.seed = seed, .number = number};
  ChaosEvent event = number % 4 == 3 ? reading(dice, number) : request(dice, number);
  if (number % 100 == 41) event.value = bad_value(number / 100, number);
  if (number % 50 == 7)
    event.headers = {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                     {"empty", ""},
                     {"none", std::nullopt},
                     {"bytes", "\x01\xff"}};
  return event;
}

}  // namespace tocsin
