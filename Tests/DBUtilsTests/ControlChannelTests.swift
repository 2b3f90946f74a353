import Glibc
import Testing

@testable import DBUtils

@Suite struct ControlChannelTests {
    /// A channel, and the runner's end of it.
    private func makeChannel() throws -> (channel: ControlChannel, runner: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (try #require(ControlChannel(descriptor: ends[0])), ends[1])
    }

    private func received(_ descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1000)
        return Array(bytes[..<max(0, recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)))])
    }

    @Test func widgetIsAskedFor() throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        // The answers lie ready before the questions.
        let answers: [UInt8] = [0x82, 0, 0, 0, 6, 0, 0, 0, 2, 0x68, 0x69]
            + [0x83, 0, 0, 0, 14, 0, 0, 0, 2, 0, 0, 0, 1, 0x62, 0, 0, 0, 1, 0x61]
        try #require(send(runner, answers, answers.count, 0) == answers.count)
        let widgets = WidgetUtilities { channel }
        #expect(try widgets.get("day") == "hi")
        #expect(received(runner) == [0x07, 0, 0, 0, 7, 0, 0, 0, 3] + Array("day".utf8))
        let error = #expect(throws: DBUtilsError.self) { try widgets.get("x") }
        #expect(
            error?.description
                == "UNKNOWN_WIDGET: no widget is named x; the run has a, b. Pass it with --param x=VALUE."
        )
    }

    @Test func channelWhoseOtherEndIsGoneDoesNothing() throws {
        let (channel, runner) = try makeChannel()
        close(runner)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        #expect(throws: DBUtilsError.self) { try WidgetUtilities { channel }.get("x") }
    }

    @Test func garbledAnswerEndsTheChannel() throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        let garbage: [UInt8] = [0x7F, 0, 0, 0, 0, 0x81, 0, 0, 0, 0]
        try #require(send(runner, garbage, garbage.count, 0) == garbage.count)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        _ = received(runner)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        #expect(received(runner).isEmpty)
    }

    @Test func fileThatTookTheDescriptorsNumberIsNotWrittenTo() throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        var others: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &others) == 0)
        defer { others.forEach { close($0) } }
        dup2(others[0], channel.descriptor)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        #expect(received(others[1]).isEmpty)
    }

    @Test func descriptorThatIsNoSocketIsNoChannel() {
        let file = open("/dev/null", O_RDWR)
        defer { close(file) }
        #expect(ControlChannel(descriptor: file) == nil)
        #expect(ControlChannel(descriptor: 9999) == nil)
    }

    @Test func framesHaveTheDocumentedForm() {
        var frame = ControlFrame(.failed)
        frame.append("Boom")
        frame.append(258)
        #expect(frame.bytes == [0x05, 0, 0, 0, 12, 0, 0, 0, 4, 0x42, 0x6F, 0x6F, 0x6D, 0, 0, 1, 2])
    }
}
