#include "pipeline/input/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace tocsin {

namespace {

constexpr std::size_t kReadBytes = 256U << 10U;
constexpr std::size_t kReadMaxBytes = 16U << 20U;

std::string reason_of(int number) { return std::generic_category().message(number); }

}  // namespace

void ByteSource::Closer::operator()(gzFile_s* file) const { gzclose(file); }

Result<ByteSource> ByteSource::open(const std::string& path) {
  const bool is_input = path == "-";
  const std::string name = is_input ? "standard input" : path;
  const int descriptor =
      is_input ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Error{name + " cannot be opened: " + reason_of(errno)};
  struct stat about {};
  if (::fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode)) {
    ::close(descriptor);
    return Error{name + " is a directory; a file of rows was expected"};
  }
  std::optional<std::uint64_t> total;
  if (S_ISREG(about.st_mode)) total = static_cast<std::uint64_t>(about.st_size);
  gzFile_s* file = gzdopen(descriptor, "rb");
  if (file == nullptr) {
    ::close(descriptor);
    return Error{name + " cannot be opened: there is not enough memory"};
  }
  gzbuffer(file, kReadBytes);
  return ByteSource(name, file, total);
}

Result<bool> ByteSource::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, size_);
    begin_ = 0;
  }
  const std::size_t wanted = std::clamp(size_, kReadBytes, kReadMaxBytes);
  if (buffer_.size() < size_ + wanted) buffer_.resize(size_ + wanted);
  const int count = gzread(file_.get(), buffer_.data() + size_, static_cast<unsigned>(wanted));
  int problem = Z_OK;
  gzerror(file_.get(), &problem);
  if (count < 0 || (count == 0 && problem != Z_OK && problem != Z_STREAM_END)) return unreadable();
  size_ += static_cast<std::size_t>(count);
  unpacked_ += static_cast<std::uint64_t>(count);
  return count > 0;
}

Error ByteSource::unreadable() const {
  int problem = Z_OK;
  const char* words = gzerror(file_.get(), &problem);
  if (problem == Z_ERRNO) return Error{name_ + " cannot be read: " + reason_of(errno)};
  if (problem == Z_BUF_ERROR) {
    return Error{name_ + " is cut off in the middle of its compressed data"};
  }
  return Error{name_ + " cannot be decompressed: " + words};
}

std::uint64_t ByteSource::bytes_read() const {
  const auto offset = gzoffset(file_.get());
  return total_ && offset >= 0 ? static_cast<std::uint64_t>(offset) : unpacked_;
}

}  // namespace tocsin
