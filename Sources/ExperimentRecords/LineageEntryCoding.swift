extension LineageEntry.Content {
  /// The name that the record writes for this kind.
  public var kind: String {
    switch self {
    case .unknown(let kind): kind
    case .campaignStarted: Kind.campaignStarted.rawValue
    case .baseline: Kind.baseline.rawValue
    case .proposal: Kind.proposal.rawValue
    case .winner: Kind.winner.rawValue
    case .kernelFinished: Kind.kernelFinished.rawValue
    case .applied: Kind.applied.rawValue
    case .reverted: Kind.reverted.rawValue
    case .approval: Kind.approval.rawValue
    case .stopRequested: Kind.stopRequested.rawValue
    case .stopCleared: Kind.stopCleared.rawValue
    case .programMeasured: Kind.programMeasured.rawValue
    case .sentinelChecked: Kind.sentinelChecked.rawValue
    case .campaignEnded: Kind.campaignEnded.rawValue
    case .checkpoint: Kind.checkpoint.rawValue
    case .actionRefused: Kind.actionRefused.rawValue
    case .quarantined: Kind.quarantined.rawValue
    case .envelopeDeclared: Kind.envelopeDeclared.rawValue
    case .generationEnded: Kind.generationEnded.rawValue
    case .tripwirePaused: Kind.tripwirePaused.rawValue
    case .rejudged: Kind.rejudged.rawValue
    case .retracted: Kind.retracted.rawValue
    }
  }

  /// The names of all kinds that this version knows.
  public static var kinds: [String] { Kind.allCases.map(\.rawValue) }

  fileprivate enum Kind: String, CaseIterable {
    case campaignStarted, baseline, proposal, winner, kernelFinished, applied, reverted, approval
    case stopRequested, stopCleared, programMeasured, sentinelChecked, campaignEnded, checkpoint
    case actionRefused, quarantined, envelopeDeclared, generationEnded, tripwirePaused
    case rejudged, retracted
  }
}

extension LineageEntry: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
  }

  /// Decodes an entry, passing over keys that it does not know.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    version = try container.decode(Int.self, forKey: Key("version"))
    time = try container.decode(Timestamp.self, forKey: Key("time"))
    campaign = try container.decodeIfPresent(String.self, forKey: Key("campaign"))
    let kind = try container.decode(String.self, forKey: Key("kind"))
    func payload<T: Decodable>(_ type: T.Type = T.self) throws -> T {
      try container.decode(type, forKey: Key(kind))
    }
    switch Content.Kind(rawValue: kind) {
    case .campaignStarted: content = .campaignStarted(try payload())
    case .baseline: content = .baseline(try payload())
    case .proposal: content = .proposal(try payload())
    case .winner: content = .winner(try payload())
    case .kernelFinished: content = .kernelFinished(try payload())
    case .applied: content = .applied(try payload())
    case .reverted: content = .reverted(try payload())
    case .approval: content = .approval(try payload())
    case .stopRequested: content = .stopRequested(try payload())
    case .stopCleared: content = .stopCleared(try payload())
    case .programMeasured: content = .programMeasured(try payload())
    case .sentinelChecked: content = .sentinelChecked(try payload())
    case .campaignEnded: content = .campaignEnded(try payload())
    case .checkpoint: content = .checkpoint(try payload())
    case .actionRefused: content = .actionRefused(try payload())
    case .quarantined: content = .quarantined(try payload())
    case .envelopeDeclared: content = .envelopeDeclared(try payload())
    case .generationEnded: content = .generationEnded(try payload())
    case .tripwirePaused: content = .tripwirePaused(try payload())
    case .rejudged: content = .rejudged(try payload())
    case .retracted: content = .retracted(try payload())
    case nil: content = .unknown(kind: kind)
    }
  }

  /// Encodes the keys that the type's documentation lists.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(version, forKey: Key("version"))
    try container.encode(time, forKey: Key("time"))
    try container.encodeIfPresent(campaign, forKey: Key("campaign"))
    try container.encode(content.kind, forKey: Key("kind"))
    let key = Key(content.kind)
    switch content {
    case .campaignStarted(let payload): try container.encode(payload, forKey: key)
    case .baseline(let payload): try container.encode(payload, forKey: key)
    case .proposal(let payload): try container.encode(payload, forKey: key)
    case .winner(let payload): try container.encode(payload, forKey: key)
    case .kernelFinished(let payload): try container.encode(payload, forKey: key)
    case .applied(let payload): try container.encode(payload, forKey: key)
    case .reverted(let payload): try container.encode(payload, forKey: key)
    case .approval(let payload): try container.encode(payload, forKey: key)
    case .stopRequested(let payload): try container.encode(payload, forKey: key)
    case .stopCleared(let payload): try container.encode(payload, forKey: key)
    case .programMeasured(let payload): try container.encode(payload, forKey: key)
    case .sentinelChecked(let payload): try container.encode(payload, forKey: key)
    case .campaignEnded(let payload): try container.encode(payload, forKey: key)
    case .checkpoint(let payload): try container.encode(payload, forKey: key)
    case .actionRefused(let payload): try container.encode(payload, forKey: key)
    case .quarantined(let payload): try container.encode(payload, forKey: key)
    case .envelopeDeclared(let payload): try container.encode(payload, forKey: key)
    case .generationEnded(let payload): try container.encode(payload, forKey: key)
    case .tripwirePaused(let payload): try container.encode(payload, forKey: key)
    case .rejudged(let payload): try container.encode(payload, forKey: key)
    case .retracted(let payload): try container.encode(payload, forKey: key)
    case .unknown(let kind):
      throw EncodingError.invalidValue(
        self,
        .init(
          codingPath: encoder.codingPath,
          debugDescription: "an entry of the unknown kind '\(kind)' cannot be written"))
    }
  }
}
