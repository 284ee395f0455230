package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Tools;
import ferrite.board.command.ManyCommandLines.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of {@code ferrite symbols}. CommandLineErrorsTest has the mistakes. */
class SymbolsCommandTest {

    @TempDir
    private static Path directory;
    private static List<Outcome> outcomes;

    @BeforeAll
    static void write() throws IOException, InterruptedException {
        outcomes = ManyCommandLines.run(directory, List.of(List.of("symbols", "kernel.elf"),
                List.of("symbols", "again.elf"), List.of("symbols", "small.elf", "--ram", "32M", "--harts", "1"),
                List.of("symbols", "--help")));
    }

    @Test
    void aSuccessPrintsNothing() {
        assertThat(outcomes.subList(0, 3)).allMatch(outcome -> outcome.status() == 0 && outcome.out().isEmpty()
                && outcome.err().isEmpty());
    }

    @Test
    void equalMachinesGetEqualFiles() throws IOException {
        byte[] symbols = Files.readAllBytes(directory.resolve("kernel.elf"));
        assertThat(Files.readAllBytes(directory.resolve("again.elf"))).isEqualTo(symbols);
        assertThat(Files.readAllBytes(directory.resolve("small.elf"))).isNotEqualTo(symbols);
        assertThat(Files.readAllBytes(directory.resolve("small.elf-gdb.py")))
                .isEqualTo(Files.readAllBytes(directory.resolve("kernel.elf-gdb.py"))).isNotEmpty();
    }

    @Test
    void theHelpNamesTheCommandsAndHowToLoadThem() {
        assertThat(outcomes.get(3).out()).contains("source kernel.elf-gdb.py", "fe-slabinfo", "--ram");
    }

    @Test
    void gdbLoadsTheCommandsByItself() throws IOException, InterruptedException {
        assertThat(Tools.run(directory, "gdb-multiarch", "-nx", "-batch", "-iex", "add-auto-load-safe-path .",
                "kernel.elf", "-ex", "whatis mem_map", "-ex", "help fe-ps")).contains("type = struct page [262144]")
                .contains("Lists the tasks");
        assertThat(Tools.run(directory, "gdb-multiarch", "-nx", "-batch", "-iex", "add-auto-load-safe-path .",
                "small.elf", "-ex", "whatis mem_map", "-ex", "whatis per_cpu")).contains("type = struct page [8192]")
                .contains("type = struct per_cpu [1]");
    }
}
