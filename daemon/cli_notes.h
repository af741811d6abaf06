// What `--help` says beside the options.

#pragma once

namespace tocsin {

inline constexpr const char* kExamples = R"(Examples:
  tocsin demo                                     see it at work, without Kafka
  tocsin check --config tocsin.yaml               is the configuration right, what does it need
  tocsin replay --config tocsin.yaml events.csv   score a file, without Kafka
  tocsin run --config tocsin.yaml                 the daemon

A first configuration:
  kafka: {brokers: [localhost:9092]}
  streams:
    - topics: [metrics]

`tocsin COMMAND --help` says more about a command, `tocsin reference` everything about the
configuration. Exit codes: 0 ok, 1 something failed, 64 wrong usage, 78 wrong configuration.)";

inline constexpr const char* kRunNotes =
    R"(SIGTERM and SIGINT drain what has been read, commit it and end; a second one ends at once.
SIGHUP is not supported yet: restart to change the configuration.

--from is for a group that has committed nothing, a new one or one whose offsets expired: it begins
there, and leaves state that exists alone. TIME is of the records' own timestamps, as 2026-11-21,
2026-11-21T08:30:00Z or in milliseconds since 1970. Of several processes start one with it, and
the others, without it, once that one is ready. A group that has committed something is set
elsewhere by `tocsin state reset --from`.

While it runs, http://127.0.0.1:8001 (`http.listen`) answers /metrics, /livez, /readyz,
/startupz and /version.

Examples:
  tocsin run --config tocsin.yaml
  tocsin run --config tocsin.yaml --from 2026-11-21T00:00:00Z)";

inline constexpr const char* kCheckNotes = R"(Examples:
  tocsin check --config tocsin.yaml
  tocsin check --config tocsin.yaml --effective   with every default written out
  tocsin check --config tocsin.yaml --connect     are the topics right, which would be made
  tocsin check --config new.yaml --against-running  what a changed configuration would forget)";

inline constexpr const char* kReplayNotes =
    R"(Inputs are JSON lines, or CSV with a header (.csv), each also compressed (.gz). Row n is offset n
of partition 0. Brokers and topics of the configuration are not used, nor are `emit`, `encoding` and
`cloudevents`: every row that is not rejected comes out, as a line of JSON.

With --from-kafka the input is what the configuration's topics hold now, from the earliest record
on, at its true offsets and in no group. Results are what `tocsin run` writes without any
interruption, byte for byte; a line is a whole record, with its topic, source, key, value and headers.

Examples:
  tocsin replay --config tocsin.yaml events.jsonl > scores.jsonl
  zcat old.jsonl.gz | tocsin replay --config tocsin.yaml --alerts alerts.jsonl - > scores.jsonl
  tocsin replay --config tocsin.yaml --stream api --dead-letters rejected.jsonl a.csv b.csv.gz
  tocsin replay --config tocsin.yaml --from-kafka --alerts alerts.jsonl > scores.jsonl)";

inline constexpr const char* kStateNotes =
    R"(What was learned lies in the topics APP-state-INPUT, beside the group's offsets. `list`, `verify`
and `export` change nothing and may be used while tocsin runs.

Examples:
  tocsin state list --config tocsin.yaml                     what there is, partition by partition
  tocsin state verify --config tocsin.yaml                   would a start take it
  tocsin state export --config tocsin.yaml --entities        the entities that are known
  tocsin state reset --config tocsin.yaml --stream api       what a reset would do
  tocsin state reset --config tocsin.yaml --stream api --from earliest --yes)";

inline constexpr const char* kStateVerifyNotes =
    R"(Restores every partition in memory and checks all that a start checks: that the words beside the
committed offset, the chain of state records, the pieces of the snapshot with their checksums, and
the input since it belong together. Exit code 1 where a start would refuse any partition.)";

inline constexpr const char* kStateExportNotes =
    R"(Lines of JSON: of each partition one with its committed words, then one for each state record, its
own bytes in base64. With --entities instead a line for each entity as of the last snapshot.)";

inline constexpr const char* kStateResetNotes =
    R"(Forgets what was learned, so that the next start begins anew: where each partition has come to, or
with --from somewhere else, and then records are scored again under the same ids.

With --to-snapshot nothing is forgotten but what came after the last whole snapshot: for a group whose
offsets are gone, because they expired or because the topic was deleted. Records since that snapshot
are scored again, the same and under the same ids.

The group must be empty: stop every process, and wait until its session has ended. Without --yes it only says what it
would do.)";

inline constexpr const char* kDeadLettersNotes =
    R"(Examples:
  tocsin dead-letters list --config tocsin.yaml --reason not_a_number
  tocsin dead-letters list --config tocsin.yaml --waiting --json > rejected.jsonl
  tocsin dead-letters resend --config tocsin.yaml --dry-run
  tocsin dead-letters resend --config tocsin.yaml --repaired mended.jsonl)";

inline constexpr const char* kResendNotes =
    R"(Puts dead letters back into the pipeline: their own key, bytes and headers go to the topic and the
partition where they came from, with the header tocsin.resent (TOPIC/PARTITION/OFFSET of the dead
letter) instead of ours. Which ones were put back is remembered in the offsets of the group
APP-resend, in the same transaction, so that running it twice puts nothing back twice. What came back
once is put back again only when it is named.

With --repaired only the lines of the file are put back, with their `value` (or `value_base64`) as it
is there: take `list --json`, and edit it.)";

inline constexpr const char* kHealthNotes =
    R"(For whoever has no curl: the health check of a container, a script that waits.

Examples:
  tocsin health --config tocsin.yaml
  until tocsin health --config tocsin.yaml --probe readyz; do sleep 1; done)";

inline constexpr const char* kDetectorsNotes =
    R"(What each looks for, what it is blind to, and its options with their defaults and bounds. They are
written under a stream, whose own detectors are then only these:
  streams:
    - topics: [metrics]
      detectors:
        - {type: spike, half_life_points: 200}
        - {type: flat_line})";

inline constexpr const char* kSchemaNotes =
    R"(Example:
  tocsin schema > tocsin.schema.json

An editor with the YAML language server then completes and checks a file that begins with
  # yaml-language-server: $schema=tocsin.schema.json)";

inline constexpr const char* kReferenceNotes =
    R"(Every option: what it must be, its default, and what it is for.

Example:
  tocsin reference | less)";

inline constexpr const char* kDemoNotes =
    R"(Needs no Kafka: the broker is inside the program. After a minute of learning what is normal here,
the demo burns CPU for a moment and shows the alert that follows. Ctrl-C ends it.)";

}  // namespace tocsin
