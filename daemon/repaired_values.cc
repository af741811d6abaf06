#include "daemon/repaired_values.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

#include "pipeline/input/base64.h"

namespace tocsin {
namespace {

using google::protobuf::Struct;

std::optional<std::int64_t> whole_number(const Struct& line, const std::string& name) {
  constexpr double kLast = 9'007'199'254'740'992.0;  // Whole numbers are exact up to here.
  const auto found = line.fields().find(name);
  if (found == line.fields().end() || !found->second.has_number_value()) return std::nullopt;
  const double number = found->second.number_value();
  if (!(number >= 0 && number <= kLast) || number != std::floor(number)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<std::string> text(const Struct& line, const std::string& name) {
  const auto found = line.fields().find(name);
  if (found == line.fields().end() || !found->second.has_string_value()) return std::nullopt;
  return found->second.string_value();
}

Result<std::pair<DeadLetterPlace, std::string>> read_line(const std::string& bytes) {
  Struct line;
  const auto parsed = google::protobuf::util::JsonStringToMessage(bytes, &line);
  if (!parsed.ok()) return Error{"is no JSON object: " + std::string(parsed.message())};
  const auto partition = whole_number(line, "partition");
  const auto offset = whole_number(line, "offset");
  if (!partition || !offset || *partition > std::numeric_limits<std::int32_t>::max())
    return Error{"needs the numbers `partition` and `offset` of a dead letter"};
  const DeadLetterPlace place{.partition = static_cast<std::int32_t>(*partition),
                              .offset = *offset};
  if (auto value = text(line, "value")) return std::pair(place, *std::move(value));
  const auto base64 = text(line, "value_base64");
  auto value = base64 ? from_base64(*base64) : std::nullopt;
  if (!value) return Error{"needs the text `value`, or `value_base64`"};
  return std::pair(place, *std::move(value));
}

}  // namespace

Result<RepairedValues> read_repaired(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{path + ": " + std::strerror(errno)};
  RepairedValues values;
  std::string bytes;
  for (int number = 1; std::getline(file, bytes); ++number) {
    if (bytes.find_first_not_of(" \t\r") == std::string::npos) continue;
    auto line = read_line(bytes);
    const std::string where = path + ":" + std::to_string(number) + ": ";
    if (!line) return Error{where + line.error().message};
    if (!values.emplace(*std::move(line)).second)
      return Error{where + "the same dead letter stands in a line above"};
  }
  if (file.bad()) return Error{path + ": " + std::strerror(errno)};
  if (values.empty()) return Error{path + ": holds no line"};
  return values;
}

}  // namespace tocsin
