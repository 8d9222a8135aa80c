#pragma once
// A word to whoever started the process and waits for it: systemd's notification socket, where $NOTIFY_SOCKET names
// one. So `systemctl start edad` comes back when edad serves, and fails when it refuses to start.

#include <string_view>

namespace eda::process {

/// It serves from now on.
inline constexpr std::string_view ready = "READY=1";
/// It has begun to end, because it was told to.
inline constexpr std::string_view stopping = "STOPPING=1";

/// Sends one of these. Nobody waits: nothing is done. Never throws and never blocks; a word that cannot be sent is
/// lost, for the supervisor has limits of time of its own.
void tell_supervisor(std::string_view state) noexcept;

}  // namespace eda::process
