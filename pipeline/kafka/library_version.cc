#include "pipeline/kafka/library_version.h"

#include <librdkafka/rdkafka.h>

namespace tocsin {

std::string librdkafka_version() { return rd_kafka_version_str(); }

}  // namespace tocsin
