#include "daemon/config/reference.h"

#include <gtest/gtest.h>

#include "daemon/config/config_for_test.h"
#include "daemon/config/fields.h"

namespace tocsin {
namespace {

TEST(Reference, OfDeployIsWhatTheProgramPrints) {
  EXPECT_TRUE(source_file("deploy/reference.md") == reference_markdown())
      << "deploy/reference.md is not what the table of fields says; write it anew with\n"
         "  build/dev/daemon/tocsin reference > deploy/reference.md";
}

void expect_documented(std::span<const Field> fields, const std::string& text) {
  for (const Field& field : fields) {
    EXPECT_NE(text.find("| `" + std::string(field.name) + "` |"), std::string::npos) << field.name;
    EXPECT_TRUE(field.help.ends_with('.')) << field.name;
    expect_documented(field.fields, text);
  }
}

TEST(Reference, NamesEveryFieldAndEveryDetector) {
  const std::string text = reference_markdown();

  expect_documented(config_fields(), text);
  for (const std::string_view name : detector_names()) {
    EXPECT_NE(text.find("### `type: " + std::string(name) + "`"), std::string::npos) << name;
  }
}

void expect_mentioned(std::span<const Field> fields, const std::string& text) {
  for (const Field& field : fields) {
    EXPECT_NE(text.find(std::string(field.name) + ":"), std::string::npos) << field.name;
    expect_mentioned(field.fields, text);
  }
}

TEST(Reference, ConfigurationUsesEveryOption) {
  expect_mentioned(config_fields(), source_file("deploy/tocsin.yaml"));
}

}  // namespace
}  // namespace tocsin
