#include "daemon/metric.h"

#include <algorithm>

namespace tocsin {

void Distribution::add(const DurationCounter& counter) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += counter.count(i);
  sum_seconds_ += counter.sum_seconds();
}

void Samples::add(Labels labels, double value) {
  samples_.push_back(
      {.labels = {labels.begin(), labels.end()}, .value = value, .distribution = std::nullopt});
}

void Samples::add(Labels labels, const Distribution& distribution) {
  samples_.push_back(
      {.labels = {labels.begin(), labels.end()}, .value = 0, .distribution = distribution});
}

std::size_t Metric::label_count() const {
  const auto* const end = std::find(labels.begin(), labels.end(), std::string_view());
  return static_cast<std::size_t>(end - labels.begin());
}

std::vector<Metric> all_metrics() {
  std::vector<Metric> all;
  for (const auto table : {stream_metrics(), flow_metrics(), kafka_metrics(), process_metrics()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

std::string_view name_of(MetricType type) {
  constexpr std::array<std::string_view, 3> kNames{"counter", "gauge", "histogram"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string metrics_markdown() {
  std::string text = "| metric | type | labels | what it is |\n|---|---|---|---|\n";
  for (const Metric& metric : all_metrics()) {
    std::string labels;
    for (std::size_t i = 0; i < metric.label_count(); ++i) {
      labels += labels.empty() ? "`" : ", `";
      labels += metric.labels[i];
      labels += '`';
    }
    for (const std::string_view part :
         {std::string_view("| `"), metric.name, std::string_view("` | "), name_of(metric.type),
          std::string_view(" | "), std::string_view(labels), std::string_view(" | "), metric.help,
          std::string_view(" |\n")}) {
      text += part;
    }
  }
  return text;
}

}  // namespace tocsin
