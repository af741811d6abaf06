#include "daemon/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

namespace tocsin {
namespace {

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

ProcessUsage usage_now(double started_seconds) {
  ProcessUsage usage{.start_time_seconds = started_seconds};
  rusage spent{};
  getrusage(RUSAGE_SELF, &spent);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  usage.cpu_seconds = seconds(spent.ru_utime) + seconds(spent.ru_stime);

  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  double virtual_pages = 0;
  double resident_pages = 0;
  if (std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages) {
    usage.virtual_bytes = virtual_pages * page_bytes;
    usage.resident_bytes = resident_pages * page_bytes;
  }
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error) usage.open_fds = static_cast<double>(std::distance(begin(files), end(files)));
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) usage.max_fds = static_cast<double>(limit.rlim_cur);
  return usage;
}

prometheus::MetricType type_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return prometheus::MetricType::Counter;
    case MetricType::histogram:
      return prometheus::MetricType::Histogram;
    case MetricType::gauge:
      break;
  }
  return prometheus::MetricType::Gauge;
}

prometheus::ClientMetric::Histogram histogram_of(const Distribution& distribution) {
  prometheus::ClientMetric::Histogram histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < distribution.counts().size(); ++i) {
    cumulative += distribution.counts()[i];
    const double bound = i < DurationCounter::kBoundsSeconds.size()
                             ? DurationCounter::kBoundsSeconds[i]
                             : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({.cumulative_count = cumulative, .upper_bound = bound});
  }
  histogram.sample_count = cumulative;
  histogram.sample_sum = distribution.sum_seconds();
  return histogram;
}

prometheus::MetricFamily family_of(const Metric& metric, const Scrape& scrape) {
  Samples samples;
  metric.collect(scrape, samples);
  prometheus::MetricFamily family{.name = std::string(metric.name),
                                  .help = std::string(metric.help),
                                  .type = type_of(metric.type),
                                  .metric = {}};
  for (const Samples::Sample& sample : samples.all()) {
    prometheus::ClientMetric out;
    for (std::size_t i = 0; i < sample.labels.size(); ++i) {
      out.label.push_back({.name = std::string(metric.labels.at(i)), .value = sample.labels[i]});
    }
    out.counter.value = sample.value;
    out.gauge.value = sample.value;
    if (sample.distribution) out.histogram = histogram_of(*sample.distribution);
    family.metric.push_back(std::move(out));
  }
  return family;
}

}  // namespace

Metrics::Metrics(MetricsSubject subject)
    : subject_(std::move(subject)), started_seconds_(now_seconds()) {}

void Metrics::watch(const FlowCounters* flow) {
  const std::lock_guard lock(mutex_);
  flow_ = flow;
}

void Metrics::watch(const KafkaClients& clients) {
  const std::lock_guard lock(mutex_);
  clients_ = clients;
}

std::string Metrics::scrape() const {
  const std::lock_guard lock(mutex_);
  const Scrape scrape{.subject = subject_,
                      .flow = flow_,
                      .clients = clients_,
                      .process = usage_now(started_seconds_),
                      .now_seconds = now_seconds()};
  std::vector<prometheus::MetricFamily> families;
  for (const Metric& metric : all_metrics()) families.push_back(family_of(metric, scrape));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace tocsin
