package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.book.BookDrivers;
import ferrite.kernel.base.Struct;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** All of the book's drivers: they are loaded by name, keep their state in RAM, and their README is true. */
@Machine(ram = "64M", harts = 2)
class BookDriversTest {

    private static final Path README = Path.of("../../devices/book-drivers/README.md");
    /** A line of the table: the driver, its pages, its subject, and a line to try. */
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\|.*\\| `([^`]+)` \\|$");
    private static final String[] LOAD = {"insmod scull scull_quantum=10", "insmod scullc", "insmod scullp",
            "insmod scullv", "insmod sculld", "insmod sleepy", "insmod jit", "insmod jiq", "insmod short irq=3",
            "insmod simple", "echo hello > /dev/scull0", "echo from c > /dev/scullc1", "echo from p > /dev/scullp1",
            "echo from v > /dev/scullv1", "echo from d > /dev/sculld1", "echo xy > /dev/shortint",
            "echo single > /dev/scullsingle", "echo uid > /dev/sculluid"};
    private static final String[] USE = {"cat /dev/scull0 /dev/scullc1 /dev/scullp1 /dev/scullv1 /dev/sculld1",
            "cat /dev/scullsingle /dev/sculluid", "dd if=/dev/shortint bs=16 count=3", "echo hello again > /dev/scull0",
            "cat /dev/scull0 /proc/scullseq /proc/jitimer /proc/jiqwq", "echo z > /dev/shortint"};
    /** Lines that run at the same time. */
    private static final String[] AT_ONCE = {"dd if=/dev/zero of=/dev/scull1 bs=100 count=9 &",
            "dd if=/dev/urandom of=/dev/scullc0 bs=1000 count=9 &", "dd if=/dev/zero of=/dev/scullp0 bs=5000 count=9 &",
            "dd if=/dev/zero of=/dev/scullv0 bs=5000 count=9 &",
            "dd if=/dev/scullpipe0 of=/dev/sculld0 bs=900 count=9 &",
            "dd if=/dev/zero of=/dev/scullpipe0 bs=810 count=10 &", "cat /proc/jitimer /proc/jiqwqdelay &",
            "cat /proc/scullmem /proc/scullseq &", "echo abcdefgh > /dev/shortint &", "cat /dev/sleepy &",
            "dd if=/dev/zero of=/dev/scullwuid bs=100 count=3 &", "dd if=/dev/zero of=/dev/scullwuid bs=9 count=3 &",
            "cat /dev/scullpriv &", "sleep 1", "echo > /dev/sleepy", "wait"};
    private static final String USED = "hello\nfrom c\nfrom p\nfrom v\nfrom d\nsingle\nuid\n";

    private static String[] removals() {
        return List.of(LOAD).stream().filter(line -> line.startsWith("insmod "))
                .map(line -> "rmmod " + line.split(" ")[1]).toArray(String[]::new);
    }

    /** Law 1: a kernel made anew from RAM goes on with every driver, and so does a machine that goes back in time. */
    @Test
    void theKernelIsForgottenWhileAllAreLoaded(Machines machines) throws IOException {
        MachineRun undisturbed = machines.boot();
        undisturbed.type(LOAD).type(USE).type(removals());
        assertThat(undisturbed.out()).startsWith(USED);

        MachineRun machine = machines.boot();
        machine.type(LOAD);
        machine.board().reattach();
        ferrite.hardware.Machine.Snapshot snapshot = machine.board().snapshot();
        machine.type("echo other > /dev/scull0", "rmmod jit", "rmmod scull");
        machine.board().restore(snapshot);
        machine.forgetOutput().type(USE);
        machine.board().reattach();
        machine.type(removals());
        assertThat(machine.out()).isEqualTo(undisturbed.out());
        assertThat(machine.digest()).isEqualTo(undisturbed.digest());
        assertThat(machine).hasNoViolations();
    }

    /** As the shells of Linux do. */
    @Test
    void theShellWritesWhatAShortWriteLeft(Machines machines) throws IOException {
        MachineRun machine = machines.boot();
        machine.type("insmod scull scull_quantum=4", "echo hello world > /dev/scull0", "cat /dev/scull0");
        assertThat(machine.out()).isEqualTo("hello world\n");
    }

    @Test
    @Machine(ram = "64M", harts = 4, interleavings = 2)
    void noCheckReportsThem(Machines machines) throws IOException {
        MachineRun machine = machines.boot(options -> {
            MachineOptions.set(options, "--check", "all");
            return options;
        });
        machine.type(LOAD).type(USE);
        machine.type("dd if=/proc/jitschedto bs=20 count=1", "cat /proc/jitasklet /proc/jiqtasklet /proc/currentime");
        machine.type(AT_ONCE).type(removals());
        assertThat(machine).hasNoViolations();
        assertThat(machine.err()).doesNotContain("still held", "ERROR").contains("8100 bytes copied");
        machine.forgetOutput().type("lsmod", "cat /proc/devices", "cat /proc/slabinfo");
        assertThat(machine.out()).startsWith("Module                  Size  Used by\nCharacter devices:")
                .doesNotContain("scull");
    }

    @Test
    void aNameIsNoFile(MachineRun machine) {
        machine.type("insmod ./scull", "insmod scull.jar", "insmod Scull", "insmod", "lsmod");
        assertThat(machine.err().lines()).containsExactly(
                "insmod: could not load module ./scull: there is no such file",
                "insmod: could not load module scull.jar: there is no such file",
                "insmod: could not load module Scull: there is no such file",
                "insmod: missing file operand; usage: insmod FILE.jar|DRIVER [PARAM=VALUE...]");
    }

    /** A driver that is linked in works as one that is loaded. */
    @Test
    void eachCanBeLinkedIn(Machines machines) throws IOException {
        MachineRun machine = machines.boot(options -> {
            BookDrivers.names().forEach(options::link);
            MachineOptions.set(options, "-o", "scull.scull_quantum=7");
            return options;
        });
        machine.type("echo hello > /dev/scull0", "cat /dev/scull0", "ls /dev", "cat /proc/scullmem",
                "insmod scull");
        assertThat(machine.out()).startsWith("hello\nbigbuf\n")
                .contains("sculld3\n", "shortint\n", "sleepy\n", "q 7, sz 6\n");
        assertThat(machine.err()).contains("already loaded or linked in");
        assertThat(machine).hasNoViolations();
        assertThat(MachineOptions.words(new BoardOptions().link("scull"))).contains("--link", "scull");
    }

    @Test
    void theRecordsOfEachAreTold() {
        List<String> structs = new ArrayList<>();
        for (String name : BookDrivers.names()) {
            assertThat(BookDrivers.create(name).name()).isEqualTo(name);
            BookDrivers.create(name).structs().stream().map(Struct::name).forEach(structs::add);
        }
        assertThat(structs).contains("scull_dev", "scull_pipe", "scull_access", "short", "jit_data", "sleepy");
        assertThat(BookDrivers.create("nothing")).isNull();
    }

    /** Each line of the table prints something, and breaks a rule only where it says so. */
    @Test
    void theLinesOfTheReadmeWork(Machines machines) throws IOException {
        List<String> drivers = new ArrayList<>();
        Matcher rows = ROW.matcher(Files.readString(README));
        for (MatchResult row : rows.results().toList()) {
            drivers.add(row.group(1));
            String options = row.group(2).startsWith("--link") ? "bigbuf" : "";
            MachineRun machine = machines.boot(each -> options.isEmpty() ? each : each.link(options));
            String script = row.group(2).substring(row.group(2).indexOf("-c '") + "-c '".length()).replaceAll("'$", "");
            machine.type(script.split("; *"));
            assertThat(machine.out()).as(row.group(2)).isNotEmpty();
            assertThat(machine.failedCommands()).as(row.group(2)).isEqualTo(row.group(1).equals("faulty") ? 1 : 0);
            assertThat(machine.violations().isEmpty()).as(row.group(2)).isNotEqualTo(row.group(1).equals("faulty"));
        }
        assertThat(drivers).containsAll(BookDrivers.names());
    }
}
