// proto/README.md documents every field of the schema, and nothing that is not there.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "pipeline/output/encoder.h"
#include "pipeline/output/sample_outcomes.h"
#include "tocsin.pb.h"

namespace tocsin {
namespace {

std::string readme() {
  std::ifstream file(TOCSIN_SOURCE_DIR "/proto/README.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Fields by message: the first cells of the tables below headings `## Message`.
std::map<std::string, std::set<std::string>> documented_fields() {
  std::map<std::string, std::set<std::string>> fields;
  std::istringstream lines(readme());
  std::string message;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) message = line.substr(3);
    if (!line.starts_with("| `")) continue;
    fields[message].insert(line.substr(3, line.find('`', 3) - 3));
  }
  return fields;
}

std::set<std::string> fields_of(const google::protobuf::Descriptor& message) {
  std::set<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.insert(message.field(i)->name());
  return names;
}

TEST(Records, AreDocumentedFieldByField) {
  const auto documented = documented_fields();
  const google::protobuf::FileDescriptor& file = *v1::ScoredRecord::descriptor()->file();
  const std::set<std::string> scored = fields_of(*v1::ScoredRecord::descriptor());
  for (int i = 0; i < file.message_type_count(); ++i) {
    const google::protobuf::Descriptor& message = *file.message_type(i);
    std::set<std::string> expected = fields_of(message);
    if (message.name() == "Alert") {  // Its first fields are those of ScoredRecord.
      for (const std::string& name : scored) EXPECT_EQ(expected.erase(name), 1U) << name;
    }
    ASSERT_TRUE(documented.contains(message.name())) << message.name();
    EXPECT_EQ(documented.at(message.name()), expected) << message.name();
  }
}

TEST(Records, AreShownAsTheyAreWritten) {
  OutputSettings settings;
  settings.scores.topic = "scores";
  settings.alerts.topic = "alerts";
  Encoder encoder(settings, sample::kIdentity);
  OutputArena arena;
  encoder.write_to(arena);

  encoder.scored(sample::normal_event());
  encoder.alert(sample::opening(), sample::anomaly());

  std::string text = readme();
  text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
  for (const WriteRecord& record : arena.records()) {
    EXPECT_NE(text.find(record.value), std::string::npos) << record.value;
  }
}

}  // namespace
}  // namespace tocsin
