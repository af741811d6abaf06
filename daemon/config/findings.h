// Collects what is found while compiling, wherever and in whatever order it is found.

#pragma once

#include <string>
#include <vector>

#include "daemon/config/diagnostic.h"
#include "daemon/config/source_text.h"

namespace tocsin {

/// One thing to say.
struct Finding {
  TextPlace place;
  std::string path;
  std::string message;
  std::string hint;
};

class Findings {
 public:
  void error(Finding finding) { add(DiagnosticKind::error, std::move(finding)); }
  void warning(Finding finding) { add(DiagnosticKind::warning, std::move(finding)); }

  bool has_errors() const { return errors_ > 0; }

  /// All of them in file order, with their lines. What `source` hides by now stays hidden.
  std::vector<Diagnostic> in_file_order(const SourceText& source) const;

 private:
  struct Entry {
    DiagnosticKind kind = DiagnosticKind::error;
    Finding finding;
  };
  void add(DiagnosticKind kind, Finding finding);

  std::vector<Entry> entries_;
  int errors_ = 0;
};

}  // namespace tocsin
