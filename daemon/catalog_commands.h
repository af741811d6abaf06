// The commands that print what the program knows: `detectors`, `schema`, `reference`, `version`.

#pragma once

#include <string>

namespace tocsin {

struct DetectorsOptions {};
struct SchemaOptions {};
struct ReferenceOptions {};
struct VersionOptions {
  bool json = false;
};

/// The catalogue of detectors as text of at most `width` columns, as `tocsin detectors` prints it.
std::string detectors_text(std::size_t width);

// Each returns the process's exit code.
int detectors_command(const DetectorsOptions& options);
int schema_command(const SchemaOptions& options);
int reference_command(const ReferenceOptions& options);
int version_command(const VersionOptions& options);

}  // namespace tocsin
