package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ferrite run --jdwp}, with the JDK's own {@code jdb} at the other end. */
@Timeout(120)
class JavaDebuggerTest {

    private static final String DRIVER = "ferrite.peripherals.disk.DiskDriver";
    private static final String COMMANDS = "sha256sum /dev/disk0; digest";

    @TempDir
    private Path directory;

    private Program jdb(String address) throws IOException {
        Path jdb = Path.of(System.getProperty("java.home"), "bin", "jdb");
        if (!Files.isExecutable(jdb)) {
            Tools.skip("This test needs jdb, and this Java has none; run the tests on a JDK.");
        }
        return Program.start(directory, List.of(jdb.toString(), "-attach", address));
    }

    private String withoutDebugger() throws IOException, InterruptedException {
        Disks.random(directory, "disk.img", 4 * Disks.PIECE, 1);
        Program.Ended plain = FerriteJar.run(directory, "run", "--disk", "disk.img,ro", "-c", COMMANDS);
        assertThat(plain.status()).as(plain.err()).isZero();
        return plain.out();
    }

    @Test
    void aBreakpointInADriverStopsTheMachineAndChangesNothing() throws Exception {
        String expected = withoutDebugger();
        try (Program ferrite = FerriteJar.start(directory, "run", "--disk", "disk.img,ro", "--jdwp", "--halt", "-c",
                COMMANDS)) {
            String address = ferrite.awaitErrLine("jdwp port ");
            assertThat(address).matches("127\\.0\\.0\\.1:[1-9][0-9]*");
            try (Program jdb = jdb(address)) {
                jdb.awaitOut("main[1] ");             // jdb drops commands that come before its prompt
                jdb.type("stop in " + DRIVER + ".transfer");
                jdb.awaitOut("Deferring breakpoint " + DRIVER + ".transfer");
                jdb.type("run");
                jdb.awaitOut("Breakpoint hit: ");
                jdb.awaitOut("kworker/u4:0[1] ");     // the block layer asks its driver there
                jdb.type("where");
                jdb.awaitOut("[1] " + DRIVER + ".transfer (DiskDriver.java:");
                jdb.awaitOut("[2] " + DRIVER + ".serve (DiskDriver.java:");
                jdb.type("clear " + DRIVER + ".transfer");
                jdb.awaitOut("Removed: breakpoint " + DRIVER + ".transfer");
                jdb.type("cont");
                Program.Ended ended = ferrite.end();
                assertThat(ended.out()).isEqualTo(expected);
                assertThat(ended.err()).isEqualTo("jdwp port " + address + "\n");
                assertThat(ended.status()).isZero();
            }
        }
    }

    @Test
    void whileTheJvmStandsStillClientsOfTheDebugPortWait() throws Exception {
        Disks.random(directory, "disk.img", 4 * Disks.PIECE, 1);
        try (Program ferrite = FerriteJar.start(directory, "run", "--disk", "disk.img,ro", "--jdwp", "0", "--debug",
                "0", "--halt")) {
            String java = ferrite.awaitErrLine("jdwp port ");
            String port = ferrite.awaitErrLine("debug port ");
            try (Program client = FerriteJar.start(directory, "attach", port); Program jdb = jdb(java)) {
                client.type("continue");
                client.awaitOut("running\n");
                jdb.awaitOut("> ");
                jdb.type("stop in " + DRIVER + ".transfer");
                jdb.awaitOut("Set breakpoint " + DRIVER + ".transfer");
                client.type("sha256sum /dev/disk0; echo done");
                jdb.awaitOut("Breakpoint hit: ");
                jdb.awaitOut("kworker/u4:0[1] ");     // the block layer asks its driver there
                TimeUnit.SECONDS.sleep(3);            // longer than the port's patience with a client
                jdb.type("clear " + DRIVER + ".transfer");
                jdb.awaitOut("Removed: ");
                jdb.type("cont");
                client.awaitOut("/dev/disk0\ndone\n");
                assertThat(client.end().out()).contains(Tools.sha256(directory.resolve("disk.img")));
                assertThat(ferrite.end().status()).isZero();
            }
        }
    }

