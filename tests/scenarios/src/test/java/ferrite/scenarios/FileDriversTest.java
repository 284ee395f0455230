package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loaded drivers with files in /dev, /proc and /sys, used from the shell. */
@Machine(ram = "64M")
class FileDriversTest {

    /** LDD3's scull, with a class, an attribute, a parameter, a misc device and two files of /proc. */
    private static final String SCULL = """
            import ferrite.hardware.turn.KernelMemory;
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import ferrite.kernel.fs.*;
            import java.util.List;

            public final class Scull implements Driver, FileOperations, SeqOperations {
                private KernelCalls kernel;
                private KernelMemory memory;
                private long operations;
                private long records;
                private long summary;
                private long show;
                private long store;
                private long scull;
                private long dev;
                private long cls;
                private long device;

                // the record: cdev, miscdevice, attribute, the word for alloc_chrdev_region, length, bytes
                private static final int MISC = CdevLayout.SIZE;
                private static final int ATTRIBUTE = MISC + MiscDeviceLayout.SIZE;
                private static final int DEV = ATTRIBUTE + DeviceAttributeLayout.SIZE;
                private static final int LENGTH = DEV + 4;
                private static final int BYTES = LENGTH + 4;
                private static final int CAPACITY = 100;

                public String name() { return "scull"; }
                public List<Parameter> parameters() {
                    return List.of(new Parameter("quantum", "100", "bytes that fit", value -> {
                        if (!value.matches("[0-9]{1,3}")) {
                            throw new IllegalArgumentException("'" + value + "' is no number of bytes");
                        }
                    }, value -> {
                        kernel.printk("scull: quantum is " + value + " now");
                        return 0;
                    }));
                }
                public void link(KernelCalls theKernel, TextTable.Module text) {
                    kernel = theKernel;
                    memory = theKernel.memory();
                    operations = text.add("scull_fops", this);
                    records = text.add("scull_seq_ops", this);
                    summary = text.add("scull_show", (SeqShow) seq -> {
                        kernel.seqPuts(seq, memory.load32(scull + LENGTH) + " bytes\\n");
                        return 0;
                    });
                    show = text.add("length_show", (ShowAttribute) (d, a, page) ->
                            kernel.sysfsEmit(page, memory.load32(scull + LENGTH) + "\\n"));
                    store = text.add("length_store", (StoreAttribute) (d, a, from, count) -> {
                        memory.store32(scull + LENGTH, Integer.parseInt(memory.loadString(from, 8).strip()));
                        return count;
                    });
                }
                public int init() {
                    scull = kernel.kzalloc(BYTES + CAPACITY, Gfp.GFP_KERNEL);
                    kernel.allocChrdevRegion(scull + DEV, 0, 2, "scull");
                    int number = memory.load32(scull + DEV);
                    kernel.cdevInit(scull, operations);
                    kernel.cdevAdd(scull, number, 2);
                    cls = kernel.classCreate("scull");
                    device = kernel.deviceCreate(cls, 0, number, 0, "scull0");
                    DeviceAttributeLayout.NAME.set(memory, scull + ATTRIBUTE, "length");
                    DeviceAttributeLayout.MODE.set(memory, scull + ATTRIBUTE, 0644);
                    DeviceAttributeLayout.SHOW.set(memory, scull + ATTRIBUTE, show);
                    DeviceAttributeLayout.STORE.set(memory, scull + ATTRIBUTE, store);
                    kernel.deviceCreateFile(device, scull + ATTRIBUTE);
                    MiscDeviceLayout.NAME.set(memory, scull + MISC, "scullmisc");
                    MiscDeviceLayout.MINOR.set(memory, scull + MISC, 200);
                    MiscDeviceLayout.FOPS.set(memory, scull + MISC, operations);
                    kernel.miscRegister(scull + MISC);
                    kernel.procCreateSeqData("scullseq", 0, records, 0);
                    kernel.procCreateSingleData("scullmem", 0, summary, 0);
                    return kernel.registerChrdev(60, "oldscull", operations);
                }
                public void exit() {
                    if (KEEPS_NOTHING) {
                        kernel.unregisterChrdev(60, "oldscull");
                        kernel.removeProcEntry("scullmem");
                        kernel.removeProcEntry("scullseq");
                        kernel.miscDeregister(scull + MISC);
                        kernel.deviceDestroy(cls, memory.load32(scull + DEV));
                        kernel.classDestroy(cls);
                        kernel.cdevDel(scull);
                        kernel.unregisterChrdevRegion(memory.load32(scull + DEV), 2);
                        kernel.kfree(scull);
                    }
                }

                public int open(long file) {
                    if ((FileLayout.FLAGS.get(memory, file) & (Fcntl.O_ACCMODE | Fcntl.O_APPEND)) == Fcntl.O_WRONLY) {
                        memory.store32(scull + LENGTH, 0);
                    }
                    return kernel.iminor(file) == 200 ? kernel.nonseekableOpen(file) : 0;
                }
                public long size(long file) { return memory.load32(scull + LENGTH); }
                public int read(long file, long to, int count, long position) {
                    int length = (int) Math.max(0, Math.min(count, size(file) - position));
                    if (length > 0) {
                        kernel.copyToUser(to, scull + BYTES + position, length);
                    }
                    return length;
                }
                public int write(long file, long from, int count, long position) {
                    int length = (int) Math.min(count, CAPACITY - position);
                    if (length <= 0) {
                        return -Errno.ENOSPC;
                    }
                    kernel.copyFromUser(scull + BYTES + position, from, length);
                    memory.store32(scull + LENGTH, (int) position + length);
                    return length;
                }

                // a record for each byte
                public long start(long seq, long position) {
                    return position < memory.load32(scull + LENGTH) ? scull + BYTES + position : 0;
                }
                public long next(long seq, long record, long position) { return start(seq, position); }
                public int show(long seq, long record) {
                    kernel.seqPrintf(seq, "byte " + memory.load8(record) + "\\n");
                    return 0;
                }
            }
            """;

