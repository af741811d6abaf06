#include "detectors/catalog.h"

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace tocsin {
namespace {

bool is_snake_case(std::string_view name) {
  for (const char c : name) {
    if (std::islower(c) == 0 && std::isdigit(c) == 0 && c != '_') return false;
  }
  return !name.empty();
}

TEST(Catalog, IsAlphabeticalWithoutDoubles) {
  std::string_view last;
  for (const DetectorKind* kind : catalog()) {
    EXPECT_LT(last, kind->name);
    last = kind->name;
  }
}

TEST(Catalog, FindsEachByItsNameAndNothingElse) {
  for (const DetectorKind* kind : catalog()) EXPECT_EQ(find_detector(kind->name), kind);
  EXPECT_EQ(find_detector("spke"), nullptr);
  EXPECT_EQ(find_detector(""), nullptr);
}

TEST(Catalog, SaysAllThatIsAskedOfEachEntry) {
  for (const DetectorKind* kind : catalog()) {
    SCOPED_TRACE(kind->name);
    EXPECT_TRUE(is_snake_case(kind->name));
    EXPECT_FALSE(kind->summary.empty());
    EXPECT_EQ(kind->summary.back(), '.');
    EXPECT_FALSE(kind->blind_to.empty());
    EXPECT_FALSE(kind->scopes.empty());
    EXPECT_TRUE(is_snake_case(kind->kind_above));
    EXPECT_TRUE(is_snake_case(kind->kind_below));
    EXPECT_GE(kind->version, 1U);
    EXPECT_NE(kind->make, nullptr);
  }
}

TEST(Catalog, HasParametersThatCanBeChecked) {
  for (const DetectorKind* kind : catalog()) {
    std::set<std::string_view> names;
    for (const Parameter& parameter : kind->parameters) {
      SCOPED_TRACE(std::string(kind->name) + "." + std::string(parameter.name));
      EXPECT_TRUE(is_snake_case(parameter.name));
      EXPECT_TRUE(names.insert(parameter.name).second);
      EXPECT_LE(parameter.min, parameter.fallback);
      EXPECT_LE(parameter.fallback, parameter.max);
      EXPECT_FALSE(parameter.help.empty());
      EXPECT_EQ(parameter.help.back(), '.');
      if (!parameter.choices.empty()) {
        EXPECT_EQ(parameter.min, 0);
        EXPECT_EQ(parameter.max, static_cast<double>(parameter.choices.size() - 1));
        EXPECT_TRUE(parameter.integer);
      }
    }
  }
}

/// The rows of the table in README.md, made from the catalogue.
std::string readme_rows() {
  std::ostringstream rows;
  for (const DetectorKind* kind : catalog()) {
    rows << "| `" << kind->name << "` | " << kind->summary << " | ";
    for (const Parameter& parameter : kind->parameters) {
      rows << (&parameter == kind->parameters.data() ? "" : ", ") << '`' << parameter.name << "` ";
      if (parameter.choices.empty()) {
        rows << parameter.fallback;
      } else {
        rows << parameter.choices[static_cast<std::size_t>(parameter.fallback)];
      }
    }
    rows << " | " << kind->blind_to << " |\n";
  }
  return rows.str();
}

TEST(Catalog, IsWhatTheReadmeSays) {
  std::ifstream file(TOCSIN_DETECTORS_README);
  std::ostringstream text;
  text << file.rdbuf();

  EXPECT_NE(text.str().find(readme_rows()), std::string::npos)
      << "The table of detectors in README.md should read:\n"
      << readme_rows();
}

}  // namespace
}  // namespace tocsin
