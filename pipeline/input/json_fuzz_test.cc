// Documents broken at random: what is valid is decided as an independent parser decides it, and
// as every kernel of simdjson decides it.

#include <gtest/gtest.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/input/decoder_fixture.h"
#include "pipeline/input/json_diagnosis.h"

namespace tocsin {
namespace {

constexpr int kDocuments = 60'000;

/// RapidJSON's opinion, made strict: no byte may be zero. None where it gives up because a number
/// is beyond its range, or where it is lenient: about halves of surrogate pairs.
std::optional<bool> is_valid_elsewhere(std::string_view text) {
  if (text.find("\\ud") != std::string_view::npos) return std::nullopt;
  if (text.find('\0') != std::string_view::npos) return false;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> handler;
  constexpr unsigned kFlags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) return std::nullopt;
  return !result.IsError();
}

/// Random documents: valid ones, and valid ones with a few bytes changed.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : state_(seed) {}

  std::string next() {
    std::string text;
    object(text, 0);
    if (below(4) == 0) return text;
    for (std::uint64_t changes = below(3) + 1; changes > 0; --changes) mutate(text);
    return text;
  }

 private:
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33U) % bound;
  }
  template <std::size_t N>
  std::string_view one_of(const std::array<std::string_view, N>& choices) {
    return choices[below(N)];
  }

  void space(std::string& text) {
    static constexpr std::array<std::string_view, 8> kSpace{"",  "",   "",     "",
                                                            " ", "\n", "\r\n", "\t "};
    text += one_of(kSpace);
  }

  void object(std::string& text, int depth) {
    text += "{";
    for (std::uint64_t members = below(8); members > 0; --members) {
      static constexpr std::array<std::string_view, 10> kKeys{
          "\"a\"",       "\"b\"", "\"host\"",       "\"ts\"", "\"value\"", "\"a longer key\"",
          "\"\\u0061\"", "\"\"",  "\"k\xc3\xa9y\"", "\"n\""};
      space(text);
      text += one_of(kKeys);
      space(text);
      text += ":";
      space(text);
      value(text, depth);
      space(text);
      if (members > 1) text += ",";
    }
    text += "}";
  }

  void value(std::string& text, int depth) {
    static constexpr std::array<std::string_view, 24> kScalars{
        "0",
        "1",
        "-1.5",
        "1e5",
        "12345678901234567890",
        "1e400",
        "1751000000000",
        "0.1E-7",
        "true",
        "false",
        "null",
        "\"\"",
        "\"text\"",
        "\"\\n\\\"\\\\\"",
        "\"\\ud83d\\ude00\"",
        "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
        "\"{[,:]}\"",
        "\"12.5\"",
        "\"a string that is longer than one block of sixty-four bytes, and then some more of it\"",
        "-0",
        "\"2014-04-01\"",
        "\"\\u0000\"",
        "\"\\/\"",
        "1.0"};
    const std::uint64_t choice = below(10);
    if (choice == 0 && depth < 5) {
      object(text, depth + 1);
    } else if (choice == 1 && depth < 5) {
      text += "[";
      for (std::uint64_t elements = below(4); elements > 0; --elements) {
        space(text);
        value(text, depth + 1);
        if (elements > 1) text += ",";
      }
      text += "]";
    } else {
      text += one_of(kScalars);
    }
  }

  void mutate(std::string& text) {
    static constexpr std::array<std::string_view, 28> kPieces{
        "\"",           "\\",   "{",    "}",   "[", "]",    ",",    ":",       "\xff", "\xc3",
        "\xed\xa0\x80", "\x01", "\n",   "NaN", "-", ".",    "e",    "0",       "\\u",  "\\ud800",
        "\\udc00",      "\x0c", "\x1a", "//",  "'", "true", "\x80", "\xe2\x82"};
    if (text.empty()) return;
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text.resize(at);
        return;
      case 1:
        text.erase(at, below(3) + 1);
        return;
      case 2:
        text[at] = static_cast<char>(below(256));
        return;
      case 3:
        text.insert(at, text.substr(below(text.size()), below(12)));
        return;
      default:
        text.insert(at, one_of(kPieces));
    }
  }

  std::uint64_t state_;
};

