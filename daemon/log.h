// The process's log: what a person or a collector reads on standard error.
//
// One line an event: a constant message that can be searched, and fields. On a terminal a line is
// for people, otherwise it is a JSON object. What matters is a metric first; payloads are never
// logged, only their place and what was wrong with them.

#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "daemon/config/config.h"

namespace tocsin {

/// One named value of a line. Views are valid during the call.
class LogField {
 public:
  LogField(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  LogField(std::string_view name, const char* value) : LogField(name, std::string_view(value)) {}
  LogField(std::string_view name, const std::string& value)
      : LogField(name, std::string_view(value)) {}
  LogField(std::string_view name, bool value) : name_(name), value_(value) {}
  LogField(std::string_view name, double value) : name_(name), value_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogField(std::string_view name, T value)
      : name_(name), value_(static_cast<std::int64_t>(value)) {}

  using Value = std::variant<std::string_view, bool, double, std::int64_t>;
  std::string_view name() const { return name_; }
  const Value& value() const { return value_; }

 private:
  std::string_view name_;
  Value value_;
};

/// Writes lines, and holds back those that repeat.
///
/// Of one message at most kRepeatsMax lines are written in kWindow; the first line after
/// that, or the log's end, says in `suppressed` how many were held back.
/// Threads: any.
class Log {
 public:
  static constexpr int kRepeatsMax = 10;
  static constexpr std::chrono::seconds kWindow{10};

  using Write = std::function<void(std::string_view line)>;  ///< A whole line, with its end.
  using Clock = std::function<std::chrono::system_clock::time_point()>;

  /// To standard error.
  explicit Log(const LogSettings& settings);
  /// To `write`, by `clock`: for tests, and for the demo, which keeps the log for itself.
  /// `automatic` then means JSON.
  Log(const LogSettings& settings, Write write, Clock clock);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  using Fields = std::initializer_list<LogField>;
  void debug(std::string_view message, Fields fields = {}) {
    log(LogLevel::debug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) { log(LogLevel::info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) {
    log(LogLevel::warning, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) {
    log(LogLevel::error, message, fields);
  }
  void log(LogLevel level, std::string_view message, Fields fields = {});

  /// A line of librdkafka: `syslog_level` 0 to 7, and `facility` such as "FAIL".
  void kafka(int syslog_level, std::string_view facility, std::string_view text);

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

/// Whether output to `file_descriptor` may be coloured: it is a terminal, NO_COLOR is unset or
/// empty, and TERM is not `dumb`.
bool may_colour(int file_descriptor);

}  // namespace tocsin
