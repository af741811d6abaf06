#include "detectors/parameter.h"

#include <cassert>

namespace tocsin {

Settings::Settings(std::span<const Parameter> parameters) : parameters_(parameters) {
  values_.reserve(parameters.size());
  for (const Parameter& parameter : parameters) values_.push_back(parameter.fallback);
}

double Settings::operator[](std::string_view name) const { return values_[index_of(name)]; }

void Settings::set(std::string_view name, double value) {
  const std::size_t index = index_of(name);
  // Written so that NaN fails.
  assert(value >= parameters_[index].min && value <= parameters_[index].max);
  values_[index] = value;
}

std::size_t Settings::index_of(std::string_view name) const {
  std::size_t index = 0;
  while (index < parameters_.size() && parameters_[index].name != name) ++index;
  assert(index < parameters_.size() && "a parameter's name, as in its table");
  return index;
}

}  // namespace tocsin
