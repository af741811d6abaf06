// Bytes of a file or of standard input, gzip-compressed or not, read ahead as far as is asked.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "detectors/result.h"

struct gzFile_s;

namespace tocsin {

/// A window on a stream of bytes: grows at its end by `fill`, shrinks at its front by `consume`.
///
/// Whether it is compressed is told by its first bytes, not by its name.
class ByteSource {
 public:
  /// `-` is standard input.
  static Result<ByteSource> open(const std::string& path);

  std::string_view window() const { return std::string_view(buffer_).substr(begin_, size_); }
  /// Reads more behind the window, at least as much as it holds. False: nothing is left.
  Result<bool> fill();
  void consume(std::size_t bytes) {
    begin_ += bytes;
    size_ -= bytes;
  }

  /// For a progress bar: bytes of the file read so far, and its size where it is known.
  std::uint64_t bytes_read() const;
  std::optional<std::uint64_t> bytes_total() const { return total_; }
  const std::string& name() const { return name_; }

 private:
  struct Closer {
    void operator()(gzFile_s* file) const;
  };

  ByteSource(std::string name, gzFile_s* file, std::optional<std::uint64_t> total)
      : name_(std::move(name)), file_(file), total_(total) {}
  Error unreadable() const;

  std::string name_;
  std::unique_ptr<gzFile_s, Closer> file_;
  std::optional<std::uint64_t> total_;
  std::uint64_t unpacked_ = 0;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace tocsin
