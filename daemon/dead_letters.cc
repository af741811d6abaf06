#include "daemon/dead_letters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "pipeline/output/dead_letter.h"

namespace tocsin {
namespace {

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::array<std::string_view, 12> kOurs{
    dead_letter_header::kReason,    dead_letter_header::kDetail,    dead_letter_header::kStream,
    dead_letter_header::kTopic,     dead_letter_header::kPartition, dead_letter_header::kOffset,
    dead_letter_header::kTimestamp, dead_letter_header::kConfig,    dead_letter_header::kResent,
    dead_letter_header::kRefused,   dead_letter_header::kLength,    dead_letter_header::kSha256};

/// What is said last counts: a record's own headers stand before ours.
void take_header(DeadLetter& letter, std::string_view name, std::string_view value) {
  namespace header = dead_letter_header;
  if (name == header::kReason) letter.reason = value;
  if (name == header::kDetail) letter.detail = value;
  if (name == header::kStream) letter.stream = value;
  if (name == header::kTopic) letter.source.topic = value;
  if (name == header::kPartition)
    letter.source.partition = number_in<std::int32_t>(value).value_or(-1);
  if (name == header::kOffset) letter.source_offset = number_in<std::int64_t>(value).value_or(-1);
  if (name == header::kTimestamp) letter.source_time_ms = number_in<std::int64_t>(value);
  if (name == header::kResent) letter.resent = value;
  if (name == header::kRefused) letter.is_substitute = true;
}

}  // namespace

DeadLetter DeadLetter::of(const ReadRecord& record) {
  DeadLetter letter{.place = {.partition = record.partition, .offset = record.offset},
                    .written_ms = record.timestamp_ms,
                    .source = {.topic = {}, .partition = -1}};
  if (record.key) letter.key = *record.key;
  letter.value = record.value.value_or("");
  for (const HeaderView& header : record.headers) {
    if (std::ranges::find(kOurs, header.name) != kOurs.end()) {
      take_header(letter, header.name, header.value.value_or(""));
    } else {
      auto& kept = letter.headers.emplace_back(header.name, std::nullopt);
      if (header.value) kept.second = *header.value;
    }
  }
  letter.is_ours = !letter.reason.empty() && !letter.source.topic.empty() &&
                   letter.source.partition >= 0 && letter.source_offset >= 0;
  return letter;
}

bool DeadLetterFilter::takes(const DeadLetter& letter) const {
  if (!reasons.empty() && !reasons.contains(letter.reason)) return false;
  if (!stream.empty() && letter.stream != stream) return false;
  return places.empty() || places.contains(letter.place);
}

KafkaSettings resend_settings(const Config& config) {
  KafkaSettings settings = config.kafka;
  settings.app = config.app + "-resend";
  settings.instance.clear();
  return settings;
}

Result<std::unique_ptr<DeadLetterTopic>> DeadLetterTopic::open(const Config& config) {
  std::unique_ptr<DeadLetterTopic> topic(new DeadLetterTopic);
  topic->name_ = config.outputs.dead_letters;
  if (topic->name_.empty()) return Error{"the configuration has no topic for dead letters"};
  auto admin = KafkaAdmin::make(config.kafka, nullptr, topic->health_);
  if (!admin) return admin.error();
  topic->admin_ = *std::move(admin);
  auto group = KafkaGroup::make(resend_settings(config), nullptr, topic->health_);
  if (!group) return group.error();
  topic->group_ = *std::move(group);
  auto scan = KafkaScan::make(config.kafka, nullptr, topic->health_);
  if (!scan) return scan.error();
  topic->scan_ = *std::move(scan);
  const std::vector<std::string> names{topic->name_};
  const auto cluster = topic->admin_->look(names, kPatience);
  if (!cluster) return cluster.error();
  if (!cluster->missing.empty()) return Error{"topic " + topic->name_ + " does not exist"};
  topic->partitions_ = cluster->topics.front().partitions;
  if (Result<void> asked = topic->ask_what_is_resent(); !asked) return asked.error();
  return topic;
}

Result<void> DeadLetterTopic::ask_what_is_resent() {
  std::vector<TopicPartition> all;
  for (std::int32_t p = 0; p < partitions_; ++p) all.push_back({name_, p});
  const auto committed = group_->committed(all, kPatience);
  if (!committed.answer) return Error{committed.reason};
  const auto marks = admin_->watermarks(all, kPatience);
  if (!marks) return marks.error();
  resent_.assign(all.size(), {});
  for (std::size_t p = 0; p < all.size(); ++p) {
    const auto& words = (*committed.answer)[p];
    // Of a topic that was made anew they are about other records.
    if (!words || words->offset > (*marks)[p].high) continue;
    resent_[p] = ResentOffsets::parse(words->metadata).value_or(ResentOffsets{});
    resent_[p].forget_before((*marks)[p].low);
  }
  return {};
}

Result<std::vector<std::pair<std::int64_t, std::int64_t>>> DeadLetterTopic::ranges(
    const DeadLetterFilter& filter) {
  std::vector<TopicPartition> all;
  for (std::int32_t p = 0; p < partitions_; ++p) all.push_back({name_, p});
  const auto first = group_->offsets_at(all, filter.since.value_or(StartPoint{}), kPatience);
  if (!first.answer) return Error{first.reason};
  const auto last = group_->offsets_at(all, {.kind = StartPoint::Kind::latest}, kPatience);
  if (!last.answer) return Error{last.reason};
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
  for (std::size_t p = 0; p < all.size(); ++p)
    ranges.emplace_back((*first.answer)[p], (*last.answer)[p]);
  return ranges;
}

Result<void> DeadLetterTopic::read(const DeadLetterFilter& filter, const Take& take) {
  const auto found = ranges(filter);
  if (!found) return found.error();
  bool is_enough = false;
  for (std::int32_t p = 0; p < partitions_ && !is_enough; ++p) {
    if (filter.partition && *filter.partition != p) continue;
    const auto [first, last] = (*found)[static_cast<std::size_t>(p)];
    ResentOffsets& resent_here = resent(p);
    std::optional<std::int64_t> before;
    const auto take_record = [&](const ReadRecord& record) {
      const bool is_resent = resent_here.contains(record.offset);
      if (is_resent && before && resent_here.contains(*before))
        resent_here.join(*before, record.offset);
      DeadLetter letter = DeadLetter::of(record);
      letter.before = std::exchange(before, record.offset).value_or(-1);
      if (!filter.takes(letter)) return Wanted::more;
      const Wanted wanted = take(std::move(letter), is_resent);
      is_enough = wanted == Wanted::no_more;
      return wanted;
    };
    const Result<void> read =
        scan_->read({.place = {name_, p}, .from = first, .to = last}, take_record, kPatience);
    if (!read) return read;
  }
  return {};
}

}  // namespace tocsin
