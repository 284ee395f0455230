package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.peripherals.console.Console;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ctrl-C during a command. The command ends with status 130 and frees everything, and the next line works. */
class InterruptKeyTest {

    private static final int DISK_BYTES = 40 * Disks.PIECE;
    private static final int MOMENTS = 30;
    private static final List<String> COMMANDS = List.of("sha256sum /dev/disk0", "sha256sum -j 4 /dev/disk0",
            "dd if=/dev/disk0 of=/dev/disk1 bs=64K", "dd if=/dev/disk0 of=/dev/disk1 bs=1000", "dd if=/dev/disk0 bs=1M",
            "cat /dev/disk0", "hexdump -C /dev/disk0", "sleep 10", "cat /proc/zoneinfo");

    /** A command that takes longer than a person needs to press a key. */
    private static final String LONG = "sha256sum" + " /dev/disk0".repeat(50);

    @TempDir
    private Path directory;

    private BoardOptions options(Interleavings interleaving, long seed) throws IOException {
        Path target = Files.write(directory.resolve("target"), new byte[DISK_BYTES]);
        return new BoardOptions().ram(64 << 20).harts(4).seed(seed).interleaving(interleaving)
                .readOnlyDisk(Disks.random(directory, DISK_BYTES)).disk(target);
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void atAnyMomentNothingIsLeftBehindAndTheNextCommandWorks(Interleavings interleaving) throws Exception {
        long seed = Seed.fresh().value();
        Random random = new Random(seed);
        int interrupted = 0;
        try (MachineRun run = MachineRun.start(options(interleaving, seed))) {
            String next = Tools.sha256(directory.resolve("disk" + DISK_BYTES + ".img")) + "  /dev/disk0\n";
            for (int moment = 0; moment < MOMENTS; moment++) {
                String command = COMMANDS.get(random.nextInt(COMMANDS.size()));
                int failed = run.failedCommands();
                run.forgetOutput().interruptAfter(random.nextInt(random.nextBoolean()
                        ? 60 : 2000)).type(random.nextInt(4) == 0
                        ? new String[] {"sha256sum -j 2 /dev/disk1 &", command, "wait"} : new String[] {command});
                if (run.failedCommands() > failed) {
                    interrupted++;
                    assertThat(run.err()).as(command).doesNotContain("rror");
                }
                assertThat(run.type("wait")).hasNoLeaks().hasNoViolations();
                if (moment % 8 == 0) {
                    assertThat(run.forgetOutput().type("sha256sum /dev/disk0").out())
                            .as("after " + command).isEqualTo(next);
                }
            }
        }
        assertThat(interrupted).isGreaterThan(MOMENTS / 4);
    }

    @Test
    void ddSaysHowFarItCameAndWhatItSaysIsOnTheDisk() throws Exception {
        try (MachineRun run = MachineRun.start(options(Interleavings.RR, 1))) {
            run.interruptAfter(300).type("dd if=/dev/disk0 of=/dev/disk1 bs=64K");
            assertThat(run.failedCommands()).isEqualTo(1);
            assertThat(run.err()).matches("(?s)[1-9][0-9]?\\+0 records in\n[1-9][0-9]?\\+0 records out\n.* copied.*");
            int pieces = Integer.parseInt(run.err().substring(0, run.err().indexOf('+')));
            byte[] source = Files.readAllBytes(directory.resolve("disk" + DISK_BYTES + ".img"));
            byte[] target = Files.readAllBytes(directory.resolve("target"));
            for (int i = 0; i < DISK_BYTES; i++) {
                assertThat(target[i]).as("byte " + i).isEqualTo(i < pieces * Disks.PIECE ? source[i] : 0);
            }
        }
    }

    @Test
    void killEndsATaskInTheBackgroundTheKeyDoesNot() throws Exception {
        try (MachineRun run = MachineRun.start(options(Interleavings.RR, 1))) {
            run.type("sleep 1000 &", "ps");
            assertThat(run.out()).contains(" S ").contains("sleep");
            String pid = run.out().lines().filter(line -> line.endsWith("sleep"))
                    .findFirst().orElseThrow().strip().split(" ")[0];
            run.forgetOutput().interruptAfter(5).type("sleep 1");
            assertThat(run.failedCommands()).isEqualTo(1);
            assertThat(run.forgetOutput().type("ps").out()).contains("sleep");
            run.forgetOutput().type("kill -INT " + pid, "wait", "ps");
            assertThat(run.failedCommands()).as("the killed one too").isEqualTo(2);
            assertThat(run.out()).doesNotContain("sleep");
            assertThat(run.forgetOutput().type("kill 4711", "kill -HUP 1", "kill x", "kill", "kill 1").err())
                    .isEqualTo("""
                    kill: (4711) - No such process
                    kill: HUP: invalid signal specification; use INT, KILL or TERM
                    kill: x: arguments must be process IDs; 'ps' lists them
                    kill: missing process ID; usage: kill [-INT|-TERM|-KILL] PID...
                    """);
            assertThat(run).hasNoLeaks().hasNoViolations();
        }
    }

    /** As in a shell on Linux, the commands in the background go on. A press at the end of {@code wait} is lost. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void theKeyEndsWaitAndNotWhatItWaitsFor(Interleavings interleaving) throws Exception {
        String[] lines = {"sleep 1 &", "wait", "echo $?", "ps", "wait", "echo $?"};
        int interrupted = 0;
        try (MachineRun run = MachineRun.start(options(interleaving, 1))) {
            long start = run.board().machine().turn().eventNumber();
            assertThat(run.type(lines).out()).startsWith("0\n").endsWith("\n0\n").doesNotContain("sleep");
            long events = run.board().machine().turn().eventNumber() - start;
            for (int moment = 0; moment < MOMENTS; moment++) {
                int failed = run.failedCommands();
                String out = run.forgetOutput().interruptAfter(events * moment / MOMENTS).type(lines).out();
                interrupted += out.startsWith("130\n") ? 1 : 0;
                assertThat(out).as("moment " + moment).matches("(?s)(130\n.*sleep.*|0\n.*)\n(130|0)\n");
                assertThat(run.failedCommands() - failed).as("moment " + moment).isLessThanOrEqualTo(1);
                assertThat(run.type("wait")).hasNoLeaks().hasNoViolations();
            }
        }
        assertThat(interrupted).isPositive();
    }

    @Test
    void withNobodyInTheForegroundTheKeyDoesNothing() throws Exception {
        try (MachineRun run = MachineRun.start(options(Interleavings.RR, 1))) {
            run.board().console().pressInterruptKey();
            run.type("echo one", "sleep 0.5", "sleep 0");
            assertThat(run.failedCommands()).isZero();
            assertThat(run.out()).isEqualTo("one\n");
        }
    }

    @Test
    void sleepTakesTheMachinesTimeAndRefusesWhatIsNone() throws Exception {
        try (MachineRun run = MachineRun.start(options(Interleavings.RR, 1))) {
            long before = run.board().machine().clock().now();
            run.type("sleep 1.5 0.5s .25m");
            assertThat(run.board().machine().clock().now() - before).isBetween(1_700_000_000L, 1_700_100_000L);
            assertThat(run.failedCommands()).isZero();
            run.type("sleep", "sleep x", "sleep -1", "sleep 1 1w");
            assertThat(run.failedCommands()).isEqualTo(4);
            assertThat(run.err()).contains("sleep: invalid time interval 'x'\n");
        }
    }

    @Test
    void theSameKeyAtTheSameMomentIsTheSameRun() throws Exception {
        Machine.Digest digest = digestWithKeyAfter(100);
        assertThat(digestWithKeyAfter(100)).isEqualTo(digest);
        assertThat(digestWithKeyAfter(300)).isNotEqualTo(digest);
    }

    private Machine.Digest digestWithKeyAfter(long events) throws IOException {
        try (MachineRun run = MachineRun.start(options(Interleavings.RANDOM, 7))) {
            return run.interruptAfter(events).type("sha256sum -j 4 /dev/disk0", "ps").digest();
        }
    }

    /** The host's clock chooses the moment. Its record is enough to repeat the run. */
    @Test
    void aKeyThatAPersonPressedCanBeReplayedFromTheRecord() throws Exception {
        for (int i = 0; i < 4; i++) {
            Machine.Digest digest;
            Console.Input key;
            try (MachineRun run = MachineRun.start(options(Interleavings.RANDOM, i))) {
                boolean sleeping = i % 2 == 0;
                if (sleeping) {
                    run.board().machine().turn().waits().pace(System::nanoTime);
                }
                pressSoon(run, 20 + 15 * i);
                run.type(sleeping ? "sleep 100" : LONG, "sha256sum /dev/disk0", "sleep 0");
                digest = run.digest();
                List<Console.Input> keys = run.board().console().received().stream()
                        .filter(input -> input.kind() == Console.Input.Kind.INTERRUPT_KEY).toList();
                assertThat(keys).hasSize(1);
                key = keys.get(0);
            }
            try (MachineRun again = MachineRun.start(options(Interleavings.RANDOM, i))) {
                again.interruptAt(key.event(), key.tick())
                        .type(i % 2 == 0 ? "sleep 100" : LONG, "sha256sum /dev/disk0", "sleep 0");
                assertThat(again.digest()).as("run " + i + ", " + key).isEqualTo(digest);
            }
        }
    }

    private static void pressSoon(MachineRun run, long milliseconds) {
        Thread person = new Thread(() -> {
            try {
                Thread.sleep(milliseconds);
            } catch (InterruptedException e) {
                return;
            }
            run.board().machine().turn().posts().add(run.board().console()::pressInterruptKey);
        });
        person.setDaemon(true);
        person.start();
    }
}
