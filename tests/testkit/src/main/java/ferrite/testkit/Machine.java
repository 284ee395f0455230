package ferrite.testkit;

import ferrite.hardware.dma.DmaPolicy;
import ferrite.hardware.turn.Interleavings;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Says what machine a test runs on; on a class, for all its tests. Each test gets a machine of its own, booted up to where its shell waits for a
 * line, and closed after the test. A method's annotation goes before its class's. The test method takes what it needs as parameters:
 *
 * <ul>
 *   <li>{@link MachineRun}: the console; commands go in, output and broken rules come out;
 *   <li>{@link ferrite.hardware.Machine}: harts, bus, clock, snapshots;
 *   <li>{@link ferrite.kernel.Kernel}: to look at, with {@code machine.peek(0)};
 *   <li>{@link ferrite.board.wiring.Board}: all of it together;
 *   <li>{@link Machines}: nothing is booted yet; the test says what is to be different, such as disks that it makes, and boots one or more.
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
 * A test that fails prints the reports of broken rules, and the command line that does its run again.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(MachineExtension.class)
public @interface Machine {

    /** RAM, as {@code --ram} takes it. */
    String ram() default "1G";

    /** 1 to 8. */
    int harts() default 4;

    /** Of everything that is chosen at random. */
    long seed() default 1;

    /** Which hart runs next. */
    Interleavings interleaving() default Interleavings.RR;

    /** What the DMA controller does with an address that it cannot drive. */
    DmaPolicy dma() default DmaPolicy.FAULT;

    /** Whether it is recorded who allocated what, and where: the reports of broken rules and leaks name it. */
    boolean owners() default true;

    /** Files of disk0, disk1, …, as {@code --disk} takes them: {@code sample.img,ro} cannot be written. */
    String[] disks() default {};

    /** Drivers' parameters, as {@code -o} takes them: {@code disk.gfp=GFP_KERNEL}. */
    String[] parameters() default {};
}
