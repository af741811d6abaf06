#include "daemon/version.h"

#include <array>

#include "daemon/json_text.h"
#include "pipeline/kafka/library_version.h"

// CMake defines TOCSIN_VERSION, TOCSIN_BUILD_TYPE, TOCSIN_SIMDJSON and TOCSIN_PROTOBUF for this
// file: the libraries' own headers belong to other folders.

namespace tocsin {
namespace {

struct Library {
  std::string_view name;
  std::string version;
};

constexpr std::string_view kBuildType =
    std::string_view(TOCSIN_BUILD_TYPE).empty() ? "none" : TOCSIN_BUILD_TYPE;

#if defined(__clang__)
constexpr std::string_view kCompiler = "clang " __clang_version__;
#else
constexpr std::string_view kCompiler = "gcc " __VERSION__;
#endif

std::array<Library, 3> libraries() {
  return {{{.name = "librdkafka", .version = librdkafka_version()},
           {.name = "simdjson", .version = TOCSIN_SIMDJSON},
           {.name = "protobuf", .version = TOCSIN_PROTOBUF}}};
}

}  // namespace

Build this_build() {
  return {.version = TOCSIN_VERSION, .build_type = kBuildType, .compiler = kCompiler};
}

std::string version_text() {
  const Build build = this_build();
  std::string text = "tocsin ";
  text += build.version;
  text += " (";
  text += build.build_type;
  text += ", ";
  text += build.compiler;
  text += ")\n";
  for (const Library& library : libraries()) {
    text += library.name;
    text += ' ';
    text += library.version;
    text += '\n';
  }
  return text;
}

std::string version_json() {
  const Build build = this_build();
  JsonObject versions;
  for (const Library& library : libraries()) versions.add(library.name, library.version);
  JsonObject object;
  object.add("name", "tocsin")
      .add("version", build.version)
      .add("build_type", build.build_type)
      .add("compiler", build.compiler)
      .add_raw("libraries", versions.text());
  return object.text();
}

}  // namespace tocsin
