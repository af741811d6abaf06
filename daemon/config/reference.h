// The table of fields as a document for people.

#pragma once

#include <string>

namespace tocsin {

/// Every option, section by section, then every detector with its own, as Markdown.
/// `deploy/reference.md` is this text.
std::string reference_markdown();

/// The shortest useful configuration.
std::string smallest_configuration();

}  // namespace tocsin
