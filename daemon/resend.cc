#include "daemon/resend.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "pipeline/kafka/kafka_writer.h"
#include "pipeline/output/dead_letter.h"

namespace tocsin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRecordsAtOnce = 1'000;
constexpr std::size_t kBytesAtOnce = 8U << 20U;
/// Brokers take 4,096 bytes beside an offset (offset.metadata.max.bytes).
constexpr std::size_t kWordsMaxBytes = 4'000;
constexpr std::chrono::seconds kPatience{60};

/// What a record is made of, while it is being sent.
struct Outgoing {
  std::string mark;
  std::vector<HeaderView> headers;
};

Outgoing outgoing(const DeadLetter& letter, const std::string& topic) {
  Outgoing out{.mark = fmt::format("{}/{}/{}", topic, letter.place.partition, letter.place.offset),
               .headers = {}};
  for (const auto& [name, value] : letter.headers) {
    HeaderView& view = out.headers.emplace_back(HeaderView{.name = name, .value = {}});
    if (value) view.value = *value;
  }
  return out;
}

}  // namespace

Resend::Resend(const Config& config, DeadLetterTopic& topic, Refused refused)
    : is_exact_(config.kafka.delivery == Delivery::exactly_once),
      topic_(topic),
      refused_(std::move(refused)) {}

Result<std::unique_ptr<Resend>> Resend::begin(const Config& config,
                                              const std::vector<std::string>& inputs,
                                              DeadLetterTopic& topic, Refused refused) {
  std::unique_ptr<Resend> resend(new Resend(config, topic, std::move(refused)));
  KafkaSettings settings = resend_settings(config);
  settings.output_topics = inputs;
  resend->topics_ = inputs;
  resend->writer_ = make_kafka_writer(settings, nullptr, nullptr, topic.health());
  if (Result<void> opened = resend->open(); !opened) return opened.error();
  return resend;
}

Result<void> Resend::open() {
  if (Result<void> opened = patiently([this] { return writer_->open(); }); !opened) return opened;
  // Only now is it certain what an earlier one has committed.
  return topic_.ask_what_is_resent();
}

Result<void> Resend::patiently(const std::function<WriteOutcome()>& call) {
  const auto deadline = Clock::now() + kPatience;
  WriteOutcome outcome = call();
  while (outcome.status == WriteStatus::retry && Clock::now() < deadline) outcome = call();
  if (outcome.status == WriteStatus::ok) return {};
  return Error{outcome.reason.empty() ? "the brokers do not answer" : outcome.reason};
}

Result<void> Resend::add(DeadLetter letter) {
  bytes_ += letter.value.size() + (letter.key ? letter.key->size() : 0);
  letters_.push_back(std::move(letter));
  if (letters_.size() < kRecordsAtOnce && bytes_ < kBytesAtOnce) return {};
  return send();
}

Result<void> Resend::finish() { return send(); }

/// What the broker refuses is left out, and the rest sent again.
Result<void> Resend::send() {
  while (!letters_.empty()) {
    const Result<bool> is_sent = try_to_send();
    if (!is_sent) return is_sent.error();
    if (!*is_sent) continue;
    sent_ += letters_.size();
    for (const DeadLetter& letter : letters_) ++sent_to_[letter.source.topic];
    letters_.clear();
  }
  bytes_ = 0;
  return {};
}

/// False: some were refused, and are no longer among the letters; the others are to be sent again.
Result<bool> Resend::try_to_send() {
  std::vector<Outgoing> outgoings;
  for (const DeadLetter& letter : letters_) outgoings.push_back(outgoing(letter, topic_.name()));
  std::vector<WriteRecord> records;
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    const DeadLetter& letter = letters_[i];
    outgoings[i].headers.push_back(
        {.name = dead_letter_header::kResent, .value = outgoings[i].mark});
    const auto topic = std::ranges::find(topics_, letter.source.topic) - topics_.begin();
    records.push_back({.topic = static_cast<std::uint16_t>(topic),
                       .partition = letter.source.partition,
                       .value = letter.value,
                       .headers = outgoings[i].headers});
    if (letter.key) records.back().key = *letter.key;
  }
  if (Result<void> begun = patiently([this] { return writer_->begin(); }); !begun)
    return begun.error();
  for (std::span<const WriteRecord> rest = records; !rest.empty();) {
    rest = rest.subspan(writer_->produce(rest));
    if (rest.empty()) break;
    const WriteOutcome outcome = writer_->flush();
    if (outcome.status != WriteStatus::ok && outcome.status != WriteStatus::retry)
      return Error{outcome.reason};
  }
  if (Result<void> flushed = patiently([this] { return writer_->flush(); }); !flushed)
    return flushed.error();
  if (leave_out_refused() && is_exact_) {
    // A transaction with a refused record cannot be committed.
    if (Result<void> aborted = abort(); !aborted) return aborted.error();
    return false;
  }
  if (letters_.empty()) return false;
  if (Result<void> remembered = remember(); !remembered) return remembered.error();
  return true;
}

/// Whether there were any.
bool Resend::leave_out_refused() {
  std::set<std::size_t> refused;
  for (const RefusedRecord& one : writer_->refused()) {
    if (refused.insert(one.index).second) refused_(letters_[one.index], one.reason);
  }
  if (refused.empty()) return false;
  std::vector<DeadLetter> kept;
  for (std::size_t i = 0; i < letters_.size(); ++i) {
    if (!refused.contains(i)) kept.push_back(std::move(letters_[i]));
  }
  letters_ = std::move(kept);
  return true;
}

/// Commits, with the words that say which have been put back.
Result<void> Resend::remember() {
  std::set<std::int32_t> touched;
  for (const DeadLetter& letter : letters_) {
    ResentOffsets& resent = topic_.resent(letter.place.partition);
    resent.add(letter.place.offset);
    if (letter.before >= 0 && resent.contains(letter.before))
      resent.join(letter.before, letter.place.offset);
    touched.insert(letter.place.partition);
  }
  std::vector<std::string> words;
  for (const std::int32_t p : touched) {
    words.push_back(topic_.resent(p).text());
    if (words.back().size() <= kWordsMaxBytes) continue;
    static_cast<void>(abort());
    return Error{fmt::format(
        "what has been put back of {}/{} is too scattered to be remembered; put back what lies "
        "between, without a filter",
        topic_.name(), p)};
  }
  std::vector<OffsetToCommit> offsets;
  for (const std::int32_t p : touched)
    offsets.push_back({.topic = topic_.name(),
                       .partition = p,
                       .next_offset = topic_.resent(p).end(),
                       .metadata = words[offsets.size()]});
  if (!is_exact_) {
    if (Result<void> done = patiently([this] { return writer_->commit(); }); !done) return done;
    return topic_.group().set_offsets(offsets, kPatience);
  }
  const GenerationRef outsider = topic_.group().outsider();
  if (Result<void> sent = patiently([&] { return writer_->send_offsets(offsets, outsider); });
      !sent) {
    static_cast<void>(abort());
    return sent;
  }
  return patiently([this] { return writer_->commit(); });
}

Result<void> Resend::abort() {
  return patiently([this] { return writer_->abort(); });
}

}  // namespace tocsin
