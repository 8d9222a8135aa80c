#pragma once
// The acts of streams: stream adopt, set, tag, untag, deprecate, drift.

#include <functional>
#include <string>

#include "cli/command.h"
#include "eda/streams/v1/streams.pb.h"

namespace eda::cli {

Command stream_command();
/// Each topic of the cluster that no stream manages, but Kafka's own.
Result<> each_unmanaged_topic(Session& session, const std::string& cluster,
                              const std::function<void(const eda::streams::v1::Topic&)>& each);
/// stream drift, with accept and repair.
Command drift_command();
/// stream set.
Command stream_set_command();
/// stream tag, untag and deprecate.
Command stream_tag_command();
Command stream_untag_command();
Command stream_deprecate_command();

}  // namespace eda::cli
