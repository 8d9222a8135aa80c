#pragma once
// What an error code of a broker or of librdkafka means: which Error a caller gets, and whether asking again can help.
// One table (fault.cpp) holds every reason; no other file of this folder words an answer of a broker.

#include <string>
#include <string_view>

#include "platform/core/error.h"

namespace eda::kafka {

enum class Remedy {
  none,    ///< the same request would fail again
  repeat,  ///< it was refused for now and nothing happened: ask again
  reread,  ///< it may have happened: a question may be asked again, a change only after a look
};

struct Fault {
  Error error;
  Remedy remedy = Remedy::none;
};

/// Judges an error code as the wire and librdkafka number it (never 0). `subject` is what was asked about, as a
/// sentence begins: `topic "orders"`. `words` is what came with the code; quoted where it says more than the table.
Fault judge(int code, std::string_view subject, std::string_view words);

/// Sent, and no answer: `why` is a clause ("no answer came in the time given").
Error outcome_unknown(std::string_view subject, std::string_view why);
/// The time was over before anything was sent.
Error deadline_passed(std::string_view subject);

/// A reading that did not come to its end.
Error read_unfinished(std::string_view subject);

/// `topic "orders"`, `group "billing"`
std::string topic_subject(std::string_view name);
std::string group_subject(std::string_view name);
/// One printable line without a full stop, for the middle of a sentence. Of librdkafka's own lines the decoration is
/// dropped: "sasl_ssl://b1:9092/bootstrap: Connect failed (after 3ms in state CONNECT)" is "b1:9092: Connect failed".
std::string clause(std::string_view words);

}  // namespace eda::kafka
