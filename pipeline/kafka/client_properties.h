// The properties that we give librdkafka's clients, before the user's. Internal to this folder.

#pragma once

#include "pipeline/kafka/client.h"

namespace tocsin {

/// The writer gives librdkafka so many records of a partition at once, and they are one request:
/// normal ones of 250 bytes, with what librdkafka allows for around each, fill most of a megabyte.
constexpr std::size_t kRequestRecords = 3000;

/// Of the member of the group.
Properties reader_properties(const KafkaSettings& settings);
/// Of a reader of everything that is there, in no group.
Properties history_properties(const KafkaSettings& settings);
/// Of the producer; with a transactional id unless delivery is at least once.
Properties writer_properties(const KafkaSettings& settings);
/// Of the client that reads state topics: no member of any group.
Properties state_properties(const KafkaSettings& settings);
/// Of a client that only asks: it sees open transactions, as the broker's high watermark does.
Properties asking_properties();

/// Of a client that knows the group and is not in it: it sees what is committed.
Properties outsider_properties(const KafkaSettings& settings);

/// Topics in which brokers keep their own affairs; an expression never means them.
const std::vector<std::string>& kafkas_own_topics();

}  // namespace tocsin
