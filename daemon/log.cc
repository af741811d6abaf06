#include "daemon/log.h"

#include <spdlog/formatter.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "daemon/json_text.h"

namespace tocsin {
namespace {

using Time = std::chrono::system_clock::time_point;

enum class Style : std::uint8_t { json, plain, colour };

constexpr std::array<std::string_view, 4> kLevelNames{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 4> kLevelColours{"\x1b[2m", "\x1b[32m", "\x1b[33m",
                                                        "\x1b[31m"};
constexpr std::array kSpdlogLevels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                   spdlog::level::err};

spdlog::level::level_enum spdlog_level(LogLevel level) {
  return kSpdlogLevels[static_cast<std::size_t>(level)];
}

std::size_t index_of(spdlog::level::level_enum level) {
  const auto* const found = std::find(kSpdlogLevels.begin(), kSpdlogLevels.end(), level);
  return found == kSpdlogLevels.end() ? 1 : static_cast<std::size_t>(found - kSpdlogLevels.begin());
}

/// As RFC 3339 with milliseconds, UTC.
std::string rfc3339(Time time) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds % 1000));
  return std::string(text.data(), length) + fraction.data();
}

/// Adds time and level to a body that is rendered already.
class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(Style style) : style_(style) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const std::size_t level = index_of(message.level);
    const std::string time = rfc3339(message.time);
    std::string line;
    if (style_ == Style::json) {
      line = "{\"time\":\"" + time + "\",\"level\":\"" + std::string(kLevelNames[level]) + "\",";
    } else {
      // The time of day is enough for a person; `\r` and erase hide a progress bar.
      std::string name(kLevelNames[level]);
      name.resize(8, ' ');
      if (style_ == Style::colour) {
        line = "\r\x1b[K" + time.substr(11, 12) + " " + std::string(kLevelColours[level]) + name +
               "\x1b[0m";
      } else {
        line = time.substr(11, 12) + " " + name;
      }
    }
    line.append(message.payload.data(), message.payload.size());
    if (style_ == Style::json) line += '}';
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(style_);
  }

 private:
  Style style_;
};

/// Hands whole lines to a function; the base class holds a mutex meanwhile.
class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  LineSink(std::unique_ptr<spdlog::formatter> formatter, Log::Write write)
      : base_sink(std::move(formatter)), write_(std::move(write)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_(std::string_view(line.data(), line.size()));
  }
  void flush_() override {}

  Log::Write write_;
};

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\';
  });
}

void append_human(std::string& out, const LogField::Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    if (is_plain(*text)) {
      out += *text;
    } else {
      append_json_text(out, *text);
    }
  } else if (const auto* yes = std::get_if<bool>(&value)) {
    out += *yes ? "true" : "false";
  } else if (const auto* number = std::get_if<double>(&value)) {
    append_json_number(out, *number);
  } else {
    out += std::to_string(std::get<std::int64_t>(value));
  }
}

void add_member(JsonObject& object, const LogField& field) {
  std::visit([&](const auto& value) { object.add(field.name(), value); }, field.value());
}

