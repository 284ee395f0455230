package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ferrite run} at a real terminal, with {@code expect} in place of a person. */
@Timeout(120)
class TerminalTest {

    private static final String PRELUDE = """
            set timeout 15
            proc see {what} {
                expect {
                    -re $what { }
                    timeout { puts stderr "\\nnot seen: $what"; exit 99 }
                    eof { puts stderr "\\nended before: $what"; exit 98 }
                }
            }
            proc type {keys} { send -- $keys }
            proc prompt {} { see {ferrite.{0,8}> $} }
            proc milliseconds {} { return [clock milliseconds] }
            """;
    private static final String END = """
            expect eof
            exit [lindex [wait] 3]
            """;

    @TempDir
    private Path directory;

    /** Performs a person's actions. Returns the end of {@code ferrite}, and the screen's whole output. */
    private Program.Ended person(String environment, String actions, String... words) throws IOException,
            InterruptedException {
        Tools.need("expect");
        List<String> quoted = new ArrayList<>();
        FerriteJar.command(words).forEach(word -> quoted.add("{" + word + "}"));
        Path script = Files.writeString(directory.resolve("person.exp"),
                PRELUDE + "set env(TERM) xterm\nset env(XDG_STATE_HOME) {" + directory + "}\n"
                        + environment + "\nspawn -noecho " + String.join(" ", quoted) + "\n" + actions + END);
        Program.Ended ended = Program.start(directory, List.of("expect", "-f", script.toString())).end();
        assertThat(ended.status()).as(ended.out() + ended.err()).isLessThan(98);
        return ended;
    }