    @TempDir
    private Path directory;

    private String insmod(boolean keepsNothing) throws IOException {
        return "insmod " + DriverJar.build(directory, "Scull",
                SCULL.replace("KEEPS_NOTHING", Boolean.toString(keepsNothing)), "Scull");
    }

    @Test
    void itsFilesAreReadAndWrittenFromTheShell(MachineRun run) throws IOException {
        run.type(insmod(true), "ls -l /dev/scull0 /dev/scullmisc", "echo ab > /dev/scull0", "echo c >> /dev/scull0",
                "cat /dev/scull0", "cat /proc/scullseq", "cat /proc/scullmem", "ls /sys/class/scull/scull0",
                "cat /sys/class/scull/scull0/dev /sys/class/scull/scull0/length",
                "echo 1 > /sys/class/scull/scull0/length", "cat /dev/scullmisc");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("""
                crw------- 1 root root 254,   0 /dev/scull0
                crw------- 1 root root  10, 200 /dev/scullmisc
                ab
                c
                byte 97
                byte 98
                byte 10
                byte 99
                byte 10
                5 bytes
                dev
                length
                254:0
                5
                a""");
        run.forgetOutput().type("ls -l /sys/module/scull/parameters", "cat /sys/module/scull/parameters/quantum",
                "echo 40 > /sys/module/scull/parameters/quantum", "cat /sys/module/scull/parameters/quantum",
                "echo x > /sys/module/scull/parameters/quantum", "dmesg");
        assertThat(run.out()).startsWith("-rw-r--r-- 1 root root 4096 quantum\n100\n40\n")
                .contains("scull: quantum is 40 now\n").contains("scull: quantum: 'x' is no number of bytes\n");
        assertThat(run.err())
                .isEqualTo("echo: /sys/module/scull/parameters/quantum: Invalid argument\n");
        run.forgetOutput().type("cat /proc/devices", "rmmod scull", "ls /dev /proc /sys/class", "cat /proc/devices");
        assertThat(run.out()).contains(" 60 oldscull\n254 scull\n").endsWith("10 misc\n\nBlock devices:\n");
        assertThat(run.out().substring(run.out().lastIndexOf("254 scull") + 9)).doesNotContain("scull");
        assertThat(run.err()).doesNotContain("still held");
        assertThat(run).hasNoViolations();
    }

    @Test
    void ddReadsWhatItSkipsOfAFileWithoutPositions(MachineRun run) throws IOException {
        run.type(insmod(true), "echo abcdef > /dev/scull0", "dd if=/dev/scullmisc bs=1 skip=2 count=3",
                "dd if=/dev/scull0 bs=1 skip=1 count=1", "dd if=/dev/zero of=/dev/scullmisc bs=1 seek=1 count=1",
                "cat /dev/scullmisc");
        assertThat(run.out()).isEqualTo("cdeb");
        assertThat(run.err()).contains("3+0 records in\n3+0 records out\n")
                .contains("dd: /dev/scullmisc: cannot seek: Illegal seek\n0+0 records in\n");
        assertThat(run.failedCommands()).isEqualTo(1);
    }

    @Test
    void rmmodListsDevicesNumbersAndFilesThatADriverStillHolds(MachineRun run) throws IOException {
        run.type(insmod(false), "rmmod scull");
        assertThat(run.err())
                .containsPattern("still held 2 device numbers from 0xfe00000, taken at Scull.java:\\d+ by task 3 "
                        + "'insmod'")
                .containsPattern("still held the major number 60, taken at Scull.java:")
                .containsPattern("still held a cdev at 0xc[0-9a-f]{7}, taken at Scull.java:")
                .containsPattern("still held a class at 0xc[0-9a-f]{7}, taken at Scull.java:")
                .containsPattern("still held a device of a class at 0xc[0-9a-f]{7}, taken at Scull.java:")
                .containsPattern("still held a misc device at 0xc[0-9a-f]{7}, taken at Scull.java:")
                .containsPattern("still held the file /proc/scullseq, taken at Scull.java:")
                .containsPattern("still held the file /proc/scullmem, taken at Scull.java:");
        assertThat(run.violations()).extracting(Violation::rule).containsOnly("held-at-removal");
        run.forgetOutput().type("ls /dev /proc /sys/class", "cat /proc/devices /proc/misc", "cat /dev/scull0");
        assertThat(run.out()).doesNotContain("scull");
    }

    /** A driver is not removed while a program has a file of its device open. */
    @Test
    void aDriverIsInUseWhileItsFilesAreOpen(MachineRun run) throws IOException {
        run.type(insmod(true), "sleep 1 < /dev/scull0 &", "sleep 0.1", "rmmod scull", "wait", "rmmod scull");
        assertThat(run.err()).contains("rmmod: ERROR: Module scull is in use: 1 open files");
        assertThat(run.failedCommands()).isEqualTo(1);
    }

    /** As in Linux, an open file of {@code /proc} is no reason to keep a driver; it has no more bytes then. */
    @Test
    void aDriverIsRemovedWhileItsFileOfProcIsOpen(MachineRun run) throws IOException {
        run.type(insmod(true), "echo abc > /dev/scull0", "dd if=/proc/scullseq of=/dev/ttyS0 bs=1 &", "rmmod scull",
                "wait", "lsmod");
        assertThat(run.err()).contains("dd: error reading '/proc/scullseq': Input/output error")
                .doesNotContain("rmmod:");
        assertThat(run.out()).doesNotContain("scull ");
        assertThat(run).hasNoViolations();
    }
}