/// What goes between the level and the line's end.
std::string body_of(Style style, std::string_view message, std::span<const LogField> fields) {
  if (style == Style::json) {
    JsonObject object;
    object.add("message", message);
    for (const LogField& field : fields) add_member(object, field);
    const std::string text = object.text();
    return text.substr(1, text.size() - 2);
  }
  std::string body(message);
  // A message could come from outside (librdkafka's do): it must not forge a line.
  if (std::any_of(body.begin(), body.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    body.clear();
    append_json_text(body, message);
  }
  for (const LogField& field : fields) {
    body += ' ';
    body += field.name();
    body += '=';
    append_human(body, field.value());
  }
  return body;
}

Style style_for(LogFormat format, int file_descriptor) {
  if (format == LogFormat::json) return Style::json;
  if (may_colour(file_descriptor)) return Style::colour;
  const bool terminal = isatty(file_descriptor) == 1;
  return format == LogFormat::text || terminal ? Style::plain : Style::json;
}

void write_stderr(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

class Log::Inside {
 public:
  Inside(const LogSettings& settings, Style style, Write write, Clock clock)
      : style_(style),
        clock_(std::move(clock)),
        logger_("tocsin", std::make_shared<LineSink>(std::make_unique<LineFormatter>(style),
                                                     std::move(write))) {
    logger_.set_level(spdlog_level(settings.level));
  }

  ~Inside() {
    for (auto& [message, repeats] : repeats_) report(message, repeats, clock_());
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  void log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
    if (!logger_.should_log(spdlog_level(level))) return;
    const Time now = clock_();
    const std::uint64_t suppressed = admit(level, message, now);
    if (suppressed == kHeldBack) return;
    if (suppressed == 0) {
      write(level, message, fields, now);
      return;
    }
    std::vector<LogField> more(fields.begin(), fields.end());
    more.emplace_back("suppressed", suppressed);
    write(level, message, more, now);
  }

 private:
  static constexpr std::uint64_t kHeldBack = ~std::uint64_t{0};
  /// More different messages than there are in the program: someone logs variable text.
  static constexpr std::size_t kMessagesMax = 1000;

  struct Repeats {
    LogLevel level = LogLevel::info;
    Time since;
    int written = 0;
    std::uint64_t suppressed = 0;
  };

  /// How many lines were held back before this one, or kHeldBack when this one is too.
  std::uint64_t admit(LogLevel level, std::string_view message, Time now) {
    const std::lock_guard lock(mutex_);
    if (repeats_.size() >= kMessagesMax) repeats_.clear();
    const auto [place, is_new] = repeats_.try_emplace(std::string(message));
    Repeats& repeats = place->second;
    std::uint64_t suppressed = 0;
    if (is_new || now - repeats.since >= kWindow) {
      suppressed = repeats.suppressed;
      repeats = {.level = level, .since = now};
    }
    if (repeats.written >= kRepeatsMax) {
      ++repeats.suppressed;
      return kHeldBack;
    }
    ++repeats.written;
    return suppressed;
  }

  void report(const std::string& message, const Repeats& repeats, Time now) {
    if (repeats.suppressed == 0) return;
    const std::array fields{LogField("suppressed", repeats.suppressed)};
    write(repeats.level, message, fields, now);
  }

  void write(LogLevel level, std::string_view message, std::span<const LogField> fields, Time now) {
    const std::string body = body_of(style_, message, fields);
    logger_.log(now, spdlog::source_loc{}, spdlog_level(level), body);
  }

  Style style_;
  Clock clock_;
  spdlog::logger logger_;
  std::mutex mutex_;  ///< Guards repeats_.
  std::map<std::string, Repeats, std::less<>> repeats_;
};

Log::Log(const LogSettings& settings)
    : inside_(std::make_unique<Inside>(settings, style_for(settings.format, STDERR_FILENO),
                                       write_stderr, std::chrono::system_clock::now)) {}

Log::Log(const LogSettings& settings, Write write, Clock clock)
    : inside_(std::make_unique<Inside>(
          settings, settings.format == LogFormat::text ? Style::plain : Style::json,
          std::move(write), std::move(clock))) {}

Log::~Log() = default;

void Log::log(LogLevel level, std::string_view message, Fields fields) {
  inside_->log(level, message, std::span(fields.begin(), fields.size()));
}

void Log::kafka(int syslog_level, std::string_view facility, std::string_view text) {
  LogLevel level = LogLevel::debug;
  if (syslog_level <= 3) {
    level = LogLevel::error;
  } else if (syslog_level == 4) {
    level = LogLevel::warning;
  } else if (syslog_level <= 6) {
    level = LogLevel::info;
  }
  // The facility is part of the message, so that one noisy kind does not hide the others.
  const std::string message = "librdkafka " + std::string(facility);
  log(level, message, {{"text", text}});
}

bool may_colour(int file_descriptor) {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return isatty(file_descriptor) == 1 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace tocsin
