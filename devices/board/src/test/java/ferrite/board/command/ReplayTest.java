package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.Tools;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.ReplayLine;
import ferrite.hardware.Seed;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The line that repeats a run is quoted for a shell. */
class ReplayTest {

    @TempDir
    private Path directory;

    private static String replay(String... words) {
        return line(words).toString();
    }

    private static ReplayLine line(String... words) {
        CommandLine.ParseResult run = Ferrite.commandLine().parseArgs(words).subcommand();
        return Replay.of(MachineArguments.read(run, new BoardOptions()), run);
    }

    @Test
    void theSeedIsSpelledOutOnce() {
        assertThat(replay("run", "--disk", "a.img")).isEqualTo("ferrite run --seed 1 --disk a.img");
        assertThat(replay("run", "--disk", "a.img", "--seed", "7")).isEqualTo("ferrite run --seed 7 --disk a.img");
        assertThat(replay("run", "--seed=7")).isEqualTo("ferrite run --seed 7");
    }

    @Test
    void wordsThatAShellWouldTakeApartAreQuoted() {
        assertThat(replay("run", "-c", "cat /dev/disk0; ps")).isEqualTo("ferrite run --seed 1 -c 'cat /dev/disk0; ps'");
        assertThat(replay("run", "-c", "echo it's")).isEqualTo("ferrite run --seed 1 -c 'echo it'\\''s'");
        assertThat(replay("run", "-o", "disk.gfp=GFP_KERNEL|GFP_DMA", "-c", ""))
                .isEqualTo("ferrite run --seed 1 -o 'disk.gfp=GFP_KERNEL|GFP_DMA' -c ''");
    }

    @Test
    void commandsFromAPipeAreThere() throws Exception {
        Deque<String> piped = new ArrayDeque<>(List.of("# what follows", "ls /dev; echo it's", "sleep 1 &"));
        CommandLines lines = new CommandLines(piped::poll);
        for (int i = 0; i < 3; i++) {
            lines.next();
        }
        assertThat(line("run", "--seed", "2").withInput(lines.history()))
                .isEqualTo("printf '%s\\n' 'ls /dev' 'echo it'\\''s' 'sleep 1 &' | ferrite run --seed 2");
    }

    @Test
    void theInputOfABareProgramIsToldByItsLength() {
        ReplayLine line = ReplayLine.of("boot").add(List.of("a.elf"));
        assertThat(line.withSerialInput(0)).isEqualTo("ferrite boot a.elf < /dev/null");
        assertThat(line.withSerialInput(1))
                .isEqualTo("ferrite boot a.elf    # with the same input, of which 1 byte was read");
        assertThat(line.withSerialInput(70)).endsWith(" # with the same input, of which 70 bytes were read");
    }

    @Test
    void moreCommandsThanACommandLineTakesAreLeftOutAltogether() throws Exception {
        Deque<String> piped =
                new ArrayDeque<>(List.of("echo " + "x".repeat(60_000), "echo " + "y".repeat(60_000), "ls"));
        CommandLines lines = new CommandLines(piped::poll);
        assertThat(lines.next()).isNotNull();
        assertThat(lines.history()).hasSize(1);
        assertThat(lines.next()).isNotNull();
        assertThat(lines.next()).isEqualTo("ls");
        assertThat(lines.history()).isEmpty();
    }

    @Test
    void aShellGivesEveryWordBackAsItWas() throws Exception {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 20; round++) {
            Random random = seed.random(round);
            StringBuilder command = new StringBuilder("x");
            for (int i = random.nextInt(60); i > 0; i--) {
                command.append((char) (1 + random.nextInt(0x17f)));
            }
            String line = replay("run", "--seed", "3", "-c", command.toString());
            String back = Tools.run(directory, "sh", "-c", "ferrite() { printf '%s\\001' \"$@\"; }; " + line);
            List<String> words = new ArrayList<>(List.of("run", "--seed", "3", "-c", command.toString()));
            assertThat(back).as(seed.replay("round " + round)).isEqualTo(String.join("\u0001", words) + "\u0001");
        }
    }
}
