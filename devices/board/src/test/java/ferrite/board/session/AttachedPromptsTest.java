package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.AttachedMachine.Attached;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.turn.Halt;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.RunControl;
import ferrite.hardware.turn.Turn;
import ferrite.peripherals.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several prompts at one machine, through its debug port. */
@Timeout(120)
class AttachedPromptsTest {

    private static final int DISK_BYTES = 1 << 20;
    private static final int MANY = 2000;

    @TempDir
    private Path directory;

    private static BoardOptions options() {
        return new BoardOptions().ram(32 << 20);
    }

    private BoardOptions withDisk() throws IOException {
        byte[] bytes = new byte[DISK_BYTES];
        new Random(1).nextBytes(bytes);
        return options().readOnlyDisk(Files.write(directory.resolve("disk.img"), bytes));
    }

    @Test
    void anAttachedClientHasTheShellsCommandsAndTheDebuggers() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached client = machine.attach()) {
            assertThat(client.run("cat /proc/dma")).isZero();
            assertThat(client.out()).isEqualTo(" 2: disk\n 4: cascade\n");
            assertThat(client.run("cat /dev/nowhere")).isEqualTo(1);
            assertThat(client.err()).isEqualTo("cat: /dev/nowhere: No such file or directory\n");
            assertThat(client.run("nonsense")).isEqualTo(127);
            assertThat(client.err()).isEqualTo("nonsense: command not found; 'help' lists the commands\n");
            assertThat(client.run("xp/1xw 0x1000")).isZero();
            assertThat(client.out()).isEqualTo("0x00001000: 0x66727431\n");
            assertThat(client.run("x/4xw 0xc0001001")).isEqualTo(1);
            assertThat(client.err()).startsWith("x/4xw: 0xc0001001 is not a multiple of 4");
            assertThat(client.run("help")).isZero();
            assertThat(client.out()).contains("sha256sum ").contains("info registers ");
            assertThat(client.run("echo " + "x".repeat(5000))).isEqualTo(2);
            assertThat(client.err()).contains("4095 bytes was dropped");
            assertThat(machine.out()).as("the local prompt hears nothing of it").isEmpty();
            assertThat(client.quit()).isEqualTo("bye 0 ");
            assertThat(machine.type("echo local").end()).as("commands of clients are not the run's").isZero();
            assertThat(machine.out()).isEqualTo("local\n");
        }
    }

    @Test
    void aClientWithoutTheTokenLooksAndTypesNothingForTheShell() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options());
                Attached stranger = machine.attachWithoutToken(false); Attached client = machine.attach();
                Attached own = machine.attachWithoutToken(true)) {
            int lines = machine.session.board().console().received().size();
            for (Attached onlooker : List.of(stranger, own)) {
                assertThat(onlooker.run("xp/1xw 0x1000")).isZero();
                assertThat(onlooker.run("help")).as("the monitor's, not the shell's").isZero();
                for (String line : List.of("insmod /tmp/driver.jar", "cat /proc/dma", "nonsense", "zones &")) {
                    assertThat(onlooker.run(line)).as(line).isEqualTo(1);
                    assertThat(onlooker.err()).startsWith("ferrite: this client has not named the machine's token");
                }
            }
            for (String line : List.of("halt", "break 0xc0001000", "watch 0xc0001000", "delete", "continue", "step",
                    "snapshot x", "restore x", "riscv icount set m s u 1")) {
                assertThat(stranger.run(line)).as(line).isEqualTo(1);
                assertThat(stranger.err()).contains(" controls the machine, and this client may only look");
            }
            assertThat(own.run("halt")).isZero();
            assertThat(own.run("continue")).isZero();
            assertThat(machine.session.board().console().received()).as("input of the machine").hasSize(lines);
            assertThat(client.run("cat /proc/dma")).isZero();
        }
    }

    @Test
    void eachPromptGetsTheOutputOfItsOwnCommands() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(withDisk().interleaving(Interleavings.RANDOM).seed(4));
                Attached one = machine.attach(); Attached two = machine.attach()) {
            for (int i = 0; i < 40; i++) {
                machine.type("echo local " + i);
                one.send("echo one " + i);
                two.send(i % 4 == 3 ? "dd if=/dev/disk0 bs=512 count=" + i + " &" : "echo two " + i);
                assertThat(one.next()).startsWith("end ");
                assertThat(two.next()).startsWith(i % 4 == 3 ? "background" : "end ");
                if (i % 4 == 3) {
                    String first = two.send("echo on").next();
                    boolean isEcho = two.endsLast(first);            // or else the command in the background has ended
                    String second = isEcho ? two.send("wait").next() : two.next();
                    String third = isEcho ? two.next() : two.send("wait").next();
                    assertThat(List.of(first, second, third)).allMatch(frame -> frame.startsWith("end "));
                }
            }
            assertThat(one.out()).isEqualTo(lines("one"));
            assertThat(machine.end()).isZero();
            assertThat(machine.out()).isEqualTo(lines("local"));
            assertThat(one.next()).isEqualTo("bye 0 the machine was switched off");
        }
    }

    private static String lines(String name) {
        StringBuilder all = new StringBuilder();
        IntStream.range(0, 40).forEach(i -> all.append(name).append(' ').append(i).append('\n'));
        return all.toString();
    }

    @Test
    void whatRunsInTheBackgroundSaysSoAndWhenItEnds() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(withDisk()); Attached client = machine.attach()) {
            assertThat(client.run("sha256sum /dev/disk0 &")).isEqualTo(-1);
            client.send("wait");
            assertThat(List.of(client.next(), client.next())).containsExactlyInAnyOrder("end 1 0", "end 2 0");
            assertThat(client.out()).endsWith("  /dev/disk0\n");
        }
    }

    @Test
    void aViolationIsToldToEverybodyOnceAndCounted() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(withDisk().parameter("disk.gfp", "GFP_KERNEL"));
                Attached one = machine.attach(); Attached two = machine.attach()) {
            assertThat(one.run("sha256sum /dev/disk0")).isEqualTo(1);
            assertThat(one.run("sha256sum /dev/disk0")).isEqualTo(1);
            assertThat(one.violations()).containsOnlyOnce("violation dma-above-reach: channel 2 was given");
            assertThat(two.quit()).isEqualTo("bye 0 ");
            assertThat(two.violations()).containsOnlyOnce("violation dma-above-reach: channel 2 was given")
                    .contains("3 more like the one explained above");
            assertThat(two.err()).isEmpty();
            assertThat(machine.end()).as("it is the machine's too").isEqualTo(ExitStatus.VIOLATION);
            assertThat(one.next()).isEqualTo("bye 4 the machine was switched off");
        }
    }

    @Test
    void linesOfAClientComeBeforeTheRestOfAScript() throws Exception {
        try (AttachedMachine machine = busy(); Attached client = machine.attach()) {
            assertThat(client.run("ps")).isZero();
            assertThat(client.out()).contains("PID TTY");
            assertThat(machine.out().lines().count()).as("commands of the script that had ended").isLessThan(MANY);
            assertThat(client.run("poweroff")).isZero();
            assertThat(client.next()).isEqualTo("bye 0 ");
            assertThat(machine.await()).isZero();
        }
    }

    /** Starts a machine with a script that takes much longer than a test. */
    private AttachedMachine busy() throws IOException {
        return new AttachedMachine(withDisk(), java.util.Collections.nCopies(MANY, "sha256sum /dev/disk0"), false)
                .start();
    }

    // ---- halted ----

    @Test
    void aHaltedMachineCanBeAttachedToAndContinued() throws Exception {
        try (AttachedMachine machine = new AttachedMachine(options(), null, true).start();
                Attached client = machine.attach()) {
            assertThat(client.run("info registers 0")).isZero();
            assertThat(client.out()).contains("pc            0xf0000000");
            assertThat(client.run("help")).isZero();
            assertThat(client.out()).contains("continue ").doesNotContain("sha256sum");
            assertThat(client.run("cat /proc/dma")).isEqualTo(1);
            assertThat(client.err())
                    .isEqualTo("ferrite: the machine is halted, and runs no commands; 'continue' lets it run on\n");
            assertThat(client.run("continue")).isZero();
            assertThat(client.run("cat /proc/dma")).isZero();
            assertThat(client.run("halt")).isZero();
            assertThat(client.run("echo no")).isEqualTo(1);
            assertThat(client.run("continue")).isZero();
            assertThat(client.run("echo yes")).isZero();
            assertThat(client.out()).endsWith("halted\nrunning\nyes\n");
        }
    }

    @Test
    void aLineThatTheMachineWasNotGivenYetCanBeTakenBack() throws Exception {
        try (AttachedMachine machine = busy(); Attached client = machine.attach()) {
            machine.session.board().machine().turn().posts().add(() -> {   // both are there when the slice ends
                try {
                    client.send("echo x").interrupt();
                    Thread.sleep(300);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(client.next()).isEqualTo("end 1 130");
            assertThat(client.err()).isEqualTo("ferrite: interrupted before the shell was free\n");
            assertThat(client.run("echo after")).isZero();
            assertThat(client.out()).isEqualTo("after\n");
            client.run("poweroff");
        }
    }

    @Test
    void anInterruptEndsTheCommandOfTheClientThatAskedForItAndNoOther() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached one = machine.attach();
                Attached two = machine.attach()) {
            machine.session.board().machine().turn().waits().pace(System::nanoTime);
            assertThat(one.run("echo up")).isZero();
            one.send("sleep 600");
            Thread.sleep(100);
            two.interrupt();
            assertThat(two.run("info registers 0")).as("it comes after the interrupt").isZero();
            Thread.sleep(100);
            assertThat(one.hasFrame()).as("whether the other's command ended").isFalse();
            one.interrupt();
            assertThat(one.next()).isEqualTo("end 2 130");
            one.send("sleep 600 &");
            assertThat(one.next()).isEqualTo("background 3");
            one.interrupt();
            assertThat(one.run("echo on")).isZero();
            assertThat(one.run("poweroff")).isZero();           // the end of the input would wait for the background
        }
    }

    /** Nothing wakes the command but a person, who is there. */
    @Test
    void aMachineOfWhichEveryHartWaitsWaitsForItsClients() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached one = machine.attach();
                Attached two = machine.attach()) {
            assertThat(one.run("insmod sleepy")).isZero();
            one.send("cat /dev/sleepy");
            Thread.sleep(100);
            assertThat(two.run("info registers 0")).isZero();
            one.interrupt();
            assertThat(one.next()).endsWith(" 130");
            assertThat(one.run("poweroff")).isZero();
        }
    }

    /** A debugger holds the harts, one of which could run on, and a person waits for them at a prompt. */
    @Test
    void aMachineWhoseRunnableHartsAreHeldHaltsAndAnswers() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached one = machine.attach()) {
            RunControl control = machine.session.machine().control();
            assertThat(one.run("insmod sleepy")).isZero();
            one.send("cat /dev/sleepy");
            Thread.sleep(100);
            control.post(() -> control.resume(0, null));
            one.interrupt();
            while (!control.ask(control::isHalted).get(5, TimeUnit.SECONDS)) {
                Thread.sleep(1);
            }
            assertThat(control.lastHalt().reason()).isEqualTo(Halt.Reason.WAITING);
            assertThat(one.next()).startsWith("notice halted: every hart that may run waits");
            control.post(control::resume);
            assertThat(one.next()).endsWith(" 130");
            assertThat(one.run("poweroff")).isZero();
        }
    }

    @Test
    void aClientThatVanishesFreesTheShell() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached other = machine.attach()) {
            machine.session.board().machine().turn().waits().pace(System::nanoTime);
            try (Attached client = machine.attach()) {
                client.send("sleep 600");
                Thread.sleep(50);
            }
            assertThat(other.run("echo on")).isZero();
        }
    }

    // ---- the end of the run ----

    @Test
    void whenTheRunEndsEveryClientIsToldAndThePortCloses() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options());
                Attached idle = machine.attach(); Attached waiting = machine.attach();
                Attached ending = machine.attach()) {
            assertThat(waiting.run("echo x")).isZero();
            assertThat(ending.run("poweroff")).isZero();
            assertThat(ending.next()).as("it knows why").isEqualTo("bye 0 ");
            assertThat(idle.next()).isEqualTo("bye 0 the machine was switched off");
            assertThat(waiting.next()).isEqualTo("bye 0 the machine was switched off");
            assertThat(machine.await()).isZero();
            assertThatThrownBy(machine::attach).isInstanceOf(IOException.class)
                    .hasMessageStartingWith("no answer at 127.0.0.1:");
            assertThatThrownBy(() -> machine.session.board().machine().turn().posts().add(() -> { }))
                    .hasMessageContaining("the machine's run has ended");
        }
    }

    @Test
    void aClientIsToldWhyTheRunEndedUnderItsCommand() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(withDisk().maxInstructions(3_000_000));
                Attached client = machine.attach()) {
            String frame = "";
            for (int i = 0; i < 1000 && !frame.startsWith("bye"); i++) {
                frame = client.send("sha256sum /dev/disk0").next();
            }
            assertThat(frame).isEqualTo("bye 124 --max-instructions ran out after 3000000 instructions");
            assertThat(machine.await()).isEqualTo(ExitStatus.NOT_FINISHED);
        }
    }

    /** A client may come, ask or go at any moment, and is never left waiting. */
    @Test
    void nobodyWaitsForEverAroundTheEndOfARun() throws Exception {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 40; round++) {
            Random random = seed.random(round);
            try (AttachedMachine machine = AttachedMachine.atAPrompt(options())) {
                List<Attached> clients = List.of(machine.attach(), machine.attach());
                Thread ender =
                        new Thread(() -> machine.type(random.nextBoolean() ? "poweroff" : "echo local", "poweroff"));
                ender.start();
                for (Attached client : clients) {
                    String frame = "";
                    while (!frame.startsWith("bye") && !frame.startsWith("lost")) {
                        frame = client.send(random.nextBoolean() ? "zones" : "echo x").next();
                    }
                    assertThat(frame).as(seed.replay("round " + round)).isEqualTo("bye 0 the machine was switched off");
                    client.close();
                }
                assertThat(machine.await()).isZero();
                ender.join();
            }
        }
    }

    @Test
    void aClientThatVanishesInTheMiddleOfACommandChangesNothingForTheOthers() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(withDisk()); Attached other = machine.attach()) {
            for (int i = 0; i < 40; i++) {
                Attached client = machine.attach();
                client.send(i % 2 == 0 ? "hexdump -C /dev/disk0" : "sha256sum /dev/disk0 &");
                client.close();
            }
            assertThat(other.run("echo on")).isZero();
            assertThat(other.out()).isEqualTo("on\n");
            assertThat(machine.type("echo local").end()).isZero();
            assertThat(machine.out()).isEqualTo("local\n");
        }
    }

    // ---- repeatable runs, and looking changes nothing ----

    @Test
    void attachingAndLookingChangesNoDigest() throws Exception {
        Machine.Digest quiet = digestOf(false);
        assertThat(digestOf(true)).isEqualTo(quiet);
    }

    private Machine.Digest digestOf(boolean watched) throws Exception {
        List<String> script = java.util.Collections.nCopies(20, "sha256sum /dev/disk0");
        try (AttachedMachine machine = new AttachedMachine(withDisk().interleaving(Interleavings.PCT), script,
                watched)) {
            if (watched) {
                machine.start();
                try (Attached client = machine.attach(); Attached other = machine.attach()) {
                    other.run("zones");
                    client.run("continue");
                    int looks = 0;
                    for (String frame = "end"; frame.startsWith("end"); looks++) {
                        frame = client.send(List.of("zones", "dma", "info registers", "x/64xw 0xc0001000",
                                "x 0xfffffffc").get(looks % 5)).next();
                    }
                    assertThat(looks).as("looks while it ran").isGreaterThan(20);
                }
            } else {
                machine.start();
            }
            assertThat(machine.await()).isZero();
            return machine.digest();
        }
    }

    /** The recorded input is enough to repeat the run without any client. */
    @Test
    void aRunWithClientsIsDoneAgainFromItsRecordedInput() throws Exception {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        List<String> script = java.util.Collections.nCopies(20, "sha256sum /dev/disk0");
        for (boolean scripted : new boolean[] {true, false}) {
            BoardOptions options = withDisk().interleaving(Interleavings.RANDOM).seed(5);
            List<Console.Input> inputs;
            Machine.Digest digest;
            try (AttachedMachine machine = new AttachedMachine(options, scripted ? script : null, true).start();
                    Attached one = machine.attach(); Attached two = machine.attach()) {
                one.run("continue");
                if (!scripted) {
                    machine.type(script.toArray(String[]::new));
                }
                for (int i = 0; i < 20; i++) {
                    Thread.sleep(random.nextInt(10));
                    one.send("echo " + i);
                    two.send("dd if=/dev/disk0 bs=4K count=" + random.nextInt(20));
                    if (random.nextInt(3) == 0) {
                        two.interrupt();
                    }
                    if (!one.next().startsWith("end") | !two.next().startsWith("end")) {
                        break;                                  // the script has ended, and the run with it
                    }
                }
                machine.end();
                inputs = machine.session.board().console().received();
                digest = machine.digest();
            }
            assertThat(inputs.stream().filter(input -> input.kind() == Console.Input.Kind.LINE_AHEAD))
                    .as("lines of clients").isNotEmpty();
            assertThat(again(options, scripted ? script : null, inputs))
                    .as(seed.replay("scripted: " + scripted)).isEqualTo(digest);
        }
    }

    private static Machine.Digest again(BoardOptions options, List<String> script, List<Console.Input> inputs)
            throws IOException {
        try (Session session = new Session(options, script, () -> null, new Session.Streams(new ByteArrayOutputStream(),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                OutputStream.nullOutputStream(), false), violation -> "")) {
            Turn turn = session.board().machine().turn();
            int own = script == null ? 0 : script.size() + 1;   // the session gives these by itself
            inputs.stream().skip(own).forEach(input -> turn.inputs().at(input.event(), input.tick(),
                    () -> give(session.board().console(), input)));
            for (Turn.Stop stop = turn.run(); stop == Turn.Stop.INPUT_WANTED; stop = turn.run()) {
                // the line is on its way
            }
            assertThat(session.board().console().received()).isEqualTo(inputs);
            return session.board().machine().digest();
        }
    }

    private static void give(Console console, Console.Input input) {
        switch (input.kind()) {
            case LINE -> console.input(input.line());
            case LINE_AHEAD -> console.inputAhead(input.line());
            case TAKEN_BACK -> console.takeBack(Integer.parseInt(input.line()));
            case END -> console.endInput();
            case INTERRUPT_KEY -> console.pressInterruptKey();
        }
    }
}
