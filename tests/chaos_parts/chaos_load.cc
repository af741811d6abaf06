// Writes events into topics at a steady rate until standard input ends.
//
//     tocsin_chaos_load BROKERS SEED RATE REQUESTS-TOPIC READINGS-TOPIC
//
// In transactions, some of them aborted on purpose, so that offsets have gaps as those of real
// topics have. Brokers may come and go; what is lost or repeated on the way into the topics does
// not matter, for only what they hold is compared. Prints how many records were committed.

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pipeline/kafka/kafka_writer.h"
#include "tests/chaos_parts/chaos_events.h"

namespace tocsin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTransactionEvery{50};
constexpr std::uint64_t kAbortedOneOf = 40;
constexpr std::size_t kRecordsMax = 20'000;  // Of a transaction, when brokers were away for long.

class Load {
 public:
  Load(KafkaSettings settings, std::uint64_t seed, std::uint64_t rate)
      : seed_(seed), rate_(rate), writer_(make_kafka_writer(settings, nullptr, nullptr, health_)) {}

  /// False: nothing can help.
  bool run() {
    if (!open()) return false;
    const auto begun = Clock::now();
    std::uint64_t due = 0;
    while (!is_over()) {
      const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
      const auto wanted = static_cast<std::uint64_t>(seconds * static_cast<double>(rate_));
      due = std::min<std::uint64_t>(wanted - std::min(wanted, number_), kRecordsMax);
      if (due > 0 && !write(due)) return false;
    }
    std::printf("%llu\n", static_cast<unsigned long long>(committed_));
    return true;
  }

 private:
  static WriteStatus patiently(const std::function<WriteOutcome()>& call) {
    WriteOutcome outcome = call();
    while (outcome.status == WriteStatus::retry) outcome = call();
    if (outcome.status != WriteStatus::ok)
      std::fprintf(stderr, "load: %s\n", outcome.reason.c_str());
    return outcome.status;
  }

  /// Waits for the next transaction's time; true: standard input has ended.
  static bool is_over() {
    pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
    return poll(&input, 1, static_cast<int>(kTransactionEvery.count())) > 0;
  }

  bool open() {
    WriteStatus status = WriteStatus::reopen;
    while (status == WriteStatus::reopen) status = patiently([this] { return writer_->open(); });
    return status == WriteStatus::ok;
  }

  bool write(std::uint64_t count) {
    std::vector<ChaosEvent> events;
    std::vector<WriteRecord> records;
    for (std::uint64_t i = 0; i < count; ++i) events.push_back(chaos_event(seed_, number_++));
    for (const ChaosEvent& event : events)
      records.push_back(
          {.topic = event.topic, .key = event.key, .value = event.value, .headers = event.headers});
    const bool is_to_be_aborted = ++transactions_ % kAbortedOneOf == 0;
    WriteStatus status = patiently([&] { return writer_->begin(); });
    for (std::span<const WriteRecord> rest = records; status == WriteStatus::ok && !rest.empty();) {
      rest = rest.subspan(writer_->produce(rest));
      status = patiently([&] { return writer_->flush(); });
    }
    if (status == WriteStatus::ok)
      status = patiently([&] { return is_to_be_aborted ? writer_->abort() : writer_->commit(); });
    if (status == WriteStatus::ok && !is_to_be_aborted) committed_ += count;
    if (status == WriteStatus::resend) status = patiently([&] { return writer_->abort(); });
    if (status == WriteStatus::ok) return true;
    return status != WriteStatus::stop && open();
  }

  const std::uint64_t seed_;
  const std::uint64_t rate_;
  KafkaHealth health_;
  std::unique_ptr<LogWriter> writer_;
  std::uint64_t number_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t committed_ = 0;
};

int run(std::span<char*> words) {
  if (words.size() != 6) {
    std::fputs("usage: tocsin_chaos_load BROKERS SEED RATE REQUESTS-TOPIC READINGS-TOPIC\n",
               stderr);
    return EXIT_FAILURE;
  }
  KafkaSettings settings;
  settings.app = std::string("load-") + words[4];
  settings.brokers = {words[1]};
  settings.output_topics = {words[4], words[5]};
  Load load(settings, std::stoull(words[2]), std::stoull(words[3]));
  return load.run() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace tocsin

int main(int argc, char** argv) { return tocsin::run({argv, static_cast<std::size_t>(argc)}); }
