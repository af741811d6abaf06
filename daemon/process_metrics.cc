// What the process uses, under the names that every Prometheus client gives them, and what it is.

#include "daemon/metric.h"
#include "daemon/version.h"

namespace tocsin {
namespace {

template <std::optional<double> ProcessUsage::*Member>
void if_known(const Scrape& scrape, Samples& samples) {
  if (const std::optional<double>& value = scrape.process.*Member) samples.add({}, *value);
}

constexpr std::array<Metric, 7> kMetrics{{
    {.name = "process_cpu_seconds_total",
     .type = MetricType::counter,
     .labels = {},
     .help = "User and system CPU time spent",
     .collect = [](const Scrape& scrape,
                   Samples& samples) { samples.add({}, scrape.process.cpu_seconds); }},
    {.name = "process_start_time_seconds",
     .type = MetricType::gauge,
     .labels = {},
     .help = "When the process started, since 1970",
     .collect = [](const Scrape& scrape,
                   Samples& samples) { samples.add({}, scrape.process.start_time_seconds); }},
    {.name = "process_resident_memory_bytes",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Resident memory",
     .collect = if_known<&ProcessUsage::resident_bytes>},
    {.name = "process_virtual_memory_bytes",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Virtual memory",
     .collect = if_known<&ProcessUsage::virtual_bytes>},
    {.name = "process_open_fds",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Open file descriptors",
     .collect = if_known<&ProcessUsage::open_fds>},
    {.name = "process_max_fds",
     .type = MetricType::gauge,
     .labels = {},
     .help = "Most file descriptors that may be open",
     .collect = if_known<&ProcessUsage::max_fds>},
    {.name = "tocsin_build_info",
     .type = MetricType::gauge,
     .labels = {"version", "build_type", "compiler"},
     .help = "Always 1; the labels say what was built",
     .collect =
         [](const Scrape&, Samples& samples) {
           const Build build = this_build();
           samples.add({build.version, build.build_type, build.compiler}, 1.0);
         }},
}};

}  // namespace

std::span<const Metric> process_metrics() { return kMetrics; }

}  // namespace tocsin