    @Test
    void theOptionsOfTheJvmItsStreamsAndItsExitStatusAreThoseOfOneProcess() throws Exception {
        Disks.random(directory, "disk.img", Disks.PIECE, 1);
        List<String> command = new ArrayList<>(FerriteJar.command("run", "--jdwp", "--disk", "disk.img,ro", "-o",
                "disk.gfp=GFP_KERNEL"));
        command.addAll(1, List.of("-Xmx300m", "-Dferrite.test=two words"));
        try (Program ferrite = Program.start(directory, command)) {
            ferrite.awaitErrLine("jdwp port ");
            ferrite.type("echo up");
            ferrite.awaitOut("up\n");
            ProcessHandle other = ferrite.handle().children().findFirst().orElseThrow();
            assertThat(other.info().arguments().orElseThrow()).contains("-Xmx300m", "-Dferrite.test=two words");
            Program.Ended ended = ferrite.type("sha256sum /dev/disk0").end();
            assertThat(ended.out()).isEqualTo("up\n");
            assertThat(ended.err()).contains("violation dma-above-reach")
                    .containsPattern("again .* ferrite run --seed 1 --disk disk.img,ro -o disk.gfp=GFP_KERNEL\n");
            assertThat(ended.status()).isEqualTo(4);
        }
    }

    /** A shell starts its background jobs with SIGINT ignored, and so are then all processes that they start. */
    private static boolean inheritsAnIgnoredInterrupt() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status) && Files.readAllLines(status).stream()
                .anyMatch(line -> line.matches("SigIgn:\\s*[0-9a-f]*[2367abef]"));
    }

    @Test
    void theEndOfTheFirstProcessIsTheEndOfBoth() throws Exception {
        for (String signal : inheritsAnIgnoredInterrupt() ? List.of("TERM") : List.of("TERM", "INT")) {
            try (Program ferrite = FerriteJar.start(directory, "run", "--jdwp")) {
                ferrite.awaitErrLine("jdwp port ");
                ferrite.type("echo up");
                ferrite.awaitOut("up\n");
                ProcessHandle other = ferrite.handle().children().findFirst().orElseThrow();
                Tools.run(directory, "sh", "-c", "kill -" + signal + " " + ferrite.handle().pid());
                other.onExit().get(30, TimeUnit.SECONDS);
                assertThat(ferrite.end().status()).as(signal).isEqualTo(signal.equals("INT") ? 130 : 143);
            }
        }
    }

    @Test
    void anAgentThatTheJvmHasAlreadyIsUsed() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(FerriteJar.command("run", "--jdwp", "-c", "echo up"));
        command.add(1, "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,quiet=y,address=127.0.0.1:" + port);
        Program.Ended ended = Program.start(directory, command).end();
        assertThat(ended.out()).isEqualTo("up\n");
        assertThat(ended.err()).isEqualTo("jdwp port 127.0.0.1:" + port + "\n");
        assertThat(ended.status()).isZero();

        command.add("--halt");
        Program.Ended refused = Program.start(directory, command).end();
        assertThat(refused.err()).startsWith("ferrite run: --halt: this JVM was started with a debugger agent that "
                + "does not wait").hasLineCount(1);
        assertThat(refused.status()).isEqualTo(2);
    }

    @Test
    void aTakenPortAndAWrongOneAreRefusedInASentence() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Program.Ended ended = FerriteJar.run(directory, "run", "--jdwp", "" + taken.getLocalPort(), "-c",
                    "echo must not run");
            assertThat(ended.err()).startsWith("ferrite run: --jdwp " + taken.getLocalPort() + ": the port cannot be "
                    + "opened at 127.0.0.1 (").contains("in use").endsWith("or 0 for a free one\n").hasLineCount(1);
            assertThat(ended.out()).isEmpty();
            assertThat(ended.status()).isEqualTo(2);
        }
        for (String wrong : List.of("65536", "*:5005", "-1")) {
            Program.Ended ended = FerriteJar.run(directory, "run", "--jdwp=" + wrong, "-c", "echo must not run");
            assertThat(ended.err()).startsWith("ferrite run: --jdwp " + wrong + ": a port from 0").hasLineCount(1);
            assertThat(ended.status()).isEqualTo(2);
        }
    }
}
