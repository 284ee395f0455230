package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.command.ManyCommandLines.Outcome;
import ferrite.board.options.MachineOption;
import ferrite.board.options.MachineOptions;
import ferrite.board.plug.DeviceJar;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.OptionSpec;

/** The line {@code again} of a violation of {@code ferrite boot}: a bare program that misdirects the copy engine. */
class ReplayedBootTest {

    /** Gives the copy engine 24 wires and a chain, at byte 64, that copies from an address above them. */
    private static final int[] PROGRAM = {
            0xf00802b7,         // lui  t0, 0xf0080         the copy engine
            0x01800313,         // addi t1, zero, 24
            0x0062a223,         // sw   t1, 4(t0)           width
            0x04000313,         // addi t1, zero, 64
            0x0062a423,         // sw   t1, 8(t0)           descriptor
            0x00100313,         // addi t1, zero, 1
            0x0062a623,         // sw   t1, 12(t0)          command: start
            0x0000006f,         // j    .
            0, 0, 0, 0, 0, 0, 0, 0,
            0x02000000, 0x1000, 16, 0, 0, 0, 0, 0
    };
    /** Options of {@code boot} that change nothing about the run, or that it refuses on this board. */
    private static final List<String> LEFT_OUT = List.of("--debug", "--debug-expose-csrs", "--debug-gdb-open",
            "--debug-open", "--debug-tls", "--timeout", "--token", "--token-file", "--halt", "--serial", "--json",
            "--sarif", "--junit",
            "--net", "--schedule", "--profile", "--signature", "--signature-granularity", "--snapshots",
            "--snapshot-at", "--virtio", "--virtio-legacy", "--input", "--help", "--version");

    private static final List<String> MACHINE = List.of("--board", "ferrite", "--harts", "2", "--ram", "48M", "--seed",
            "7", "--interleaving", "pct", "--dma", "wrap", "--translate", "off", "--timebase", "10M", "--rtc",
            "2026-11-30T09:00:00Z", "--disk", "it's a disk.img,ro",
            "--device", "timer.jar,limit=3", "--semihosting", "on", "--semihosting-dir", "files of the program");

    @TempDir
    private Path directory;

    /** Returns a flat binary that gives the copy engine of the ferrite board an address above its reach. */
    static byte[] image() {
        ByteBuffer image = ByteBuffer.allocate(4 * PROGRAM.length).order(ByteOrder.LITTLE_ENDIAN);
        image.asIntBuffer().put(PROGRAM);
        return image.array();
    }

    private List<Outcome> run(List<List<String>> lines) throws IOException, InterruptedException {
        Files.write(directory.resolve("program.bin"), image());
        Files.write(directory.resolve("initrd"), new byte[512]);
        Files.write(directory.resolve("it's a disk.img"), new byte[64 << 10]);
        Files.createDirectories(directory.resolve("files of the program"));
        DeviceJar.ofTimer(directory);
        return ManyCommandLines.run(directory, lines);
    }

    private static String again(Outcome outcome) {
        assertThat(outcome.err()).contains("violation dma-above-reach: copier0 was given an address").contains("again");
        return outcome.err().replaceAll("(?s).*\n  again     ([^\n]*)\n.*", "$1");
    }

    private static List<String> words(String line) throws IOException, InterruptedException {
        String command = line.replaceFirst(" < /dev/null$", "");
        assertThat(command).startsWith("ferrite boot ").isNotEqualTo(line);
        Process shell = new ProcessBuilder("sh", "-c", "ferrite() { printf '%s\\001' \"$@\"; }; " + command).start();
        String words = new String(shell.getInputStream().readAllBytes());
        assertThat(shell.waitFor()).isZero();
        return List.of(words.split("\u0001"));
    }

    @Test
    void theLineHasAllOptionsAndRepeatsTheViolation() throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("boot", "program.bin"));
        line.addAll(MACHINE);
        line.addAll(List.of("--max-instructions", "5000", "--max-time", "2h", "--no-reboot",
                "--initrd", "initrd", "--append", "a 'b'", "--bios", "none"));
        Outcome first = run(List.of(line)).get(0);
        List<String> repeated = words(again(first));
        assertThat(repeated).containsExactlyInAnyOrderElementsOf(line);
        assertThat(run(List.of(repeated)).get(0)).isEqualTo(first);

        Stream<String> options = Ferrite.commandLine().getSubcommands().get("boot").getCommandSpec().options().stream()
                .filter(option -> !option.hidden()).map(OptionSpec::longestName);
        assertThat(options).as("each option of boot is in the line, or left out").allMatch(option ->
                LEFT_OUT.contains(option) || option.equals("--restore") || line.contains(option));
    }

    @Test
    void aRestoredMachineGoesOnFromTheSameSnapshot() throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("boot", "program.bin", "--max-instructions", "2", "--snapshot-at",
                "2,two.snap"));
        line.addAll(MACHINE);
        List<String> restored = List.of("boot", "--restore", "two.snap", "--translate", "eager", "--disk",
                "it's a disk.img,ro", "--device", "timer.jar,limit=3", "--semihosting-dir", "files of the program",
                "--max-instructions", "5000", "--max-time", "2h", "--no-reboot");
        assertThat(MachineOptions.ALL.stream().filter(option -> option.isForBoot() && !option.isSaved())
                .map(MachineOption::name)).as("each option that is not in the file is heeded")
                .allMatch(name -> restored.contains(name) || LEFT_OUT.contains(name));
        List<Outcome> outcomes = run(List.of(line, restored));
        List<String> repeated = words(again(outcomes.get(1)));
        assertThat(repeated).isEqualTo(restored);
        assertThat(run(List.of(repeated)).get(0)).isEqualTo(outcomes.get(1));
    }
}
