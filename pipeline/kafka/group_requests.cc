#include "pipeline/kafka/group_requests.h"

#include <algorithm>
#include <memory>
#include <span>

#include "pipeline/kafka/list_questions.h"
#include "pipeline/kafka/offset_list.h"
#include "pipeline/kafka/topic_requests.h"

namespace tocsin {
namespace {

using std::chrono::milliseconds;

std::string words_of(rd_kafka_resp_err_t error) {
  return std::string(rd_kafka_err2name(error)) + ": " + rd_kafka_err2str(error);
}

// The answer to the one request that was sent, or why there is none.
Asked<RdPtr<rd_kafka_event_t>> answer_in(rd_kafka_queue_t* answers, milliseconds patience) {
  RdPtr<rd_kafka_event_t> event(
      rd_kafka_queue_poll(answers, static_cast<int>((patience + kAnswerGrace).count())));
  if (!event) return {.reason = words_of(RD_KAFKA_RESP_ERR__TIMED_OUT)};
  const auto error = rd_kafka_event_error(event.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {.answer = std::move(event)};
  return {.reason = std::string(rd_kafka_err2name(error)) + ": " +
                    rd_kafka_event_error_string(event.get()),
          .is_forbidden = is_authorisation(error)};
}

using MembersPtr =
    std::unique_ptr<const rd_kafka_group_list, decltype(&rd_kafka_group_list_destroy)>;

// What the brokers tell of a group, which each of them may not know: the members of all answers.
struct Roll {
  MembersPtr owner{nullptr, rd_kafka_group_list_destroy};
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::vector<const rd_kafka_group_member_info*> members;
};

// By the older of two calls: DescribeConsumerGroups of librdkafka 2.0.2 ends the process by an
// assertion (`eonce->refcnt > 0`) where the broker does not know the request, or goes away
// meanwhile.
Roll call_roll(rd_kafka_t* client, const std::string& group, milliseconds patience) {
  Roll roll;
  const rd_kafka_group_list* found = nullptr;
  roll.error =
      rd_kafka_list_groups(client, group.c_str(), &found, static_cast<int>(patience.count()));
  roll.owner.reset(found);
  if (found == nullptr) return roll;
  for (const rd_kafka_group_info& one :
       std::span(found->groups, static_cast<std::size_t>(found->group_cnt))) {
    if (group != one.group) continue;
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR) roll.error = one.err;
    for (const rd_kafka_group_member_info& member :
         std::span(one.members, static_cast<std::size_t>(one.member_cnt))) {
      roll.members.push_back(&member);
    }
  }
  return roll;
}

// `name at host`. The group names a static member by its instance, a hyphen and 36 characters.
std::string name_of(const rd_kafka_group_member_info& member) {
  constexpr std::size_t kUniqueBytes = 36;
  std::string name = member.member_id;
  if (name.size() > kUniqueBytes + 1 && name[name.size() - kUniqueBytes - 1] == '-') {
    name.resize(name.size() - kUniqueBytes - 1);
  }
  const std::string_view host = member.client_host != nullptr ? member.client_host : "";
  return host.empty() ? name : name + " at " + std::string(host);
}

std::string silence_about(const std::string& group, rd_kafka_resp_err_t error) {
  return "the brokers do not tell who is in group " + group + ": " + words_of(error);
}

}  // namespace

// A group that we may not see looks like one that nobody is in: its offsets are then forbidden,
// too.
Asked<std::vector<std::string>> ask_members(rd_kafka_t* client, const std::string& group,
                                            milliseconds patience) {
  const Roll roll = call_roll(client, group, patience);
  if (roll.error != RD_KAFKA_RESP_ERR_NO_ERROR && roll.members.empty()) {
    return {.reason = silence_about(group, roll.error),
            .is_forbidden = is_authorisation(roll.error)};
  }
  std::vector<std::string> names;
  for (const rd_kafka_group_member_info* member : roll.members) names.push_back(name_of(*member));
  return {.answer = std::move(names)};
}

Asked<bool> ask_is_member(rd_kafka_t* client, const MemberName& name, milliseconds patience) {
  const Roll roll = call_roll(client, name.group, patience);
  if (roll.error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE) return {.answer = true};
  const auto is_it = [&](const auto* member) { return name.member == member->member_id; };
  if (std::ranges::any_of(roll.members, is_it)) return {.answer = true};
  if (roll.error == RD_KAFKA_RESP_ERR_NO_ERROR) return {.answer = false};
  return {.reason = silence_about(name.group, roll.error),
          .is_forbidden = is_authorisation(roll.error)};
}

Result<void> ask_to_set_offsets(rd_kafka_t* client, const std::string& group,
                                std::span<const OffsetToCommit> offsets, milliseconds patience) {
  if (offsets.empty()) return {};
  const auto failed = [&](const std::string& why) {
    return Error{"the offsets of group " + group + " are not set: " + why};
  };
  const RdPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(client));
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, patience);
  const RequestPtr<rd_kafka_AlterConsumerGroupOffsets_t> request(
      rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), offset_list(offsets).get()));
  rd_kafka_AlterConsumerGroupOffsets_t* pointer = request.get();
  rd_kafka_AlterConsumerGroupOffsets(client, &pointer, 1, options.get(), answers.get());
  const auto event = answer_in(answers.get(), patience);
  if (!event.answer) return failed(event.reason);
  std::size_t count = 0;
  const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.answer->get()), &count);
  if (count != 1) return failed("an odd answer");
  if (const auto* error = rd_kafka_group_result_error(*groups); error != nullptr) {
    return failed(std::string(rd_kafka_error_name(error)) + ": " + rd_kafka_error_string(error));
  }
  for (const auto& one : elements_of(*rd_kafka_group_result_partitions(*groups))) {
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return failed(std::string(one.topic) + "/" + std::to_string(one.partition) + ": " +
                  words_of(one.err));
  }
  return {};
}

}  // namespace tocsin
