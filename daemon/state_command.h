// `tocsin state list`, `verify` and `export`: what Kafka holds of what was learned.

#pragma once

#include <string>

#include "daemon/state_survey.h"

namespace tocsin {

struct StateListOptions {
  std::string config;
  SurveySelection selection;
  bool json = false;
};

struct StateVerifyOptions {
  std::string config;
  SurveySelection selection;
  bool json = false;
};

struct StateExportOptions {
  std::string config;
  SurveySelection selection;
  std::string output;     ///< Empty: standard output.
  bool entities = false;  ///< A line an entity instead of a line a record.
};

// Each changes nothing and returns the process's exit code.

int state_list_command(const StateListOptions& options);
/// kExitRuntime where a start would refuse any partition.
int state_verify_command(const StateVerifyOptions& options);
int state_export_command(const StateExportOptions& options);

}  // namespace tocsin
