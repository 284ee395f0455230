package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ferrite.board.options.BoardOptions;
import ferrite.board.wiring.Board;
import ferrite.board.wiring.QuietHost;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Correct options and their effect; {@link CommandLineErrorsTest} has the incorrect ones. */
class OptionsTest {

    // ---- machines ----

    private static Board board(String... words) throws IOException {
        return new Board(options(words), new QuietHost());
    }

    private static BoardOptions options(String... words) {
        String[] line = Stream.concat(Stream.of("run"), Stream.of(words)).toArray(String[]::new);
        return MachineArguments.read(Ferrite.commandLine().parseArgs(line).subcommand(), new BoardOptions());
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
        try (Board board = board("--harts=8", "--ram", "24m", "--board", "ferrite", "--seed", "-7", "--interleaving",
                "pct", "--dma", "wrap", "--owners", "off", "--zones", "normal=16M,dma=2M", "--max-instructions", "0")) {
            assertThat(board.machine().harts()).hasSize(8);
            assertThat(board.machine().bus().ram().bytes()).isEqualTo(24L << 20);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1000000, 1000000", "off, 0"})
    void theWatchdogTakesSecondsOrNone(String text, long seconds) {
        assertThat(options("--watchdog", text).watchdogSeconds()).isEqualTo(seconds);
    }

    @Test
    void theHostsDateIsTheOneOfNow() {
        assertThat(options("--rtc", "host").rtcSeconds()).isCloseTo(System.currentTimeMillis() / 1000, within(60L));
        assertThat(options("--rtc", "2026-11-30T09:00:00Z").rtcSeconds()).isEqualTo(1_796_029_200);
        assertThatThrownBy(() -> options("--rtc", "guest")).hasMessageContaining("--rtc guest: a date such as");
    }

    @Test
    void theHelpOfRunAloneHasTheWatchdogWithItsDefault() {
        assertThat(help("run")).contains("--watchdog=SECONDS|off", "(default: 60)");
        assertThat(help("boot")).doesNotContain("watchdog");
        assertThat(options().watchdogSeconds()).isEqualTo(60);
    }

    private static String help(String command) {
        return Ferrite.commandLine().getSubcommands().get(command).getUsageMessage();
    }

    @ParameterizedTest
    @CsvSource({"FZP, FZPU", "F, FU", "fz, fzU", "u, u", "off, U", "-, U", "on, FZPU"})
    void theOwnersOfSlabObjectsJoinTheChecksThatAreGiven(String slubDebug, String expected) {
        assertThat(options("--slub-debug", slubDebug, "--owners", "all").bootArguments().split(" "))
                .contains("slub_debug=" + expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "-9223372036854775809", "99999999999999999999"})
    void aNumberThatIsTooLargeIsToldTheLimits(String seed) {
        assertThatThrownBy(() -> options("--seed", seed))
                .hasMessage("--seed " + seed + ": a whole number from -9223372036854775808 to 9223372036854775807 is "
                        + "expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0663", "\uff13", "0x3", "3 ", "", "+", "--3"})
    void aNumberHasAsciiDigits(String harts) {
        assertThatThrownBy(() -> options("--harts", harts))
                .hasMessage("--harts " + harts + ": a whole number is expected");
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
        assertThatThrownBy(() -> DebugAddress.parse("0.0.0.0:0", null)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--token");
        assertThat(DebugAddress.parse("0.0.0.0:0", "s3cret").getPort()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", ":", "65536", "-1", "1 ", "127.0.0.1", "127.0.0.1:", "host:port", "１"})
    void whatIsNoPortIsRefused(String text) {
        assertThatThrownBy(() -> DebugAddress.parse(text, null)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--debug " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "tab\tbed", "line\nend", "em\u2003space"})
    void aTokenIsOneWord(String token) {
        for (String wrong : List.of(token, "x".repeat(257))) {
            TokenOptions options = new TokenOptions(name -> wrong.isEmpty() ? " " : wrong);
            new CommandLine(options).parseArgs("--token", wrong);
            assertThatThrownBy(options::given).isInstanceOf(UsageException.class).hasMessageContaining("--token: ");
            assertThatThrownBy(options::ofEnvironment).isInstanceOf(UsageException.class)
                    .hasMessageContaining("FERRITE_TOKEN: ");
        }
    }

    @Test
    void aTokenCanComeFromAFileOrFromTheEnvironment(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "s3cret\nand a remark\n");
        TokenOptions options = new TokenOptions(Map.of("FERRITE_TOKEN", "other")::get);
        assertThat(options.isGiven()).isFalse();
        assertThat(options.given()).isNull();
        assertThat(options.ofEnvironment()).isEqualTo("other");
        new CommandLine(options).parseArgs("--token-file", file.toString());
        assertThat(options.isGiven()).isTrue();
        assertThat(options.given()).isEqualTo("s3cret");

        TokenOptions both = new TokenOptions(name -> null);
        new CommandLine(both).parseArgs("--token-file", file.toString(), "--token", "T");
        assertThatThrownBy(both::given).isInstanceOf(UsageException.class).hasMessageContaining("one token is enough");
        for (String wrong : List.of("absent", ".")) {
            TokenOptions unusable = new TokenOptions(name -> null);
            new CommandLine(unusable).parseArgs("--token-file", directory.resolve(wrong).toString());
            assertThatThrownBy(unusable::given).isInstanceOf(InputException.class).hasMessageContaining("no such file");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:5", "[0:0:0:0:0:0:0:1]:80"})
    void anAddressIsWrittenAsItIsRead(String text) {
        assertThat(DebugAddress.text(DebugAddress.parse(text, null))).isEqualTo(text);
    }
}
