package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import ferrite.kernel.fs.Fcntl;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The devices with access control (LDD3 pages 173-179). A process is a user here. */
@Machine(ram = "64M", harts = 2)
class BookAccessTest {

    private static void ends(BookKernel book) {
        book.machine().forgetOutput().type("rmmod scull");
        assertThat(book.machine().err()).isEmpty();
        assertThat(book.machine()).hasNoViolations();
    }

    @Test
    void scullsingleIsOpenedOnce(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod scull");
        book.run(() -> {
            int file = book.open("/dev/scullsingle", Fcntl.O_RDWR);
            assertThat(book.open("/dev/scullsingle", Fcntl.O_RDWR)).as("of the same process").isEqualTo(-Errno.EBUSY);
            book.write(file, "kept");
            book.close(file);
            file = book.open("/dev/scullsingle", Fcntl.O_RDONLY);
            assertThat(book.read(file, 9)).isEqualTo("kept");
        });
        ends(book);
    }

    /** Of two opens at once, one is refused, under each interleaving. */
    @Test
    @Machine(ram = "32M", harts = 3, interleavings = 5)
    void ofTwoThatOpenAtOnceOneIsRefused(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod scull");
        for (String name : List.of("/dev/scullsingle", "/dev/sculluid")) {
            List<Integer> files = new ArrayList<>();
            book.run(() -> {
                List<Long> tasks = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    tasks.add(book.start(() -> {
                        files.add(book.open(name, Fcntl.O_RDWR));
                        while (files.size() < 3) {
                            book.calls().msleep(4);
                        }
                    }));
                }
                tasks.forEach(book::join);
            });
            assertThat(files).as(name).containsExactlyInAnyOrder(0, -Errno.EBUSY, -Errno.EBUSY);
        }
        ends(book);
    }

    @Test
    void sculluidIsOpenedByOneUser(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod scull");
        book.run(() -> {
            int first = book.open("/dev/sculluid", Fcntl.O_RDWR);
            int second = book.open("/dev/sculluid", Fcntl.O_RDWR);
            assertThat(second).as("again, by the same user").isPositive();
            book.join(book.start(() -> assertThat(book.open("/dev/sculluid", Fcntl.O_RDONLY))
                    .isEqualTo(-Errno.EBUSY)));
            book.close(first);
            book.join(book.start(() -> assertThat(book.open("/dev/sculluid", Fcntl.O_RDONLY)).as("one is left")
                    .isEqualTo(-Errno.EBUSY)));
            book.close(second);
            book.join(book.start(() -> assertThat(book.open("/dev/sculluid", Fcntl.O_RDONLY)).as("near miss")
                    .isZero()));
        });
        ends(book);
    }

    @Test
    @Machine(ram = "32M", harts = 3, interleavings = 4)
    void scullwuidLetsOthersWait(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod scull");
        List<String> order = new ArrayList<>();
        book.run(() -> {
            int file = book.open("/dev/scullwuid", Fcntl.O_RDWR);
            book.join(book.start(() -> assertThat(book.open("/dev/scullwuid", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK))
                    .isEqualTo(-Errno.EAGAIN)));
            List<Long> tasks = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                tasks.add(book.start(() -> {
                    int mine = book.open("/dev/scullwuid", Fcntl.O_RDONLY);
                    assertThat(mine).isZero();
                    order.add("opened");
                    book.calls().msleep(4);
                    order.add("closed");
                    book.close(mine);
                }));
            }
            long impatient = book.start(() -> assertThat(book.open("/dev/scullwuid", Fcntl.O_RDONLY))
                    .isEqualTo(-Errno.EINTR));
            book.calls().msleep(12);
            book.calls().killPid(book.calls().taskPidNr(impatient), Signal.SIGTERM);
            book.join(impatient);
            assertThat(order).as("all wait").isEmpty();
            book.close(file);
            tasks.forEach(book::join);
        });
        assertThat(order).containsExactly("opened", "closed", "opened", "closed");
        ends(book);
    }

    @Test
    void scullprivIsAnotherDeviceForEachProcess(Machines machines) throws IOException {
        BookKernel book = new BookKernel(machines, "insmod scull");
        book.run(() -> {
            int file = book.open("/dev/scullpriv", Fcntl.O_RDWR);
            book.write(file, "mine");
            book.join(book.start(() -> {
                int other = book.open("/dev/scullpriv", Fcntl.O_RDWR);
                assertThat(book.read(other, 9)).isEmpty();
                book.write(other, "yours");
                book.close(other);
                other = book.open("/dev/scullpriv", Fcntl.O_RDONLY);
                assertThat(book.read(other, 9)).as("it stays").isEqualTo("yours");
            }));
            book.close(file);
            file = book.open("/dev/scullpriv", Fcntl.O_RDONLY);
            assertThat(book.read(file, 9)).isEqualTo("mine");
        });
        ends(book);
    }

    @Test
    void commandsOfTheShellAreUsers(MachineRun machine) {
        machine.type("insmod scull", "dd if=/dev/scullpipe0 of=/dev/sculluid bs=4 count=1 &", "sleep 0.01",
                "cat /dev/sculluid", "echo abc > /dev/scullpipe0", "wait", "cat /dev/sculluid", "rmmod scull");
        assertThat(machine.err()).startsWith("cat: /dev/sculluid: Device or resource busy\n");
        assertThat(machine.out()).isEqualTo("abc\n");
        assertThat(machine).hasNoViolations();
    }
}
