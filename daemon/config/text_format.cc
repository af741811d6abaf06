#include "daemon/config/text_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "daemon/config/quantity.h"
#include "daemon/config/utf8.h"
#include "pipeline/log/topic_expression.h"

namespace tocsin {
namespace {

using Why = std::optional<FormMistake>;

bool is_name_character(unsigned char c) {
  return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
}

Why why_no_name(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return FormMistake{fmt::format("It has {} bytes.", text.size())};
  if (text.empty() || text == "." || text == "..") return FormMistake{};
  const auto odd = std::find_if_not(text.begin(), text.end(), is_name_character);
  if (odd == text.end()) return std::nullopt;
  const auto at = static_cast<std::size_t>(odd - text.begin());
  const std::size_t bytes = character_at(text, at).value_or(Character{0, 1}).bytes;
  return FormMistake{
      fmt::format("`{}` is not allowed in it.", printable(text.substr(at, bytes), 4))};
}

Why why_no_expression(std::string_view text) {
  if (text.empty()) return FormMistake{};
  const auto expression = TopicExpression::make(std::string(text));
  if (expression) return std::nullopt;
  return FormMistake{fmt::format("The expression is wrong: {}.", expression.error().message)};
}

Why why_no_subscription(std::string_view text) {
  if (text.starts_with('^')) return why_no_expression(text);
  Why why = why_no_name(text, kTopicBytesMax);
  if (why && text.find_first_of("*+?[(|") != std::string_view::npos) {
    why->hint = "A regular expression begins with `^`, such as `^metrics-.*`.";
  }
  return why;
}

/// What `a.b`, `$.a.b` or `a` was probably meant to be.
std::string as_pointer(std::string_view text) {
  if (text.starts_with("$.")) text.remove_prefix(2);
  std::string pointer = "/";
  for (const char c : text) pointer += c == '.' ? '/' : c;
  return pointer;
}

Why why_no_pointer(std::string_view text) {
  if (text.empty()) return FormMistake{};
  if (!text.starts_with('/')) {
    const auto plain = [](unsigned char c) { return is_name_character(c) || c == '$'; };
    if (!std::all_of(text.begin(), text.end(), plain)) return FormMistake{};
    return FormMistake{fmt::format("did you mean `{}`?", as_pointer(text))};
  }
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (next != '0' && next != '1')
      return FormMistake{"`~` is written `~0`, and `/` in a name `~1`."};
  }
  if (text.size() > kTextBytesMax) return FormMistake{"It is too long."};
  return std::nullopt;
}

/// A plain word is the name of a field at the top.
bool is_plain_word(std::string_view text) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

Why why_no_field(std::string_view text) {
  return is_plain_word(text) ? std::nullopt : why_no_pointer(text);
}

Why why_no_entity(std::string_view text) {
  if (text == "$key") return std::nullopt;
  if (text == "key" || (text.starts_with('$') && !text.starts_with("$.")))
    return FormMistake{"did you mean `$key`?"};
  return why_no_pointer(text);
}

Why why_no_broker(std::string_view text) {
  for (std::string_view broker : brokers_in(text)) {
    const std::size_t scheme = broker.find("://");
    if (scheme != std::string_view::npos) broker.remove_prefix(scheme + 3);
    const auto address = parse_address(broker);
    if (!address || address->port == 0) return FormMistake{"Such as `localhost:9092`."};
  }
  return std::nullopt;
}

Why why_no_listen(std::string_view text) {
  if (parse_address(text)) return std::nullopt;
  if (text.starts_with(':') && parse_address("0.0.0.0" + std::string(text))) {
    return FormMistake{fmt::format("For all interfaces: `0.0.0.0{}`.", text)};
  }
  return FormMistake{};
}

Why why_no_text(std::string_view text) {
  if (text.empty()) return FormMistake{};
  if (text.size() > kTextBytesMax) return FormMistake{"It is too long."};
  for (std::size_t at = 0; at < text.size();) {
    const std::optional<Character> character = character_at(text, at);
    if (!character || is_control(character->code)) {
      return FormMistake{"It has a character that cannot be shown."};
    }
    at += character->bytes;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> brokers_in(std::string_view text) {
  std::vector<std::string_view> brokers;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    brokers.push_back(text.substr(0, comma));
    if (comma == text.size()) return brokers;
    text.remove_prefix(comma + 1);
  }
}

std::optional<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto good = [&](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_' || (bracketed && c == ':') ||
           (bracketed && c == '%');
  };
  const std::optional<double> port = parse_number(digits);
  const bool whole = digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (host.empty() || !std::all_of(host.begin(), host.end(), good)) return std::nullopt;
  if (!port || !whole || !(*port >= 0 && *port <= 65535)) return std::nullopt;
  return Address{std::string(host), static_cast<int>(*port)};
}

std::string pointer_of(std::string_view field) {
  return is_plain_word(field) ? "/" + std::string(field) : std::string(field);
}

std::vector<std::string> pointer_parts(std::string_view pointer) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      parts.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size()) {
      parts.back() += pointer[++i] == '1' ? '/' : '~';
    } else if (!parts.empty()) {
      parts.back() += pointer[i];
    }
  }
  return parts;
}

std::optional<FormMistake> why_not(FieldType type, std::string_view text) {
  switch (type) {
    case FieldType::app:
      return why_no_name(text, kAppBytesMax);
    case FieldType::topic:
      return why_no_name(text, kTopicBytesMax);
    case FieldType::expression:
      return why_no_expression(text);
    case FieldType::subscription:
      return why_no_subscription(text);
    case FieldType::pointer:
      return why_no_field(text);
    case FieldType::entity:
      return why_no_entity(text);
    case FieldType::broker:
      return why_no_broker(text);
    case FieldType::listen:
      return why_no_listen(text);
    default:
      return why_no_text(text);
  }
}

}  // namespace tocsin
