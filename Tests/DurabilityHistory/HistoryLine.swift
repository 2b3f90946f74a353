/// One line of what a worker tells: that it calls, or what it was answered. Times are nanoseconds of the machine's
/// monotonic clock, which all processes share.
package enum HistoryLine: Sendable, Equatable {
    case called(CallID, at: UInt64, Action)
    case answered(CallID, at: UInt64, Answer)
}

/// Names a call; as text it is the request id of the call's audit event.
package struct CallID: Sendable, Hashable, CustomStringConvertible {
    package var process: String
    package var number: Int

    package init(process: String, number: Int) {
        self.process = process
        self.number = number
    }

    package var description: String { "\(process)-\(number)" }
}

/// What is asked for, all in one scope. A principal of `nil` is the administrator.
package enum Action: Sendable, Hashable {
    case get(key: String, principal: String?)
    case put(key: String, value: String, principal: String?)
    case delete(key: String)
    case grant(principal: String, permission: String)
    case revoke(principal: String)
}

/// What was answered.
package enum Answer: Sendable, Hashable {
    case value(String, version: Int64)
    case done
    /// Refused, with the error's code.
    case refused(String)
    /// The store could not do it.
    case failed(String)
}

extension HistoryLine: CustomStringConvertible {
    /// The line, without its end.
    package var description: String {
        let fields: [String] =
            switch self {
            case .called(let id, let time, let action):
                ["called", id.process, "\(id.number)", "\(time)"] + action.fields
            case .answered(let id, let time, let answer):
                ["answered", id.process, "\(id.number)", "\(time)"] + answer.fields
            }
        return fields.joined(separator: "\t")
    }

    /// Reads a line.
    package init?(_ line: some StringProtocol) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
        guard fields.count > 4, let number = Int(fields[2]), let time = UInt64(fields[3]) else { return nil }
        let id = CallID(process: fields[1], number: number)
        let rest = Array(fields[4...])
        if fields[0] == "called", let action = Action(rest) {
            self = .called(id, at: time, action)
        } else if fields[0] == "answered", let answer = Answer(rest) {
            self = .answered(id, at: time, answer)
        } else {
            return nil
        }
    }
}

extension Action {
    fileprivate var fields: [String] {
        switch self {
        case .get(let key, let principal): ["get", key, principal ?? ""]
        case .put(let key, let value, let principal): ["put", key, value, principal ?? ""]
        case .delete(let key): ["delete", key]
        case .grant(let principal, let permission): ["grant", principal, permission]
        case .revoke(let principal): ["revoke", principal]
        }
    }

    fileprivate init?(_ fields: [String]) {
        switch (fields.first, fields.count) {
        case ("get", 3): self = .get(key: fields[1], principal: fields[2].isEmpty ? nil : fields[2])
        case ("put", 4):
            self = .put(key: fields[1], value: fields[2], principal: fields[3].isEmpty ? nil : fields[3])
        case ("delete", 2): self = .delete(key: fields[1])
        case ("grant", 3): self = .grant(principal: fields[1], permission: fields[2])
        case ("revoke", 2): self = .revoke(principal: fields[1])
        default: return nil
        }
    }
}

extension Answer {
    fileprivate var fields: [String] {
        switch self {
        case .value(let value, let version): ["value", value, "\(version)"]
        case .done: ["done", ""]
        case .refused(let code): ["refused", code]
        case .failed(let message): ["failed", message]
        }
    }

    fileprivate init?(_ fields: [String]) {
        switch (fields.first, fields.count) {
        case ("value", 3):
            guard let version = Int64(fields[2]) else { return nil }
            self = .value(fields[1], version: version)
        case ("done", 2): self = .done
        case ("refused", 2): self = .refused(fields[1])
        case ("failed", 2): self = .failed(fields[1])
        default: return nil
        }
    }
}
