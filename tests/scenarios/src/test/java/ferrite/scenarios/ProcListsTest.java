package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.testkit.Machine;
import ferrite.testkit.Machines;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of /proc that show lists, read by tasks while other tasks change the lists on other harts. */
@Machine(ram = "32M", harts = 4)
@Timeout(60)
class ProcListsTest {

    private static final int CHANGES = 20;
    private static final int PAGE = 4096;

    private static final int ROUNDS = 10;
    private static final int OBJECTS = 400;
    private static final int OBJECT_BYTES = 512;
    private static final int PER_SLAB = 4;

    private int changing;

    /** Each list has records that are freed: a reader without its lock would follow a pointer out of one. */
    @ParameterizedTest
    @ValueSource(strings = {"vmallocinfo", "meminfo", "slabinfo", "modules", "iomem"})
    void aListIsReadWhileItChanges(String file, Machines machines) throws Exception {
        BookKernel kernel = new BookKernel(machines, options -> options.interleaving(Interleavings.RANDOM));
        kernel.run(() -> {
            List<Long> tasks = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int number = i;
                tasks.add(kernel.start(() -> {
                    changing++;
                    for (int change = 0; change < CHANGES; change++) {
                        change(kernel, file, number);
                    }
                    changing--;
                }));
                tasks.add(kernel.start(() -> read(kernel, "/proc/" + file, () -> changing > 0)));
            }
            tasks.forEach(kernel::join);
        });
        assertThat(kernel.machine()).hasNoViolations();
    }

    /** A reader at a slab that leaves its cache's list would follow the slab's link to itself, or to address 0. */
    @ParameterizedTest
    @ValueSource(longs = {2, 9, 15})
    void slabsAreCountedWhileTheyBecomeFullAndEmpty(long seed, Machines machines) throws Exception {
        BookKernel kernel = new BookKernel(machines, options -> options.interleaving(Interleavings.RANDOM).seed(seed));
        kernel.run(() -> {
            List<Long> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(kernel.start(() -> {
                    changing++;
                    fillAndEmptySlabs(kernel);
                    changing--;
                }));
            }
            tasks.add(kernel.start(() -> {
                do {
                    int file = kernel.open("/proc/slabinfo", Fcntl.O_RDONLY);
                    assertThat(kernel.read(file, PAGE)).contains("kmalloc-512 ").doesNotContainPattern(" -\\d");
                    kernel.close(file);
                } while (changing > 0);
            }));
            tasks.forEach(kernel::join);
        });
    }

    /** As fork, getpriority and ps do. Without the lock a reader is led round a task, or out of its freed record. */
    @ParameterizedTest
    @ValueSource(longs = {2, 3, 4})
    void tasksAreListedWhileTheyAreMadeAndReaped(long seed, Machines machines) throws Exception {
        BookKernel kernel = new BookKernel(machines, options -> options.interleaving(Interleavings.RANDOM).seed(seed));
        kernel.run(() -> {
            List<Long> tasks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                tasks.add(kernel.start(() -> {
                    changing++;
                    for (int change = 0; change < 2 * CHANGES; change++) {
                        kernel.join(kernel.start(() -> { }));
                    }
                    changing--;
                }));
            }
            tasks.add(kernel.start(() -> {
                do {
                    assertThat(kernel.kernel().tasks().tasks().<Integer>withAll(List::size)).isBetween(2, 20);
                } while (changing > 0);
            }));
            tasks.forEach(kernel::join);
        });
        assertThat(kernel.machine()).hasNoViolations();
    }

    private static void fillAndEmptySlabs(BookKernel kernel) {
        long[] held = new long[OBJECTS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < OBJECTS; i++) {
                held[i] = kernel.calls().kmalloc(OBJECT_BYTES, Gfp.GFP_KERNEL);
                kernel.memory().store32(held[i] + OBJECT_BYTES / 2, 1);
            }
            for (int i = 0; i < OBJECTS; i++) {
                if (i % PER_SLAB != 0) {
                    kernel.calls().kfree(held[i]);
                }
            }
            for (int i = 0; i < OBJECTS; i += PER_SLAB) {
                kernel.calls().kfree(held[i]);
            }
        }
    }

    private static void change(BookKernel kernel, String file, int number) {
        switch (file) {
            case "vmallocinfo", "meminfo" -> kernel.calls().vfree(kernel.calls().vmalloc(PAGE));
            case "slabinfo" -> kernel.calls().kmemCacheDestroy(kernel.calls().kmemCacheCreate("c" + number, 64, 0, 0,
                    0));
            case "modules" -> {
                String name = number == 0 ? "faulty" : "sleepy";
                if (kernel.kernel().drivers().modules().insert(name, List.of()) == null) {
                    kernel.kernel().drivers().modules().remove(name);
                }
            }
            default -> {
                long at = 0xe000_0000L + (long) number * PAGE;
                kernel.calls().requestMemRegion(at, PAGE, "test");
                kernel.calls().releaseMemRegion(at, PAGE);
            }
        }
    }

    private static void read(BookKernel kernel, String path, BooleanSupplier goesOn) {
        do {
            int file = kernel.open(path, Fcntl.O_RDONLY);
            if (file < 0 || kernel.read(file, PAGE).equals(Integer.toString(-Errno.EIO))) {
                throw new AssertionError(path + ": " + file);
            }
            kernel.close(file);
        } while (goesOn.getAsBoolean());
    }
}
