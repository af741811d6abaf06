#include "daemon/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "daemon/log.h"

namespace tocsin {
namespace {

constexpr std::int64_t kIntervalNs = 100'000'000;
constexpr std::size_t kBarWidth = 30;
constexpr std::string_view kErase = "\r\x1b[K";

void write_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

Progress::Progress(std::string label)
    : label_(std::move(label)),
      is_terminal_(isatty(STDERR_FILENO) == 1),
      may_colour_(may_colour(STDERR_FILENO)) {}

Progress::~Progress() {
  if (is_drawn_) write_stderr(kErase);
}

void Progress::show(double share, std::string_view note) {
  if (!is_terminal_) return;
  const std::int64_t now = now_ns();
  if (is_drawn_ && now - drawn_ns_ < kIntervalNs) return;
  std::string line = label_ + "  ";
  if (share >= 0) line += progress_bar(share, kBarWidth) + "  ";
  line += note;
  line.resize(std::min(line.size(), terminal_columns() - 1));  // A wrapped line is not erased.
  write_stderr(std::string(kErase) + (may_colour_ ? "\x1b[36m" + line + "\x1b[0m" : line));
  is_drawn_ = true;
  drawn_ns_ = now;
}

std::string progress_bar(double share, std::size_t width) {
  const double bounded = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(bounded * static_cast<double>(width));
  std::string percent = std::to_string(static_cast<int>(bounded * 100));
  percent.insert(0, 3 - std::min<std::size_t>(percent.size(), 3), ' ');
  return "[" + std::string(full, '#') + std::string(width - full, '-') + "] " + percent + " %";
}

}  // namespace tocsin
