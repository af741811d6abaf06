// Prints the digest of one stepwise run: what determinism_test compares between processes.

#include <cstdio>
#include <cstdlib>

#include "tests/pipeline_run.h"

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  tocsin::FlowSettings settings;
  settings.epoch_ms = 20;
  const tocsin::PipelineCase input =
      tocsin::demanding_case(std::strtoull(argv[1], nullptr, 10), std::atoi(argv[2]));
  std::puts(tocsin::digest(tocsin::run_stepwise(input, settings)).c_str());
  return 0;
}
