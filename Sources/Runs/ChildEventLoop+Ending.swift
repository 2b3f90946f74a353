internal import CLinux
internal import Glibc

extension ChildEventLoop {
    /// Receives what is left, when everybody who could write more has ended, and writes what waits to be written.
    ///
    /// - Returns: The signal that put an end to that, if one did.
    func drainToTheEnd() -> Int32? {
        terminal?.closeTerminal()
        // Of a pipe what waits now, and no more: somebody out of reach may go on writing for ever. Nobody has a terminal
        // any more that was closed here, and what is still on its way in it is not counted.
        var left: [StandardStream: Int] = [:]
        for output in outputs {
            left[output.stream] =
                output.descriptor === terminal?.controller
                ? .max : Int(clinux_pending_byte_count(output.descriptor.number))
        }
        while !outputs.isEmpty {
            for output in outputs where pendingQueue(of: output.stream) == nil {
                let count = receive(from: output, upTo: left[output.stream] ?? 0)
                left[output.stream, default: 0] -= count
                if count == 0 { forget(output.stream) }
            }
            if let signal = flushQueues(untilMoreIsReceived: true) { return signal }
        }
        return flushQueues(untilMoreIsReceived: false)
    }

    /// Writes what waits to be written, however long its readers take.
    ///
    /// - Parameter untilMoreIsReceived: Whether to return as soon as one of the outputs may be received again.
    private func flushQueues(untilMoreIsReceived: Bool) -> Int32? {
        while true {
            let queues = StandardStream.allCases.compactMap(pendingQueue)
            if queues.isEmpty { return nil }
            if untilMoreIsReceived, outputs.contains(where: { pendingQueue(of: $0.stream) == nil }) { return nil }
            var entries = queues.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
            if let signals { entries.append(pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)) }
            poll(&entries, nfds_t(entries.count), -1)
            for (queue, entry) in zip(queues, entries) where entry.revents != 0 { queue.flush() }
            let deadly = signals?.take().first { [SIGINT, SIGTERM, SIGHUP, SIGQUIT].contains($0) }
            if let deadly { return deadly }
        }
    }
}
