package ferrite.board.session;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.AttachedMachine.Attached;
import ferrite.hardware.Machine;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code snapshot} and {@code restore} of a machine with the mini-kernel, as an attached client uses them. */
@Timeout(120)
class KernelSnapshotsTest {

    private static BoardOptions options() {
        return new BoardOptions().ram(32 << 20).harts(2);
    }

    /** Waits until the shell waits for a line. */
    private static void awaitRest(AttachedMachine machine) throws Exception {
        while (!machine.session.board().machine().control().ask(machine.session::isAtRest).get(30, TimeUnit.SECONDS)) {
            Thread.sleep(1);
        }
    }

    private static Machine.Digest digest(AttachedMachine machine) throws Exception {
        awaitRest(machine);
        return machine.session.board().machine().control().ask(machine::digest).get(30, TimeUnit.SECONDS);
    }

    private static void snapshot(Attached client, String name) throws Exception {
        assertThat(client.run("snapshot " + name)).isZero();
        assertThat(client.next()).startsWith("notice snapshot " + name + " is taken, at event ");
        client.out();
    }

    @Test
    void aMachineReturnsToItsSnapshotAndGoesOnAsItDid() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached client = machine.attach()) {
            assertThat(client.run("echo ready")).isZero();
            assertThat(client.run("restore one")).isEqualTo(1);
            assertThat(client.err()).isEqualTo("restore: there is no snapshot 'one'; 'snapshot NAME' takes one\n");
            snapshot(client, "one");
            Machine.Digest taken = digest(machine);
            assertThat(client.run("cat /proc/dma")).isZero();
            Machine.Digest first = digest(machine);
            assertThat(first).isNotEqualTo(taken);
            for (int i = 0; i < 3; i++) {
                client.out();
                client.send("restore one");
                assertThat(client.next()).isEqualTo("notice the machine has returned to snapshot one\n");
                assertThat(client.next()).startsWith("end ").endsWith(" 0");
                assertThat(client.out()).isEqualTo("restored one\n");
                assertThat(digest(machine)).isEqualTo(taken);
                assertThat(client.run("cat /proc/dma")).isZero();
                assertThat(client.out()).isEqualTo(" 2: disk\n 4: cascade\n");
                assertThat(digest(machine)).as("the same commands after it").isEqualTo(first);
            }
            assertThat(machine.type("echo local").end()).isZero();
            assertThat(machine.out()).isEqualTo("local\n");
        }
    }

    /** Unlike a driver from a file, they keep nothing in fields. */
    @Test
    void theDriversOfTheBookReturnWithTheMachine() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached client = machine.attach()) {
            assertThat(client.run("insmod scull")).isZero();
            assertThat(client.run("echo kept > /dev/scull0")).isZero();
            snapshot(client, "one");
            assertThat(client.run("echo new > /dev/scull0")).isZero();
            assertThat(client.run("rmmod scull")).isZero();
            client.send("restore one");
            // the notice comes first if the shell waited for a line already
            assertThat(List.of(client.next(), client.next())).anyMatch(text -> text.startsWith("end "))
                    .anyMatch(text -> text.startsWith("notice the machine has returned"));
            client.out();
            assertThat(client.run("cat /dev/scull0")).isZero();
            assertThat(client.out()).isEqualTo("kept\n");
            assertThat(client.run("rmmod scull")).isZero();
            assertThat(client.run("lsmod")).isZero();
            assertThat(client.out()).doesNotContain("scull");
        }
    }

    @Test
    void aSnapshotIsTakenWhileAProgramIsExecuted(@TempDir Path root) throws Exception {
        Path program = Files.copy(Path.of("../../firmware-images/user/images/pace.elf"), root.resolve("pace"));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options().root(root));
                Attached client = machine.attach()) {
            assertThat(client.run("exec /pace getpid 3000 &")).as("in the background").isEqualTo(-1);
            snapshot(client, "one");
            Machine.Digest taken = digest(machine);
            assertThat(client.run("ps")).isZero();
            assertThat(client.out()).contains("pace");
            client.send("wait");
            assertThat(client.next()).as("the program").endsWith(" 0");
            assertThat(client.next()).endsWith(" 0");
            Machine.Digest first = digest(machine);
            client.send("restore one");
            assertThat(client.next()).startsWith("notice the machine has returned");
            assertThat(client.next()).endsWith(" 0");
            assertThat(digest(machine)).isEqualTo(taken);
            assertThat(client.run("ps")).isZero();
            assertThat(client.run("wait")).isZero();
            assertThat(digest(machine)).isEqualTo(first);
        }
    }

    @Test
    void pointsAndStopReasonsSurviveARestore() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options()); Attached client = machine.attach();
                Attached other = machine.attach()) {
            assertThat(client.run("echo ready")).isZero();
            snapshot(client, "one");
            assertThat(other.next()).startsWith("notice snapshot one");
            assertThat(client.run("break on order>=4")).isZero();
            client.send("cat /proc/dma");
            assertThat(client.next()).startsWith("notice halted: order>=4");
            assertThat(other.next()).startsWith("notice halted: order>=4");
            other.send("restore one");
            assertThat(client.next()).as("the command in its middle").endsWith(" 1");
            assertThat(client.next()).startsWith("notice the machine has returned");
            assertThat(other.next()).startsWith("notice the machine has returned");
            assertThat(other.next()).endsWith(" 0");
            assertThat(other.run("info break")).isZero();
            assertThat(other.out()).endsWith("1  order>=4\n");
            assertThat(other.run("continue")).isZero();
            client.send("cat /proc/dma");
            assertThat(client.next()).startsWith("notice halted: order>=4");
            assertThat(other.next()).startsWith("notice halted: order>=4");
            assertThat(other.run("delete")).isZero();
            assertThat(other.run("continue")).isZero();
            assertThat(client.next()).endsWith(" 0");
        }
    }

    @Test
    void aRunningCommandEndsWhenTheMachineReturns(@TempDir Path directory) throws Exception {
        Path disk = directory.resolve("sparse.img");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(16L << 30);
        }
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options().readOnlyDisk(disk));
                Attached client = machine.attach(); Attached other = machine.attach()) {
            assertThat(client.run("echo ready")).isZero();
            snapshot(client, "one");
            Machine.Digest taken = digest(machine);
            assertThat(other.next()).startsWith("notice snapshot one");
            client.send("sha256sum /dev/disk0");
            do {
                other.out();
                assertThat(other.run("tasks")).isZero();
            } while (!other.out().contains("sha256sum"));
            assertThat(other.run("restore one")).isZero();
            assertThat(other.out()).isEqualTo("returning to one\n");
            assertThat(other.next()).startsWith("notice the machine has returned");
            assertThat(client.next()).endsWith(" 1");
            assertThat(client.next()).startsWith("notice the machine has returned");
            assertThat(digest(machine)).isEqualTo(taken);
            assertThat(client.run("echo on")).isZero();
            assertThat(client.out()).endsWith("on\n");
        }
    }

    @Test
    void aSnapshotAtTheLocalPromptIsTakenBetweenTwoLines() throws Exception {
        try (AttachedMachine machine = AttachedMachine.atAPrompt(options())) {
            machine.type("snapshot one", "echo two");
            assertThat(machine.end()).isZero();
            assertThat(machine.out()).endsWith("two\n");
            assertThat(machine.err.toString(StandardCharsets.UTF_8)).contains("snapshot one is taken, at event ");
        }
    }
}
