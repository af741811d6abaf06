// What the workers count of each stream.

#include <cstddef>
#include <map>

#include "daemon/metric.h"

namespace tocsin {
namespace {

/// As alerts call what no detector led to.
constexpr std::string_view kUnknownKind = "anomaly";

/// The sum of one counter of one stream over all workers.
template <class Pick>
std::uint64_t sum(const Scrape& scrape, std::size_t stream, Pick pick) {
  std::uint64_t total = 0;
  for (const auto& worker : scrape.flow->workers) total += pick(*worker->streams[stream]).value();
  return total;
}

/// One sample a stream.
template <class Pick>
void by_stream(const Scrape& scrape, Samples& samples, Pick pick) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    samples.add({scrape.subject.streams[i].stream}, sum(scrape, i, pick));
  }
}

/// One sample a stream and name of `names`, from the index `first` on.
template <class Names, class Pick>
void by_name(const Scrape& scrape, Samples& samples, const Names& names, std::size_t first,
             Pick pick) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    for (std::size_t name = first; name < names.size(); ++name) {
      samples.add({scrape.subject.streams[i].stream, names[name]},
                  sum(scrape, i, [&](const StreamCounters& counters) -> const Counter& {
                    return pick(counters)[name];
                  }));
    }
  }
}

void events(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    const std::string& stream = scrape.subject.streams[i].stream;
    using Counters = const StreamCounters&;
    samples.add({stream, "scored"}, sum(
                                        scrape, i, [](Counters c) -> auto& { return c.scored; }));
    samples.add({stream, "warming_up"},
                sum(
                    scrape, i, [](Counters c) -> auto& { return c.warming_up; }));
    samples.add({stream, "tombstone"},
                sum(
                    scrape, i, [](Counters c) -> auto& { return c.tombstones; }));
    std::uint64_t rejected = 0;
    for (std::size_t reason = 0; reason < kRejectReasonNames.size(); ++reason) {
      rejected += sum(
          scrape, i, [reason](Counters c) -> auto& { return c.rejected[reason]; });
    }
    samples.add({stream, "rejected"}, rejected);
  }
}

void alerts(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    for (std::size_t state = 0; state < kAlertStateNames.size(); ++state) {
      for (std::size_t severity = 1; severity < kSeverityNames.size(); ++severity) {
        const std::uint64_t count = sum(
            scrape, i, [=](const StreamCounters& c) -> auto& { return c.alerts[state][severity]; });
        samples.add(
            {scrape.subject.streams[i].stream, kAlertStateNames[state], kSeverityNames[severity]},
            count);
      }
    }
  }
}

/// Several leads may give one kind: those of two detectors of a type, or both directions of one.
void incidents(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    const StreamNames& names = scrape.subject.streams[i];
    std::map<std::string_view, std::uint64_t> by_kind;
    for (std::size_t lead = 0; lead < StreamCounters::leads(names.detectors.size()); ++lead) {
      const std::string_view kind = lead < names.kinds.size() ? names.kinds[lead] : kUnknownKind;
      by_kind[kind] += sum(
          scrape, i, [lead](const StreamCounters& c) -> auto& { return c.incidents_opened[lead]; });
    }
    for (const auto& [kind, count] : by_kind) samples.add({names.stream, kind}, count);
  }
}

/// One sample a stream, of a counter of millionths.
template <class Pick>
void millionths_by_stream(const Scrape& scrape, Samples& samples, Pick pick) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    samples.add({scrape.subject.streams[i].stream},
                static_cast<double>(sum(scrape, i, pick)) * 1e-6);
  }
}

void refit_seconds(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    Distribution total;
    for (const auto& worker : scrape.flow->workers) total.add(worker->streams[i]->refit_seconds);
    samples.add({scrape.subject.streams[i].stream}, total);
  }
}

void detector_seconds(const Scrape& scrape, Samples& samples) {
  if (scrape.flow == nullptr) return;
  for (std::size_t i = 0; i < scrape.subject.streams.size(); ++i) {
    const StreamNames& names = scrape.subject.streams[i];
    for (std::size_t detector = 0; detector < names.detectors.size(); ++detector) {
      Distribution total;
      for (const auto& worker : scrape.flow->workers) {
        total.add(worker->streams[i]->detector_seconds[detector]);
      }
      samples.add({names.stream, names.detectors[detector]}, total);
    }
  }
}

using C = const StreamCounters&;

