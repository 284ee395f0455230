package ferrite.board.command;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.command.ManyCommandLines.Outcome;
import ferrite.board.front.ViolationText;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.ExitStatus;
import ferrite.board.session.Session;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random command lines and scripts. Nonsense gets a sentence and an exit status, never a stack trace or a hang. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileInputTest {

    private static final int COMMAND_LINES = 200;
    private static final int SCRIPTS = 60;
    private static final long MAX_INSTRUCTIONS = 20_000_000;

    private static final List<String> OPTIONS = List.of("--harts", "--ram", "--zones", "--seed", "--interleaving",
            "--dma", "--owners", "--board", "--disk", "--max-instructions", "-o", "-c", "--script", "--verbose",
            "--serial", "--token", "--halt", "--debug", "--json", "--nonsense", "--help",
            "--version", "--", "-", "-cecho", "-o=", "--ram=64M", "--harts=2", "--seed=", "--bios", "--bios=default");
    private static final List<String> VALUES = List.of("", " ", "0", "1", "8", "9", "-1", "64M", "8M", "4G",
            "9223372036854775807", "9223372036854775808", "x", "rr", "random", "pct", "fault", "wrap", "on", "off",
            "ferrite", "dma=1M,normal=8M", "dma=16M", "=", ",", "disk.gfp=GFP_KERNEL", "disk.gfp=|", "a.b=c",
            "sector.img", "sector.img,ro", "missing.img", ",ro", "bad:port", "70000", "echo hello; ls /dev",
            "sha256sum /dev/disk0", "'", "\"", "&", ";;;", "\0",
            "ä€😀", "@missing", "@/dev/zero", "@@", "${sys:user.home}", "$HOME", "a\nb", "\t", "%s%n", "random.script",
            "/dev/zero", "none", "default", "x".repeat(5000));
    private static final List<String> WORDS = List.of("cat", "dd", "digest", "dmesg", "echo", "help", "hexdump", "-C",
            "ls", "poweroff", "ps", "sha256sum", "-j", "wait", "x/8xw", "x", "xp/4096xb", "xp", "/8xw", "zones", "dma",
            "info", "registers", "halt", "continue", "/dev/disk0", "/dev/disk1", "/dev/stdout",
            "/dev/stderr", "/dev/console", "/dev/ttyS0", "/dev", "/proc/", "/proc/meminfo", "/proc/zoneinfo", "/",
            "if=/dev/disk0", "if=", "if=/proc/dma", "bs=1",
            "bs=0", "bs=999999999999", "bs=64K", "bs=1000", "bs=-1", "count=3", "count=0", "count=99999999", "skip=1",
            "skip=999999999999", "of=/dev/disk0", "0xc0001000", "0xffffffff", "0x1000", "0", "-1", "4294967296", "99",
            ">", "|", "<", "\\", "&", "&&", ";", "'", "\"", "#", "\0", "\u0007", "ä€😀", "%s",
            "$(ls)", "../../etc/passwd", "/dev/../etc/passwd", "/proc/self/mem");

    @TempDir
    private Path directory;

    private static <T> T one(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static String garbage(Random random, int longest) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(longest); text.length() < length; ) {
            int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x3000);
            text.append((char) c);
        }
        return text.toString();
    }

    @Test
    void noCommandLineGivesAStackTraceOrAHang() throws Exception {
        Files.write(directory.resolve("sector.img"), new byte[512]);
        Seed seed = Seed.fresh();
        byte[] script = new byte[3000];
        seed.random(-1).nextBytes(script);
        Files.write(directory.resolve("random.script"), script);
        List<List<String>> lines = new ArrayList<>();
        for (int i = 0; i < COMMAND_LINES; i++) {
            lines.add(commandLine(seed.random(i)));
        }
        List<Outcome> outcomes = ManyCommandLines.run(directory, lines);
        for (int i = 0; i < COMMAND_LINES; i++) {
            String which = seed.replay(lines.get(i));
            Outcome outcome = outcomes.get(i);
            assertThat(outcome.status()).as(which + outcome.err()).isIn(0, 1, 2, 3, 4, 124);
            assertThat(outcome.err()).as(which).doesNotContain("\tat ").doesNotContain("internal error")
                    .doesNotContain("Exception in");
            if (outcome.status() == 2 || outcome.status() == 3) {
                assertThat(outcome.out()).as(which).isEmpty();
                assertThat(outcome.err()).as(which).startsWith("ferrite").hasLineCount(1);
            }
        }
        assertThat(outcomes.stream().map(Outcome::status).distinct()).as("kinds of ends").hasSizeGreaterThan(2);
    }

    private static List<String> commandLine(Random random) {
        List<String> words = new ArrayList<>();
        words.add(random.nextInt(12) == 0 ? one(random, VALUES) : random.nextInt(5) == 0 ? "boot" : "run");
        boolean mostlySensible = random.nextInt(3) == 0;
        for (int i = random.nextInt(mostlySensible ? 3 : 7); i > 0; i--) {
            String option = one(random, OPTIONS);
            words.add(option);
            if (option.equals("--serial")) {
                words.add(random.nextBoolean() ? "serial.out" : "nowhere/serial.out");
            } else if (option.equals("--debug")) {
                words.add(random.nextBoolean() ? "bad" : "70000");    // with a good port, --halt would halt the run
            } else if (random.nextInt(8) != 0) {
                words.add(random.nextInt(10) == 0 ? garbage(random, 40) : one(random, VALUES));
            }
        }
        if (words.get(0).equals("boot")) {
            words.addAll(List.of("--max-instructions", "100000",
                    one(random, List.of("random.script", "sector.img", "missing.img"))));
        } else if (mostlySensible) {
            words.addAll(List.of("--ram", "16M", "-c", one(random, VALUES)));
        }
        return words;
    }

    @Test
    void noScriptGivesAStackTraceAnOopsOrAHang() throws IOException {
        Path disk = directory.resolve("disk.img");
        byte[] bytes = new byte[200 * 512];
        new Random(1).nextBytes(bytes);
        Files.write(disk, bytes);
        Seed seed = Seed.fresh();
        for (int round = 0; round < SCRIPTS; round++) {
            Random random = seed.random(round);
            String script = script(random);
            BoardOptions options = new BoardOptions().disk(disk)
                    .ram(8L << 20 << random.nextInt(4)).harts(1 + random.nextInt(8))
                    .interleaving(one(random, List.of(Interleavings.values()))).seed(random.nextLong())
                    .maxInstructions(MAX_INSTRUCTIONS);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int status;
            try (Session session = new Session(options, Script.split(script), () -> null,
                    new Session.Streams(out, new PrintStream(err, false, StandardCharsets.UTF_8),
                            OutputStream.nullOutputStream(), true), new ViolationText("(this test)")::of)) {
                status = session.run();
            }
            String which = seed.replay("round " + round + ": " + script.substring(0, Math.min(2000, script.length())));
            String said = err.toString(StandardCharsets.UTF_8);
            assertThat(said).as(which).doesNotContain("\tat ").doesNotContain("Oops").doesNotContain("panic")
                    .contains("ready: ");
            assertThat(status).as(which + "\n" + said).isIn(0, 1, ExitStatus.NOT_FINISHED);
        }
    }

    private static String script(Random random) {
        StringBuilder script = new StringBuilder();
        for (int commands = random.nextInt(40); commands > 0; commands--) {
            switch (random.nextInt(12)) {
                case 0 -> script.append(garbage(random, 200));
                case 1 -> script.append(one(random, WORDS).repeat(1 + random.nextInt(3000)));
                default -> {
                    for (int words = 1 + random.nextInt(5); words > 0; words--) {
                        script.append(one(random, WORDS)).append(random.nextInt(9) == 0 ? "" : " ");
                    }
                }
            }
            script.append(one(random, List.of("\n", ";", "&", "& wait;", "\r\n", ";;")));
        }
        return script.toString();
    }
}
