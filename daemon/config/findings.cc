#include "daemon/config/findings.h"

#include <algorithm>
#include <utility>

namespace tocsin {

void Findings::add(DiagnosticKind kind, Finding finding) {
  // An alias is checked wherever it is used, with the same findings at the same place.
  const bool known = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.finding.place == finding.place && entry.finding.message == finding.message;
  });
  if (known) return;
  if (kind == DiagnosticKind::error) ++errors_;
  entries_.push_back({kind, std::move(finding)});
}

std::vector<Diagnostic> Findings::in_file_order(const SourceText& source) const {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries_) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const Entry* left, const Entry* right) {
    return left->finding.place < right->finding.place;
  });

  std::vector<Diagnostic> result;
  for (const Entry* entry : order) {
    const Finding& finding = entry->finding;
    Diagnostic diagnostic{.kind = entry->kind,
                          .file = source.file(),
                          .line = finding.place.line,
                          .path = finding.path,
                          .message = finding.message,
                          .hint = finding.hint};
    if (finding.place.line > 0) {
      Excerpt excerpt = source.excerpt(finding.place);
      diagnostic.column = excerpt.column;
      diagnostic.excerpt = std::move(excerpt.line);
      diagnostic.indent = std::move(excerpt.indent);
    }
    result.push_back(std::move(diagnostic));
  }
  return result;
}

}  // namespace tocsin
