package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import ferrite.board.Json;
import ferrite.hardware.report.Hex;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CapturedOutputTest {

    private final CapturedOutput output = new CapturedOutput();

    private Object written() throws IOException {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            output.write(json);
        }
        return Json.value(out.toString());
    }

    @Test
    void nothingIsAnEmptyString() throws IOException {
        assertThat(output.isEmpty()).isTrue();
        assertThat(written()).isEqualTo("");
    }

    @Test
    void aCharacterMayComeInTwoPieces() throws IOException {
        byte[] bytes = "né\u2028𝄞\u0000\"\\".getBytes(StandardCharsets.UTF_8);
        for (byte b : bytes) {
            output.add(new byte[] {b});
        }
        assertThat(written()).isEqualTo("né\u2028𝄞\u0000\"\\");
    }

    @Test
    void bytesThatAreNotTextKeepTheirValues() throws IOException {
        byte[] bytes = {'a', (byte) 0xc3, 0, (byte) 0xff};
        output.add(bytes);
        assertThat(written()).isEqualTo(Map.of("base64", Base64.getEncoder().encodeToString(bytes)));
    }

    @Test
    void theLongestTextIsKeptWholeAndOneByteMoreIsADigest() throws Exception {
        byte[] bytes = "x".repeat(CapturedOutput.MAX_BYTES).getBytes(StandardCharsets.US_ASCII);
        output.add(bytes);
        assertThat((String) written()).hasSize(CapturedOutput.MAX_BYTES);
        output.add(new byte[] {'y'});
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(bytes);
        assertThat(written()).isEqualTo(Map.of("bytes", CapturedOutput.MAX_BYTES + 1L, "sha256",
                Hex.bytes(sha256.digest(new byte[] {'y'}))));
    }

    @Test
    void muchMoreThanTheHostCouldHoldIsCountedAndDigested() throws Exception {
        byte[] piece = new byte[1 << 16];
        new Random(1).nextBytes(piece);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        int pieces = 4096;                              // 256 MiB
        for (int i = 0; i < pieces; i++) {
            output.add(piece);
            sha256.update(piece);
        }
        assertThat(written())
                .isEqualTo(Map.of("bytes", (long) pieces * piece.length, "sha256", Hex.bytes(sha256.digest())));
    }
}
