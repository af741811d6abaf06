#include "daemon/log_observer.h"

namespace tocsin {

void LogObserver::partition_began(const Began& began) {
  health_.ready.pass("assignment");
  if (began.live_from > began.start) {
    log_.info("rebuilding state from input", {{"topic", began.topic},
                                              {"partition", began.partition},
                                              {"from", began.start},
                                              {"live_from", began.live_from}});
    return;
  }
  log_.info(began.has_committed ? "partition resumed with empty state"
                                : "partition started with empty state",
            {{"topic", began.topic}, {"partition", began.partition}, {"offset", began.start}});
}

void LogObserver::partition_live(std::string_view topic, std::int32_t partition) {
  log_.info("state rebuilt", {{"topic", topic}, {"partition", partition}});
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