TEST(JsonFuzz, AgreesWithAnotherParserOnWhatIsValid) {
  Documents documents(20261121);
  JsonReader reader;
  ExtractionPlan plan;
  plan.want("/host");
  plan.want("/a/b");
  int valid = 0;
  int duplicates = 0;
  int compared = 0;
  for (int i = 0; i < kDocuments; ++i) {
    const std::string text = documents.next();
    // In memory of its own size, so that reading beyond it shows under the address sanitizer.
    const std::vector<char> exact(text.begin(), text.end());
    const std::string_view view(exact.data(), exact.size());

    const JsonVerdict verdict = reader.read(view, plan, nullptr);

    const bool is_valid = verdict != JsonVerdict::broken;
    ASSERT_EQ(is_valid, diagnose(view).reason == RejectReason::none) << text;
    const std::optional<bool> other = is_valid_elsewhere(view);
    compared += other ? 1 : 0;
    if (other) {
      ASSERT_EQ(is_valid, *other) << text;
    }
    valid += is_valid ? 1 : 0;
    duplicates += verdict == JsonVerdict::duplicate_key ? 1 : 0;
  }
  EXPECT_GT(compared, kDocuments / 2);
  EXPECT_GT(valid, kDocuments / 5);
  EXPECT_LT(valid, kDocuments * 4 / 5);
  EXPECT_GT(duplicates, kDocuments / 50);
}

/// All that decoding some documents gave, as one text.
std::string decode_all(std::uint64_t seed, bool discovers) {
  StreamSettings settings =
      discovers ? StreamSettings{} : stream_with({"/value", "/a", "/n", "/a/b"});
  settings.entity = {"/host"};
  settings.time.field = "/ts";
  DecoderFixture fixture(settings);
  fixture.timestamp_ms = -1;
  Documents documents(seed);
  std::string all;
  for (int i = 0; i < 4000; ++i) {
    const Row& row = fixture.decode(documents.next());
    all += std::to_string(static_cast<int>(row.reject)) + fixture.entity() + fixture.detail();
    all += std::to_string(row.present) + "@" + std::to_string(row.time_ms) + "\n";
    for (std::size_t c = 0; c < fixture.decoder.width(); ++c) {
      all += std::to_string(fixture.value(c)) + ",";
    }
  }
  fixture.decoder.save(all);
  return all;
}

TEST(JsonFuzz, IsTheSameOnEveryKernel) {
  const simdjson::implementation* usual = simdjson::get_active_implementation();
  for (const bool discovers : {false, true}) {
    simdjson::get_active_implementation() = usual;
    const std::string expected = decode_all(7, discovers);
    for (const simdjson::implementation* kernel : simdjson::get_available_implementations()) {
      if (!kernel->supported_by_runtime_system()) continue;
      simdjson::get_active_implementation() = kernel;
      EXPECT_EQ(decode_all(7, discovers), expected) << kernel->name();
    }
  }
  simdjson::get_active_implementation() = usual;
}

TEST(JsonFuzz, SurvivesBytesOfAnyKind) {
  std::uint64_t seed = 99;
  JsonReader reader;
  ExtractionPlan plan;
  for (int i = 0; i < 20'000; ++i) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    std::vector<char> bytes((seed >> 33U) % 200);
    for (char& byte : bytes) {
      seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
      byte = (seed >> 60U) < 12 ? "{}[]\",:\\0a- "[(seed >> 40U) % 12]
                                : static_cast<char>(seed >> 40U);
    }
    const std::string_view view(bytes.data(), bytes.size());

    const JsonVerdict verdict = reader.read(view, plan, nullptr);

    ASSERT_EQ(verdict != JsonVerdict::broken, diagnose(view).reason == RejectReason::none)
        << testing::PrintToString(std::string(view));
  }
}

}  // namespace
}  // namespace tocsin
