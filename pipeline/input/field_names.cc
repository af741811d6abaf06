#include "pipeline/input/field_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace tocsin {

namespace {

constexpr std::array<std::string_view, 44> kIdWords{
    "id",      "ids",      "uid",    "gid",       "uuid",    "guid",      "key",       "keys",
    "seq",     "sequence", "seqno",  "seqnum",    "offset",  "version",   "revision",  "port",
    "pid",     "ppid",     "tid",    "zip",       "zipcode", "postcode",  "mcc",       "mnc",
    "msisdn",  "imei",     "imsi",   "ip",        "asn",     "hash",      "checksum",  "crc",
    "phone",   "serial",   "userid", "deviceid",  "orderid", "accountid", "sessionid", "requestid",
    "eventid", "traceid",  "spanid", "customerid"};
constexpr std::array<std::string_view, 7> kTimeWords{"ts",   "timestamp", "timestamps", "datetime",
                                                     "date", "epoch",     "unixtime"};
constexpr std::array<std::string_view, 17> kMomentWords{
    "event",  "start",  "end",         "begin", "stop", "finish", "created", "updated", "modified",
    "ingest", "record", "transaction", "log",   "unix", "local",  "server",  "client"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// Whether a word begins at `i`, which is not the name's first character.
bool begins_at_capital(std::string_view name, std::size_t i) {
  if (!is_upper(name[i])) return false;
  return !is_upper(name[i - 1]) || (i + 1 < name.size() && is_lower(name[i + 1]));
}

/// The last words of a name, in lower case; more than these say nothing more.
struct Words {
  std::array<std::string, 3> last;  // The last, the one before, …
  std::string first;
  bool has_time_word = false;

  void add(std::string&& word) {
    if (word.empty()) return;
    if (first.empty()) first = word;
    has_time_word = has_time_word || contains(kTimeWords, word);
    std::rotate(last.begin(), last.end() - 1, last.end());
    last[0] = std::move(word);
  }
};

Words words_of(std::string_view name) {
  Words words;
  std::string word;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool is_ascii = static_cast<unsigned char>(c) < 0x80;
    const bool is_separator = is_ascii && !is_lower(c) && !is_upper(c) && !(c >= '0' && c <= '9');
    if (is_separator || (i > 0 && begins_at_capital(name, i))) {
      words.add(std::move(word));
      word.clear();
    }
    if (!is_separator) word.push_back(is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c);
  }
  words.add(std::move(word));
  return words;
}

}  // namespace

bool names_id_or_time(std::string_view name) {
  const Words words = words_of(name);
  const std::string& last = words.last[0];
  if (contains(kIdWords, last) || words.first == "id") return true;
  if (words.has_time_word || last == "at") return true;
  return last == "time" && (words.last[1].empty() || contains(kMomentWords, words.last[1]));
}

}  // namespace tocsin
