package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.PollEvents;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scullpipe} (LDD3 chapter 6): reads and writes that wait, poll, and SIGIO. */
@Machine(ram = "64M", harts = 2)
class BookPipeTest {

    private static final Path WAITER = Path.of("../../firmware-images/user/images/waiter.elf");
    private static final String PIPE = "/dev/scullpipe0";
    private static final int IN = PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM;
    private static final int OUT = PollEvents.EPOLLOUT | PollEvents.EPOLLWRNORM;

    private static BookKernel boot(Machines machines) throws IOException {
        return new BookKernel(machines, "insmod scull scull_nr_devs=1 scull_p_nr_devs=2 scull_p_buffer=16");
    }

    private static void ends(BookKernel book) {
        book.machine().forgetOutput().type("rmmod scull");
        assertThat(book.machine().err()).isEmpty();
        assertThat(book.machine()).hasNoViolations();
    }

    @Test
    void aReaderWaitsForAWriter(MachineRun machine) {
        machine.type("insmod scull", "dd if=/dev/scullpipe0 bs=6 count=2 &", "sleep 1",
                "echo hello > /dev/scullpipe0",
                "echo again > /dev/scullpipe0", "wait");
        assertThat(machine.out()).isEqualTo("hello\nagain\n");
        machine.forgetOutput().type("cat /dev/scullpipe1 &", "sleep 1", "rmmod scull");
        assertThat(machine.err()).isEqualTo("rmmod: ERROR: Module scull is in use: 1 open files\n");
        assertThat(machine).hasNoViolations();
    }

