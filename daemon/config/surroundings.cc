#include "daemon/config/surroundings.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace tocsin {
namespace {

constexpr std::size_t kFileBytesMax = 2U << 20U;

std::optional<std::string> variable(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started.
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Result<std::string> file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Error{std::strerror(errno)};
  if (S_ISDIR(status.st_mode)) return Error{"it is a directory"};
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error{std::strerror(errno)};
  std::string content;
  content.resize(kFileBytesMax + 1);
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.size() > kFileBytesMax) return Error{"it is larger than 2 MiB"};
  return content;
}

}  // namespace

Surroundings process_surroundings() { return {.variable = variable, .file = file}; }

}  // namespace tocsin
