// The table of fields as a JSON Schema, for editors.

#pragma once

#include <string>

namespace tocsin {

/// A JSON Schema (2020-12) that accepts every configuration the compiler accepts. It refuses
/// what a schema can: unknown names, wrong types, numbers out of range, missing options.
std::string json_schema();

}  // namespace tocsin
