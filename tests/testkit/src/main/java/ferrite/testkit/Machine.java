package ferrite.testkit;

import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The machine that a test runs on; on a class, the machine of each of its tests. A method's annotation replaces its
 * class's.
 *
 * <p>Each test gets a machine of its own. The machine is booted until its shell waits for a line, and closed after the
 * test. The test method takes its objects as parameters:
 *
 * <ul>
 * <li>{@link MachineRun}: the console, for commands, output and broken rules;
 * <li>{@link ferrite.hardware.Machine}: harts, bus, clock, snapshots;
 * <li>{@link ferrite.kernel.Kernel}: the kernel, to inspect with {@code machine.peek(0)};
 * <li>{@link ferrite.board.wiring.Board}: the whole board;
 * <li>{@link Machines}: no machine yet. The test changes the description, for example adds disks that it makes, and
 * boots one machine or more.
 * </ul>
 *
 * <pre>{@code
 * @Machine(ram = "64M", harts = 2, disks = "src/test/resources/disk.img,ro")
 * @Test
 * void theDiskIsRead(MachineRun machine) {
 *     machine.type("sha256sum /dev/disk0");
 *     assertThat(machine).hasNoViolations().hasNoLeaks();
 * }
 * }</pre>
 *
 * <p>RAM out of range, an unknown parameter, an unusable disk file or an unusable model of a device fails the test with
 * a sentence before its method runs. A test that fails prints the reports of broken rules, and the command line that
 * repeats its run.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(MachineExtension.class)
public @interface Machine {

    /** RAM in bytes, with K, M or G for multiples of 1024, as in {@code --ram}; at least 8M. */
    String ram() default "1G";

    /** The number of harts, 1 to 8. */
    int harts() default 4;

    /** The seed of all random choices. */
    long seed() default 1;

    /** The policy that chooses the next hart and the length of its slice. */
    Interleavings interleaving() default Interleavings.RR;

    /** The DMA controller's reaction to an address that it cannot drive. */
    DmaPolicy dma() default DmaPolicy.FAULT;

    /**
     * Whether allocations are recorded with their owner and place, which reports of broken rules and leaks then name.
     */
    boolean owners() default true;

    /**
     * The files of disk0, disk1, …, as in {@code --disk}: {@code sample.img,ro} is read-only. A file's size is a
     * multiple of 512 bytes.
     */
    String[] disks() default {};

    /**
     * The devices of your own, as in {@code --device}: {@code target/dice-1.jar,faces=8}. A test plugs in the object of
     * a model with {@link Machines} instead: {@code machines.boot(options -> options.device(new Dice()))}.
     */
    String[] devices() default {};

    /**
     * Whether the test also runs once for each allocation of an object or of pages that its first run makes after boot,
     * with that one failing. This finds error paths that leak memory or leave a lock held. Each run boots new machines,
     * which takes tens of milliseconds of the host, and a run has at most 2000 allocations. Allocations with
     * {@code __GFP_NOFAIL} and those of probes of drivers that are linked in do not fail.
     *
     * <p>All runs are one test for JUnit: they share the test's object, {@code @BeforeEach}, {@code @TempDir} and
     * {@code @Timeout}. {@link MachineRun#isAllocationFailing} tells whether one fails, because commands may fail too
     * then. The first failure ends the test; its message names the allocation.
     *
     * <pre>{@code
     * @Machine(ram = "64M", harts = 1, failEveryAllocation = true)
     * @Test
     * void theDriverGivesEverythingBack(Machines machines) throws IOException {
     *     MachineRun machine = machines.boot(options -> options.driver(new MyDriver()));
     *     machine.type("cat /dev/mine");
     *     assertThat(machine).hasNoViolations().hasNoLeaks();
     * }
     * }</pre>
     */
    boolean failEveryAllocation() default false;

    /**
     * The number of runs of the test with different interleavings of the harts, at least 1. The first run is the
     * described one. The next ones have the next seeds, and take turns with {@link Interleavings#RANDOM} and
     * {@link Interleavings#PCT}. All runs are one test for JUnit, as with {@link #failEveryAllocation}; with both, each
     * interleaving has its own runs for the allocations.
     */
    int interleavings() default 1;

    /** The drivers' parameters, as in {@code -o}: {@code disk.gfp=GFP_KERNEL}. */
    String[] parameters() default {};
}