    /** Programs of machine code: O_NONBLOCK, poll, SIGIO with a handler, and an ioctl. */
    @Test
    void programsWaitWithPollAndWithSigio(Machines machines, @TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("bin"));
        Path program = Files.write(root.resolve("bin/waiter"), Files.readAllBytes(WAITER));
        assertThat(program.toFile().setExecutable(true)).isTrue();
        MachineRun machine = machines.boot(options -> options.root(root));
        machine.type("insmod scull scull_quantum=123", "/bin/waiter ioctl /dev/scull0",
                "/bin/waiter poll /dev/scullpipe0 &", "sleep 1", "echo polled > /dev/scullpipe0", "wait",
                "/bin/waiter sigio /dev/scullpipe1 &", "sleep 1");
        String before = machine.out();
        machine.forgetOutput().type("ps | grep waiter");
        String pid = machine.out().strip().split(" +")[0];
        machine.forgetOutput().type("grep Sig /proc/" + pid + "/status");
        assertThat(machine.out()).as("it has a handler for SIGIO, and does not block it while it sleeps")
                .isEqualTo("SigPnd:\t0000000000000000\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
                        + "SigCgt:\t0000000010000000\n");
        machine.forgetOutput().type("echo told > /dev/scullpipe1", "wait");
        assertThat(before + machine.out()).isEqualTo("quantum 123\nread: -11\npoll 1 event 1\nread: 7\npolled\n"
                + "read: -11\nsignal 29\nread: 5\ntold\n");
        assertThat(machine.err()).isEmpty();
        machine.forgetOutput().type("/bin/waiter sigio /dev/scull0", "rmmod scull");
        assertThat(machine.out()).isEqualTo("read: 0\nthe file's driver sends no SIGIO\n");
        assertThat(machine.err()).isEmpty();
        assertThat(machine).hasNoViolations();
    }

    @Test
    void withoutWaitingAnEmptyAndAFullPipeAreTold(Machines machines) throws IOException {
        BookKernel book = boot(machines);
        book.run(() -> {
            int file = book.open(PIPE, Fcntl.O_RDWR | Fcntl.O_NONBLOCK);
            assertThat(book.read(file, 5)).isEqualTo("" + -Errno.EAGAIN);
            assertThat(book.write(file, "0123456789")).isEqualTo(10);
            assertThat(book.write(file, "abcdefghij")).as("one byte stays free").isEqualTo(5);
            assertThat(book.write(file, "z")).isEqualTo(-Errno.EAGAIN);
            assertThat(book.read(file, 12)).isEqualTo("0123456789ab");
            assertThat(book.write(file, "ABCDEFGHIJKL")).as("up to the end of the buffer").isEqualTo(1);
            assertThat(book.write(file, "BCDEFGHIJKL")).as("from its beginning").isEqualTo(11);
            assertThat(book.read(file, 99)).isEqualTo("cdeA");
            assertThat(book.read(file, 99)).isEqualTo("BCDEFGHIJKL");
            assertThat(book.files().lseek(file, 0, Fcntl.SEEK_SET)).isEqualTo(-Errno.ESPIPE);
        });
        ends(book);
    }

    @Test
    void theBytesLiveAsLongAsThePipeIsOpen(Machines machines) throws IOException {
        BookKernel book = boot(machines);
        book.run(() -> {
            int writer = book.open(PIPE, Fcntl.O_WRONLY);
            assertThat(book.write(writer, "kept")).isEqualTo(4);
            int reader = book.open(PIPE, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
            book.close(writer);
            assertThat(book.read(reader, 2)).isEqualTo("ke");
            book.close(reader);
            reader = book.open(PIPE, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK);
            assertThat(book.read(reader, 2)).as("the last close has dropped the rest").isEqualTo("" + -Errno.EAGAIN);
        });
        ends(book);
    }

    @Test
    void pollTellsOfBytesAndOfRoom(Machines machines) throws IOException {
        BookKernel book = boot(machines);
        book.run(() -> {
            int file = book.open(PIPE, Fcntl.O_RDWR);
            assertThat(book.poll(file, IN | OUT, 0)).isEqualTo(OUT);
            book.write(file, "0123456789abcde");
            assertThat(book.poll(file, IN | OUT, 0)).isEqualTo(IN);
            book.read(file, 1);
            assertThat(book.poll(file, IN | OUT, 0)).isEqualTo(IN | OUT);
            book.read(file, 15);
            long sleeper = book.start(() -> assertThat(book.poll(book.open(PIPE, Fcntl.O_RDONLY), IN, -1))
                    .as("a write wakes it").isEqualTo(IN));
            book.calls().msleep(8);
            book.write(file, "x");
            book.join(sleeper);
            assertThat(book.poll(file, PollEvents.EPOLLPRI, 1)).as("near miss").isZero();
        });
        ends(book);
    }

    @Test
    void aProgramIsSentSigio(Machines machines) throws IOException {
        BookKernel book = boot(machines);
        List<Integer> taken = new ArrayList<>();
        book.run(() -> {
            long program = book.start(() -> {
                int file = book.open(PIPE, Fcntl.O_RDONLY);
                book.files().fcntl(file, Fcntl.F_SETOWN, book.calls().taskPidNr(book.calls().current()));
                book.files().fcntl(file, Fcntl.F_SETFL, Fcntl.O_RDONLY | Fcntl.FASYNC);
                assertThat(book.calls().msleepInterruptible(1000)).as("the rest of the sleep").isPositive();
                taken.add(book.kernel().tasks().signals().take());
                taken.add(book.kernel().tasks().signals().take());
                assertThat(book.read(file, 9)).isEqualTo("ring");
                book.close(file);
            });
            book.calls().msleep(8);
            int file = book.open(PIPE, Fcntl.O_WRONLY);
            book.write(file, "ring");
            book.join(program);
            book.write(file, "nobody is told");
        });
        assertThat(taken).containsExactly(Signal.SIGIO, 0);
        ends(book);
    }

    /** Each byte reaches one of the readers, once, in order: through a buffer of 16 bytes, under each interleaving. */
    @Test
    @Machine(ram = "32M", harts = 3, interleavings = 6)
    void noByteIsLostOrTwice(Machines machines) throws IOException {
        BookKernel book = boot(machines);
        String text = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        StringBuilder first = new StringBuilder();
        StringBuilder second = new StringBuilder();
        book.run(() -> {
            long one = book.start(() -> take(book, first, text.length() / 2));
            long other = book.start(() -> take(book, second, text.length() / 2));
            long writer = book.start(() -> book.writeAll(book.open(PIPE, Fcntl.O_WRONLY), text));
            book.join(writer);
            book.join(one);
            book.join(other);
        });
        String all = first.toString() + second;
        assertThat(first.toString().chars().allMatch(c -> text.indexOf(c) >= 0)).isTrue();
        assertThat(all.chars().sorted().toArray()).isEqualTo(text.chars().sorted().toArray());
        for (StringBuilder reader : List.of(first, second)) {
            assertThat(reader.chars().map(text::indexOf).toArray()).isSorted();
        }
        ends(book);
    }

    private static void take(BookKernel book, StringBuilder into, int bytes) {
        int file = book.open(PIPE, Fcntl.O_RDONLY);
        while (into.length() < bytes) {
            into.append(book.read(file, Math.min(7, bytes - into.length())));
        }
        book.close(file);
    }

    @Test
    void aSignalEndsAReadAndAWriteThatWait(Machines machines) throws IOException {
        BookKernel book = boot(machines);
        List<String> results = new ArrayList<>();
        book.run(() -> {
            long reader = book.start(() -> results.add(book.read(book.open(PIPE, Fcntl.O_RDONLY), 1)));
            long writer = book.start(() -> {
                int file = book.open("/dev/scullpipe1", Fcntl.O_WRONLY);
                book.write(file, "0123456789abcde");
                results.add("" + book.write(file, "f"));
            });
            book.calls().msleep(8);
            for (long task : List.of(reader, writer)) {
                book.calls().killPid(book.calls().taskPidNr(task), Signal.SIGTERM);
                book.join(task);
            }
        });
        assertThat(results).containsExactly("" + -Errno.EINTR, "" + -Errno.EINTR);
        ends(book);
    }
}
