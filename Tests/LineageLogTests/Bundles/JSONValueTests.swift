import Testing

@testable import LineageLog

@Suite struct JSONValueTests {
  @Test func keepsNumbersAsTheyAreSpelled() throws {
    let text =
      #"{"a":[1,-0.50,1e400,9007199254740993],"b":{"é":"\u00e9\n\ud83d\ude00"},"c":[true,false,null],"d":{}}"#
    let value = try JSONValue(parsing: text.utf8)
    #expect(value["a"]?.array?.last == .number("9007199254740993"))
    #expect(value["b"]?["é"]?.string == "é\n😀")
    let printed = String(decoding: value.bytes(isIndented: false), as: UTF8.self)
    #expect(
      printed
        == #"{"a":[1,-0.50,1e400,9007199254740993],"b":{"é":"é\u000a😀"},"c":[true,false,null],"d":{}}"#
    )
    #expect(try JSONValue(parsing: printed.utf8) == value)
    #expect(try JSONValue(parsing: value.bytes(isIndented: true)) == value)
  }

  @Test func indentsByTwo() throws {
    let value = try JSONValue(parsing: #"{"b":[1,{"c":2}],"a":[]}"#.utf8)
    #expect(
      String(decoding: value.bytes(isIndented: true), as: UTF8.self) == """
        {
          "a": [],
          "b": [
            1,
            {
              "c": 2
            }
          ]
        }

        """)
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "nul", "truex",
    "[1] 2",
    "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\u+123\"",
    "\"a\nb\"", "{\"a\":1,\"a\":1}", "{\"a\":{\"b\":1,\"\\u0062\":2}}",
    String(repeating: "[", count: 100_000),
  ])
  func refuses(text: String) {
    #expect(throws: JSONValue.Fault.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test func refusesWhatIsNoUTF8() {
    for bytes: [UInt8] in [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
    ] {
      #expect(throws: JSONValue.Fault.self) { try JSONValue(parsing: bytes) }
    }
  }
}
