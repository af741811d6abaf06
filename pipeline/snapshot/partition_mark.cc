#include "pipeline/snapshot/partition_mark.h"

#include <array>
#include <charconv>
#include <span>

namespace tocsin {
namespace {

constexpr std::string_view kFormat = "tocsin1";

template <class Number>
void append(std::string& out, std::string_view before, Number value, int base = 10) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  out += before;
  out.append(digits.data(), end);
}

template <class Number>
bool read(std::string_view text, Number& value, int base = 10) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

/// Cuts the text before `separator` off; the whole rest when there is none.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

bool read_place(std::string_view text, ChainPlace& place) {
  const std::string_view number = cut(text, ':');
  return read(number, place.number) && read(text, place.owner, 16);
}

bool read_snapshot(std::string_view text, std::optional<NamedSnapshot>& named) {
  NamedSnapshot found;
  if (!read(cut(text, ':'), found.id) || !read(cut(text, ':'), found.owner, 16)) return false;
  if (!read(cut(text, ':'), found.start_offset) || !read(cut(text, ':'), found.oldest_offset)) {
    return false;
  }
  if (!read(text, found.input_offset)) return false;
  named = found;
  return true;
}

/// Reads one `name=value` into `mark`: whether the value makes sense; names not known do.
bool read_field(std::string_view name, std::string_view value, PartitionMark& mark) {
  if (name == "seq") return read(value, mark.sequence);
  if (name == "own") return read(value, mark.owner, 16);
  if (name == "from") return read(value, mark.lineage_offset);
  if (name == "base") return read(value, mark.state_offset);
  if (name == "num") return read_place(value, mark.last);
  if (name == "snap") return read_snapshot(value, mark.snapshot);
  if (name == "n") return read(value, mark.since.count);
  if (name == "h") return read(value, mark.since.hash, 16);
  if (name == "gap") return read(value, mark.gap_until);
  if (name == "res") return read(value, mark.resumed.emplace());
  if (name == "def") mark.definition = value;
  if (name == "cfg") mark.configuration = value;
  return true;
}

}  // namespace

void PartitionMark::append_to(std::string& out) const {
  out += kFormat;
  append(out, " seq=", sequence);
  out += " def=" + definition + " cfg=" + configuration;
  append(out, " own=", owner, 16);
  append(out, " from=", lineage_offset);
  append(out, " base=", state_offset);
  append(out, " num=", last.number);
  append(out, ":", last.owner, 16);
  if (snapshot) {
    append(out, " snap=", snapshot->id);
    append(out, ":", snapshot->owner, 16);
    append(out, ":", snapshot->start_offset);
    append(out, ":", snapshot->oldest_offset);
    append(out, ":", snapshot->input_offset);
  }
  append(out, " n=", since.count);
  append(out, " h=", since.hash, 16);
  if (gap_until > 0) append(out, " gap=", gap_until);
  if (resumed) append(out, " res=", *resumed);
}

std::optional<PartitionMark> PartitionMark::parse(std::string_view text) {
  if (cut(text, ' ') != kFormat) return std::nullopt;
  constexpr std::array<std::string_view, 7> kNeeded{"seq", "def", "own", "from", "num", "n", "h"};
  std::size_t needed = 0;
  PartitionMark mark;
  while (!text.empty()) {
    std::string_view value = cut(text, ' ');
    const std::string_view name = cut(value, '=');
    if (!read_field(name, value, mark)) return std::nullopt;
    for (const std::string_view one : kNeeded)
      if (one == name) ++needed;
  }
  if (needed != kNeeded.size()) return std::nullopt;
  return mark;
}

}  // namespace tocsin
