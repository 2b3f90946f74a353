internal import Glibc

/// A child and everything that it started: its process group, and those who left the group.
struct ChildDescendants {
    /// The child, whose process id is also its group's.
    let leader: pid_t
    /// Whether the child's process id is its session's too.
    let ownsSession: Bool
    /// The variable of the child's environment, `NAME=VALUE`, by which those who left group and session are found.
    let marker: String
    /// Whether every other child of this process was adopted from this one.
    let areAllOrphans: Bool

    /// Sends `signal` to the whole group. Only while the leader has not been reaped, so that the group is surely ours.
    func signal(_ signal: Int32) {
        kill(-leader, signal)
    }

    /// Ends and reaps everybody; the leader has ended by itself, or been killed.
    ///
    /// - Parameter grace: How long the rest of the group has between `SIGTERM` and `SIGKILL`.
    /// - Returns: What the leader ended with.
    func end(grace: Duration) -> ChildEnding.Status {
        signal(SIGTERM)
        signal(SIGCONT)
        let status = reapLeader()
        let killAt = ContinuousClock.now + grace
        while groupExists, ContinuousClock.now < killAt {
            if reapGroup() { pause() }
        }
        // Bounded: a member may be dead and wait for a parent that is out of our reach.
        let giveUpAt = ContinuousClock.now + grace
        while groupExists, ContinuousClock.now < giveUpAt {
            kill(-leader, SIGKILL)
            endThoseWhoLeft()
            if reapGroup() { pause() }
        }
        endThoseWhoLeft()
        return status
    }

    private func reapLeader() -> ChildEnding.Status {
        var status: Int32 = 0
        while waitpid(leader, &status, 0) < 0 && errno == EINTR {}
        // The macros of <sys/wait.h>, which Swift does not import.
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
    }

    private var groupExists: Bool {
        kill(-leader, 0) == 0 || errno == EPERM
    }

    /// Reaps members of the group that have ended and that we have adopted; `false` when one was reaped.
    private func reapGroup() -> Bool {
        waitpid(-leader, nil, WNOHANG) <= 0
    }

    private func pause() {
        poll(nil, 0, 5)
    }

    /// Kills and reaps the adopted processes that come from the child, and then those that are adopted in turn.
    private func endThoseWhoLeft() {
        while true {
            let orphans = ownChildren().filter { areAllOrphans || isInSession($0) || bearsMark($0) }
            if orphans.isEmpty { return }
            for orphan in orphans {
                kill(orphan, SIGKILL)
                while waitpid(orphan, nil, 0) < 0 && errno == EINTR {}
            }
        }
    }

    /// Also tells of processes that have ended, whose environment is gone.
    private func isInSession(_ process: pid_t) -> Bool {
        guard ownsSession, let status = ProcessFiles.contents(of: "/proc/\(process)/stat") else { return false }
        // Behind the name, which may hold anything: state, parent, group, session.
        let fields = String(decoding: status, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 3 && pid_t(fields[3]) == leader
    }

    private func bearsMark(_ process: pid_t) -> Bool {
        guard let environment = ProcessFiles.contents(of: "/proc/\(process)/environ") else { return false }
        return environment.split(separator: 0).contains { $0.elementsEqual(marker.utf8) }
    }

    private func ownChildren() -> [pid_t] {
        ProcessFiles.names(in: "/proc/self/task").flatMap { task in
            let list = ProcessFiles.contents(of: "/proc/self/task/\(task)/children") ?? []
            return list.split(separator: UInt8(ascii: " ")).compactMap { pid_t(String(decoding: $0, as: UTF8.self)) }
        }
    }
}
