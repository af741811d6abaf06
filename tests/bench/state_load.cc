// Writes events of so many entities into the one partition of a topic, as fast as it goes.
//
//     tocsin_state_load BROKERS TOPIC ENTITIES COUNT
//
// Entities come in turn, each in its own key; the values are made of their number, so that every run
// has the same input.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "detectors/counter_random.h"
#include "pipeline/kafka/kafka_writer.h"

namespace tocsin {
namespace {

constexpr std::uint64_t kRecordsOfATransaction = 50'000;

bool is_done(const std::function<WriteOutcome()>& call) {
  WriteOutcome outcome = call();
  while (outcome.status == WriteStatus::retry) outcome = call();
  if (outcome.status != WriteStatus::ok) std::fprintf(stderr, "load: %s\n", outcome.reason.c_str());
  return outcome.status == WriteStatus::ok;
}

struct Event {
  std::string key;
  std::string value;
};

/// Noise of four digits, so that state compresses as that of real values does.
double value_of(std::uint64_t i) {
  return 100 + static_cast<double>(mix_bits(i) % 10'000) / 1'000;
}

bool write(LogWriter& writer, std::uint64_t first, std::uint64_t count, std::uint64_t entities) {
  std::vector<Event> events;
  std::vector<WriteRecord> records;
  for (std::uint64_t i = first; i < first + count; ++i)
    events.push_back({.key = "entity-" + std::to_string(i % entities),
                      .value = "{\"x\":" + std::to_string(value_of(i)) + "}"});
  for (const Event& event : events) records.push_back({.key = event.key, .value = event.value});
  if (!is_done([&] { return writer.begin(); })) return false;
  for (std::span<const WriteRecord> rest = records; !rest.empty();) {
    rest = rest.subspan(writer.produce(rest));
    if (!is_done([&] { return writer.flush(); })) return false;
  }
  return is_done([&] { return writer.commit(); });
}

int run(std::span<char*> words) {
  if (words.size() != 5) {
    std::fputs("usage: tocsin_state_load BROKERS TOPIC ENTITIES COUNT\n", stderr);
    return EXIT_FAILURE;
  }
  KafkaSettings settings;
  settings.app = std::string("load-") + words[2];
  settings.brokers = {words[1]};
  settings.output_topics = {words[2]};
  KafkaHealth health;
  const auto writer = make_kafka_writer(settings, nullptr, nullptr, health);
  if (!is_done([&] { return writer->open(); })) return EXIT_FAILURE;
  const std::uint64_t entities = std::stoull(words[3]);
  const std::uint64_t count = std::stoull(words[4]);
  for (std::uint64_t at = 0; at < count; at += kRecordsOfATransaction)
    if (!write(*writer, at, std::min(kRecordsOfATransaction, count - at), entities))
      return EXIT_FAILURE;
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace tocsin

int main(int argc, char** argv) { return tocsin::run({argv, static_cast<std::size_t>(argc)}); }
