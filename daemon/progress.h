// A progress bar for long work, for people who watch.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

/// Draws a bar on standard error while that is a terminal, and nothing at all elsewhere.
///
/// The bar is erased when the object goes, so that what is printed next stands alone.
/// Threads: one.
class Progress {
 public:
  /// `label` says what is being done: "learning", "scoring events.csv".
  explicit Progress(std::string label);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `share` done, 0 to 1; negative: unknown, and only `note` is shown. Cheap when called often:
  /// it draws ten times a second.
  void show(double share, std::string_view note);

 private:
  std::string label_;
  bool is_terminal_;
  bool may_colour_;
  bool is_drawn_ = false;
  std::int64_t drawn_ns_ = 0;
};

/// The bar as text, without colour: `[#########---------]  45 %`, `width` characters between the
/// brackets.
std::string progress_bar(double share, std::size_t width);

}  // namespace tocsin
