// The sentence that says what exactly was wrong with a record.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/input/json_diagnosis.h"
#include "pipeline/input/json_token.h"

namespace tocsin {

// Each appends one sentence. They contain nothing that depends on the machine. What is quoted of
// a record is cut to 64 bytes, and is valid UTF-8.

void append_diagnosis(std::string& out, const JsonDiagnosis& diagnosis);
void append_too_large(std::string& out, std::size_t bytes, std::size_t bytes_max);
void append_duplicate_key(std::string& out, std::string_view key);
/// `/host is absent.`, `/host is an object, but must be …`.
void append_unusable(std::string& out, std::string_view pointer, const JsonToken& token,
                     std::string_view wanted);
void append_out_of_range(std::string& out, std::string_view pointer, const JsonToken& token);
void append_far_future(std::string& out, std::int64_t beyond_ms, std::string_view what);

}  // namespace tocsin
