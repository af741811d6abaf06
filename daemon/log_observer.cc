#include "daemon/log_observer.h"

namespace tocsin {

void LogObserver::partition_began(const Began& began) {
  health_.ready.pass("assignment");
  if (began.live_from > began.start) {
    log_.info(began.state_bytes > 0 ? "replaying input since the snapshot"
                                    : "rebuilding state from input",
              {{"topic", began.topic},
               {"partition", began.partition},
               {"from", began.start},
               {"live_from", began.live_from},
               {"state_bytes", began.state_bytes}});
    return;
  }
  const char* what = !began.has_committed    ? "partition started with empty state"
                     : began.state_bytes > 0 ? "partition resumed from its snapshot"
                                             : "partition resumed with empty state";
  log_.info(what, {{"topic", began.topic},
                   {"partition", began.partition},
                   {"offset", began.start},
                   {"state_bytes", began.state_bytes}});
}

void LogObserver::partition_restored(const Restored& restored) {
  for (const std::string& sentence : restored.report.sentences)
    log_.info("state restored", {{"stream", restored.stream},
                                 {"topic", restored.topic},
                                 {"partition", restored.partition},
                                 {"what", sentence}});
}

void LogObserver::snapshot_named(std::string_view topic, std::int32_t partition,
                                 const SnapshotEnd& sum) {
  log_.debug("snapshot complete", {{"topic", topic},
                                   {"partition", partition},
                                   {"pieces", sum.pieces},
                                   {"state_bytes", sum.raw_bytes},
                                   {"written_bytes", sum.zstd_bytes}});
}

void LogObserver::partition_live(std::string_view topic, std::int32_t partition) {
  log_.info("state rebuilt", {{"topic", topic}, {"partition", partition}});
}

void LogObserver::partition_kept(std::string_view topic, std::int32_t partition) {
  health_.ready.pass("assignment");
  log_.info("partition kept", {{"topic", topic}, {"partition", partition}});
}

void LogObserver::state_left_unsaved() {
  log_.warning(
      "not all state was saved in time; the next start replays the input since the last "
      "snapshot");
}

void LogObserver::partitions_revoked(std::size_t count, bool are_lost) {
  health_.ready.fail("assignment", "partitions were revoked");
  log_.info(are_lost ? "partitions lost" : "partitions revoked", {{"partitions", count}});
}

void LogObserver::records_missing(std::string_view topic, std::int32_t partition, std::int64_t from,
                                  std::int64_t to) {
  log_.warning("records expired before they were read",
               {{"topic", topic}, {"partition", partition}, {"from", from}, {"to", to}});
}

void LogObserver::state_has_gap(const Gap& gap) {
  log_.warning("the state lacks input that is gone; records say so by status gap",
               {{"topic", gap.topic},
                {"partition", gap.partition},
                {"missing", gap.missing},
                {"until_offset", gap.until}});
}

void LogObserver::input_recreated(std::string_view topic, std::int32_t partition,
                                  std::int64_t committed, std::int64_t from) {
  log_.warning("the input topic was recreated; ids of its records repeat those of the old one",
               {{"topic", topic},
                {"partition", partition},
                {"committed_before", committed},
                {"from", from}});
}

void LogObserver::producer_opened() { health_.ready.pass("producer"); }

void LogObserver::transaction_trouble(std::string_view what, std::string_view reason) {
  log_.warning("transaction trouble", {{"call", what}, {"reason", reason}});
}

void LogObserver::record_refused(std::string_view reason) {
  log_.warning("record refused by the broker; a substitute is written", {{"reason", reason}});
}

void LogObserver::record_rejected(const Rejected& rejected) {
  log_.warning("record rejected", {{"reason", rejected.reason},
                                   {"topic", rejected.topic},
                                   {"partition", rejected.partition},
                                   {"offset", rejected.offset}});
}

void LogObserver::waiting(std::string_view reason) {
  log_.warning("waiting for the log", {{"reason", reason}});
}

}  // namespace tocsin
