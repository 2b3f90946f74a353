import SecretMemory
import SecretScopes
import Testing

@testable import ExternalVaults

/// The forms of text that AWS' files and answers have.
@Suite struct AWSTextTests {
    private func profiles(_ text: String) -> AWSProfileFile {
        VaultFixture.secret(text).withBytes { AWSProfileFile($0, in: VaultFixture.pool) }
    }

    @Test func profilesAreReadAsPythonReadsThem() throws {
        let file = profiles(
            """
            stray = before any section
            [ profile   one ] ; comment
            Region: eu-west-1
              # an indented comment
            empty =
            s3 =
              max = 3
              deep: x=y
            after = 1
            aws_secret_access_key = abc=def#ghi
            [broken
            [default]
            no delimiter
            = no name
            """)
        #expect(file.sections.keys.sorted() == ["default", "profile one"])
        let one = try #require(file.sections["profile one"])
        #expect(one.values == ["region": "eu-west-1", "empty": "", "s3": "", "after": "1"])
        #expect(one.nested == ["s3": ["max": "3", "deep": "x=y"]])
        #expect(one.secrets["aws_secret_access_key"].map(VaultFixture.text) == "abc=def#ghi")
    }

    @Test(arguments: ["", "\n\n", "[", "[]", "=", "[a]", "\0", "[a]\n\u{FEFF}x=1\r"])
    func whatIsNoFileOfProfilesIsNoTrouble(text: String) {
        #expect(profiles(text).sections.count <= 1)
    }

    private func text(_ name: String, _ document: String) -> String? {
        VaultFixture.secret(document).withBytes { XMLText.text(of: name, in: "P", $0) }
    }

    @Test func textsOfElementsAreFoundByTheirParent() {
        let document =
            #"<?xml version="1.0"?><r xmlns="u"><a>no</a><x:P q="1"><e/><x:a b="c">1 &lt;&amp;&#x41;&#66;</x:a></x:P></r>"#
        #expect(text("a", document) == "1 <&AB")
        #expect(text("b", document) == nil)
        #expect(text("r", document) == nil)
    }

    @Test(arguments: [
        "", "<", ">", "<>", "</>", "<P>", "<P><a>", "<P><a", "<P></a>", "<P><a>&x;</a></P>", "<P><a>&</a></P>",
        "<P><a>&#xD800;</a></P>", "<!DOCTYPE P [<!ENTITY x 'y'>]><P><a>&x;</a></P>", "{\"a\":1}",
    ])
    func whatIsNoSuchDocumentHasNoTexts(document: String) {
        #expect(text("a", document) == nil)
    }

    @Test func timesHaveTheFormsOfAWS() {
        #expect(AWSDate.basic(Timestamp(rawValue: 1_440_938_160_999)) == "20150830T123600Z")
        for text in ["2015-08-30T12:36:00Z", "2015-08-30T12:36:00.000Z", "2015-08-30T13:36:00+01:00"] {
            #expect(AWSDate.timestamp(text) == Timestamp(rawValue: 1_440_938_160_000))
        }
        for text in ["", "7d", "2015-08-30", "soon", "2015-13-30T12:36:00Z"] {
            #expect(AWSDate.timestamp(text) == nil)
        }
    }

    @Test func codesAreTakenOutOfWhatSurroundsThem() {
        for code in [
            "ThrottlingException", "com.amazon.coral.service#ThrottlingException",
            "ThrottlingException:http://internal.amazon.com/coral/com.amazon.coral.service/",
        ] {
            #expect(AWSRefusal(code: code, status: 400, message: "").code == "ThrottlingException")
        }
        let unknown = AWSRefusal(code: "SecretIs#hunter2", status: 400, message: "hunter2").failure
        #expect(unknown.detail?.contains("hunter2") == false)
    }
}
