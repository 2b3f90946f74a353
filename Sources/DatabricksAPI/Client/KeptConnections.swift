internal import NIOCore
internal import Synchronization

/// Connections that are open and have nothing to do. A call takes one of them instead of making its own.
final class KeptConnections: Sendable {
    private struct Kept: Sendable {
        var connection: any Channel
        var since: ContinuousClock.Instant
    }

    /// The most that are kept.
    private static let most = 16
    /// How long one is kept. Servers close idle connections after a minute or so, and a request must not meet that.
    private static let time = Duration.seconds(5)

    private let kept = Mutex<[Kept]>([])

    deinit {
        for kept in kept.withLock({ $0 }) { kept.connection.close(promise: nil) }
    }

    /// One that is open, the last that was put back; it is the caller's now.
    func take() -> (any Channel)? {
        let (found, ended) = kept.withLock { kept -> ((any Channel)?, [any Channel]) in
            var ended: [any Channel] = []
            while let last = kept.popLast() {
                if last.connection.isActive, .now - last.since < Self.time { return (last.connection, ended) }
                ended.append(last.connection)
            }
            return (nil, ended)
        }
        for connection in ended { connection.close(promise: nil) }
        return found
    }

    /// Keeps a connection for the next call, or closes it, now or when its time is over.
    func put(_ connection: any Channel) {
        let isKept = kept.withLock { kept in
            guard kept.count < Self.most else { return false }
            kept.append(Kept(connection: connection, since: .now))
            return true
        }
        guard isKept else { return connection.close(promise: nil) }
        connection.eventLoop.scheduleTask(in: TimeAmount(Self.time)) { [weak self] in self?.closeOutdated() }
    }

    private func closeOutdated() {
        let ended = kept.withLock { kept in
            let isOver = { (one: Kept) in .now - one.since >= Self.time }
            let ended = kept.filter(isOver)
            kept.removeAll(where: isOver)
            return ended
        }
        for kept in ended { kept.connection.close(promise: nil) }
    }
}
