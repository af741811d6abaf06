#include "daemon/line_file.h"

#include <cerrno>
#include <cstring>

namespace tocsin {

Result<LineFile> LineFile::open(const std::string& path) {
  LineFile file(path, std::fopen(path.c_str(), "wb"));
  if (!file.file_) return Error{path + ": cannot be written: " + std::strerror(errno)};
  return file;
}

void LineFile::write(std::string_view line) {
  FILE* to = file_ ? file_.get() : stdout;
  std::fwrite(line.data(), 1, line.size(), to);
  std::fputc('\n', to);
}

Result<void> LineFile::check() {
  FILE* to = file_ ? file_.get() : stdout;
  if (std::fflush(to) == 0 && std::ferror(to) == 0) return {};
  return Error{name_ + ": cannot be written: " + std::strerror(errno)};
}

}  // namespace tocsin
