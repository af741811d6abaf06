// A broker inside this process, for the demo and for tests of error paths.

#pragma once

#include <memory>
#include <string>

#include "detectors/result.h"

namespace tocsin {

/// librdkafka's mock cluster: speaks Kafka's protocol on a free loopback port, also to other
/// programs, keeps 5 MB or 100,000 records of a partition in memory, and makes a topic of four
/// partitions when one is asked for that does not exist.
///
/// It accepts transactions but shows aborted records, forgets the offsets of transactions, and
/// fences nobody: it can never prove exactly-once. A group's first member waits three seconds, and
/// no offset can be committed during a rebalance.
class EmbeddedBroker {
 public:
  static Result<std::unique_ptr<EmbeddedBroker>> start(int brokers = 1);
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  /// For `kafka.brokers`.
  std::string bootstrap() const;
  Result<void> create_topic(const std::string& name, int partitions);
  /// Breaks every connection and takes none, or takes them again.
  void set_reachable(bool reachable);

 private:
  struct Inside;
  explicit EmbeddedBroker(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace tocsin
