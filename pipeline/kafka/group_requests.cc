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

std::string name_of(const rd_kafka_MemberDescription_t* member) {
  const char* instance = rd_kafka_MemberDescription_group_instance_id(member);
  const char* host = rd_kafka_MemberDescription_host(member);
  return std::string(instance != nullptr ? instance
                                         : rd_kafka_MemberDescription_consumer_id(member)) +
         (host != nullptr ? std::string(" at ") + host : "");
}

// What `read` makes of each of the group's members.
template <class Read>
Asked<std::vector<std::string>> ask_of_members(rd_kafka_t* client, const std::string& group,
                                               milliseconds patience, const Read& read) {
  const auto failed = [&](const std::string& why, bool is_forbidden) {
    return Asked<std::vector<std::string>>{
        .reason = "the brokers do not tell who is in group " + group + ": " + why,
        .is_forbidden = is_forbidden};
  };
  const RdPtr<rd_kafka_queue_t> answers(rd_kafka_queue_new(client));
  const auto options = options_for(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, patience);
  const char* name = group.c_str();
  rd_kafka_DescribeConsumerGroups(client, &name, 1, options.get(), answers.get());
  const auto event = answer_in(answers.get(), patience);
  if (!event.answer) return failed(event.reason, event.is_forbidden);
  std::size_t count = 0;
  const auto** groups = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event.answer->get()), &count);
  if (count != 1) return failed("an odd answer", false);
  if (const auto* error = rd_kafka_ConsumerGroupDescription_error(*groups);
      error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
    const auto code = rd_kafka_error_code(error);
    return failed(std::string(rd_kafka_err2name(code)) + ": " + rd_kafka_error_string(error),
                  is_authorisation(code));
  }
  std::vector<std::string> members;
  for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(*groups); ++i) {
    members.push_back(read(rd_kafka_ConsumerGroupDescription_member(*groups, i)));
  }
  return {.answer = std::move(members)};
}

}  // namespace

Asked<std::vector<std::string>> ask_members(rd_kafka_t* client, const std::string& group,
                                            milliseconds patience) {
  return ask_of_members(client, group, patience, name_of);
}

// By the older of two calls: DescribeConsumerGroups of librdkafka 2.0.2 ends the process by an
// assertion (`eonce->refcnt > 0`) where the broker does not know the request, or goes away
// meanwhile.
Asked<bool> ask_is_member(rd_kafka_t* client, const MemberName& name, milliseconds patience) {
  const rd_kafka_group_list* found = nullptr;
  const auto error =
      rd_kafka_list_groups(client, name.group.c_str(), &found, static_cast<int>(patience.count()));
  const std::unique_ptr<const rd_kafka_group_list, decltype(&rd_kafka_group_list_destroy)> groups(
      found, rd_kafka_group_list_destroy);
  if (error == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE) return {.answer = true};
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__PARTIAL) {
    return {
        .reason = "the brokers do not tell who is in group " + name.group + ": " + words_of(error),
        .is_forbidden = is_authorisation(error)};
  }
  for (const rd_kafka_group_info& group :
       std::span(groups->groups, static_cast<std::size_t>(groups->group_cnt))) {
    for (const rd_kafka_group_member_info& member :
         std::span(group.members, static_cast<std::size_t>(group.member_cnt))) {
      if (name.member == member.member_id) return {.answer = true};
    }
  }
  if (error == RD_KAFKA_RESP_ERR__PARTIAL) return {.reason = words_of(error)};
  return {.answer = false};
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
