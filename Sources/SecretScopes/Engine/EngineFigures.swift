/// What an engine counts while it runs.
public struct EngineFigures: Sendable, Hashable {
    /// How many calls wait at this moment for the transaction that their event goes into.
    public var waitingCalls = 0
    /// How long transactions took, with what each of them wrote on the disk.
    public var commits = DurationHistogram()
    /// Reads for which everything that they needed was in memory.
    public var cacheHits: Int64 = 0
    /// Reads for which something had to be looked up in the store.
    public var cacheMisses: Int64 = 0
    /// What was asked of external vaults.
    public var vaults = VaultFigures()

    /// Creates figures of an engine that has done nothing.
    public init() {}
}

extension ScopeEngine {
    /// What was counted so far.
    package var figures: EngineFigures {
        let lookups = cache.lookups
        var figures = EngineFigures()
        figures.waitingCalls = committer.waitingCalls
        figures.commits = committer.commits
        figures.cacheHits = lookups.hits
        figures.cacheMisses = lookups.misses
        figures.vaults = vaults.figures
        return figures
    }
}