    private Path bigDisk() throws IOException {
        Path disk = directory.resolve("big.img");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(2L << 30);
        }
        return disk;
    }

    /** The keys after Ctrl-C come at once. */
    @ParameterizedTest
    @ValueSource(strings = {"xterm", "dumb"})
    void keysKeepTheirOrderAndTheEndOfInputIsExplained(String terminal) throws Exception {
        Program.Ended ended = person("set env(TERM) " + terminal, """
                prompt
                type "abc"
                see {abc}
                type "\\003\\003echo o'n'e\\r"
                see {one\\r\\n}
                prompt
                type "\\t\\techo t'w'o\\r"
                see {zones.*two\\r\\n}
                prompt
                type "sleep 100\\r"
                see {sleep 100\\r\\r?\\n}
                after 300
                type "\\003"
                prompt
                type "dma | head -n 1\\r"
                see {\\r\\n[^\\r]*\\r\\n}
                prompt
                type "sleep 0.5 &\\r"
                prompt
                type "\\004"
                see {waiting for 1 background command}
                """, "run", "--ram", "16M");
        assertThat(ended.status()).as("sleep was interrupted").isEqualTo(1);
        assertThat(ended.out().split("echo o'n'e", -1)).as("each key is shown once").hasSize(2);
    }

    @Test
    void aPersonTypesCompletesInterruptsAndEnds() throws Exception {
        Program.Ended ended = person("", """
                prompt
                type "sha256sum /dev/di\\t\\r"
                see {[0-9]+% .*MiB}
                type "\\003"
                see {\\^C}
                prompt
                type "sha2"
                see {sha2}
                type "\\t-j 2 /pro\\tbuddy\\t\\r"
                see {/proc/buddyinfo\\r\\n}
                prompt
                type "inf\\treg\\t3\\r"
                see {info registers 3.*satp}
                prompt
                type "dd b\\t64K if=/dev/disk0 count=2\\t \\r"
                see {2\\+0 records in}
                prompt
                type "cat /nothing\\r"
                see {\\u001b\\[31mcat: /nothing: No such file or directory\\u001b\\[0m}
                prompt
                type "half"
                see {half}
                type "\\003"
                prompt
                set start [milliseconds]
                type "sleep 1; echo awake\\r"
                see {[^ ]awake\\r\\n}
                set slept [expr {[milliseconds] - $start}]
                if {$slept < 950 || $slept > 10000} { puts stderr "sleep 1 took $slept ms"; exit 97 }
                prompt
                type "sleep 1000; echo wrong\\r"
                see {sleep 1000; echo wrong\\r}
                sleep 0.3
                type "\\003"
                prompt
                type "ps\\r"
                see {ps\\r.* sh\\r\\n.* ps\\r\\n}
                prompt
                type "\\004"
                """, "run", "--disk", bigDisk() + ",ro");
        assertThat(ended.status()).as(ended.out() + ended.err()).isEqualTo(1);
        assertThat(ended.out()).doesNotContain("\rwrong").contains("2+0 records out");
    }

    @Test
    void theHistoryIsThereTheNextTimeAndPlainIsPlain() throws Exception {
        Program.Ended first = person("", """
                prompt
                type "echo kept\\r"
                see {[^ ]kept\\r\\n}
                prompt
                type " echo not kept\\r"
                see {not kept\\r\\n}
                prompt
                type "poweroff\\r"
                """, "run");
        assertThat(first.status()).as(first.out() + first.err()).isZero();
        assertThat(directory.resolve("ferrite/history")).hasContent("echo kept\npoweroff\n");
        Program.Ended second = person("set env(NO_COLOR) 1", """
                prompt
                type "\\033OA\\033OA\\r"
                see {[^ ]kept\\r\\n}
                prompt
                type "nothing\\r"
                see {nothing: command not found}
                prompt
                type "\\004"
                """, "run");
        assertThat(second.out()).doesNotContain("\u001b[31m").doesNotContain("\u001b[32").doesNotContain("\u001b[1;32");
    }

    @Test
    void theInterruptKeyAndTheStatusAreTheSameInAJvmWithADebugger() throws Exception {
        bigDisk();
        Program.Ended ended = person("", """
                see {jdwp port 127.0.0.1:[0-9]+}
                prompt
                type "sha256sum /dev/disk0\r"
                see {[0-9]+% .*MiB}
                type "\003"
                see {\\^C}
                prompt
                type "echo al''ive\r"
                see {alive}
                prompt
                type "\004"
                """, "run", "--disk", directory.resolve("big.img") + ",ro", "--jdwp");
        assertThat(ended.status()).as(ended.out()).isEqualTo(1);
    }

    @Test
    void withoutAPromptTheInterruptIsTheHostsAndWhatWasFlushedStays() throws Exception {
        Path source = Disks.random(directory, "source", 64 * Disks.PIECE, 1);
        Path target = Files.write(directory.resolve("target"), new byte[64 * Disks.PIECE]);
        // a background process may ignore SIGINT
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(FerriteJar.command("run", "--disk", source + ",ro", "--disk", target.toString(), "-c",
                "dd if=/dev/disk0 of=/dev/disk1 bs=64K count=3; dd if=/dev/disk0 of=/dev/disk1 bs=64K skip=3 "
                        + "seek=3 count=2; echo done; dd if=/dev/disk0 of=/dev/disk1 bs=512 skip=1000 seek=1000; "
                        + "sha256sum /dev/disk0; ".repeat(2000)));
        Process run = new ProcessBuilder(command).directory(directory.toFile()).redirectError(directory.resolve("err")
                .toFile()).redirectOutput(directory.resolve("out").toFile()).start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (Files.readString(directory.resolve("err")).lines().filter(line -> line.contains("copied")).count() < 2
                && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        Tools.run(directory, "kill", "-INT", Long.toString(run.pid()));
        assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isEqualTo(130);
        byte[] from = Files.readAllBytes(source);
        byte[] to = Files.readAllBytes(target);
        assertThat(to).startsWith(java.util.Arrays.copyOf(from, 5 * Disks.PIECE));
        for (int sector = 5 * Disks.PIECE / Disks.SECTOR; sector < 1000; sector++) {
            assertThat(to[sector * Disks.SECTOR]).as("sector " + sector).isZero();
        }
    }
}
