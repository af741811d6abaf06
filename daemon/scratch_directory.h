// A directory for temporary files, gone with its owner.

#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace tocsin {

class ScratchDirectory {
 public:
  /// Its name begins with `name`.
  explicit ScratchDirectory(std::string_view name) {
    std::error_code none;
    const std::filesystem::path all = std::filesystem::temp_directory_path(none);
    std::string path = (all / (std::string(name) + "-XXXXXX")).string();
    if (!none && mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }  ///< Empty: it cannot be made.

 private:
  std::filesystem::path path_;
};

}  // namespace tocsin
