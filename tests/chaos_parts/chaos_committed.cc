// Prints every committed record of topics, as of now.
//
//     tocsin_chaos_committed BROKERS TOPIC…
//
// A line each: its partition, when it was written (ms since 1970), and then the very line that
// `tocsin replay --from-kafka` writes for such a record. In order within each partition.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <span>
#include <string>

#include "daemon/record_lines.h"
#include "pipeline/kafka/kafka_history.h"

namespace tocsin {
namespace {

class Printer final : public ReadSink {
 public:
  explicit Printer(KafkaHistory& history) : history_(history) {}

  void assigned(std::span<const Assignment> partitions, GenerationRef /*nobodys*/) override {
    for (const Assignment& place : partitions) {
      places_[place.handle] = place;
      const auto marks = history_.watermarks(place.handle);
      const auto started =
          marks ? history_.start(place.handle, marks->low) : Result<void>(marks.error());
      if (!started) failure = started.error().message;
    }
  }
  void revoked(std::span<const PartitionHandle>, Revocation) override {}
  void record(const ReadRecord& record) override {
    const Assignment& place = places_.at(record.partition);
    line_ = std::to_string(place.partition) + " " + std::to_string(record.timestamp_ms) + " ";
    append_record_line(line_, place.topic,
                       {.key = record.key,
                        .value = record.value.value_or(std::string_view()),
                        .headers = record.headers});
    line_ += '\n';
    std::fwrite(line_.data(), 1, line_.size(), stdout);
  }
  void end_of_partition(PartitionHandle, std::int64_t) override {}

  std::string failure;

 private:
  KafkaHistory& history_;
  std::map<PartitionHandle, Assignment> places_;
  std::string line_;
};

int fail(const std::string& reason) {
  std::fprintf(stderr, "tocsin_chaos_committed: %s\n", reason.c_str());
  return EXIT_FAILURE;
}

int run(std::span<char*> words) {
  if (words.size() < 3) return fail("usage: tocsin_chaos_committed BROKERS TOPIC…");
  KafkaSettings settings;
  settings.app = "committed";
  settings.brokers = {words[1]};
  settings.topics.assign(words.begin() + 2, words.end());
  KafkaHealth health;
  const auto history = KafkaHistory::open(settings, nullptr, health);
  if (!history) return fail(history.error().message);
  Printer printer(**history);
  do {
    const auto read = (*history)->poll(printer, 10'000);
    if (!read) return fail(read.error().message);
    if (!printer.failure.empty()) return fail(printer.failure);
    (*history)->wait(std::chrono::milliseconds(100));
  } while (!(*history)->is_at_end());
  return std::fflush(stdout) == 0 ? EXIT_SUCCESS : fail("standard output cannot be written");
}

}  // namespace
}  // namespace tocsin

int main(int argc, char** argv) { return tocsin::run({argv, static_cast<std::size_t>(argc)}); }
