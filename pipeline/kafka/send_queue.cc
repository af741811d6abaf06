#include "pipeline/kafka/send_queue.h"

namespace tocsin {
namespace {

// What a record adds to a request beside its bytes, at most: lengths, times, counts.
constexpr std::size_t kRecordOverhead = 40;
constexpr std::size_t kHeaderOverhead = 10;

std::size_t bytes_in_request(const WriteRecord& record) {
  std::size_t bytes = kRecordOverhead + record.value.size();
  if (record.key) bytes += record.key->size();
  for (const HeaderView& header : record.headers) {
    bytes += kHeaderOverhead + header.name.size();
    if (header.value) bytes += header.value->size();
  }
  return bytes;
}

}  // namespace

void SendQueue::clear() {
  for (Lane& lane : lanes_) {
    lane.items.clear();
    lane.sent = lane.under_way = 0;
    lane.is_ready = false;
  }
  lane_of_.clear();
  ready_.clear();
  waiting_ = 0;
}

std::uint32_t SendQueue::lane(std::size_t topic, std::int32_t partition) {
  if (topic >= numbers_.size()) numbers_.resize(topic + 1);
  std::vector<std::uint32_t>& numbers = numbers_[topic];
  const auto place = static_cast<std::size_t>(partition);
  if (place >= numbers.size()) numbers.resize(place + 1);
  if (numbers[place] == 0) {
    lanes_.push_back({.topic = topic, .partition = partition, .items = {}});
    numbers[place] = static_cast<std::uint32_t>(lanes_.size());
  }
  return numbers[place] - 1;
}

void SendQueue::add(const WriteRecord& record, std::size_t topic, std::int32_t partition) {
  const std::uint32_t number = lane(topic, partition);
  lanes_[number].items.push_back(
      {.record = &record, .index = static_cast<std::uint32_t>(lane_of_.size())});
  lane_of_.push_back(number);
  ++waiting_;
  make_ready(number);
}

void SendQueue::make_ready(std::uint32_t number) {
  Lane& lane = lanes_[number];
  if (lane.is_ready || lane.under_way > 0 || lane.sent == lane.items.size()) return;
  lane.is_ready = true;
  ready_.push_back(number);
}

bool SendQueue::next(Turn& turn) {
  if (ready_.empty()) return false;
  Lane& lane = lanes_[ready_.front()];
  ready_.pop_front();
  lane.is_ready = false;
  const std::span<const Item> rest = std::span<const Item>(lane.items).subspan(lane.sent);
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < rest.size() && count < limits_.records) {
    bytes += bytes_in_request(*rest[count].record);
    if (count > 0 && bytes > limits_.bytes) break;
    ++count;
  }
  lane.sent += count;
  lane.under_way += count;
  waiting_ -= count;
  turn = {.items = rest.first(count), .topic = lane.topic, .partition = lane.partition};
  return true;
}

void SendQueue::note_reported(std::size_t index) {
  const std::uint32_t number = lane_of_[index];
  --lanes_[number].under_way;
  make_ready(number);
}

}  // namespace tocsin
