package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.peripherals.console.Console;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextFrontEndTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);

    /** A stream whose reader has gone. */
    private static OutputStream gone() {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMessageIsWrittenAlthoughStandardOutputStillHoldsBytesThatItCannotWrite() throws IOException {
        OutputStream out = new BufferedOutputStream(gone(), 4);
        TextFrontEnd frontEnd = new TextFrontEnd(out, messages);
        frontEnd.output(Console.STANDARD_OUTPUT, bytes("abc"));
        frontEnd.output(Console.STANDARD_ERROR, bytes("cat: write error\n"));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("cat: write error\n");
        assertThatThrownBy(() -> frontEnd.output(Console.STANDARD_OUTPUT, bytes("de"))).isInstanceOf(IOException.class);
        assertThatThrownBy(out::flush).as("the loss is still known at the end").isInstanceOf(IOException.class);
    }

    private String endOfRun(boolean speaks) throws IOException {
        err.reset();
        TextFrontEnd frontEnd = new TextFrontEnd(OutputStream.nullOutputStream(), messages);
        frontEnd.begin("exec /bin/true").ended(0);
        frontEnd.begin("sleep 9").ended(130);
        CommandRun fails = frontEnd.begin(" exec /bin/false ");
        fails.output(Console.STANDARD_OUTPUT, bytes("no message"));
        if (speaks) {
            frontEnd.output(Console.STANDARD_ERROR, bytes("sh: about a command\n"));
        }
        fails.ended(7);
        frontEnd.finish();
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void ifACommandFailedAndNothingWasSaidTheEndNamesIt() throws IOException {
        assertThat(endOfRun(false)).isEqualTo("'exec /bin/false' ended with status 7 and no message"
                + System.lineSeparator());
        assertThat(endOfRun(true)).isEqualTo("sh: about a command\n");
    }

    @Test
    void standardOutputIsWrittenBeforeTheMessageThatFollowsIt() throws IOException {
        TextFrontEnd frontEnd = new TextFrontEnd(new BufferedOutputStream(err), messages);
        frontEnd.output(Console.STANDARD_OUTPUT, bytes("one "));
        frontEnd.output(Console.STANDARD_ERROR, bytes("two"));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("one two");
    }
}
