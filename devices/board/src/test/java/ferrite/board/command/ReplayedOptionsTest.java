package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.command.ManyCommandLines.Outcome;
import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.ReplayLine;
import ferrite.board.plug.DeviceJar;
import ferrite.hardware.report.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The line {@code again} of a violation has every option of {@code ferrite run}. */
class ReplayedOptionsTest {

    /** A value of each option that is not its default. */
    private static final Map<String, String> VALUES = new TreeMap<>(Map.ofEntries(Map.entry("--harts", "3"),
            Map.entry("--ram", "48M"), Map.entry("--zones", "dma=8M,normal=32M"), Map.entry("--seed", "7"),
            Map.entry("--interleaving", "pct"), Map.entry("--dma", "wrap"),
            Map.entry("--owners", "all"), Map.entry("--swiotlb", "force"), Map.entry("--slub-debug", "FZ,kmalloc-64"),
            Map.entry("--guard-pages", "off"), Map.entry("--fail-page-alloc", "1000000,1,0,1"),
            Map.entry("--fail-slab", "999999,once"),
            Map.entry("--check", "dma-above-reach"), Map.entry("--disk", "sectors.img,ro"),
            Map.entry("--virtio-disk", "sectors.img,ro"), Map.entry("--virtio", "entropy"),
            Map.entry("--fault", "copier=slow@999"), Map.entry("--net", "peer=10.9.8.7,out=frames.pcap"),
            Map.entry("--device", "timer.jar,irq=9"), Map.entry("--root", "programs"),
            Map.entry("--host-files", "programs"),
            Map.entry("--max-instructions", "100000000"), Map.entry("--max-time", "90s"), Map.entry("--watchdog", "90"),
            Map.entry("--link", "sleepy"), Map.entry("--translate", "eager"), Map.entry("--sound", "out=played.wav"),
            Map.entry("--serial-in", "typed.txt"), Map.entry("--rtc", "2026-11-30T09:00:00Z"),
            Map.entry("-o", "disk.gfp=GFP_KERNEL"), Map.entry("--serial",
                    "serial.txt"), Map.entry("-c", "sha256sum /dev/disk0"), Map.entry("--script", "commands.txt")));
    /** Options that change nothing about the run. */
    private static final List<String> NOT_TOLD = List.of("--debug", "--debug-expose-csrs", "--debug-gdb-open",
            "--debug-open", "--debug-tls", "--timeout", "--token", "--token-file", "--halt", "--jdwp",
            "--verbose", "--sarif", "--junit");
    /** The memory map of the mini-kernel is always that of the ferrite board. */
    private static final List<String> WITHOUT_ANOTHER_VALUE = List.of("--board", "--help", "--version");

    @TempDir
    private Path directory;

    private static Stream<OptionSpec> optionsOfRun() {
        return Ferrite.commandLine().getSubcommands().get("run").getCommandSpec().options().stream()
                .filter(option -> !NOT_TOLD.contains(option.longestName())
                        && !WITHOUT_ANOTHER_VALUE.contains(option.longestName()));
    }

    private static List<String> words(OptionSpec option) {
        return option.arity().max() == 0 ? List.of(option.longestName())
                : List.of(option.longestName(), VALUES.get(option.longestName()));
    }

    private static String quoted(List<String> words) {
        return ReplayLine.of("").add(words).toString().substring("ferrite  ".length());
    }

    @TestFactory
    Stream<DynamicTest> eachOptionStandsInTheLineWhenItIsNotTheDefault() {
        return optionsOfRun().map(option -> DynamicTest.dynamicTest(option.longestName(), () -> {
            assertThat(again(List.of())).doesNotContain(" " + quoted(words(option)) + " ");
            assertThat(again(words(option))).contains(" " + quoted(words(option)) + " ");
        }));
    }

    /** The line of a violation in a machine with these options, between blanks. */
    private static String again(List<String> words) {
        CommandLine.ParseResult run = Ferrite.commandLine().parseArgs(Stream.concat(Stream.of("run"), words.stream())
                .toArray(String[]::new)).subcommand();
        ReplayLine replay = Replay.of(MachineArguments.read(run, new BoardOptions()), run);
        Violation violation = new Violation.Builder("dma-above-reach", "a summary")
                .build("mistake", new Violation.Moment(1, 1, 0));
        return again(new ViolationText(() -> replay.withInput(List.of())).of(violation));
    }

    private static String again(String report) {
        Matcher line = Pattern.compile("\\n  again     (.*)\\n").matcher(report);
        assertThat(line.find()).as(report).isTrue();
        return " " + line.group(1) + " ";
    }

    @Test
    void aReportHasAllOptionsOfItsRun() throws IOException, InterruptedException {
        Files.write(directory.resolve("sectors.img"), new byte[64 << 10]);
        Files.createDirectory(directory.resolve("programs"));
        Files.write(directory.resolve("typed.txt"), new byte[] {'a'});
        DeviceJar.ofTimer(directory);
        List<String> line = new ArrayList<>(List.of("run"));
        List<String> expected = new ArrayList<>();
        optionsOfRun().filter(option -> !List.of("--script", "--json").contains(option.longestName()))
                .forEach(option -> {
                    line.addAll(words(option));
                    expected.add(" " + quoted(words(option)) + " ");
                });
        line.add("--verbose");
        Outcome outcome = ManyCommandLines.run(directory, List.of(line)).get(0);
        assertThat(outcome.status()).as(outcome.err()).isEqualTo(4);
        assertThat(again(outcome.err())).startsWith(" ferrite run ").contains(expected).doesNotContain("--verbose");
    }

    @Test
    void theDebugPortAndItsTokenAreNotTold() {
        assertThat(again(List.of("--debug", "0", "--token", "s3cret", "--debug-gdb-open", "--halt", "--jdwp", "5005",
                "--debug-tls", "cert.pem,key.pem", "--timeout", "60")))
                .isEqualTo(" ferrite run --seed 1 ");
        assertThat(again(List.of("--debug", "0", "--debug-open", "--debug-expose-csrs", "2288")))
                .isEqualTo(" ferrite run --seed 1 ");
    }
}
