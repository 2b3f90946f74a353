internal import Glibc
internal import NIOPosix
internal import SecretMemory

/// What this machine says about AWS: variables of the process, and the files of profiles.
struct AWSMachine: Sendable {
    private static let largestFile = 1024 * 1024

    /// The variables of the process.
    let environment: [String: String]
    /// Where files' contents live.
    let pool: SecretPool

    /// A variable that is not empty.
    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The profile that counts when a link names none.
    var usualProfile: String { variable("AWS_PROFILE") ?? "default" }

    /// Reads the profiles.
    ///
    /// - Throws: ``VaultFailure`` with `credentialUnreadable` when a file is there and cannot be read.
    func profiles() async throws(VaultFailure) -> AWSProfiles {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try readProfiles() }
        } catch {
            throw error as? VaultFailure ?? VaultFailure(.unreachable, detail: "the process is ending")
        }
    }

    /// Reads the profiles on the calling thread, which waits.
    func readProfiles() throws(VaultFailure) -> AWSProfiles {
        AWSProfiles(
            config: try profileFile("AWS_CONFIG_FILE", "config"),
            credentials: try profileFile("AWS_SHARED_CREDENTIALS_FILE", "credentials"))
    }

    /// Reads a file that something keeps a token in.
    ///
    /// - Throws: ``VaultFailure`` with `credentialUnreadable`.
    func token(at path: String) async throws(VaultFailure) -> SecretBytes {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try CredentialFile.read(path, in: pool) }
        } catch {
            throw error as? VaultFailure ?? VaultFailure(.unreachable, detail: "the process is ending")
        }
    }

    private func profileFile(_ variable: String, _ name: String) throws(VaultFailure) -> AWSProfileFile {
        guard let path = self.variable(variable) ?? self.variable("HOME").map({ "\($0)/.aws/\(name)" }) else {
            return AWSProfileFile()
        }
        let expanded = path.hasPrefix("~/") ? (self.variable("HOME") ?? "") + path.dropFirst() : path
        guard let content = try read(expanded) else { return AWSProfileFile() }
        return content.withBytes { AWSProfileFile($0, in: pool) }
    }

    /// The bytes of a file; `nil` when there is none.
    private func read(_ path: String) throws(VaultFailure) -> SecretBytes? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno != ENOENT && errno != ENOTDIR else { return nil }
            throw Self.unreadable(path, SystemCallError(call: "open", number: errno))
        }
        defer { close(descriptor) }
        var content = SecretBuffer(in: pool)
        do {
            guard try content.appendAll(from: descriptor, limit: Self.largestFile) else {
                throw VaultFailure(.credentialUnreadable, detail: "\(path) is too large to be such a file")
            }
        } catch let error as SystemCallError {
            throw Self.unreadable(path, error)
        } catch {
            throw error as? VaultFailure ?? VaultFailure(.credentialUnreadable)
        }
        return content.finish()
    }

    private static func unreadable(_ path: String, _ error: SystemCallError) -> VaultFailure {
        VaultFailure(.credentialUnreadable, detail: "\(path) cannot be read: \(error)")
    }
}

/// The profiles of both files together.
struct AWSProfiles: Sendable {
    let config: AWSProfileFile
    let credentials: AWSProfileFile

    /// A profile as the file of settings and the file of credentials have it together; the latter counts where both have
    /// the same. `nil` when neither has it.
    func profile(_ name: String) -> AWSProfile? {
        let settings =
            config.sections[name == "default" ? "default" : "profile \(name)"]
            ?? (name == "default" ? config.sections["profile default"] : nil)
        let keys = credentials.sections[name]
        guard settings != nil || keys != nil else { return nil }
        var merged = settings ?? .init()
        merged.values.merge(keys?.values ?? [:]) { $1 }
        merged.secrets.merge(keys?.secrets ?? [:]) { $1 }
        return AWSProfile(name: name, section: merged, keysAreShared: keys?.values["aws_access_key_id"] != nil)
    }

    /// The endpoint that a profile names for a service: in its section of services, else for all of them.
    func endpoint(of service: AWSService, profile name: String) -> String? {
        guard let profile = profile(name) else { return nil }
        let services = profile.section.values["services"].flatMap { config.sections["services \($0)"] }
        return services?.nested[service.settingName.lowercased()]?["endpoint_url"]
            ?? profile.section.values["endpoint_url"]
    }
}

/// One profile.
struct AWSProfile: Sendable {
    let name: String
    let section: AWSProfileFile.Section
    /// Whether its keys stand in the file of credentials.
    let keysAreShared: Bool

    /// A setting that is not empty.
    func setting(_ name: String) -> String? {
        section.values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Its keys; `nil` when it has none.
    func keys() throws(VaultFailure) -> AWSCredentials? {
        guard let name = setting("aws_access_key_id") else { return nil }
        guard let secret = section.secrets["aws_secret_access_key"] else {
            throw VaultFailure(
                .credentialUnreadable, detail: "the profile \(self.name) has an access key id, but no secret access key"
            )
        }
        return try AWSCredentials(
            accessKeyID: name, secretAccessKey: secret,
            sessionToken: section.secrets["aws_session_token"] ?? section.secrets["aws_security_token"])
    }
}

extension SecretBytes {
    /// Without the white space at both ends.
    var trimmed: SecretBytes {
        let range = withBytes { bytes -> Range<Int> in
            func isSpace(_ position: Int) -> Bool {
                let byte = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
                return byte == 0x20 || (0x09...0x0D).contains(byte)
            }
            var start = 0
            var end = bytes.byteCount
            while start < end, isSpace(start) { start += 1 }
            while end > start, isSpace(end - 1) { end -= 1 }
            return start..<end
        }
        return range.count == count ? self : slice(range)
    }
}
