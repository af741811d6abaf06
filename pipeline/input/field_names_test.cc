#include "pipeline/input/field_names.h"

#include <gtest/gtest.h>

#include <string_view>

namespace tocsin {
namespace {

TEST(FieldNames, TellsIdsAndTimes) {
  for (const std::string_view name :
       {"id",         "ID",        "user_id",    "userId",     "UserID",    "id_customer",
        "trace.id",   "uuid",      "api-key",    "seq",        "sequence",  "offset",
        "version",    "port",      "HTTPPort",   "remotePort", "pid",       "zip",
        "mcc",        "userid",    "ts",         "time",       "timestamp", "startTimestampMs",
        "event_time", "startTime", "created_at", "updatedAt",  "date",      "epoch_ms",
        "order date", "_id",       "@timestamp"}) {
    EXPECT_TRUE(names_id_or_time(name)) << name;
  }
}

TEST(FieldNames, LeavesMeasurements) {
  for (const std::string_view name : {"",
                                      "_",
                                      "amount",
                                      "response_time",
                                      "responseTimeMs",
                                      "cpu_time",
                                      "time_taken",
                                      "paid",
                                      "bid",
                                      "humidity",
                                      "valid",
                                      "update",
                                      "idle",
                                      "identity_score",
                                      "latency",
                                      "lat",
                                      "keyboard",
                                      "portion",
                                      "monkey",
                                      "heat",
                                      "status",
                                      "hosts",
                                      "ids_per_second",
                                      "p99",
                                      "dated",
                                      "format"}) {
    EXPECT_FALSE(names_id_or_time(name)) << name;
  }
}

}  // namespace
}  // namespace tocsin