constexpr std::array<Metric, 19> kMetrics{{
    {.name = "tocsin_events_total",
     .type = MetricType::counter,
     .labels = {"stream", "outcome"},
     .help = "Records read, by what became of them: scored, warming_up, tombstone or rejected",
     .collect = events},
    {.name = "tocsin_dead_letters_total",
     .type = MetricType::counter,
     .labels = {"stream", "reason"},
     .help = "Rejected records, by reason; each goes to the dead-letter topic",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_name(
               scrape, samples, kRejectReasonNames, 1, [](C c) -> auto& { return c.rejected; });
         }},
    {.name = "tocsin_anomalies_total",
     .type = MetricType::counter,
     .labels = {"stream", "severity"},
     .help = "Events scored as anomalies, by severity",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_name(
               scrape, samples, kSeverityNames, 1, [](C c) -> auto& { return c.anomalies; });
         }},
    {.name = "tocsin_alerts_total",
     .type = MetricType::counter,
     .labels = {"stream", "state", "severity"},
     .help = "Alert records written, by state (open, update, close) and the incident's severity",
     .collect = alerts},
    {.name = "tocsin_incidents_total",
     .type = MetricType::counter,
     .labels = {"stream", "kind"},
     .help = "Incidents opened, by the kind of the alert that opened them",
     .collect = incidents},
    {.name = "tocsin_promised_anomalies_total",
     .type = MetricType::counter,
     .labels = {"stream"},
     .help = "Anomalies that there would be if every event scored so far were normal; many more "
             "are real, or the calibration is wrong",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           millionths_by_stream(
               scrape, samples, [](C c) -> auto& { return c.promised_anomalies_millionths; });
         }},
    {.name = "tocsin_promised_incidents_total",
     .type = MetricType::counter,
     .labels = {"stream"},
     .help = "False incidents that the sensitivity allows for the events scored so far, by each "
             "entity's own rate of events; many more are real, or the calibration is wrong",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           millionths_by_stream(
               scrape, samples, [](C c) -> auto& { return c.promised_incidents_millionths; });
         }},
    {.name = "tocsin_entities",
     .type = MetricType::gauge,
     .labels = {"stream"},
     .help = "Entities in memory",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.entities; });
         }},
    {.name = "tocsin_warm_entities",
     .type = MetricType::gauge,
     .labels = {"stream"},
     .help = "Entities in memory that are past their warm-up",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.entities_warm; });
         }},
    {.name = "tocsin_open_incidents",
     .type = MetricType::gauge,
     .labels = {"stream"},
     .help = "Incidents that are open now",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.incidents_open; });
         }},
    {.name = "tocsin_models",
     .type = MetricType::gauge,
     .labels = {"stream"},
     .help = "Models shared by several entities, one for each partition or group",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.models; });
         }},
    {.name = "tocsin_state_bytes",
     .type = MetricType::gauge,
     .labels = {"stream"},
     .help = "Memory of everything learned",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.state_bytes; });
         }},
    {.name = "tocsin_partition_state_max_bytes",
     .type = MetricType::gauge,
     .labels = {"stream"},
     .help = "Most that one partition may learn",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           for (const StreamNames& names : scrape.subject.streams) {
             samples.add({names.stream}, std::uint64_t{names.partition_max_bytes});
           }
         }},
    {.name = "tocsin_evictions_total",
     .type = MetricType::counter,
     .labels = {"stream"},
     .help = "Entities forgotten because the memory of their partition was full",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.evictions; });
         }},
    {.name = "tocsin_refits_total",
     .type = MetricType::counter,
     .labels = {"stream"},
     .help = "Refits adopted",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.refits; });
         }},
    {.name = "tocsin_refit_waits_total",
     .type = MetricType::counter,
     .labels = {"stream"},
     .help = "Refits that a worker had to wait for, because the count to adopt them came first",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.refit_waits; });
         }},
    {.name = "tocsin_refit_duration_seconds",
     .type = MetricType::histogram,
     .labels = {"stream"},
     .help = "Time that one refit took to compute",
     .collect = refit_seconds},
    {.name = "tocsin_unknown_fields_total",
     .type = MetricType::counter,
     .labels = {"stream"},
     .help = "Numeric fields that nobody watches: beyond `features_max`, or new after discovery",
     .collect =
         [](const Scrape& scrape, Samples& samples) {
           by_stream(
               scrape, samples, [](C c) -> auto& { return c.unknown_fields; });
         }},
    {.name = "tocsin_detector_duration_seconds",
     .type = MetricType::histogram,
     .labels = {"stream", "detector"},
     .help = "Time that a detector took for one event, sampled",
     .collect = detector_seconds},
}};

}  // namespace

std::span<const Metric> stream_metrics() { return kMetrics; }

}  // namespace tocsin
