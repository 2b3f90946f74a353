import Foundation
import Glibc
import Testing

/// A small file system of one's own.
private enum SmallDisk {
    static let mount = "unshare --user --map-root-user --mount"

    /// Whether one can be had here.
    static let canMount: Bool = {
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let outcome = try? HushProcess(arguments: [], environment: ["PATH": search])
            .runShell("\(mount) mount -t tmpfs -o size=1m none /mnt")
        return outcome?.status == 0
    }()
}

/// A server on a small file system of its own, where that can be had.
@Suite(.timeLimit(.minutes(5)), .enabled(if: SmallDisk.canMount)) struct FullDiskTests {
    /// Fills the disk, and tells what the server answers before, then, and when there is room again.
    @Test func fullDiskRefusesReadsAllowsDeletionsAndPasses() throws {
        let home = try Home()
        let script = """
            set -eu
            mount -t tmpfs -o size=24m none "$FOLDER"
            export HUSH_HOME="$FOLDER/home"
            "$HUSH" init --admin root@example.com >&2
            "$HUSH" secrets create-scope payments
            head -c 100000 /dev/zero | tr '\\0' x > "$FOLDER/value"
            for key in a b c; do "$HUSH" secrets put-secret payments "$key" < "$FOLDER/value"; done
            token=$("$HUSH" tokens create 2>/dev/null)
            mkfifo "$FOLDER/log"
            "$HUSH" serve --listen 127.0.0.1:0 2> "$FOLDER/log" & server=$!
            trap 'kill "$server" 2>/dev/null || true' EXIT
            exec 3< "$FOLDER/log"
            while read -r word _ url && [ "$word" != Listening ]; do :; done <&3
            cat <&3 > /dev/null &
            ask() { curl -s --noproxy '*' -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$@"; }
            get() { ask "$url/api/2.0/secrets/get?scope=payments&key=$1"; }
            # What /health answers once it says so: it asks the workspace once a second at most.
            health() { until curl -s --noproxy '*' "$url/health" | grep "$1"; do :; done; }
            echo "before: $(get a), $(stat -c %s "$HUSH_HOME/hush.reserve") bytes are held"
            cat /dev/zero > "$FOLDER/fill" 2>/dev/null || true
            # What is left in the log is used up first.
            for _ in $(seq 1 20000); do status=$(get a); [ "$status" = 200 ] || break; done
            echo "full: $status $(health DISK_FULL)"
            echo "deleted: $(ask -d '{"scope":"payments","key":"b"}' "$url/api/2.0/secrets/delete")"
            rm "$FOLDER/fill"
            echo "after: $(health true,.*true) $(get a) $(get b)"
            echo "held again: $(stat -c %s "$HUSH_HOME/hush.reserve")"
            kill "$server"
            wait "$server" || true
            "$HUSH" verify > /dev/null && echo intact
            """
        var process = home.process([], ["FOLDER": home.folder.path("disk"), "SCRIPT": script])
        try FileManager.default.createDirectory(atPath: home.folder.path("disk"), withIntermediateDirectories: true)
        process.environment["HUSH_HOME"] = nil
        let outcome = try process.runShell("\(SmallDisk.mount) bash -c \"$SCRIPT\"")
        #expect(
            outcome.output == """
                before: 200, 8388608 bytes are held
                full: 503 {"live":true,"ready":false,"reason":"DISK_FULL"}
                deleted: 200
                after: {"live":true,"ready":true} 200 404
                held again: 8388608
                intact

                """, "\(outcome)")
    }
}
