package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.Board;
import ferrite.board.BoardHost;
import ferrite.board.BoardKind;
import ferrite.board.BoardOptions;
import ferrite.hardware.report.Violation;
import ferrite.kernel.shell.CommandWatcher;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What options mean when they are right; {@link CommandLineErrorsTest} has those that are wrong. */
class OptionsTest {

    // ---- sizes ----

    @ParameterizedTest
    @CsvSource({"0, 0", "33554432, 33554432", "64K, 65536", "64k, 65536", "8M, 8388608", "8m, 8388608", "1G, 1073741824", "3g, 3221225472"})
    void aSizeCountsIn1024s(String text, long bytes) {
        assertThat(Size.parse(text)).isEqualTo(bytes);
    }

    @Test
    void aSizeThatIsTooLargeForAnythingStaysLarge() {
        assertThat(Size.parse("999999999999G")).isGreaterThan(1L << 60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "M", "1T", "1.5G", "-1", "0x10", "1 M", "1MM", "١M", "1000000000000000"})
    void whatIsNoSizeIsRefusedWithASentence(String text) {
        assertThatThrownBy(() -> Size.parse(text)).isInstanceOf(CommandLine.TypeConversionException.class).hasMessageContaining("is no size");
    }

    // ---- machines ----

    private static Board board(String... words) throws IOException {
        BoardOptions options = CommandLine.populateCommand(new MachineOptions(), words).toBoardOptions(BoardKind.FERRITE);
        return new Board(options, new NoHost());
    }

    private static final class NoHost implements BoardHost {
        @Override
        public void lineTaken(int number, String line) { }

        @Override
        public CommandWatcher commands() {
            return CommandWatcher.NONE;
        }

        @Override
        public void output(int stream, byte[] bytes) { }

        @Override
        public void commandEnded(int status) { }

        @Override
        public void switchedOff() { }

        @Override
        public void serialOutput(int value) { }

        @Override
        public void kernelLog(String line) { }

        @Override
        public void violation(Violation violation) { }
    }

    @Test
    void withoutOptionsItIsTheDefaultMachine() throws IOException {
        try (Board board = board()) {
            assertThat(board.machine().harts()).hasSize(4);
            assertThat(board.machine().bus().ram().bytes()).isEqualTo(1L << 30);
        }
    }

    @Test
    void optionsSayWhatMachineItIs() throws IOException {
        try (Board board = board("--harts=8", "--ram", "24m", "--board", "ferrite", "--seed", "-7", "--interleaving", "pct", "--dma", "wrap", "--owners", "off",
                "--zones", "normal=16M,dma=2M", "--max-instructions", "0")) {
            assertThat(board.machine().harts()).hasSize(8);
            assertThat(board.machine().bus().ram().bytes()).isEqualTo(24L << 20);
        }
    }

    // ---- the debug port's address ----

    @ParameterizedTest
    @CsvSource({"0, 0", "4711, 4711", "127.0.0.1:65535, 65535", "localhost:1, 1", "[::1]:80, 80", "127.9.9.9:5, 5"})
    void aLoopbackAddressNeedsNoToken(String text, int port) {
        InetSocketAddress address = DebugAddress.parse(text, null);
        assertThat(address.getPort()).isEqualTo(port);
        assertThat(address.getAddress().isLoopbackAddress()).isTrue();
    }

    @Test
    void anyOtherAddressNeedsOne() {
        assertThatThrownBy(() -> DebugAddress.parse("0.0.0.0:0", null)).isInstanceOf(UsageException.class).hasMessageContaining("--token");
        assertThat(DebugAddress.parse("0.0.0.0:0", "s3cret").getPort()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", ":", "65536", "-1", "1 ", "127.0.0.1", "127.0.0.1:", "host:port", "１"})
    void whatIsNoPortIsRefused(String text) {
        assertThatThrownBy(() -> DebugAddress.parse(text, null)).isInstanceOf(UsageException.class).hasMessageContaining("--debug " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "tab\tbed", "line\nend", "em\u2003space"})
    void aTokenIsOneWord(String token) {
        assertThatThrownBy(() -> DebugAddress.parse("0", token)).isInstanceOf(UsageException.class).hasMessageContaining("--token");
        assertThatThrownBy(() -> DebugAddress.parse("0", "x".repeat(257))).isInstanceOf(UsageException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:5", "[0:0:0:0:0:0:0:1]:80"})
    void anAddressIsWrittenAsItIsRead(String text) {
        assertThat(DebugAddress.text(DebugAddress.parse(text, null))).isEqualTo(text);
    }
}
